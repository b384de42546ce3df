//! What follows from events, as values: whoever thinks about an event holds no transaction meanwhile, and
//! on SQLite keeps nobody from writing.

use todo_core::TaskId;
use todo_core::event::Seq;

use crate::bind::Row;
use crate::effects::Deed;
use crate::tasks::tables::Table;

use super::Entry;

/// One thing that follows from an event.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// A new row of the event's owner, unless one with its key is there.
    Insert(&'static Table, Row),
    /// Nothing, for good.
    Decided,
    /// One more of something that an owner did on a day. Those of a batch are added up first.
    Count(String, Deed),
    /// A task is gone for good, by the event of this number.
    Forget(TaskId, Seq),
}

/// What follows from one event: all of it is written in one transaction with the mark that the event was
/// handled, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Work(pub(super) Vec<Effect>);

impl Work {
    /// Whether nothing follows, and it does no harm to ask again.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A new row of the event's owner, who is not named in it.
    pub(crate) fn insert(&mut self, table: &'static Table, row: Row) {
        self.0.push(Effect::Insert(table, row));
    }

    /// Nothing follows, and that must not be asked again: what it was decided by may be gone by then.
    pub fn decided(&mut self) {
        self.0.push(Effect::Decided);
    }

    /// Counts something that the event's owner did on a day (`2026-11-21`).
    pub fn count(&mut self, day: String, deed: Deed) {
        self.0.push(Effect::Count(day, deed));
    }

    /// Notes that a task is gone for good, by the event of this number.
    pub(crate) fn forget(&mut self, task: TaskId, gone: Seq) {
        self.0.push(Effect::Forget(task, gone));
    }
}

/// What became of an event.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// This follows from it.
    Done(Work),
    /// It could not be handled, and waits for somebody to look at it.
    Parked {
        /// Why.
        reason: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// Nobody was asked about it: it waits behind one that is parked.
    Waits,
}

/// An event that a consumer has handled.
#[derive(Debug, Clone)]
pub struct Handled<'e> {
    /// The event.
    pub entry: &'e Entry,
    /// What became of it.
    pub outcome: Outcome,
}

/// What was written of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Whose effects were written.
    pub done: usize,
    /// Which had been handled before.
    pub repeated: usize,
    /// Which were parked, or wait behind such a one.
    pub parked: usize,
    /// How many notifications were written of them.
    pub notified: usize,
}
