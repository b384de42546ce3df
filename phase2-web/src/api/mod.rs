//! The routes, one file a theme.

use axum::Router;

use crate::App;

/// Every route.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}
