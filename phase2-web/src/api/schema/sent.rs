//! What comes in.
#![expect(dead_code, reason = "only their schemas are used")]

use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{Basis, Channel, Priority, Scope, Spawn, Status};

/// A reminder to be set: `offset` before the due date (`-PT1H`, `PT0S`), or `at` an instant.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReminder {
    #[schema(nullable = false, example = "-PT1H")]
    offset: Option<String>,
    #[schema(nullable = false, format = "date-time")]
    at: Option<String>,
    /// What it says beside the title.
    #[schema(max_length = 500)]
    message: Option<String>,
    #[schema(nullable = false, default = "in_app", inline)]
    channel: Option<Channel>,
    /// As a task that was read has it; says nothing.
    id: Option<Value>,
}

/// How a task is to repeat.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRecurrence {
    /// RFC 5545 (`FREQ=WEEKLY;BYDAY=MO`), or in words (`every monday`).
    #[schema(example = "FREQ=WEEKLY;BYDAY=MO")]
    rule: String,
    #[schema(nullable = false, default = "schedule", inline)]
    from: Option<Basis>,
    #[schema(nullable = false, default = "on_completion", inline)]
    spawn: Option<Spawn>,
    /// As a task that was read has it; says nothing.
    anchor: Option<Value>,
    /// As a task that was read has it; says nothing.
    n: Option<Value>,
}

/// How a task is to repeat: an object, or the rule alone.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Repeats {
    Rule(String),
    Whole(NewRecurrence),
}

/// A task by its id, or by its uid.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Parent {
    Id(u64),
    Uid(String),
}

/// A task to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTask {
    /// The identity, if the client mints it (UUID v7): sent again, it makes nothing twice.
    #[schema(nullable = false)]
    uid: Option<Uuid>,
    #[schema(min_length = 1, max_length = 500, example = "Pay the rent")]
    title: String,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    /// A new task is pending.
    #[schema(nullable = false, inline)]
    status: Option<Status>,
    #[schema(nullable = false, default = "medium", inline)]
    priority: Option<Priority>,
    #[schema(max_length = 100, example = "home/bills")]
    project: Option<String>,
    #[schema(max_items = 50)]
    tags: Option<Vec<String>>,
    parent: Option<Parent>,
    start_date: Option<String>,
    /// A day (`2026-12-01`), a time with its offset (RFC 3339), a local time (`2026-12-01T17:00`, of
    /// `timezone`, else of the caller's zone), or RFC 9557.
    #[schema(example = "2026-12-01")]
    due_date: Option<String>,
    /// An IANA name.
    #[schema(example = "Asia/Karachi")]
    timezone: Option<String>,
    recurrence: Option<Repeats>,
    /// Another name of `recurrence`.
    recurrence_rule: Option<Repeats>,
    /// Another name of `recurrence`.
    recurrence_pattern: Option<Repeats>,
    /// Not said, those that the caller prefers; `[]` is none.
    #[schema(max_items = 10)]
    reminders: Option<Vec<NewReminder>>,
}

/// Changes to some fields (RFC 7396): what is absent stays, what is null is taken away.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskPatch {
    #[schema(nullable = false, min_length = 1, max_length = 500)]
    title: Option<String>,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(nullable = false, inline)]
    status: Option<Status>,
    #[schema(nullable = false, inline)]
    priority: Option<Priority>,
    #[schema(max_length = 100)]
    project: Option<String>,
    #[schema(max_items = 50)]
    tags: Option<Vec<String>>,
    /// Tags to add, instead of `tags`.
    add_tags: Option<Vec<String>>,
    /// Tags to take away, instead of `tags`.
    remove_tags: Option<Vec<String>>,
    parent: Option<Parent>,
    start_date: Option<String>,
    due_date: Option<String>,
    /// Alone, it keeps the wall time of the task's dates and moves them to another zone.
    timezone: Option<String>,
    /// Null ends the series.
    recurrence: Option<Repeats>,
    recurrence_rule: Option<Repeats>,
    recurrence_pattern: Option<Repeats>,
    #[schema(max_items = 10)]
    reminders: Option<Vec<NewReminder>>,
    /// How far a change of the due date goes. Not said, a change of the day is for this occurrence,
    /// and one of the time of day for later ones too.
    #[schema(nullable = false, inline)]
    scope: Option<Scope>,
}

/// All of a task. What is absent is taken away, but for the status, which stays; what a task that
/// was read holds beside it (`id`, `version`, …) may stand there and says nothing.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholeTask {
    #[schema(min_length = 1, max_length = 500)]
    title: String,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(nullable = false, inline)]
    status: Option<Status>,
    #[schema(nullable = false, inline)]
    priority: Option<Priority>,
    #[schema(max_length = 100)]
    project: Option<String>,
    #[schema(max_items = 50)]
    tags: Option<Vec<String>>,
    parent: Option<Parent>,
    start_date: Option<String>,
    due_date: Option<String>,
    timezone: Option<String>,
    recurrence: Option<Repeats>,
    recurrence_rule: Option<Repeats>,
    recurrence_pattern: Option<Repeats>,
    #[schema(max_items = 10)]
    reminders: Option<Vec<NewReminder>>,
    id: Option<Value>,
    uid: Option<Value>,
    parent_uid: Option<Value>,
    series: Option<Value>,
    slot: Option<Value>,
    created_at: Option<Value>,
    updated_at: Option<Value>,
    completed_at: Option<Value>,
    cancelled_at: Option<Value>,
    deleted_at: Option<Value>,
    trash_id: Option<Value>,
    version: Option<Value>,
}

/// Whether open subtasks are taken along.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cascade {
    #[schema(nullable = false, default = false)]
    cascade: Option<bool>,
}

/// Until when a task is to be silent: `until`, or for so many `minutes`.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snooze {
    /// RFC 3339, a local time of `timezone`, or a day: its morning.
    #[schema(nullable = false)]
    until: Option<String>,
    /// An IANA name.
    #[schema(nullable = false)]
    timezone: Option<String>,
    #[schema(nullable = false, minimum = 1, maximum = 527_040)]
    minutes: Option<u32>,
}

/// A line as people type it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuickAdd {
    #[schema(min_length = 1, example = "Pay rent tomorrow 5pm #finance @home !high every month")]
    text: String,
    /// Only to show what is understood.
    #[schema(nullable = false, default = false)]
    dry_run: Option<bool>,
    #[schema(nullable = false)]
    uid: Option<Uuid>,
}

/// Which step. Not said, the newest that stands.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undo {
    #[schema(nullable = false, minimum = 1)]
    step: Option<u64>,
}

/// Several things to be done at once.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkTasks {
    #[schema(max_items = 1000)]
    items: Vec<BulkItem>,
    /// Refuse all if one is refused.
    #[schema(nullable = false, default = false)]
    atomic: Option<bool>,
}

/// One of them. What else it holds depends on `op`.
#[derive(ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum BulkItem {
    Create {
        task: NewTask,
    },
    Update {
        id: Parent,
        patch: TaskPatch,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Complete {
        id: Parent,
        #[schema(nullable = false)]
        cascade: Option<bool>,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Cancel {
        id: Parent,
        #[schema(nullable = false)]
        cascade: Option<bool>,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Skip {
        id: Parent,
        #[schema(nullable = false)]
        cascade: Option<bool>,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Start {
        id: Parent,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Reopen {
        id: Parent,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Snooze {
        id: Parent,
        #[schema(nullable = false)]
        until: Option<String>,
        timezone: Option<String>,
        #[schema(nullable = false, minimum = 1, maximum = 527_040)]
        minutes: Option<u32>,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Delete {
        id: Parent,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Restore {
        id: Parent,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
    Purge {
        id: Parent,
        #[schema(nullable = false, minimum = 1)]
        version: Option<u64>,
    },
}

/// How a task is to repeat from now on.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetRecurrence {
    /// RFC 5545 (`FREQ=WEEKLY;BYDAY=MO`), or in words (`every monday`).
    rule: String,
    #[schema(nullable = false, inline)]
    from: Option<Basis>,
    #[schema(nullable = false, inline)]
    spawn: Option<Spawn>,
    #[schema(nullable = false, inline)]
    scope: Option<Scope>,
    /// As a task that was read has it; says nothing.
    anchor: Option<Value>,
    /// As a task that was read has it; says nothing.
    n: Option<Value>,
}

/// A filter to be saved.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaveFilter {
    /// Letters, digits, `-` and `_`.
    #[schema(min_length = 1, max_length = 50, example = "urgent")]
    name: String,
    #[schema(example = "priority:high and due<tomorrow")]
    filter: String,
    #[schema(nullable = false, default = false)]
    dry_run: Option<bool>,
}
