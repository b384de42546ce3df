//! What changed since one looked last, for clients that keep a copy.

use axum::response::Response;
use serde::Serialize;
use todo_core::batch::NUMBER_MAX;
use todo_core::event::Seq;
use todo_core::task::is_expired;
use todo_core::{Task, TaskId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::desk::{Desk, json};
use super::faults::Trouble;
use super::form::Read;
use super::params::{Params, number};
use super::refusals::Malformed;
use super::schema;
use crate::{ApiError, App};

/// Events that one answer looks at, unless less is asked for.
const EVENTS: u64 = 500;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sync))
}

#[derive(Serialize)]
struct Changed {
    items: Vec<Item>,
    seq: Seq,
    history: Uuid,
    more: bool,
}

#[derive(Serialize)]
struct Item {
    seq: Seq,
    uid: TaskId,
    /// None of a task that is gone for good.
    task: Option<Box<Task>>,
}

/// The tasks that changed after an event, as they are now, each once, in the order of their newest
/// event; a task that is gone for good is told of by its uid.
///
/// Begin with `since=0`, take each as it comes, and ask again from `seq` while there is `more`. Send the
/// `history` of the last answer with it: where a backup was put back since, the same numbers are of other
/// events, and this says so as it does where `since` is further than they go.
#[utoipa::path(
    get,
    path = "/api/sync",
    tag = "transfer",
    operation_id = "sync",
    params(
        ("since" = u64, Query, description = "The `seq` of the last answer; 0 is the beginning.", minimum = 0),
        ("history" = Option<Uuid>, Query, description = "The `history` of the last answer. Another one than this is refused as a `since` that is not there; the beginning is the same in all."),
        ("limit" = Option<u32>, Query, description = "How many events are looked at: 1 to 500.", minimum = 1, maximum = 500),
    ),
    responses(
        (status = 200, description = "What changed.", body = schema::Changes),
        Malformed,
    ),
)]
async fn sync(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let since = params.one("since", number(0, NUMBER_MAX));
    if since.is_none() && params.pairs().iter().all(|(name, _)| name != "since") {
        params.fault("since", Trouble::new("missing", "is missing"));
    }
    let history = params.one("history", identity);
    let limit = params.one("limit", number(1, EVENTS)).unwrap_or(EVENTS);
    params.finish()?;
    let since = Seq(since.unwrap_or_default());
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let changes = desk.app.store.changes(desk.ctx.owner, since, limit).await?;
    let is_other = since > Seq(0) && history.is_some_and(|history| history != changes.history);
    if changes.seq < since || is_other {
        let message = "is not of this history, or further than it goes; begin anew from 0";
        return Err(ApiError::parameter("since", "ahead", message));
    }
    let items = changes.tasks.into_iter().map(|touched| Item {
        seq: touched.seq,
        uid: touched.uid,
        // What has lain in the trash for 30 days is gone, removed or not (S4).
        task: touched.task.filter(|task| !is_expired(task.trash, desk.ctx.now)),
    });
    let (seq, history, more) = (changes.seq, changes.history, changes.more);
    Ok(json(&Changed { items: items.collect(), seq, history, more }))
}

/// Reads the identity of a history.
fn identity(text: &str) -> Read<Uuid> {
    text.parse().map_err(|_| Trouble::type_of("must be the `history` of an answer"))
}
