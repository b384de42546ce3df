//! What tasks are labelled with, and what there is to count of them.

use axum::response::Response;
use serde_json::json;
use todo_core::stats::{StatsQuery, Uses};
use todo_core::{Filter, Limit, TaskQuery};
use todo_store::Labels;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::Filtered;
use super::desk::{Desk, json as answer};
use super::params::{NoParams, Params};
use super::refusals::{Malformed, NoneSuch};
use super::schema;
use super::tasks::Wanted;
use crate::{ApiError, App};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(tags)).routes(routes!(projects)).routes(routes!(stats))
}

/// The tags of open tasks, each with how many have it.
#[utoipa::path(
    get,
    path = "/api/tags",
    tag = "labels",
    operation_id = "list_tags",
    responses((status = 200, description = "In the order of their folded names.", body = schema::Tags), Malformed),
)]
async fn tags(desk: Desk, _params: NoParams) -> Result<Response, ApiError> {
    let labels = in_use(&desk).await?;
    Ok(answer(&json!({ "tags": listed(&labels.tags) })))
}

/// The projects of open tasks, each with how many are in it.
#[utoipa::path(
    get,
    path = "/api/projects",
    tag = "labels",
    operation_id = "list_projects",
    responses((status = 200, description = "In the order of their folded names.", body = schema::Projects), Malformed),
)]
async fn projects(desk: Desk, _params: NoParams) -> Result<Response, ApiError> {
    let labels = in_use(&desk).await?;
    Ok(answer(&json!({ "projects": listed(&labels.projects) })))
}

/// The labels of open tasks, also of those that the clock has brought and nobody has made (R5).
async fn in_use(desk: &Desk) -> Result<Labels, ApiError> {
    let filter = Filter { waiting: true, ..Filter::default() };
    let mut query = TaskQuery { filter, limit: Limit::Page(1), ..TaskQuery::new(desk.moment()) };
    if !desk.server().find(&query, &desk.ctx).await?.by_clock {
        return Ok(desk.app.store.labels(desk.ctx.owner).await?);
    }
    query.limit = Limit::All;
    let mut labels = Labels::default();
    for task in desk.server().find(&query, &desk.ctx).await?.tasks {
        let at = task.updated_at;
        task.tags.iter().for_each(|tag| labels.tags.add(tag.as_str(), at));
        task.project.iter().for_each(|project| labels.projects.add(project.as_str(), at));
    }
    Ok(labels)
}

fn listed(uses: &Uses) -> Vec<serde_json::Value> {
    uses.iter().map(|(name, count)| json!({ "name": name, "count": count })).collect()
}

/// Statistics, in whole numbers. The parameters say of which tasks.
#[utoipa::path(
    get,
    path = "/api/stats",
    tag = "labels",
    operation_id = "stats",
    params(Filtered),
    responses((status = 200, description = "The numbers.", body = schema::Stats), Malformed, NoneSuch),
)]
async fn stats(desk: Desk, mut params: Params) -> Result<Response, ApiError> {
    let wanted = Wanted::read(&mut params, desk.ctx.zone);
    params.finish()?;
    let moment = wanted.moment(&desk);
    let query = StatsQuery::new(wanted.filter(&desk).await?, moment);
    Ok(answer(&desk.server().stats(&query, &desk.ctx).await?))
}
