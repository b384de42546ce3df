//! How a task repeats.

use axum::response::Response;
use todo_core::recurrence::PREVIEW_MAX;
use todo_core::wire::describe;
use todo_core::{Patch, TaskPatch, Verb};

use super::written::{self, Written};
use crate::ApiError;
use crate::api::desk::{Desk, How, Named, WriteDesk, json};
use crate::api::form::word;
use crate::api::params::{DryRun, Params, number};
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::schema;
use crate::api::sent::Sent;

/// Dates shown where nobody said how many.
const SHOWN: u64 = 5;

/// Lets a task repeat, or repeat otherwise.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/recurrence",
    tag = "tasks",
    operation_id = "set_recurrence",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("dry_run" = Option<bool>, Query, description = "Only to say what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the task must have, or `*`."),
        ("Idempotency-Key" = Option<String>, Header, description = "See `POST /api/tasks`."),
    ),
    request_body(content = schema::SetRecurrence),
    responses(
        (status = 200, description = "The task as it stands.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn set(
    write: WriteDesk,
    Named(reference): Named,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.fingerprint };
    let written = sent.read(|form| {
        let scope = form.optional("scope", word);
        let repeats = written::recurrence(form)?;
        let patch = TaskPatch { scope, ..TaskPatch::default() };
        Some(Written { patch, repeats: Patch::Set(repeats), ..Written::default() })
    })?;
    let looks = written.looks_at_task();
    let task = if looks { write.measure(&reference, dry_run).await? } else { None };
    let patch = written.into_patch(task.as_ref(), &write.desk.asking())?;
    write.act(reference, Verb::Change(Box::new(patch)), how).await
}

/// Ends a series: the task stays, and repeats no more.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}/recurrence",
    tag = "tasks",
    operation_id = "end_recurrence",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("dry_run" = Option<bool>, Query, description = "Only to say what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the task must have, or `*`."),
    ),
    responses(
        (status = 200, description = "The task as it stands.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn end(
    write: WriteDesk,
    Named(reference): Named,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.nothing()? };
    let patch = TaskPatch { recurrence: Patch::Clear, ..TaskPatch::default() };
    write.act(reference, Verb::Change(Box::new(patch)), how).await
}

/// How a task repeats, in a sentence and in the dates to come.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/recurrence/preview",
    tag = "tasks",
    operation_id = "preview_recurrence",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("n" = Option<u32>, Query, description = "How many dates: 1 to 100, or else 5.", minimum = 1, maximum = 100),
        ("trash" = Option<bool>, Query, description = "The task even if it lies in the trash."),
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
