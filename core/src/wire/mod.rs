//! JSON, the same on every surface: a task as it is kept and told, and what came of a command.

mod import;
mod outcome;
mod refusal;
mod reminders;
mod repeat;
mod task;

pub use import::{Taken, beside, left, lost};
pub use outcome::{Told, notes};
pub use refusal::{details, refusal};
pub use reminders::{Shown, shown};
pub use repeat::{describe, following, sentence};
pub use task::{Compact, FIELD_NAMES, RecordError, TaskRecord, Text};
