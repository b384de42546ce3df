//! What goes out of tasks.
#![expect(dead_code, reason = "only their schemas are used")]

use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{Basis, Channel, Priority, ReminderState, Spawn, Status};

/// A task.
#[derive(ToSchema)]
pub(crate) struct Task {
    /// The number for people: the owner's own, from 1, never used twice.
    #[schema(minimum = 1)]
    id: u64,
    /// The identity, the same everywhere and for ever.
    uid: Uuid,
    #[schema(min_length = 1, max_length = 500)]
    title: String,
    /// Markdown.
    #[schema(required, max_length = 10_000)]
    description: Option<String>,
    #[schema(inline)]
    status: Status,
    #[schema(inline)]
    priority: Priority,
    /// Levels separated by `/`.
    #[schema(required, max_length = 100)]
    project: Option<String>,
    #[schema(max_items = 50)]
    tags: Vec<String>,
    /// The id of the task it is part of.
    #[schema(required, minimum = 1)]
    parent: Option<u64>,
    #[schema(required)]
    parent_uid: Option<Uuid>,
    /// Hidden until then. Like `due_date`.
    #[schema(required)]
    start_date: Option<String>,
    /// A day, `2026-11-21`, or a time with its offset, `2026-11-21T17:00:00+05:00`.
    #[schema(required, example = "2026-11-21T17:00:00+05:00")]
    due_date: Option<String>,
    /// The zone of its times: an IANA name.
    #[schema(required, example = "Asia/Karachi")]
    timezone: Option<String>,
    #[schema(required)]
    recurrence: Option<Recurrence>,
    /// The series it is an occurrence of.
    #[schema(required)]
    series: Option<Uuid>,
    /// Its place in the series.
    #[schema(required)]
    slot: Option<String>,
    #[schema(max_items = 10)]
    reminders: Vec<Reminder>,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(format = "date-time")]
    updated_at: String,
    #[schema(required, format = "date-time")]
    completed_at: Option<String>,
    #[schema(required, format = "date-time")]
    cancelled_at: Option<String>,
    #[schema(required, format = "date-time")]
    deleted_at: Option<String>,
    /// The same for all that was deleted together.
    #[schema(required)]
    trash_id: Option<Uuid>,
    /// Raised by each change.
    #[schema(minimum = 1)]
    version: u64,
    /// How urgent it is: in lists, if that was asked. Not of the task, for it changes by itself.
    #[schema(nullable = false)]
    urgency: Option<i64>,
}

/// How a task repeats. It lies with the newest occurrence of its series.
#[derive(ToSchema)]
pub(crate) struct Recurrence {
    /// RFC 5545.
    #[schema(example = "FREQ=MONTHLY;BYMONTHDAY=15")]
    rule: String,
    #[schema(inline)]
    from: Basis,
    #[schema(inline)]
    spawn: Spawn,
    /// Where the rule is counted from.
    anchor: String,
    /// Which occurrence this is.
    #[schema(minimum = 1)]
    n: u32,
}

/// A reminder: `offset` before the due date, or `at` an instant.
#[derive(ToSchema)]
pub(crate) struct Reminder {
    /// Its number among those of the task.
    #[schema(minimum = 1)]
    id: u32,
    #[schema(nullable = false, example = "-PT1H")]
    offset: Option<String>,
    #[schema(nullable = false, format = "date-time")]
    at: Option<String>,
    #[schema(nullable = false)]
    message: Option<String>,
    #[schema(inline)]
    channel: Channel,
}

/// What came of a command about one task.
#[derive(ToSchema)]
pub(crate) struct TaskChange {
    /// The task as it stands; null once it is purged.
    #[schema(required)]
    task: Option<Task>,
    /// The step that takes it back; null if there is nothing to take back.
    #[schema(required, minimum = 1)]
    step: Option<u64>,
    /// Whether anything changed.
    changed: bool,
    /// Tasks that changed with it: subtasks, the next occurrence.
    others: Vec<Task>,
    /// Tasks that are gone for good, as they were.
    purged: Vec<Task>,
    /// What else happened.
    notes: Vec<Note>,
    /// Whether this is only what would come of it.
    dry_run: bool,
}

/// What came of a command about several tasks.
#[derive(ToSchema)]
pub(crate) struct TaskChanges {
    dry_run: bool,
    /// The step it made, took back or did again.
    #[schema(required, minimum = 1)]
    step: Option<u64>,
    /// The tasks that changed, as they are now.
    tasks: Vec<Task>,
    /// Those that were so already.
    unchanged: Vec<Task>,
    /// Those that are gone, as they were.
    purged: Vec<Task>,
    /// What was refused, and why.
    refused: Vec<Refusal>,
    notes: Vec<Note>,
}

/// Something that happened beside what was asked for: `spawned`, `scheduled`, `series_ended`,
/// `taken_back`, `reminders_removed`, `orphaned`.
#[derive(ToSchema)]
pub(crate) struct Note {
    #[schema(example = "spawned")]
    note: String,
    /// The task that it is about.
    #[schema(required)]
    task: Option<u64>,
}

/// A refused item.
#[derive(ToSchema)]
pub(crate) struct Refusal {
    /// As the item named its task.
    #[serde(rename = "ref")]
    #[schema(required)]
    reference: Option<String>,
    /// The stable code.
    #[schema(example = "not_found")]
    code: String,
    message: String,
    /// Of an item of a bulk: each fault with its place in the request.
    #[schema(nullable = false, value_type = Option<Vec<Object>>)]
    errors: Option<Vec<Value>>,
}

/// A page of tasks.
#[derive(ToSchema)]
pub(crate) struct TaskPage {
    /// With `urgency=true` each has its `urgency` too.
    items: Vec<Task>,
    /// Where the next page begins; null on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
    /// How many there are in all, if that was asked (`count=exact`).
    #[schema(nullable = false)]
    total: Option<u64>,
}

/// How a task repeats.
#[derive(ToSchema)]
pub(crate) struct Series {
    #[schema(minimum = 1)]
    id: u64,
    uid: Uuid,
    title: String,
    #[schema(required)]
    recurrence: Option<Recurrence>,
    /// The rule in words.
    #[schema(required, example = "every last Friday")]
    sentence: Option<String>,
    #[schema(required)]
    due_date: Option<String>,
    /// None where they are counted from completion.
    coming: Vec<Coming>,
}

/// A date to come.
#[derive(ToSchema)]
pub(crate) struct Coming {
    slot: String,
    #[schema(minimum = 1)]
    n: u32,
    due_date: String,
    #[schema(required)]
    timezone: Option<String>,
}

/// Reminders of a task.
#[derive(ToSchema)]
pub(crate) struct ShownReminders {
    items: Vec<ShownReminder>,
}

/// A reminder with its instant.
#[derive(ToSchema)]
pub(crate) struct ShownReminder {
    #[schema(minimum = 1)]
    id: u64,
    uid: Uuid,
    title: String,
    #[schema(required)]
    due_date: Option<String>,
    /// Its number among those of the task.
    #[schema(minimum = 1)]
    reminder: u32,
    #[schema(required)]
    message: Option<String>,
    #[schema(inline)]
    channel: Channel,
    #[schema(format = "date-time")]
    remind_at: String,
    #[schema(inline)]
    state: ReminderState,
    /// Whether it came after a time in which nothing ran.
    late: bool,
}
