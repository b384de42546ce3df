//! The two shells that carry out a command: load, plan, commit, and again if somebody was faster.

mod clock;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::batch::Committed;
use crate::command::{Command, Ctx, Import};
use crate::error::{ErrorCode, TaskError};
use crate::event::{EventEnvelope, EventType};
use crate::facts::Facts;
use crate::ports::{StoreError, TaskStore};
use crate::rules::{Decided, Note, Plan, plan, plan_import};
use crate::step::{Step, StepNo};
use crate::task::{Task, TaskId};

pub use clock::{carry_out, find, load, rehearse, spawn_due, stats};
pub use server::{Once, Server, Told, execute_async};

/// How often a command is planned before a conflict is answered. A version that the caller named
/// is checked by each plan, so trying again never overwrites what the caller has not seen.
const TRIES: u32 = 5;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// The rules refused it.
    #[error(transparent)]
    Refused(#[from] TaskError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The idempotency key stands for another request.
    #[error("this idempotency key came with another request before; take a new key")]
    Mismatch,
}

impl ServiceError {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Mismatch => ErrorCode::IdempotencyMismatch,
        }
    }
}

type Items = Vec<Result<Decided, TaskError>>;

/// What a command came to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// For each item asked, what became of it.
    pub items: Vec<Result<Decided, TaskError>>,
    /// The tasks that changed, and those that items found as they should be.
    pub tasks: BTreeMap<TaskId, Task>,
    /// Those of them that changed, in the order in which it happened; purged ones are not there.
    pub changed: Vec<TaskId>,
    /// Tasks as they were before they were purged.
    pub purged: Vec<Task>,
    /// The step it made, undid or did again.
    pub step: Option<StepNo>,
    /// The step that was undone or done again.
    pub taken: Option<Step>,
    /// What else came of it.
    pub notes: Vec<Note>,
    /// What happened, as it was written; of a preview, as it would be.
    pub events: Vec<EventEnvelope>,
}

impl Outcome {
    fn new(items: Items, notes: Vec<Note>, mut facts: Facts, done: Committed) -> Self {
        let taken = facts.step.take();
        let mut outcome = Self { step: done.step, taken, notes, ..Self::default() };
        for task in done.tasks.into_iter().map(Arc::unwrap_or_clone) {
            facts.tasks.remove(&task.uid);
            outcome.changed.push(task.uid);
            outcome.tasks.insert(task.uid, task);
        }
        for event in &done.events {
            let purged = event.event_type == EventType::Purged;
            if let Some(task) = purged.then(|| facts.tasks.remove(&event.aggregate_id)).flatten() {
                outcome.purged.push(task);
            }
        }
        outcome.events = done.events;
        for decided in items.iter().flatten() {
            if let Some(task) = facts.tasks.remove(&decided.task) {
                outcome.tasks.insert(task.uid, task);
            }
        }
        outcome.items = items;
        outcome
    }

    /// Tells first what the clock had brought before.
    pub fn lead(&mut self, came: Self) {
        self.notes.splice(..0, came.notes);
        for (uid, task) in came.tasks {
            self.tasks.entry(uid).or_insert(task);
        }
    }

    /// The refusals, with the place of the item each is about.
    pub fn refused(&self) -> impl Iterator<Item = (usize, &TaskError)> {
        self.items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_ref().err()?)))
    }
}

/// Carries out a command on a store without a runtime.
pub fn execute<S: TaskStore>(
    store: &mut S,
    command: &Command,
    ctx: &Ctx,
) -> Result<Outcome, ServiceError> {
    let mut attempt = 1;
    loop {
        let facts = store.load(ctx.owner, &command.needs())?;
        let Plan { batch, items, notes } = plan(&facts, command, ctx)?;
        if batch.is_empty() {
            return Ok(Outcome::new(items, notes, facts, Committed::default()));
        }
        match store.commit(ctx.owner, batch) {
            Err(StoreError::Conflict) if attempt < TRIES => attempt += 1,
            done => return Ok(Outcome::new(items, notes, facts, done?)),
        }
    }
}

/// What became of the tasks of an import.
#[derive(Debug, Clone)]
pub struct TakenOver {
    /// For each task, what became of it.
    pub items: Vec<Result<Decided, TaskError>>,
    /// The step it made.
    pub step: Option<StepNo>,
    /// What else came of it.
    pub notes: Vec<Note>,
}

/// Carries out an import by using its tasks up: so many are not held more often than they must be.
/// For one who holds the store's lock already: a conflict is answered and not tried again.
pub fn take_over<S: TaskStore>(
    store: &mut S,
    import: Import,
    ctx: &Ctx,
) -> Result<TakenOver, ServiceError> {
    let facts = store.load(ctx.owner, &import.needs())?;
    let Plan { batch, items, notes } = plan_import(&facts, import, ctx)?;
    drop(facts);
    let step = if batch.is_empty() { None } else { store.commit(ctx.owner, batch)?.step };
    Ok(TakenOver { items, step, notes })
}

/// What [`take_over`] would come to.
pub fn rehearse_taking_over<S: TaskStore>(
    store: &S,
    import: Import,
    ctx: &Ctx,
) -> Result<TakenOver, ServiceError> {
    let facts = load(store, &import.needs(), ctx)?;
    let Plan { items, notes, .. } = plan_import(&facts, import, ctx)?;
    Ok(TakenOver { items, step: None, notes })
}

/// What a command would come to, with the numbers it would get if it were carried out now (S5).
pub fn preview<S: TaskStore>(
    store: &S,
    command: &Command,
    ctx: &Ctx,
) -> Result<Outcome, ServiceError> {
    foretell(store.load(ctx.owner, &command.needs())?, command, ctx)
}

fn foretell(facts: Facts, command: &Command, ctx: &Ctx) -> Result<Outcome, ServiceError> {
    let Plan { batch, items, notes } = plan(&facts, command, ctx)?;
    let done = Committed::from(batch.stamp(ctx.owner, facts.counters));
    Ok(Outcome::new(items, notes, facts, Committed { step: None, ..done }))
}
