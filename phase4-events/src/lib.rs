//! What happened to tasks, told to whoever must know: the log and its relay, consumers, the scheduler,
//! live updates (SPEC 9). `todo-server` is all of it in one process, or each part alone.

pub mod api;
pub mod consumer;
pub mod effects;
pub mod letters;
pub mod live;
pub mod metrics;
mod outage;
pub mod relay;
pub mod roles;
pub mod scheduler;
pub mod server;
mod stop;
pub mod worker;

pub use stop::{Stop, Stopper};
