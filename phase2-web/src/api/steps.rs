//! What was done, taken back, and done again (S7).

use axum::response::Response;
use serde::Serialize;
use todo_core::step::STEPS_KEPT;
use todo_core::{Command, Needs, Step, StepNo};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::desk::{Desk, How, WriteDesk, json, several};
use super::form::number as whole;
use super::params::{DryRun, Params, number};
use super::refusals::{Conflict, Invalid, Malformed, NoneSuch, ReadOnly};
use super::sent::Sent;
use super::{asked, schema};
use crate::{ApiError, App};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(undo)).routes(routes!(redo))
}

#[derive(Serialize)]
struct Listed {
    steps: Vec<Step>,
}

/// The newest steps, the newest first.
#[utoipa::path(
    get,
    path = "/api/steps",
    tag = "steps",
    operation_id = "list_steps",
    params(("limit" = Option<u32>, Query, description = "How many; 100 are kept.", minimum = 1, maximum = 100)),
    responses((status = 200, description = "The steps.", body = schema::Steps), Malformed),
)]
async fn list(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let limit = params.one("limit", number(1, STEPS_KEPT as u64));
    params.finish()?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(STEPS_KEPT);
    let steps = desk.server().load(&Needs::all_steps(), &desk.ctx).await?.steps;
    Ok(json(&Listed { steps: steps.into_iter().rev().take(limit).collect() }))
}

/// Takes a step back: the newest that stands, or the one named.
#[utoipa::path(
    post,
    path = "/api/undo",
    tag = "steps",
    operation_id = "undo",
    params(asked::DryRun, asked::OnceKey),
    request_body(content = Option<schema::Undo>),
    responses(
        (status = 200, description = "What came of it; `step` is the one taken back.", body = schema::TaskChanges),
        Malformed, ReadOnly, NoneSuch, Conflict, Invalid,
    ),
)]
async fn undo(write: WriteDesk, DryRun(dry_run): DryRun, sent: Sent) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.fingerprint };
    let step = sent.read(|form| Some(form.optional("step", whole).map(StepNo)))?;
    write.carry_out(&Command::Undo(step), how, several(Vec::new())).await
}

/// Does again what was taken back last.
#[utoipa::path(
    post,
    path = "/api/redo",
    tag = "steps",
    operation_id = "redo",
    params(asked::DryRun, asked::OnceKey),
    responses(
        (status = 200, description = "What came of it; `step` is the one done again.", body = schema::TaskChanges),
        Malformed, ReadOnly, Conflict, Invalid,
    ),
)]
async fn redo(write: WriteDesk, DryRun(dry_run): DryRun, sent: Sent) -> Result<Response, ApiError> {
    let how = How { dry_run, fingerprint: sent.nothing()? };
    write.carry_out(&Command::Redo, how, several(Vec::new())).await
}
