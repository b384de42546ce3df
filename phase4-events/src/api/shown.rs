//! What answers and bodies look like, for the OpenAPI document.
#![expect(dead_code, reason = "only their schemas are used")]

use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which of the audit.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditFilter {
    /// Any of these types of events; repeated, or with commas between them.
    #[param(example = json!(["auth.logged_in"]))]
    r#type: Option<Vec<String>>,
    /// Through what it was done: `user`, `token`, `chat`, `system` or `admin`.
    actor: Option<String>,
    /// To which task: the uid, also of one that is gone.
    task: Option<String>,
    /// Then or later: a day, or an instant (RFC 3339).
    from: Option<String>,
    /// Before.
    to: Option<String>,
}

/// Some of what was done, the newest first.
#[derive(ToSchema)]
pub(super) struct AuditPage {
    #[schema(max_items = 500)]
    items: Vec<AuditEntry>,
    /// `before` of the next page; null if this is the last one.
    #[schema(required, minimum = 1)]
    next_before: Option<u64>,
}

/// That something was done: by whom, when, and from where. Of what it was, the names alone.
#[derive(ToSchema)]
pub(super) struct AuditEntry {
    /// The same as that of the event wherever it is told.
    event_id: Uuid,
    /// The owner's own counter.
    #[schema(minimum = 1)]
    seq: u64,
    #[schema(example = "auth.logged_in")]
    event_type: String,
    schema_version: u64,
    actor: AuditActor,
    /// `task` or `user`.
    aggregate_type: String,
    aggregate_id: Uuid,
    /// Its version afterwards.
    aggregate_version: u64,
    #[schema(format = "date-time")]
    timestamp: String,
    /// Shared by everything that one request set off.
    correlation_id: Uuid,
    /// The event that set it off, if one did.
    #[schema(required)]
    causation_id: Option<Uuid>,
    /// From where, where that is known.
    #[schema(required)]
    address: Option<String>,
    /// The names of the fields that changed.
    #[schema(required)]
    fields: Option<Vec<String>>,
    /// Which session, token or device it was about.
    #[schema(required, value_type = Option<Object>)]
    details: Option<()>,
    /// What of it cannot be read, where it was damaged; what stands for that means nothing.
    #[schema(required, example = json!(null))]
    damage: Option<String>,
}

/// Who did it.
#[derive(ToSchema)]
pub(super) struct AuditActor {
    /// `user`, `token`, `chat`, `system` or `admin`.
    kind: String,
    /// Of the user or the token; of operators there is none, and it is nil.
    id: Uuid,
}

/// Some of what one is told, the newest first.
#[derive(ToSchema)]
pub(super) struct NotificationPage {
    #[schema(max_items = 200)]
    items: Vec<ShownNotification>,
    /// How many wait to be read in all.
    unread: u64,
    /// `before` of the next page; null if this is the last one.
    #[schema(required, minimum = 1)]
    next_before: Option<u64>,
}

/// Something that one is told.
#[derive(ToSchema)]
#[schema(as = Notification)]
pub(super) struct ShownNotification {
    /// By which it is known.
    #[schema(minimum = 1)]
    id: u64,
    #[schema(inline)]
    kind: Kind,
    task: NotifiedTask,
    /// What the reminder says.
    #[schema(required)]
    message: Option<String>,
    /// When the reminder was meant to come.
    #[schema(required, format = "date-time")]
    remind_at: Option<String>,
    #[schema(format = "date-time")]
    created_at: String,
    #[schema(required, format = "date-time")]
    read_at: Option<String>,
}

/// What one is told. A reminder is late when nobody could send it in time, and missed after a day.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum Kind {
    Reminder,
    LateReminder,
    MissedReminder,
    SeriesEnded,
}

/// The task that it is about.
#[derive(ToSchema)]
pub(super) struct NotifiedTask {
    uid: Uuid,
    #[schema(minimum = 1)]
    id: u64,
    /// What it was called then.
    title: String,
}

/// What was read: one of the two.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WasRead {
    /// These.
    #[schema(nullable = false, min_items = 1, max_items = 1000)]
    ids: Option<Vec<u64>>,
    /// This one and all before it: what came after it stays unread.
    #[schema(nullable = false, minimum = 1)]
    up_to: Option<u64>,
}

/// How many wait to be read yet.
#[derive(ToSchema)]
pub(super) struct StillUnread {
    unread: u64,
}

/// How much was done.
#[derive(ToSchema)]
pub(super) struct ActivityDays {
    /// Those on which something was done.
    #[schema(max_items = 366)]
    days: Vec<ActivityDay>,
    /// The first day that was looked at.
    #[schema(format = "date")]
    from: String,
    /// The day after the last.
    #[schema(format = "date")]
    to: String,
}

/// A day.
#[derive(ToSchema)]
pub(super) struct ActivityDay {
    #[schema(format = "date")]
    day: String,
    created: u64,
    completed: u64,
    reopened: u64,
    cancelled: u64,
    deleted: u64,
}
