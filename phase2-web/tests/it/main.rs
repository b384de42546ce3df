//! The API under test.

mod auth;
mod server;
mod support;
mod tasks;
