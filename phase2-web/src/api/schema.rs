//! The shapes of what goes in and out, for the OpenAPI document. Nothing is ever one of these
//! types: what comes in is read field by field (`form`), what goes out is the core's own JSON
//! (`todo_core::wire`). Tests hold the names here to those.
#![expect(dead_code, reason = "only their schemas are used")]

use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    InProgress,
    Completed,
    Cancelled,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Priority {
    High,
    Medium,
    Low,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Channel {
    InApp,
    Email,
    Webhook,
    Push,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Basis {
    Schedule,
    Completion,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Spawn {
    OnCompletion,
    OnSchedule,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Scope {
    This,
    Future,
}

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
    recurrence: Option<WholeRepeats>,
    recurrence_rule: Option<WholeRepeats>,
    recurrence_pattern: Option<WholeRepeats>,
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

/// As [`Repeats`], or as a task that was read has it.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum WholeRepeats {
    Rule(String),
    Whole(WholeRecurrence),
}

/// How a task is to repeat. `anchor` and `n` may stand there, and say nothing.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholeRecurrence {
    rule: String,
    #[schema(nullable = false, inline)]
    from: Option<Basis>,
    #[schema(nullable = false, inline)]
    spawn: Option<Spawn>,
    anchor: Option<Value>,
    n: Option<Value>,
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

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum ReminderState {
    Scheduled,
    Due,
    Sent,
    Missed,
    Silent,
}

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
    event_type: String,
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
