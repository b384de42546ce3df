//! What one is told where one looks.

use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use todo_core::batch::NUMBER_MAX;
use todo_core::event::Seq;
use todo_core::{TaskId, TaskNo, Timestamp};
use todo_store::effects::{NOTIFICATIONS_KEPT, Notification, ToRead};
use todo_web::routes::{
    Desk, Form, Invalid, Malformed, Params, Read, ReadOnly, Sent, Trouble, WriteDesk, json, number,
};
use todo_web::{ApiError, App};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shown;

/// Notifications on a page, at most and unless said otherwise.
const PAGE_MAX: u64 = 200;
const PAGE: u64 = 50;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

#[derive(Serialize)]
struct Page {
    items: Vec<Shown>,
    unread: u64,
    next_before: Option<Seq>,
}

#[derive(Serialize)]
struct Shown {
    id: Seq,
    kind: &'static str,
    task: About,
    message: Option<String>,
    remind_at: Option<Timestamp>,
    created_at: Timestamp,
    read_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct About {
    uid: TaskId,
    id: TaskNo,
    title: String,
}

#[derive(Serialize)]
struct Left {
    unread: u64,
}

impl From<Notification> for Shown {
    fn from(told: Notification) -> Self {
        Self {
            id: told.seq,
            kind: told.kind.as_str(),
            task: About { uid: told.task, id: told.task_id, title: told.title },
            message: told.message,
            remind_at: told.remind_at,
            created_at: told.at,
            read_at: told.read_at,
        }
    }
}

/// What one is told, the newest first: reminders, those that came late or not at all, and series that
/// have ended.
///
/// The newest 1000 are kept. They go with their task when it is gone for good.
#[utoipa::path(
    get,
    path = "/api/notifications",
    tag = "tasks",
    operation_id = "list_notifications",
    params(
        ("unread" = Option<bool>, Query, description = "Only what was not read."),
        ("limit" = Option<u32>, Query, description = "How many: 1 to 200, or else 50.", minimum = 1, maximum = 200),
        ("before" = Option<u64>, Query, description = "Only what came before this one: `next_before` of the page before.", minimum = 1),
    ),
    responses((status = 200, description = "A page of them.", body = shown::NotificationPage), Malformed),
)]
async fn list(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let unread = params.flag("unread");
    let limit = params.one("limit", number(1, PAGE_MAX)).unwrap_or(PAGE);
    let before = params.one("before", number(1, NUMBER_MAX)).map(Seq);
    params.finish()?;
    let most = u32::try_from(limit).unwrap_or(u32::MAX);
    let found = desk.app.store.notifications(desk.ctx.owner, unread, before, most).await?;
    let full = found.items.len() as u64 == limit;
    let next_before = found.items.last().filter(|_| full).map(|told| told.seq);
    let items = found.items.into_iter().map(Shown::from).collect();
    Ok(json(&Page { items, unread: found.unread, next_before }))
}

/// Notes that some were read. What was read before, or is not there, stays as it is.
///
/// All that one has seen is `up_to` the newest of it: what has come since stays unread.
#[utoipa::path(
    post,
    path = "/api/notifications/read",
    tag = "tasks",
    operation_id = "read_notifications",
    request_body = shown::WasRead,
    responses(
        (status = 200, description = "How many are still to be read.", body = shown::StillUnread),
        Malformed, ReadOnly, Invalid,
    ),
)]
async fn read(write: WriteDesk, params: Params, sent: Sent) -> Result<Response, ApiError> {
    params.finish()?;
    let which = sent.read(which)?;
    let Desk { app, ctx, .. } = write.desk;
    let unread = app.store.mark_read(ctx.owner, &which, ctx.now).await?;
    Ok(json(&Left { unread }))
}

fn which(form: &mut Form<'_>) -> Option<ToRead> {
    let ids = form.optional("ids", ids);
    let up_to = form.optional("up_to", one);
    match (ids, up_to) {
        (Some(ids), None) => Some(ToRead::These(ids)),
        (None, Some(seq)) => Some(ToRead::UpTo(seq)),
        _ => {
            form.fault("ids", Trouble::new("one_of_two", "or up_to must be there, and one alone"));
            None
        }
    }
}

fn ids(value: &Value) -> Read<Vec<Seq>> {
    let list = value.as_array().ok_or_else(|| Trouble::type_of("must be a list"))?;
    if list.is_empty() || list.len() as u64 > u64::from(NOTIFICATIONS_KEPT) {
        return Err(Trouble::new("out_of_range", "must have 1 to 1000 items"));
    }
    list.iter().map(one).collect()
}

fn one(value: &Value) -> Read<Seq> {
    let seq = value.as_u64().filter(|seq| (1..=NUMBER_MAX).contains(seq)).map(Seq);
    seq.ok_or_else(|| Trouble::type_of("must be ids: whole numbers from 1 on"))
}
