//! The API under test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auth;
mod forge;
mod postbox;
mod server;
mod support;
mod tasks;
