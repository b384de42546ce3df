//! Closed sets of words.
#![expect(dead_code, reason = "only their schemas are used")]

use utoipa::ToSchema;

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

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum ReminderState {
    Scheduled,
    Due,
    Sent,
    Missed,
    Silent,
}
