//! The routes, one file a theme, each with its part of the OpenAPI document.

mod auth;
mod docs;
mod health;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use health::Readiness;

use crate::App;

/// Every route that the OpenAPI document describes.
pub(crate) fn routes() -> OpenApiRouter<App> {
    // One line a theme.
    OpenApiRouter::new().merge(auth::routes()).merge(health::routes())
}

/// The pages that describe them.
pub(crate) fn pages() -> Router<App> {
    docs::routes()
}
