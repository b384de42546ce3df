//! Tasks as tools for assistants, over the Model Context Protocol.
//!
//! [`Tools`] are the tools themselves: they read what a model wrote, ask a [`Backend`] and say what
//! came of it. [`McpServer`] speaks the protocol for them, on any transport; [`serve`] and
//! [`routes`] have one each. What a
//! tool does is the core's affair, as on every other surface; here it is made easy to say, hard to
//! misuse, and short to read.

mod args;
mod ask;
mod backend;
mod check;
mod complete;
mod confirm;
mod desk;
mod edge;
mod fault;
mod http;
mod nearest;
mod prompts;
mod resources;
mod schema;
mod server;
mod start;
mod stdio;
mod told;
mod tools;

pub use backend::{Asker, Backend, Database, File, Labels, NoSuchUser, OnServer};
pub use confirm::Secrets;
pub use fault::{Fault, UnconfirmedError};
pub use http::routes;
pub use server::McpServer;
pub use start::{Settings, run};
pub use stdio::{ServeError, serve};
pub use todo_web::Clock;
pub use told::Short;
pub use tools::{Answer, Tools, list};
