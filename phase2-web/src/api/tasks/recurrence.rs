//! How a task repeats.

use axum::response::Response;
use todo_core::recurrence::PREVIEW_MAX;
use todo_core::wire::describe;
use todo_core::{Patch, TaskPatch, Verb};

use super::one::OneTask;
use super::repeats;
use super::written::Written;
use crate::ApiError;
use crate::api::desk::{Desk, Named, json};
use crate::api::form::word;
use crate::api::params::{Params, number};
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{answers, asked, schema};

/// Dates shown where nobody said how many.
const SHOWN: u64 = 5;

/// Lets a task repeat, or repeat otherwise.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/recurrence",
    tag = "tasks",
    operation_id = "set_recurrence",
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = schema::SetRecurrence),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn set(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.change(sent, |form, _| {
        let scope = form.optional("scope", word);
        let said = repeats::recurrence(form)?;
        let patch = TaskPatch { scope, ..TaskPatch::default() };
        Some(Written { patch, repeats: Patch::Set(said), ..Written::default() })
    })
    .await
}

/// Ends a series: the task stays, and repeats no more.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}/recurrence",
    tag = "tasks",
    operation_id = "end_recurrence",
    params(asked::Id, asked::DryRun, asked::IfMatch),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid)
)]
pub(crate) async fn end(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    let patch = TaskPatch { recurrence: Patch::Clear, ..TaskPatch::default() };
    one.act(sent, Verb::Change(Box::new(patch))).await
}

/// How a task repeats, in a sentence and in the dates to come.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/recurrence/preview",
    tag = "tasks",
    operation_id = "preview_recurrence",
    params(
        asked::Id,
        ("n" = Option<u32>, Query, description = "How many dates: 1 to 100, or else 5.", minimum = 1, maximum = 100),
        asked::ShowTrash,
    ),
    responses((status = 200, description = "The dates after the task's own.", body = schema::Series), Malformed, NotFound),
)]
pub(crate) async fn preview(
    desk: Desk,
    Named(reference): Named,
    mut params: Params,
) -> Result<Response, ApiError> {
    let count = params.one("n", number(1, PREVIEW_MAX as u64)).unwrap_or(SHOWN);
    let trash = params.flag("trash");
    params.finish()?;
    let task = desk.shown(&reference, trash).await?;
    Ok(json(&describe(&task, usize::try_from(count).unwrap_or(PREVIEW_MAX))))
}
