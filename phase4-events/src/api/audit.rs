//! Who did what, for the one it was done to. Programs with personal access tokens see none of it: it has
//! addresses and devices.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use todo_core::batch::NUMBER_MAX;
use todo_core::due::Due;
use todo_core::error::excerpt;
use todo_core::event::Seq;
use todo_core::query::Bound;
use todo_core::{Problem, TaskId, TaskRef};
use todo_store::effects::{AUDIT_PAGE_MAX, AuditQuery, Audited};
use todo_web::routes::{
    Desk, Export, LoggedIn, Malformed, NotByToken, Params, Read, Trouble, json, number,
};
use todo_web::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::export::Lines;
use super::shown;

/// Rows of a page, unless said otherwise.
const PAGE: u64 = 50;

/// What is done, as it can be asked for.
const TYPES: &[&str] = &[
    "auth.calendar_made",
    "auth.calendar_removed",
    "auth.exported",
    "auth.logged_in",
    "auth.other_sessions_ended",
    "auth.password_changed",
    "auth.password_reset",
    "auth.refresh_reused",
    "auth.session_ended",
    "auth.token_made",
    "auth.token_revoked",
    "recurring.spawned",
    "reminder.missed",
    "reminder.triggered",
    "series.ended",
    "task.cancelled",
    "task.completed",
    "task.created",
    "task.deleted",
    "task.purged",
    "task.reopened",
    "task.restored",
    "task.updated",
    "user.registered",
    "user.updated",
];

/// Through what it is done.
const ACTORS: &[&str] = &["user", "token", "chat", "system", "admin"];

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

#[derive(Serialize)]
struct Page {
    items: Vec<Audited>,
    next_before: Option<Seq>,
}

/// What was done to the account and its tasks: by whom, when, and from where, the newest first.
///
/// Nothing of it is ever changed, and it goes with the account alone. It comes a moment after what it
/// tells of.
#[utoipa::path(
    get,
    path = "/api/audit",
    tag = "accounts",
    operation_id = "list_audit",
    params(
        shown::AuditFilter,
        ("limit" = Option<u32>, Query, description = "How many: 1 to 500, or else 50.", minimum = 1, maximum = 500),
        ("before" = Option<u64>, Query, description = "Only what stands behind this one: `next_before` of the page before.", minimum = 1),
    ),
    responses((status = 200, description = "A page of it.", body = shown::AuditPage), Malformed, NotByToken),
)]
async fn list(by: LoggedIn, desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let query = filtered(&mut params, &desk);
    let most = params.one("limit", number(1, AUDIT_PAGE_MAX.into())).unwrap_or(PAGE);
    let before = params.one("before", number(1, NUMBER_MAX)).map(Seq);
    params.finish()?;
    let limit = u32::try_from(most).unwrap_or(AUDIT_PAGE_MAX);
    let items = desk.app.store.audit(by.owner, &query, before, limit).await?;
    // A full page may be the last one: then the next is empty.
    let next_before = items.last().filter(|_| items.len() as u64 == most).map(|row| row.seq);
    Ok(json(&Page { items, next_before }))
}

/// The same as lines of JSON, from the oldest on: all of it, or what the parameters leave.
///
/// It is written while it is read, for ten minutes at most. One that broke off ends in the middle of a line, or
/// before the newest `seq`; `after` goes on behind the last one that came whole. A user has one export made at a
/// time: 429 while another is being sent.
#[utoipa::path(
    get,
    path = "/api/audit/export",
    tag = "accounts",
    operation_id = "export_audit",
    params(
        shown::AuditFilter,
        ("after" = Option<u64>, Query, description = "Only what comes after this one: the last `seq` of one that broke off.", minimum = 1),
    ),
    responses(
        (status = 200, description = "A line each.", body = shown::AuditEntry, content_type = "application/x-ndjson", headers(("Content-Disposition" = String, description = "A name for the file."))),
        Malformed, NotByToken,
    ),
)]
async fn export(by: LoggedIn, desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let query = filtered(&mut params, &desk);
    let after = params.one("after", number(1, NUMBER_MAX)).map_or(Seq(0), Seq);
    params.finish()?;
    let turn = desk.app.export_turn(by.owner)?;
    desk.app.store.note_export(by.owner, &by.by(desk.ctx.now)).await?;
    let lines = Lines { store: desk.app.store.clone(), owner: by.owner, query, after };
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
    ];
    Ok((headers, lines.body(turn)).into_response())
}

fn filtered(params: &mut Params, desk: &Desk) -> AuditQuery {
    let zone = desk.ctx.zone;
    let mut bound = |name| {
        let read = |text: &str| Ok(Bound::from(Due::parse(text, None, zone)?).instant(zone));
        params.one(name, read)
    };
    let (from, to) = (bound("from"), bound("to"));
    AuditQuery {
        types: params.any("type", |text| one_of(text, TYPES)),
        actor: params.one("actor", |text| one_of(text, ACTORS)),
        task: params.one("task", uid),
        from,
        to,
    }
}

fn one_of(given: &str, allowed: &'static [&'static str]) -> Read<String> {
    let found = allowed.iter().find(|word| word.eq_ignore_ascii_case(given));
    let unknown = || Trouble::from(Problem::NotOneOf { given: excerpt(given), allowed });
    found.map(|word| (*word).to_owned()).ok_or_else(unknown)
}

fn uid(text: &str) -> Read<TaskId> {
    match text.parse() {
        Ok(TaskRef::Uid(uid)) => Ok(uid),
        _ => Err(Trouble::new("not_a_uid", "is no uid of a task")),
    }
}
