//! What goes out of all else: steps, labels, files, what changed.
#![expect(dead_code, reason = "only their schemas are used")]

use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::told::Task;

/// Steps, the newest first.
#[derive(ToSchema)]
pub(crate) struct Steps {
    steps: Vec<Step>,
}

/// What one command changed.
#[derive(ToSchema)]
pub(crate) struct Step {
    #[schema(minimum = 1)]
    no: u64,
    #[schema(format = "date-time")]
    at: String,
    actor: Actor,
    /// `add`, `edit`, `start`, `complete`, `cancel`, `reopen`, `skip`, `snooze`, `delete`, `restore`,
    /// `import`, `bulk`.
    kind: String,
    /// Task by task: its uid, the title it was `created` with, and its `fields`, old and new.
    #[schema(nullable = false)]
    changes: Option<Vec<Value>>,
    /// The uids of tasks that an import made.
    #[schema(nullable = false)]
    imported: Option<Vec<Uuid>>,
    /// Set while it is taken back.
    #[schema(nullable = false)]
    undone: Option<u64>,
}

/// Who acted.
#[derive(ToSchema)]
pub(crate) struct Actor {
    #[schema(example = "user")]
    kind: String,
    id: Uuid,
}

/// Tags of open tasks.
#[derive(ToSchema)]
pub(crate) struct Tags {
    tags: Vec<Label>,
}

/// Projects of open tasks.
#[derive(ToSchema)]
pub(crate) struct Projects {
    projects: Vec<Label>,
}

/// A label, and how many open tasks have it.
#[derive(ToSchema)]
pub(crate) struct Label {
    name: String,
    count: u64,
}

/// Statistics.
#[derive(ToSchema)]
pub(crate) struct Stats {
    /// How many tasks have each status.
    status: Value,
    trash: u64,
    /// Of the open ones: `overdue`, `today`, `week`, `waiting`, `repeating`.
    open: Value,
    /// Open tasks by priority.
    priorities: Value,
    /// `in_use`, `without`, and the `top` ten.
    projects: Value,
    tags: Value,
    /// The last 28 days, each with what was `created` and `completed`.
    days: Vec<Value>,
    weekdays: Vec<Value>,
    streak_days: u64,
    #[schema(required)]
    median_age_days: Option<u64>,
    #[schema(required)]
    median_seconds_to_complete: Option<u64>,
}

/// What became of the tasks of an import.
#[derive(ToSchema)]
pub(crate) struct ImportReport {
    dry_run: bool,
    #[schema(required)]
    step: Option<u64>,
    /// How many were in the file.
    read: u64,
    added: u64,
    updated: u64,
    unchanged: u64,
    /// How many were not taken.
    left: u64,
    left_because: Vec<Value>,
    notes: Vec<Value>,
    /// What the file held that has no home here.
    losses: Vec<Value>,
}

/// A file as JSON: own, or Taskwarrior's list of tasks.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Imported {
    File(ExportedFile),
    Tasks(Vec<Value>),
}

/// An export as JSON: the file, or the report.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Exported {
    File(ExportedFile),
    Tasks(Vec<Value>),
    Report(ExportReport),
}

/// Own JSON, which loses nothing. (Taskwarrior's is a list of tasks.)
#[derive(ToSchema)]
pub(crate) struct ExportedFile {
    #[schema(minimum = 1)]
    format: u32,
    /// Tasks, without the fields that have no value.
    tasks: Vec<Value>,
}

/// What is in an export.
#[derive(ToSchema)]
pub(crate) struct ExportReport {
    exported: u64,
    to: String,
    losses: Vec<Value>,
}

/// Saved filters.
#[derive(ToSchema)]
pub(crate) struct SavedFilters {
    filters: Vec<NamedFilter>,
}

/// An expression by name.
#[derive(ToSchema)]
pub(crate) struct NamedFilter {
    name: String,
    filter: String,
}

/// What came of saving or removing a filter.
#[derive(ToSchema)]
pub(crate) struct SavedFilter {
    dry_run: bool,
    name: String,
    /// The expression in its written form; null once it is removed.
    #[schema(required)]
    filter: Option<String>,
    /// What stood under the name before, if it was something else.
    #[schema(required)]
    replaced: Option<String>,
}

/// What changed.
#[derive(ToSchema)]
pub(crate) struct Changes {
    items: Vec<Change>,
    /// Where to go on from.
    seq: u64,
    /// Which history that is: another one once a backup was put back.
    history: Uuid,
    /// Whether there is more behind it.
    more: bool,
}

/// A task that changed.
#[derive(ToSchema)]
pub(crate) struct Change {
    #[schema(minimum = 1)]
    seq: u64,
    uid: Uuid,
    /// Null once it is gone for good.
    #[schema(required)]
    task: Option<Task>,
}

/// What happened to a task.
#[derive(ToSchema)]
pub(crate) struct History {
    items: Vec<Event>,
    /// Where the next page begins.
    #[schema(required)]
    next_before: Option<u64>,
}

/// Something that happened to a task.
#[derive(ToSchema)]
pub(crate) struct Event {
    #[schema(minimum = 1)]
    seq: u64,
    #[schema(example = "task.created")]
    #[serde(rename = "event_type")]
    kind: String,
    actor: Actor,
    /// The task's version after it.
    #[schema(minimum = 1)]
    version: u64,
    #[schema(format = "date-time")]
    timestamp: String,
    correlation_id: Uuid,
    #[schema(required)]
    causation_id: Option<Uuid>,
    /// What changed.
    #[schema(required)]
    data: Option<Value>,
}
