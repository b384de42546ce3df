//! Lists of tasks, page by page (Q7).

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use todo_core::Task;
use todo_core::query::Moment;
use todo_core::urgency::urgency as weigh;

use super::query::{Paged, Wanted};
use crate::ApiError;
use crate::api::asked::{Filtered, Pages};
use crate::api::desk::{Desk, json};
use crate::api::params::{Params, encoded};
use crate::api::refusals::{Malformed, NoneSuch};
use crate::api::schema;

#[derive(Serialize)]
struct Listed<T> {
    items: T,
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

#[derive(Serialize)]
struct Weighed<'t> {
    #[serde(flatten)]
    task: &'t Task,
    urgency: i64,
}

impl<'t> Weighed<'t> {
    fn all(tasks: &'t [Task], moment: &Moment) -> Vec<Self> {
        tasks.iter().map(|task| Self { task, urgency: weigh(task, moment) }).collect()
    }
}

/// Tasks. Without parameters those that are open and not waiting for their start, by due date.
///
/// All that is given must hold. A cursor goes on where a page ended, as of the moment of the first
/// page; the other parameters stay the same.
#[utoipa::path(
    get,
    path = "/api/tasks",
    tag = "tasks",
    operation_id = "list_tasks",
    params(Filtered, Pages),
    responses(
        (status = 200, description = "A page of tasks.", body = schema::TaskPage, headers(("Link" = String, description = "`rel=\"next\"`: the next page, if there is one."))),
        Malformed, NoneSuch,
    ),
)]
pub(crate) async fn list(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let pairs = params.pairs().to_vec();
    let wanted = Wanted::read(&mut params, desk.ctx.zone);
    let paged = Paged::read(&mut params);
    let urgency = params.flag("urgency");
    params.finish()?;
    let moment = wanted.moment(&desk);
    let query = paged.query(wanted.filter(&desk).await?, moment, &desk)?;
    let page = desk.server().find(&query, &desk.ctx).await?;
    let next_cursor = page.cursor(&query, &desk.app.cursors);
    let link = next_cursor.as_deref().and_then(|cursor| link(&pairs, cursor));
    let mut response = if urgency {
        let items = Weighed::all(&page.tasks, &query.moment);
        json(&Listed { items, next_cursor, total: page.total })
    } else {
        json(&Listed { items: page.tasks, next_cursor, total: page.total })
    };
    response.headers_mut().extend(link.map(|link| (header::LINK, link)));
    Ok(response)
}

/// The next page, relative to this one's address: the same parameters, and the cursor.
fn link(pairs: &[(String, String)], cursor: &str) -> Option<HeaderValue> {
    let mut link = String::from("<?");
    for (name, value) in pairs.iter().filter(|(name, _)| name != "cursor") {
        link.extend([&encoded(name), "=", &encoded(value), "&"]);
    }
    link.extend(["cursor=", cursor, ">; rel=\"next\""]);
    HeaderValue::try_from(link).ok()
}
