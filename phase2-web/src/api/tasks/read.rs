//! One task.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use todo_core::urgency::{Part, explain, urgency as weigh};
use todo_core::{TaskId, TaskNo};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ApiError;
use crate::api::desk::{Desk, Named, is_known, json};
use crate::api::once::Kept;
use crate::api::params::Trash;
use crate::api::refusals::{Malformed, NotFound};
use crate::api::{asked, etag, schema};

/// A task. One that lies in the trash is shown with `trash=true` alone; what brings it back needs its
/// id and nothing else.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}",
    tag = "tasks",
    operation_id = "get_task",
    params(
        asked::Id,
        asked::ShowTrash,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the state that the client has."),
    ),
    responses(
        (status = 200, description = "The task.", body = schema::Task, headers(("ETag" = String, description = "Names this state of the task."))),
        (status = 304, description = "The client has this state.", headers(("ETag" = String, description = "Names this state of the task."))),
        Malformed, NotFound,
    ),
)]
pub(crate) async fn get(
    desk: Desk,
    Named(reference): Named,
    Trash(trash): Trash,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let task = desk.shown(&reference, trash).await?;
    let etag = etag::of(&task);
    if is_known(&headers, &etag)? {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        if let Ok(value) = HeaderValue::try_from(etag) {
            response.headers_mut().insert(header::ETAG, value);
        }
        return Ok(response);
    }
    Ok(Kept::json(StatusCode::OK, &task).with_etag(etag).into_response())
}

#[derive(Serialize)]
struct Explained<'t> {
    id: TaskNo,
    uid: TaskId,
    title: &'t str,
    urgency: i64,
    parts: Vec<Part>,
}

/// How urgent a task is, and why.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Urgency {
    #[schema(minimum = 1)]
    id: u64,
    uid: Uuid,
    title: String,
    #[serde(rename = "urgency")]
    sum: i64,
    /// What it is the sum of.
    parts: Vec<UrgencyPart>,
}

/// What one factor adds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct UrgencyPart {
    #[schema(example = "due")]
    factor: String,
    points: i64,
}

/// How urgent a task is now, with what makes it so (Q8).
#[utoipa::path(
    get,
    path = "/api/tasks/{id}/urgency",
    tag = "tasks",
    operation_id = "explain_urgency",
    params(asked::Id, asked::ShowTrash),
    responses((status = 200, description = "The sum and its parts.", body = Urgency), Malformed, NotFound),
)]
pub(crate) async fn urgency(
    desk: Desk,
    Named(reference): Named,
    Trash(trash): Trash,
) -> Result<Response, ApiError> {
    let task = desk.shown(&reference, trash).await?;
    let moment = desk.moment();
    Ok(json(&Explained {
        id: task.id,
        uid: task.uid,
        title: task.title.as_str(),
        urgency: weigh(&task, &moment),
        parts: explain(&task, &moment),
    }))
}
