//! The routes, one file a theme, each with its part of the OpenAPI document.

mod answers;
mod asked;
mod auth;
mod calendar;
pub(crate) mod desk;
mod docs;
mod etag;
pub(crate) mod faults;
mod filters;
pub(crate) mod form;
mod health;
mod json;
mod keys;
mod labels;
mod once;
mod pages;
pub(crate) mod params;
pub(crate) mod refusals;
mod schema;
pub(crate) mod sent;
mod steps;
mod sync;
mod tasks;
mod transfer;
mod upload;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use health::Readiness;
pub(crate) use transfer::busy;

use crate::App;

/// Every route that the OpenAPI document describes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    // One line a theme.
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(tasks::routes())
        .merge(steps::routes())
        .merge(labels::routes())
        .merge(filters::routes())
        .merge(transfer::routes())
        .merge(calendar::routes())
        .merge(sync::routes())
        .merge(keys::routes())
        .merge(health::routes())
}

/// Those that an operator's probes ask.
pub(crate) fn probes() -> OpenApiRouter<App> {
    health::routes()
}

/// The pages that describe what the document does, and those that links in mails lead to.
pub(crate) fn pages(document: OpenApi) -> Router<App> {
    docs::routes(document).merge(pages::routes())
}
