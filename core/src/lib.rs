//! What a todo is, and what may happen to it.
//!
//! The rules are plain functions, a unit of work is a value, and a store has three verbs:
//!
//! ```text
//! Command ── needs ──▶ Needs ── load ──▶ Facts ── plan ──▶ Batch ── commit ──▶ Committed
//! ```
//!
//! Nothing in this crate reads a clock, draws a random number, does I/O or waits. Time, zone and
//! fresh ids come in with the command ([`Ctx`]), so every rule can be tested by comparing values.
//! Rule numbers (S1, Q3 …) are those of the product's specification.

pub mod batch;
mod cause;
pub mod change;
pub mod command;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod due;
pub mod error;
pub mod event;
pub mod facts;
pub mod fold;
pub mod interchange;
mod macros;
pub mod memory;
pub mod ports;
pub mod query;
pub mod receipt;
pub mod recurrence;
pub mod reference;
pub mod reminder;
pub mod rules;
pub mod service;
pub mod stats;
pub mod step;
pub mod task;
pub mod text;
pub mod time;
pub mod urgency;
pub mod wake;
pub mod wire;
pub mod words;

pub use batch::{Batch, Committed, Counters, Inbox};
pub use command::{
    Action, Bulk, Command, Ctx, Import, Item, Keep, Keeps, NewTask, Patch, RemindersPatch, Scope,
    TagsPatch, TaskPatch, Verb,
};
pub use due::Due;
pub use error::{ErrorCode, FieldError, Problem, TaskError};
pub use event::{Actor, ActorKind, EventEnvelope, TaskEvent};
pub use facts::{Facts, Needs};
pub use ports::{AsyncTaskStore, StoreError, TaskStore};
pub use query::{Filter, Limit, Order, Page, TaskFields, TaskQuery};
pub use receipt::{Answer, KeptReceipt, RECEIPT_KEPT_MILLIS, Receipt};
pub use recurrence::{NewRecurrence, Recurrence, Rule, Slot};
pub use reference::TaskRef;
pub use reminder::{NewReminder, Preferences, Reminder, Reminders};
pub use rules::{Decided, Fate, Left, Note, plan};
pub use service::{Outcome, ServiceError};
pub use step::{Step, StepNo};
pub use task::{Owner, Parent, Priority, Revision, Status, Task, TaskId, TaskNo, Trash};
pub use text::{Description, Project, Tag, Tags, Title};
pub use time::{Clock, Timestamp, Zone};
