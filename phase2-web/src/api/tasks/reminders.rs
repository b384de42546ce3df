//! When a task reminds.

use axum::extract::Path;
use axum::response::Response;
use serde::Serialize;
use todo_core::reminder::ReminderId;
use todo_core::wire::{Shown, shown};
use todo_core::{Needs, RemindersPatch, TaskPatch, Verb};

use super::written;
use crate::ApiError;
use crate::api::desk::{Desk, How, Named, WriteDesk, json, reference};
use crate::api::faults::Faults;
use crate::api::params::{DryRun, Trash, number};
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::schema;
use crate::api::sent::Sent;
use crate::problem::Place;

#[derive(Serialize)]
struct Listed {
    items: Vec<Shown>,
}

/// The reminders of a task with their instants, and where each stands.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/reminders",
    tag = "tasks",
    operation_id = "list_reminders",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("trash" = Option<bool>, Query, description = "The task even if it lies in the trash."),
    ),
    responses((status = 200, description = "The earliest first.", body = schema::ShownReminders), Malformed, NotFound),
)]
pub(crate) async fn list(
    desk: Desk,
    Named(reference): Named,
    Trash(trash): Trash,
) -> Result<Response, ApiError> {
    let task = desk.shown(&reference, trash).await?;
    let mut needs = Needs::default();
    needs.firings.insert(task.uid.into());
    let firings = desk.server().load(&needs, &desk.ctx).await?.firings;
    let ctx = &desk.ctx;
    Ok(json(&Listed { items: shown(&task, &firings, &ctx.preferences, ctx.now, ctx.zone) }))
}

/// Sets one more reminder.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/reminders",
    tag = "tasks",
    operation_id = "add_reminder",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("dry_run" = Option<bool>, Query, description = "Only to say what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the task must have, or `*`."),
        ("Idempotency-Key" = Option<String>, Header, description = "See `POST /api/tasks`."),
    ),
    request_body(content = schema::NewReminder),
    responses(
        (status = 200, description = "The task as it stands.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn add(
    write: WriteDesk,
    Named(reference): Named,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.fingerprint };
    let reminder = sent.read(|form| {
        form.pass_over(&["id"]);
        written::reminder(form)
    })?;
    let change = RemindersPatch::Edit { add: vec![reminder], remove: Vec::new() };
    write.act(reference, verb(change), how).await
}

/// Takes all reminders away.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}/reminders",
    tag = "tasks",
    operation_id = "clear_reminders",
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
pub(crate) async fn clear(
    write: WriteDesk,
    Named(reference): Named,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.nothing()? };
    write.act(reference, verb(RemindersPatch::Set(Vec::new())), how).await
}

/// Takes one reminder away; one that is not there is gone already.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}/reminders/{reminder}",
    tag = "tasks",
    operation_id = "remove_reminder",
    params(
        ("id" = String, Path, description = "The task's id, or its uid."),
        ("reminder" = u32, Path, description = "The reminder's number among those of the task.", minimum = 1),
        ("dry_run" = Option<bool>, Query, description = "Only to say what would come of it."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that the task must have, or `*`."),
    ),
    responses(
        (status = 200, description = "The task as it stands.", body = schema::TaskChange, headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid,
    ),
)]
pub(crate) async fn remove(
    write: WriteDesk,
    Path((id, no)): Path<(String, String)>,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.nothing()? };
    let task = reference(&id)?;
    let no = number(1, u32::MAX.into())(&no)
        .map_err(|trouble| Faults::one(Place::Parameter("reminder".to_owned()), trouble))?;
    let no = u32::try_from(no).unwrap_or(u32::MAX);
    let change = RemindersPatch::Edit { add: Vec::new(), remove: vec![ReminderId(no)] };
    write.act(task, verb(change), how).await
}

fn verb(reminders: RemindersPatch) -> Verb {
    Verb::Change(Box::new(TaskPatch { reminders, ..TaskPatch::default() }))
}
