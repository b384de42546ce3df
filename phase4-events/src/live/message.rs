//! What goes over a socket, in both directions.

use std::collections::BTreeMap;

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use todo_core::event::{SCHEMA_VERSION, Seq};
use todo_core::reminder::Reminder;
use todo_core::{Owner, TaskId, Timestamp};
use todo_store::Head;
use todo_store::effects::Settled;
use todo_store::log::Entry;
use uuid::Uuid;

/// What a client sends.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Sent {
    /// Who it is: first, and again before the token expires.
    Auth {
        token: Option<String>,
        ticket: Option<String>,
        since: Option<Seq>,
        /// Which history `since` is of.
        history: Option<Uuid>,
    },
}

/// How far a client has seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) seq: Seq,
    /// In which history; one that does not say has seen this one.
    pub(super) history: Option<Uuid>,
}

impl Seen {
    /// How much was missed until now, if that can be told: where a backup was put back, what was seen is not
    /// there, and its number, if it is there again, is that of something else.
    pub(super) fn missed(self, head: Head) -> Option<u64> {
        // Who has seen nothing may begin with any.
        let same = self.seq == Seq(0) || self.history.is_none_or(|seen| seen == head.history);
        head.seq.0.checked_sub(self.seq.0).filter(|_| same)
    }
}

/// Reminders are told under a name of their own.
pub(super) const TRIGGERED: &str = "reminder.triggered";
const REMINDER: &str = "reminder";
/// A reminder for which it was too late.
const MISSED: &str = "reminder.missed";
/// What nobody is reminded of is told under another one, which rings at no client.
const PAST: &str = "reminder.past";
/// The events that are told with what they say. Of others, such as those of accounts, the number alone is
/// told, so that no gap shows.
const TOLD: [&str; 4] = ["task.", "recurring.", "series.", "reminder."];

/// What a client is sent.
#[derive(Serialize)]
struct Message<'m, D> {
    r#type: &'m str,
    data: D,
    timestamp: Timestamp,
    correlation_id: Option<Uuid>,
    seq: Seq,
}

#[derive(Serialize)]
struct Nothing {}

/// What is told of an event: what it is about, and what it says.
#[derive(Serialize)]
struct Event<'m> {
    #[serde(rename = "event_id")]
    id: Uuid,
    uid: Uuid,
    version: u64,
    actor: Actor<'m>,
    causation_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'m str>,
    #[serde(flatten)]
    said: BTreeMap<&'m str, &'m RawValue>,
}

#[derive(Serialize)]
struct Actor<'m> {
    kind: &'m str,
    id: Uuid,
}

#[derive(Serialize)]
struct Hello {
    user_id: Owner,
    /// Whether everything after the client's `since` follows.
    resumed: bool,
    /// Of which history `seq` is; to be sent with `since`.
    history: Uuid,
    /// After how many seconds without a ping the connection is as good as gone.
    silence_seconds: u64,
}

/// Why everything is to be fetched anew.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    /// So much has changed at once: an import.
    Many,
    /// So much was missed.
    Gap,
    /// The client has seen what is not there, or not any more: the database was restored from a backup.
    Unknown,
}

#[derive(Serialize)]
struct Refetch {
    reason: Why,
}

/// What is read of what a reminder says.
#[derive(Deserialize)]
struct Reminded {
    reminder: Reminder,
    firing: Firing,
}

#[derive(Deserialize)]
struct Firing {
    at: Timestamp,
}

/// Whether an event is a reminder, which is told by what is known of its task.
pub(super) fn is_reminder(entry: &Entry) -> bool {
    entry.damage.is_none()
        && entry.schema_version == SCHEMA_VERSION
        && matches!(entry.event_type.as_str(), TRIGGERED | MISSED)
}

/// Which reminder it tells of, if of one; of a task that was purged that is not known any more.
pub(super) fn settled(entry: &Entry) -> Option<Settled> {
    let said = entry.data.as_deref().map(RawValue::get).filter(|_| is_reminder(entry))?;
    let Reminded { reminder, firing } = serde_json::from_str(said).ok()?;
    Some(Settled { seq: entry.seq, task: TaskId(entry.aggregate_id), reminder, at: firing.at })
}

/// Names, numbers and JSON are always JSON.
fn text<D: Serialize>(message: &Message<'_, D>) -> Utf8Bytes {
    serde_json::to_string(message).unwrap_or_default().into()
}

/// The first message: from which number on events follow.
pub(super) fn hello(
    owner: Owner,
    resumed: bool,
    Head { seq, history }: Head,
    silence_seconds: u64,
    now: Timestamp,
) -> Utf8Bytes {
    let data = Hello { user_id: owner, resumed, history, silence_seconds };
    text(&Message { r#type: "hello", data, timestamp: now, correlation_id: None, seq })
}

/// Everything up to a number is to be fetched anew.
pub(super) fn refetch(
    reason: Why,
    seq: Seq,
    correlation_id: Option<Uuid>,
    at: Timestamp,
) -> Utf8Bytes {
    let data = Refetch { reason };
    text(&Message { r#type: "refetch", data, timestamp: at, correlation_id, seq })
}

/// An event. What a newer server says that is not understood here, or cannot be read, is told as its number
/// alone.
pub(super) fn event(entry: &Entry) -> Utf8Bytes {
    let known = entry.damage.is_none()
        && entry.schema_version == SCHEMA_VERSION
        && TOLD.iter().any(|known| entry.event_type.starts_with(known));
    let kind = if entry.event_type == TRIGGERED { REMINDER } else { &entry.event_type };
    if known { told(entry, kind, None) } else { number(entry, kind) }
}

/// A reminder of a task that is called this by now.
pub(super) fn reminder(entry: &Entry, title: &str) -> Utf8Bytes {
    let kind = entry.event_type.as_str();
    told(entry, if kind == TRIGGERED { REMINDER } else { kind }, Some(title))
}

/// That there was a reminder of which nobody is told, so that no gap shows.
pub(super) fn past(entry: &Entry) -> Utf8Bytes {
    number(entry, PAST)
}

/// The number of an event alone.
fn number(entry: &Entry, kind: &str) -> Utf8Bytes {
    let (timestamp, seq) = (entry.timestamp, entry.seq);
    let correlation_id = Some(entry.correlation_id);
    text(&Message { r#type: kind, data: Nothing {}, timestamp, correlation_id, seq })
}

fn told(entry: &Entry, kind: &str, title: Option<&str>) -> Utf8Bytes {
    let (timestamp, seq) = (entry.timestamp, entry.seq);
    let correlation_id = Some(entry.correlation_id);
    let said = entry.data.as_deref().map(RawValue::get);
    let said = said.and_then(|said| serde_json::from_str(said).ok()).unwrap_or_default();
    let data = Event {
        id: entry.event_id,
        uid: entry.aggregate_id,
        version: entry.aggregate_version,
        actor: Actor { kind: &entry.actor_kind, id: entry.actor_id },
        causation_id: entry.causation_id,
        title,
        said,
    };
    text(&Message { r#type: kind, data, timestamp, correlation_id, seq })
}
