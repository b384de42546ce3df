//! An event as it is told.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use todo_core::event::{EventEnvelope, SCHEMA_VERSION, Seq, event_id};
use todo_core::{Owner, Timestamp};
use uuid::Uuid;

use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::tasks::load::{bad, number};

/// A place in the log of all owners: from 1, without a gap, in the order in which it can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event of anybody, as it stands in the log. What is in it is not understood yet: a newer server may
/// have written it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its place; nothing where the history of one owner is read.
    pub position: Option<Position>,
    /// The same whenever it is told again.
    pub event_id: Uuid,
    /// The owner's own counter.
    pub seq: Seq,
    /// `task.created`, `user.deleted` …
    pub event_type: String,
    /// Of the envelope and its data.
    pub schema_version: u32,
    /// Whose.
    pub owner: Owner,
    /// Through what somebody acted: `user`, `token` …
    pub actor_kind: String,
    /// Who.
    pub actor_id: Uuid,
    /// `task` or `user`.
    pub aggregate_type: String,
    /// Which.
    pub aggregate_id: Uuid,
    /// Its version after the event.
    pub aggregate_version: u64,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Shared by everything that one request set off.
    pub correlation_id: Uuid,
    /// The event that set this off, if one did.
    pub causation_id: Option<Uuid>,
    /// What it says, as JSON; nothing is left of it once its task was purged.
    pub data: Option<Box<RawValue>>,
    /// The trace that it belongs to, as W3C writes it.
    pub trace: Option<String>,
    /// The address that it was asked for from, if that is known and not said in its data. Only the audit
    /// keeps it.
    pub address: Option<String>,
    /// Whether it was told before, and an operator has it told again ([`Store::tell_again`]).
    ///
    /// [`Store::tell_again`]: crate::Store::tell_again
    pub again: bool,
    /// What of its row cannot be read, if something cannot: what stands for that here means nothing.
    pub damage: Option<Damage>,
}

/// What no server has written so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// Parts of a row.
    #[error("its row is damaged: {} cannot be read", .0.join(", "))]
    Illegible(Vec<&'static str>),
    /// An event that something refers to.
    #[error("its event is not in the history")]
    Missing,
}

/// Why an entry cannot be read as an event of a task.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// Some of its row cannot be read at all.
    #[error(transparent)]
    Damaged(Damage),
    /// It is of another version.
    #[error("it is of version {0}, and this server reads version {SCHEMA_VERSION}")]
    Version(u32),
    /// It is about something else.
    #[error("it is about a {0}, not a task")]
    NotOfATask(String),
    /// Its task was purged.
    #[error("nothing is left of what it said")]
    Blank,
    /// Its type or its data is not known.
    #[error("it is not understood")]
    Unknown(#[source] serde_json::Error),
}

/// What [`entry`] reads, in its order; `e` is the table of events, and the one that is given says whose it
/// is and which.
macro_rules! columns {
    ($key:literal) => {
        concat!(
            $key,
            ".owner, ",
            $key,
            ".seq, e.event_type, e.schema_version, e.actor_kind, e.actor_id, e.aggregate_type, \
             e.aggregate_id, e.aggregate_version, e.at, e.correlation_id, e.causation_id, e.data"
        )
    };
}
pub(super) use columns;

/// How many columns those are.
pub(super) const WIDTH: usize = 13;

/// Stands for words that cannot be read.
pub(crate) const ILLEGIBLE: &str = "unreadable";

/// Reads an entry without its place and its trace. Whose it is and which must be known. Whatever else cannot
/// be read is left out and named: nothing that comes after it has to wait.
pub(super) fn entry(row: &dyn Cells) -> StoreResult<Entry> {
    let text = |at| Ok(row.text(at)?.ok_or_else(|| bad(()))?.to_owned());
    let uuid = |at| row.uuid(at)?.ok_or_else(|| bad(()));
    let (owner, seq) = (Owner(uuid(0)?), Seq(number(row, 1)?));
    let version = number(row, 3).and_then(|version| u32::try_from(version).map_err(bad));
    let at = || row.integer(9)?.ok_or_else(|| bad(()));
    let data = || row.text(12)?.map(said).transpose();
    let illegible = || ILLEGIBLE.to_owned();
    let mut parts = Parts::default();
    let mut entry = Entry {
        position: None,
        event_id: event_id(owner, seq),
        seq,
        event_type: parts.read("event_type", text(2)).unwrap_or_else(illegible),
        schema_version: parts.read("schema_version", version).unwrap_or_default(),
        owner,
        actor_kind: parts.read("actor.kind", text(4)).unwrap_or_else(illegible),
        actor_id: parts.read("actor.id", uuid(5)).unwrap_or_default(),
        aggregate_type: parts.read("aggregate_type", text(6)).unwrap_or_else(illegible),
        aggregate_id: parts.read("aggregate_id", uuid(7)).unwrap_or_default(),
        aggregate_version: parts.read("aggregate_version", number(row, 8)).unwrap_or_default(),
        timestamp: Timestamp::from_millis(parts.read("timestamp", at()).unwrap_or_default()),
        correlation_id: parts.read("correlation_id", uuid(10)).unwrap_or_default(),
        causation_id: parts.read("causation_id", row.uuid(11).map_err(bad)).flatten(),
        data: parts.read("data", data()).flatten(),
        trace: None,
        address: None,
        again: false,
        damage: None,
    };
    entry.damage = parts.damage();
    Ok(entry)
}

/// The parts of a row that could not be read.
#[derive(Default)]
pub(crate) struct Parts(Vec<&'static str>);

impl Parts {
    pub(crate) fn damage(self) -> Option<Damage> {
        (!self.0.is_empty()).then_some(Damage::Illegible(self.0))
    }

    pub(crate) fn read<T>(&mut self, name: &'static str, read: StoreResult<T>) -> Option<T> {
        if read.is_err() {
            self.0.push(name);
        }
        read.ok()
    }
}

/// What is not JSON is told as a text: who must understand it cannot, and says so, and nothing that comes
/// after it has to wait.
fn said(data: &str) -> StoreResult<Box<RawValue>> {
    RawValue::from_string(data.to_owned()).or_else(|_| to_raw_value(data)).map_err(bad)
}

impl Entry {
    /// Whether it is the last that is told of its owner, whose account has ended.
    pub fn is_farewell(&self) -> bool {
        self.event_type == "user.deleted"
    }

    /// The event of a task that it tells of.
    pub fn envelope(&self) -> Result<EventEnvelope, Unreadable> {
        if let Some(damage) = &self.damage {
            return Err(Unreadable::Damaged(damage.clone()));
        }
        if self.aggregate_type != "task" {
            return Err(Unreadable::NotOfATask(self.aggregate_type.clone()));
        }
        if self.schema_version != SCHEMA_VERSION {
            return Err(Unreadable::Version(self.schema_version));
        }
        if self.data.is_none() {
            return Err(Unreadable::Blank);
        }
        serde_json::from_str(&self.json()).map_err(Unreadable::Unknown)
    }

    /// The envelope as it travels (SPEC 9). `data` is null once its task was purged.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("names, numbers and JSON are always JSON")
    }
}

/// The envelope as it travels: its place in the log and its trace are not in it.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let actor = Actor { kind: &self.actor_kind, id: self.actor_id };
        let mut envelope = serializer.serialize_struct("Entry", 13)?;
        envelope.serialize_field("event_id", &self.event_id)?;
        envelope.serialize_field("seq", &self.seq)?;
        envelope.serialize_field("event_type", &self.event_type)?;
        envelope.serialize_field("schema_version", &self.schema_version)?;
        envelope.serialize_field("user_id", &self.owner)?;
        envelope.serialize_field("actor", &actor)?;
        envelope.serialize_field("aggregate_type", &self.aggregate_type)?;
        envelope.serialize_field("aggregate_id", &self.aggregate_id)?;
        envelope.serialize_field("aggregate_version", &self.aggregate_version)?;
        envelope.serialize_field("timestamp", &self.timestamp)?;
        envelope.serialize_field("correlation_id", &self.correlation_id)?;
        envelope.serialize_field("causation_id", &self.causation_id)?;
        envelope.serialize_field("data", &self.data)?;
        envelope.end()
    }
}

#[derive(Serialize)]
struct Actor<'e> {
    kind: &'e str,
    id: Uuid,
}
