//! What happened to a task.

use axum::response::Response;
use serde::Serialize;
use todo_core::batch::NUMBER_MAX;
use todo_core::event::{Actor, EventData, EventType, Seq};
use todo_core::{Revision, Timestamp};
use todo_store::PastEvent;
use uuid::Uuid;

use crate::ApiError;
use crate::api::desk::{Desk, Named, json};
use crate::api::params::{Params, number};
use crate::api::refusals::{Malformed, NotFound};
use crate::api::{asked, schema};

/// Events on a page, at most and unless said otherwise.
const PAGE_MAX: u64 = 200;
const PAGE: u64 = 50;

#[derive(Serialize)]
struct Page {
    items: Vec<Event>,
    next_before: Option<Seq>,
}

#[derive(Serialize)]
struct Event {
    seq: Seq,
    #[serde(rename = "event_type")]
    kind: EventType,
    actor: Actor,
    version: Revision,
    timestamp: Timestamp,
    correlation_id: Uuid,
    causation_id: Option<Uuid>,
    data: Option<EventData>,
}

impl From<PastEvent> for Event {
    fn from(event: PastEvent) -> Self {
        let PastEvent { seq, event_type, actor, version, at, correlation, causation, data } = event;
        Self {
            seq,
            kind: event_type,
            actor,
            version,
            timestamp: at,
            correlation_id: correlation,
            causation_id: causation,
            data,
        }
    }
}

/// What happened to a task, the newest first.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/history",
    tag = "tasks",
    operation_id = "task_history",
    params(
        asked::Id,
        ("limit" = Option<u32>, Query, description = "How many: 1 to 200, or else 50.", minimum = 1, maximum = 200),
        ("before" = Option<u64>, Query, description = "Only what happened before this event: `next_before` of the page before.", minimum = 1),
        asked::ShowTrash,
    ),
    responses((status = 200, description = "A page of events.", body = schema::History), Malformed, NotFound),
)]
pub(crate) async fn history(
    desk: Desk,
    Named(reference): Named,
    mut params: Params,
) -> Result<Response, ApiError> {
    let limit = params.one("limit", number(1, PAGE_MAX)).unwrap_or(PAGE);
    let before = params.one("before", number(1, NUMBER_MAX)).map(Seq);
    let trash = params.flag("trash");
    params.finish()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let uid = desk.shown(&reference, trash).await?.uid;
    // One more tells whether there is a next page.
    let wanted = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let store = &desk.app.store;
    let mut events = store.history(desk.ctx.owner, uid, before, wanted).await?;
    let more = events.len() > limit;
    events.truncate(limit);
    let next_before = events.last().filter(|_| more).map(|event| event.seq);
    Ok(json(&Page { items: events.into_iter().map(Event::from).collect(), next_before }))
}
