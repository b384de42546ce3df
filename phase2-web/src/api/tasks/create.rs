//! New tasks.

use axum::response::Response;
use todo_core::{Command, Item, NewTask, Status, TaskId, words};
use uuid::Uuid;

use super::written::{Purpose, Written};
use crate::api::desk::{Desk, How, WriteDesk, created};
use crate::api::faults::Trouble;
use crate::api::form::{Form, Read, boolean, string};
use crate::api::params::DryRun;
use crate::api::refusals::{Conflict, Invalid, Malformed, ReadOnly};
use crate::api::sent::Sent;
use crate::api::{answers, asked, schema};
use crate::{ApiError, edge};

/// Makes a task.
///
/// A `uid` that is known already is the same request again, if it says the same: the task is answered
/// as it stands, with 200, and nothing changes. If it says something else, or the task lies in the
/// trash, it is refused with 409, and `current` is the task.
#[utoipa::path(
    post,
    path = "/api/tasks",
    tag = "tasks",
    operation_id = "create_task",
    params(
        asked::DryRun,
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters: sent again with the same request, it answers the same and does nothing twice, for 24 hours."),
    ),
    request_body(content = schema::NewTask),
    responses(answers::Made, Malformed, ReadOnly, Conflict, Invalid),
)]
pub(crate) async fn create(
    write: WriteDesk,
    DryRun(dry_run): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.fingerprint };
    let desk = &write.desk;
    let (uid, written) = sent.read(|form| Some(read(form, desk)))?;
    let new = written.into_new(uid, &desk.asking())?;
    write.carry_out(&make(new), how, created).await
}

/// Makes a task of a line as people type it (W1).
#[utoipa::path(
    post,
    path = "/api/tasks/quick",
    tag = "tasks",
    operation_id = "quick_add",
    params(asked::OnceKey),
    request_body(content = schema::QuickAdd),
    responses(answers::Made, Malformed, ReadOnly, Conflict, Invalid),
)]
pub(crate) async fn quick(
    write: WriteDesk,
    DryRun(asked): DryRun,
    sent: Sent,
) -> Result<Response, ApiError> {
    let fingerprint = sent.fingerprint;
    let desk = &write.desk;
    let (uid, new, dry_run) = sent.read(|form| {
        let uid = uid(form, desk);
        let dry_run = form.optional("dry_run", boolean).unwrap_or_default();
        let line =
            form.required("text", |value| Ok(words::quick_add(string(value)?, &desk.asking())?))?;
        Some((uid, line, dry_run))
    })?;
    let new = new.into_new_task(uid).map_err(todo_core::TaskError::from)?;
    let how = How { dry_run: dry_run || asked, fingerprint };
    write.carry_out(&make(new), how, created).await
}

/// Reads a new task.
pub(super) fn read(form: &mut Form<'_>, desk: &Desk) -> (TaskId, Written) {
    let uid = uid(form, desk);
    let written = Written::read(form, &desk.asking(), Purpose::Create);
    if written.patch.status.is_some_and(|status| status != Status::Pending) {
        let message = "is pending for a new task; change it afterwards";
        form.fault("status", Trouble::new("not_pending", message));
    }
    (uid, written)
}

fn make(new: NewTask) -> Command {
    Command::One(Item::Create(Box::new(new)))
}

/// The client's own, or a fresh one.
fn uid(form: &mut Form<'_>, desk: &Desk) -> TaskId {
    let read = |value: &serde_json::Value| -> Read<Uuid> {
        let uid = Uuid::try_parse(string(value)?).ok().filter(|uid| !uid.is_nil());
        uid.ok_or_else(|| Trouble::new("not_a_uuid", "must be a UUID"))
    };
    TaskId(form.optional("uid", read).unwrap_or_else(|| edge::fresh_id(desk.ctx.now)))
}
