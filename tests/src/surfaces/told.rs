//! What a surface answers, in the names of the specification.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A task as a surface shows it. The names are those of the task's JSON; what a surface shows
/// beside them is its own affair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of a task, by their JSON names")]
pub struct Seen {
    pub id: u64,
    pub uid: String,
    pub title: String,
    pub description: Option<String>,
    pub status: String,
    pub priority: String,
    pub project: Option<String>,
    pub tags: Vec<String>,
    pub parent: Option<u64>,
    pub start_date: Option<String>,
    pub due_date: Option<String>,
    pub timezone: Option<String>,
    pub recurrence: Option<Value>,
    pub series: Option<String>,
    pub slot: Option<String>,
    pub reminders: Vec<Value>,
    pub created_at: String,
    pub updated_at: String,
    pub completed_at: Option<String>,
    pub cancelled_at: Option<String>,
    pub deleted_at: Option<String>,
    pub version: u64,
}

/// What came of a command that was carried out, wholly or in part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The step it left, or the one that was undone or done again.
    pub step: Option<u64>,
    /// The tasks that changed, as they are now.
    pub changed: Vec<Seen>,
    /// Tasks that were named and were as wished already.
    pub unchanged: Vec<Seen>,
    /// Tasks that are no more, as they were.
    pub purged: Vec<Seen>,
    /// Of several, those that were refused.
    pub refused: Vec<Refusal>,
    /// What else came of it: which occurrence is next, what was passed over.
    pub notes: Vec<Note>,
}

/// What a command did beside what it was asked, in the names of the terminal's JSON: `note` says
/// which kind it is, tasks are numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "the fields of the notes, by their JSON names")]
pub struct Note {
    pub note: String,
    pub task: Option<u64>,
    pub next: Option<u64>,
    pub slot: Option<String>,
    pub due_date: Option<String>,
    pub skipped_slots: Option<Value>,
    pub successor: Option<u64>,
    pub count: Option<u64>,
}

/// A reminder whose time has come, as it is shown once.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of a reminder, by their JSON names")]
pub struct Fired {
    pub remind_at: String,
    pub id: u64,
    pub reminder: u64,
    pub state: String,
    pub late: bool,
    pub message: Option<String>,
    pub channel: String,
}

/// Why something was not done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code (SPEC 5).
    pub code: String,
    /// For people; compared with nothing.
    pub message: String,
    /// Of several, which task.
    pub task: Option<u64>,
    /// The faulty fields, or those that changed since.
    pub fields: Vec<String>,
    /// The tasks that a short name fits, or that are in the way.
    pub candidates: Box<[u64]>,
    /// The task as it stands, for who had seen another version.
    pub current: Option<Box<Seen>>,
    /// Of words that are not understood, where the trouble begins and ends, in characters.
    pub place: Option<Box<(u64, u64)>>,
}

impl Refusal {
    /// The code of what no surface may answer.
    pub const BROKEN: &'static str = "broken";

    /// No answer, or one that is not understood.
    pub fn broken(why: impl Into<String>) -> Self {
        Self { code: Self::BROKEN.to_owned(), message: why.into(), ..Self::default() }
    }

    /// What this surface has no way to ask; a scenario that asks it must say that it needs it.
    pub fn cannot(what: &str) -> Self {
        Self::broken(format!("this surface has no way to {what}"))
    }
}

/// A part of a list (Q7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its tasks, in order.
    pub tasks: Vec<Seen>,
    /// What the next one is asked with, if there is one.
    pub next: Option<String>,
    /// How many there are on all pages together, if that was asked.
    pub total: Option<u64>,
}

/// How urgent a task is, and why (Q8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Urgency {
    /// The sum.
    pub urgency: i64,
    /// What each factor adds or takes away.
    pub parts: BTreeMap<String, i64>,
}

/// Saved filters: what each says, by name (Q9).
pub type Filters = BTreeMap<String, String>;

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The step it left.
    pub step: Option<u64>,
    /// Tasks that were made.
    pub added: u64,
    /// Tasks that were here, older.
    pub updated: u64,
    /// Tasks that were here, the same.
    pub unchanged: u64,
    /// Tasks that are newer here, or long deleted.
    pub left: u64,
}
