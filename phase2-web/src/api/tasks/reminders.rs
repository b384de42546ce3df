//! When a task reminds.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;
use todo_core::reminder::ReminderId;
use todo_core::wire::{Shown, shown};
use todo_core::{Needs, RemindersPatch, TaskPatch, Verb};

use super::one::OneTask;
use super::written;
use crate::ApiError;
use crate::api::desk::{Desk, Named, json};
use crate::api::faults::Faults;
use crate::api::params::{Trash, number};
use crate::api::refusals::{Conflict, Invalid, Malformed, Moved, NotFound, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{answers, asked, schema};
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
    params(asked::Id, asked::ShowTrash),
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
    params(asked::Id, asked::DryRun, asked::IfMatch, asked::OnceKey),
    request_body(content = schema::NewReminder),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn add(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act_by(sent, |form, _| {
        form.pass_over(&["id"]);
        let add = vec![written::reminder(form)?];
        Some(verb(RemindersPatch::Edit { add, remove: Vec::new() }))
    })
    .await
}

/// Takes all reminders away.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}/reminders",
    tag = "tasks",
    operation_id = "clear_reminders",
    params(asked::Id, asked::DryRun, asked::IfMatch),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid)
)]
pub(crate) async fn clear(one: OneTask, sent: Sent) -> Result<Response, ApiError> {
    one.act(sent, verb(RemindersPatch::Set(Vec::new()))).await
}

/// Takes one reminder away; one that is not there is gone already.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}/reminders/{reminder}",
    tag = "tasks",
    operation_id = "remove_reminder",
    params(
        asked::Id,
        ("reminder" = u32, Path, description = "The reminder's number among those of the task.", minimum = 1),
        asked::DryRun,
        asked::IfMatch,
    ),
    responses(answers::Written, Malformed, ReadOnly, NotFound, Conflict, Moved, Invalid),
)]
pub(crate) async fn remove(
    one: OneTask,
    Numbered(reminder): Numbered,
    sent: Sent,
) -> Result<Response, ApiError> {
    one.act(sent, verb(RemindersPatch::Edit { add: Vec::new(), remove: vec![reminder] })).await
}

/// The reminder that a path names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbered(ReminderId);

impl<S: Send + Sync> FromRequestParts<S> for Numbered {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let no = path.map(|Path((_, no))| no).unwrap_or_default();
        let no = number(1, u32::MAX.into())(&no)
            .map_err(|trouble| Faults::one(Place::Parameter("reminder".to_owned()), trouble))?;
        Ok(Self(ReminderId(u32::try_from(no).unwrap_or(u32::MAX))))
    }
}

fn verb(reminders: RemindersPatch) -> Verb {
    Verb::Change(Box::new(TaskPatch { reminders, ..TaskPatch::default() }))
}
