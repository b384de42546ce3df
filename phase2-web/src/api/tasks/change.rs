//! Changes of fields.

use axum::response::Response;
use todo_core::{TaskRef, Verb};

use super::written::{Purpose, Written};
use crate::ApiError;
use crate::api::desk::{How, Named, WriteDesk};
use crate::api::params::DryRun;
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::schema;
use crate::api::sent::Sent;

/// Changes some fields of a task: what is absent stays, what is null is taken away.
#[utoipa::path(
    patch,
    path = "/api/tasks/{id}",
    tag = "tasks",
    operation_id = "change_task",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("dry_run" = Option<bool>, Query, description = "Only to say what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the task must have, or `*`."),
        ("Idempotency-Key" = Option<String>, Header, description = "See `POST /api/tasks`."),
    ),
    request_body(content(
        (schema::TaskPatch = "application/json"),
        (schema::TaskPatch = "application/merge-patch+json"),
    )),
    responses(
        (status = 200, description = "The task as it stands.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn patch(
    write: WriteDesk,
    Named(reference): Named,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    change(&write, reference, dry_run, sent, Purpose::Change).await
}

/// Replaces all of a task.
#[utoipa::path(
    put,
    path = "/api/tasks/{id}",
    tag = "tasks",
    operation_id = "replace_task",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("dry_run" = Option<bool>, Query, description = "Only to say what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the task must have, or `*`."),
    ),
    request_body(content = schema::WholeTask),
    responses(
        (status = 200, description = "The task as it stands.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn put(
    write: WriteDesk,
    Named(reference): Named,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    change(&write, reference, dry_run, sent, Purpose::Replace).await
}

async fn change(
    write: &WriteDesk,
    reference: TaskRef,
    dry_run: bool,
    sent: Sent,
    purpose: Purpose,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.fingerprint };
    let asking = write.desk.asking();
    let written = sent.read(|form| Some(Written::read(form, &asking, purpose)))?;
    let looks = written.looks_at_task();
    let task = if looks { write.measure(&reference, dry_run).await? } else { None };
    let patch = written.into_patch(task.as_ref(), &asking)?;
    write.act(reference, Verb::Change(Box::new(patch)), how).await
}
