//! Changes of fields.

use axum::response::Response;

use super::one::OneTask;
use super::written::{Purpose, Written};
use crate::ApiError;
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{answers, asked, schema};

/// Changes some fields of a task: what is absent stays, what is null is taken away.
#[utoipa::path(
    patch,
    path = "/api/tasks/{id}",
    tag = "tasks",
    operation_id = "change_task",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content(
        (schema::TaskPatch = "application/json"),
        (schema::TaskPatch = "application/merge-patch+json"),
    )),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn patch(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    change(one, sent, Purpose::Change).await
}

/// Replaces all of a task.
#[utoipa::path(
    put,
    path = "/api/tasks/{id}",
    tag = "tasks",
    operation_id = "replace_task",
    params(asked::Id, asked::DryRun, asked::IfMatch),
    request_body(content = schema::WholeTask),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn put(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    change(one, sent, Purpose::Replace).await
}

async fn change(one: OneTask, sent: Sent, purpose: Purpose) -> Result<Response, ApiError> {
    one.change(sent, |form, asking| Some(Written::read(form, asking, purpose))).await
}
