//! The todo system over HTTP: accounts, tasks, and the conventions that client authors can rely on
//! (SPEC 7).
//!
//! [`router`] is all of it as a value; whoever serves it brings the [`App`] (store, clock, keys),
//! the listener and the word to stop. `todo-mcp` and `todo-server` add their routes to the same one.

mod api;
mod app;
mod auth;
mod chain;
mod client;
mod edge;
mod error;
mod export;
mod files;
mod front;
mod kept;
mod lately;
mod layers;
mod metrics;
pub mod openapi;
mod operate;
mod post;
mod problem;
pub mod routes;
mod serve;
pub mod settings;
pub mod shutdown;
pub mod start;
pub mod telemetry;
mod turns;

pub use app::{App, Clock, Parts};
pub use auth::{
    Admission, BadCost, BadRegistration, Caller, KeyError, Keys, Password, PasswordCost,
    PasswordError, Passwords, Pem, PublicKey, Registration, Secret, SecretError, SessionCache,
    SigningKey, TICKET_SECONDS,
};
pub use chain::Chain;
pub use client::{BadProxy, ClientAddress, TrustedProxies};
pub use edge::fresh_id;
pub use error::{ApiError, Verbatim};
pub use front::{Front, Rate};
pub use layers::{RequestId, at_home};
pub use operate::BackupPlan;
pub use post::{BadMail, Mail, Sender};
pub use problem::{Fault, Place};
pub use serve::{Stopped, serve, serve_metrics};

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

/// Every route, with what surrounds them.
pub fn router(app: App) -> Router {
    router_with(app, Router::new())
}

/// The same, and routes of another crate.
pub fn router_with(app: App, more: Router<App>) -> Router {
    router_of(app, OpenApiRouter::new(), more)
}

/// What an operator's probes ask, for a process that answers little or nothing else.
pub fn probes(app: App, more: OpenApiRouter<App>) -> Router {
    let (routes, _document) = api::probes().merge(more).split_for_parts();
    surround(routes, app)
}

/// Routes with what surrounds them: ids, limits, problems, the log. Whoever adds routes of their own
/// adds them before.
pub fn surround(routes: Router<App>, app: App) -> Router {
    layers::rewritten(layers::surround(routes, &app).with_state(app))
}

/// All of it, with routes of other crates: those that the document then describes, and others.
pub fn router_of(app: App, documented: OpenApiRouter<App>, more: Router<App>) -> Router {
    let (routes, document) = api::routes().merge(documented).split_for_parts();
    let pages = api::pages(openapi::whole(document));
    surround(routes.merge(pages).merge(more), app)
}
