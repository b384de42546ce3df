//! The todo system over HTTP: accounts, tasks, and the conventions that client authors can rely on
//! (SPEC 7).
//!
//! [`router`] is all of it as a value; whoever serves it brings the [`App`] (store, clock, keys),
//! the listener and the word to stop. `todo-mcp` and `todo-server` add their routes to the same one.

mod api;
mod app;
mod auth;
mod error;
mod faults;

pub use app::{App, Clock, Parts};
pub use error::ApiError;
pub use faults::{Fault, Faults, Place, Trouble};

use axum::Router;

/// Every route, with what surrounds them.
pub fn router(app: App) -> Router {
    api::routes().with_state(app)
}
