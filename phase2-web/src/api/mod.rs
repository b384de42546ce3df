//! The routes, one file a theme, each with its part of the OpenAPI document.

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// Every route of the API.
pub(crate) fn routes() -> OpenApiRouter<App> {
    // One line a theme: `.merge(auth::routes())`, `.merge(tasks::routes())`.
    OpenApiRouter::new()
}
