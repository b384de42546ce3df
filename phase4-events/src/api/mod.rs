//! The routes of what follows from events: the audit, what one is told, how much one did. They are added
//! to those of `todo-web`, and described in the same document.

mod activity;
mod audit;
mod export;
mod notifications;
mod shown;

use todo_web::{App, openapi};
use utoipa_axum::router::OpenApiRouter;

use crate::live;

/// The routes, in a form that those of `todo-web` and of sockets are merged with.
pub fn routes() -> OpenApiRouter<App> {
    // One line a theme.
    OpenApiRouter::new()
        .merge(audit::routes())
        .merge(notifications::routes())
        .merge(activity::routes())
}

/// The OpenAPI document of a server of all this, as it is served and kept.
pub fn document() -> String {
    openapi::written(&openapi::with(routes().merge(live::described())))
}
