//! The API under test.

mod auth;
mod support;
mod tasks;
