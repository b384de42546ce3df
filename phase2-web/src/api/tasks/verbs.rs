//! The verbs of one task.

use axum::response::Response;
use serde_json::Value;
use todo_core::due::Due;
use todo_core::{Ctx, Patch, Status, Timestamp, Verb};

use super::one::OneTask;
use crate::ApiError;
use crate::api::faults::Trouble;
use crate::api::form::{Form, Read, boolean, number, string, text};
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{answers, asked, schema};

/// Longest that a task is silenced for, in minutes: a year and a day.
const SILENT_MAX: u64 = 366 * 24 * 60;

/// Completes a task; of a series, the next occurrence follows (R5).
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/complete",
    tag = "tasks",
    operation_id = "complete_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = Option<schema::Cascade>),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn complete(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    close(one, sent, Status::Completed).await
}

/// The same as `POST`.
#[utoipa::path(
    patch,
    path = "/api/tasks/{id}/complete",
    tag = "tasks",
    operation_id = "complete_task_by_patch",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = Option<schema::Cascade>),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn complete_by_patch(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    complete(one, sent).await
}

/// Gives a task up.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/cancel",
    tag = "tasks",
    operation_id = "cancel_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = Option<schema::Cascade>),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn cancel(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    close(one, sent, Status::Cancelled).await
}

/// Gives this occurrence up and goes on to the next.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/skip",
    tag = "tasks",
    operation_id = "skip_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = Option<schema::Cascade>),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn skip(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act_by(sent, |form, _| Some(Verb::Skip { cascade: cascade(form) })).await
}

/// Begins work on a task.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/start",
    tag = "tasks",
    operation_id = "start_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid)
)]
pub(crate) async fn start(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act(sent, Verb::Move { to: Status::InProgress, cascade: false }).await
}

/// Makes a task pending again.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/reopen",
    tag = "tasks",
    operation_id = "reopen_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid)
)]
pub(crate) async fn reopen(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act(sent, Verb::Move { to: Status::Pending, cascade: false }).await
}

/// Reminds again later, and changes no due date (R9).
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/snooze",
    tag = "tasks",
    operation_id = "snooze_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = schema::Snooze),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn snooze(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act_by(sent, |form, ctx| until(form, ctx).map(|until| Verb::Snooze { until })).await
}

/// Closes a task, with its open subtasks if the body says so.
async fn close(one: OneTask, sent: Sent, to: Status) -> Result<Response, ApiError> {
    one.act_by(sent, |form, _| Some(Verb::Move { to, cascade: cascade(form) })).await
}

/// Whether open subtasks are taken along (S8).
pub(super) fn cascade(form: &mut Form<'_>) -> bool {
    form.optional("cascade", boolean).unwrap_or_default()
}

/// Until when to be silent: an instant, or so many minutes.
pub(super) fn until(form: &mut Form<'_>, ctx: &Ctx) -> Option<Timestamp> {
    let zone = match form.patch("timezone", text(todo_core::time::zone)) {
        Patch::Set(zone) => zone,
        Patch::Keep | Patch::Clear => ctx.zone,
    };
    let read = |value: &Value| -> Read<Timestamp> {
        Ok(match Due::parse(string(value)?, Some(zone), ctx.zone)? {
            // The morning of the day.
            Due::Day(day) => {
                Due::at(day.and_time(ctx.preferences.all_day_time), zone, None).starts(zone)
            }
            at @ Due::At { .. } => at.starts(zone),
        })
    };
    let both = form.has("until") && form.has("minutes");
    let until = form.optional("until", read);
    let minutes = form.optional("minutes", |value| match number(value)? {
        minutes if minutes <= SILENT_MAX => Ok(minutes),
        _ => Err(Trouble::new("out_of_range", format!("must be at most {SILENT_MAX}"))),
    });
    if both {
        form.fault("minutes", Trouble::new("twice", "says again until when"));
    }
    let minutes = minutes.and_then(|minutes| i64::try_from(minutes).ok());
    let after = minutes.map(|minutes| ctx.now.plus_millis(minutes * 60_000));
    if until.is_none() && after.is_none() && form.is_sound() {
        form.fault("until", Trouble::new("missing", "is missing"));
    }
    until.or(after)
}
