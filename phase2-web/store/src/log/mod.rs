//! The log: what happened to anybody, in one order that everybody sees alike (SPEC 9).
//!
//! A command's events are rows of `events`, and `outbox` names those that were not told yet: both in the
//! command's transaction. One relay gives them their places ([`Store::publish`]): each owner's in the order
//! of `seq`, without a gap, under the lock of one row. So whoever has seen a place has seen all before it,
//! however long a transaction of somebody else stays open, and consumers page by it.
//!
//! What only one may do at a time is led ([`Store::lead`]). Each leader has a higher epoch than the one
//! before, and what is written is checked against it under a lock: a leader who was given up, because his
//! machine stood still or his connection broke, writes nothing more (`Conflict`).
//!
//! A crash leaves a transaction undone: what had no place has none, and the next leader goes on there. A
//! full disk is `Unavailable`, as it is for every write, and the same is done once there is room.
//!
//! [`Store::publish`]: crate::Store::publish
//! [`Store::lead`]: crate::Store::lead

mod again;
mod begin;
mod entry;
mod lead;
mod letters;
mod publish;
mod read;
mod settle;
mod tell;
mod wakes;
mod work;

pub use again::LOG_KEPT_MILLIS;
pub use entry::{Damage, Entry, Position, Unreadable};
pub(crate) use entry::{ILLEGIBLE, Parts};
pub use lead::{Leadership, RELAY};
pub(crate) use lead::{Posts, Standby};
pub use letters::{Letter, Stray, Strays};
pub(crate) use publish::Circle;
pub use publish::Published;
pub(crate) use wakes::Bells;
pub use wakes::Wakes;
pub use work::{Handled, Outcome, Settled, Work};
