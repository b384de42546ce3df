//! The rules. No clock, no randomness, no I/O: all of that comes in.
//!
//! [`decide`] turns a command into events, [`plan`] adds what a store needs to write them safely.
//! Each theme has its file; all of them work on a `World`, the facts as the events so far have
//! left them.

mod change;
mod create;
mod finish;
mod import;
mod known;
mod occurrence;
mod place;
mod recur;
mod remind;
mod repeat;
mod trash;
mod undo;
mod world;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::batch::{Batch, Meta, Seen};
use crate::change::diff;
use crate::command::{Action, BULK_MAX, Bulk, Command, Ctx, Import, Item, Verb};
use crate::due::Due;
use crate::error::TaskError;
use crate::event::{ActorKind, EventData, TaskEvent};
use crate::facts::Facts;
use crate::macros::word_enum;
use crate::recurrence::{Skipped, Slot};
use crate::reminder::Firing;
use crate::step::{StepChange, StepKind, StepNo, StepWrite};
use crate::task::{Task, TaskId};
use crate::time::{Timestamp, Zone};
pub(crate) use import::amiss;
use world::World;

/// What became of one item of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The task it was about.
    pub task: TaskId,
    /// What became of that task.
    pub fate: Fate,
}

/// What an item did to its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was made.
    Created,
    /// It changed, or is no more.
    Changed,
    /// It was already as asked (S2).
    Unchanged,
    /// Import only: it was not taken.
    Left(Left),
}

word_enum! {
    /// Why what came was not taken.
    Left {
        /// What stands here was changed later.
        Older = "older",
        /// What stands here differs, and was changed at the same time, as far as the file tells.
        AsOld = "as_old",
        /// What stands here lies in the trash, and the file says nothing of that (S4).
        Trashed = "trashed",
        /// It was deleted so long ago that it would be gone at once (S4).
        Expired = "expired",
        /// The same occurrence is here under another uid (R6).
        Elsewhere = "elsewhere",
    }
}

impl Decided {
    /// Whether anything changed.
    pub fn changed(&self) -> bool {
        matches!(self.fate, Fate::Created | Fate::Changed)
    }
}

/// What a command did beside what it was asked, which nobody should have to find out (R4, R9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A series went on to its next occurrence.
    Spawned {
        /// The occurrence that was finished, or whose successor the clock brought.
        from: TaskId,
        /// The next one.
        task: TaskId,
        /// Its place in the series.
        slot: Slot,
        /// What was passed over for it.
        skipped: Skipped,
    },
    /// A task was finished whose series goes by the clock: the next occurrence is yet to come.
    Scheduled {
        /// The task.
        task: TaskId,
        /// When the next one is due, and made.
        due: Due,
    },
    /// A series ended.
    SeriesEnded {
        /// Its newest occurrence.
        task: TaskId,
        /// What was passed over at its end.
        skipped: Skipped,
    },
    /// A series went back to an occurrence that is open again.
    TakenBack {
        /// That occurrence.
        task: TaskId,
        /// The one after it, which is in the trash now.
        successor: TaskId,
    },
    /// Reminders before a due date went with the due date.
    RemindersRemoved {
        /// Whose.
        task: TaskId,
        /// How many.
        count: usize,
    },
    /// What was imported hung below a task that is nowhere, or in the trash, and hangs nowhere now.
    Orphaned {
        /// The task.
        task: TaskId,
    },
}

/// What a command comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What happens, in order.
    pub events: Vec<TaskEvent>,
    /// For each item, what became of it; refused ones changed nothing (S5).
    pub items: Vec<Result<Decided, TaskError>>,
    /// The step that was taken back or done again, if that is what was asked.
    pub step: Option<StepNo>,
    /// What else came of it.
    pub notes: Vec<Note>,
    /// What became of reminders.
    pub firings: Vec<Firing>,
    /// Every task that an event tells of, as the events leave it.
    after: BTreeMap<TaskId, Option<Arc<Task>>>,
    relied_on_set: bool,
}

/// A batch, and what to tell the asker about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What is to be written.
    pub batch: Batch,
    /// For each item, what became of it.
    pub items: Vec<Result<Decided, TaskError>>,
    /// What else came of it.
    pub notes: Vec<Note>,
}

/// Decides a command: which events follow from it, given the facts.
pub fn decide(facts: &Facts, command: &Command, ctx: &Ctx) -> Result<Decision, TaskError> {
    let mut world = World::new(facts, ctx);
    let mut step = None;
    let items = match command {
        Command::One(one) => vec![Ok(item(&mut world, one)?)],
        Command::Bulk(bulk) => many(&mut world, bulk)?,
        Command::Undo(_) | Command::Redo => {
            let (no, items) = undo::undo(&mut world, matches!(command, Command::Redo), command)?;
            step = no;
            items
        }
        Command::Import(import) => {
            import::import(&mut world, known::completed(facts, Cow::Borrowed(import)))?
        }
        Command::PurgeExpired(tasks) => trash::purge_expired(&mut world, tasks),
        Command::SpawnDue(tasks) => recur::spawn_due(&mut world, tasks),
        Command::Remind(tasks) => remind::settle(&mut world, tasks),
    };
    world.check_count()?;
    Ok(world.into_decision(items, step))
}

fn decide_import(facts: &Facts, import: Import, ctx: &Ctx) -> Result<Decision, TaskError> {
    let mut world = World::new(facts, ctx);
    let items = import::import(&mut world, known::completed(facts, Cow::Owned(import)))?;
    world.check_count()?;
    Ok(world.into_decision(items, None))
}

fn many(world: &mut World<'_>, bulk: &Bulk) -> Result<Vec<Result<Decided, TaskError>>, TaskError> {
    if bulk.items.len() > BULK_MAX {
        let limit = BULK_MAX as u64;
        return Err(TaskError::LimitExceeded { what: "items in one command", limit });
    }
    let mut items = Vec::with_capacity(bulk.items.len());
    for (index, one) in bulk.items.iter().enumerate() {
        match item(world, one) {
            Err(error) if bulk.atomic => {
                return Err(TaskError::Refused { index, error: Box::new(error) });
            }
            result => items.push(result),
        }
    }
    Ok(items)
}

/// One item. Each rule checks everything before its first write, so a refused item leaves nothing.
fn item(world: &mut World<'_>, item: &Item) -> Result<Decided, TaskError> {
    let action = match item {
        Item::Create(new) => return create::create(world, new),
        Item::Act(action) => action,
    };
    let before = world.len();
    let task = match &action.verb {
        Verb::Change(patch) => change::change(world, action, patch)?,
        Verb::Move { to, cascade } => finish::go(world, action, *to, *cascade)?,
        Verb::Skip { cascade } => finish::skip(world, action, *cascade)?,
        Verb::Snooze { until } => remind::snooze(world, action, *until)?,
        Verb::Delete => trash::delete(world, action)?,
        Verb::Restore => trash::restore(world, action)?,
        Verb::Purge => trash::purge(world, action)?,
    };
    let fate = if world.len() > before { Fate::Changed } else { Fate::Unchanged };
    Ok(Decided { task, fate })
}

/// S3: a version that was named must be the present one. S2 comes first: whoever asks for what
/// already is gets it, however old the version is that they saw; so rules call this only once
/// they know that something would change.
fn check_version(task: &Task, action: &Action) -> Result<(), TaskError> {
    match action.expect {
        Some(expected) if expected != task.version => {
            Err(TaskError::VersionConflict { current: Box::new(task.clone()), expected })
        }
        _ => Ok(()),
    }
}

/// Whether the clock has brought the next occurrence of a task's series (R5).
pub(crate) fn has_come(task: &Task, now: Timestamp, zone: Zone) -> bool {
    recur::scheduled(task, now, zone).is_some()
}

/// Decides a command and makes the batch that writes it.
pub fn plan(facts: &Facts, command: &Command, ctx: &Ctx) -> Result<Plan, TaskError> {
    let decision = decide(facts, command, ctx)?;
    Ok(written(facts, command, decision, ctx))
}

/// The plan of an import whose tasks may be used up: no second copy of them is made.
pub fn plan_import(facts: &Facts, import: Import, ctx: &Ctx) -> Result<Plan, TaskError> {
    let decision = decide_import(facts, import, ctx)?;
    Ok(written(facts, &Command::Import(Import::default()), decision, ctx))
}

/// The batch that writes what was decided. Of an import no more is asked than what it is.
fn written(facts: &Facts, command: &Command, mut decision: Decision, ctx: &Ctx) -> Plan {
    let mut seen = HashSet::new();
    let touched = decision.events.iter().map(|event| event.task);
    let order: Vec<_> = touched.filter(|id| seen.insert(*id)).collect();
    let expected = order.iter().filter_map(|id| facts.tasks.get(id)).map(|t| (t.uid, t.version));
    let expected = expected.collect();
    let step = step(facts, command, &decision, &order, ctx);
    let (mut upserts, mut deletes) = (Vec::new(), Vec::new());
    for id in order {
        match decision.after.remove(&id).flatten() {
            // Something was told about it, and nothing changed.
            Some(task) if facts.tasks.get(&id) == Some(&*task) => {}
            Some(task) => upserts.push(task),
            None => deletes.push(id),
        }
    }
    let batch = Batch {
        expected,
        expected_seq: decision.relied_on_set.then_some(facts.counters.next_seq),
        seen: Some(Seen { counters: facts.counters, redo: facts.redo }),
        upserts,
        deletes,
        events: decision.events,
        step,
        firings: decision.firings,
        receipt: None,
        inbox: None,
        meta: Meta::from(ctx),
    };
    Plan { batch, items: decision.items, notes: decision.notes }
}

/// S7: what the user changed, task by task, from the first state to the last.
fn step(
    facts: &Facts,
    command: &Command,
    decision: &Decision,
    order: &[TaskId],
    ctx: &Ctx,
) -> Option<StepWrite> {
    match (command, decision.step) {
        (Command::PurgeExpired(_) | Command::SpawnDue(_) | Command::Remind(_), _) => return None,
        // Marked even where every task was already as it would leave them.
        (Command::Redo, no) => return no.filter(|_| is_undone(facts)).map(StepWrite::Redo),
        (Command::Undo(_), no) => return no.filter(|_| !is_undone(facts)).map(StepWrite::Undo),
        _ => {}
    }
    // What the system does by itself is nobody's to take back.
    if decision.events.is_empty() || ctx.actor.kind == ActorKind::System {
        return None;
    }
    let kind = command.kind();
    // The next occurrence of what came finished is made here, and is no import.
    let came: HashSet<_> = match kind {
        StepKind::Import => decision.items.iter().flatten().map(|decided| decided.task).collect(),
        _ => HashSet::new(),
    };
    let mut imported = Vec::new();
    let mut changes = Vec::new();
    let created: BTreeSet<_> = decision.events.iter().filter_map(created).collect();
    for id in order {
        let Some(Some(task)) = decision.after.get(id) else { continue };
        if created.contains(id) && task.trash.is_some() {
            // It came in the trash: it lies where undo would put it.
            continue;
        }
        let change = match facts.tasks.get(id) {
            Some(before) if !created.contains(id) => {
                StepChange { task: *id, created: None, fields: diff(before, task) }
            }
            _ if came.contains(id) => {
                imported.push(*id);
                continue;
            }
            _ => {
                let blank = Task::blank(*id, task.title.clone(), task.created_at);
                let created = Some(task.title.clone());
                StepChange { task: *id, created, fields: diff(&blank, task) }
            }
        };
        if change.created.is_some() || !change.fields.is_empty() {
            changes.push(change);
        }
    }
    // A purge leaves nothing to go back to.
    let kept = !changes.is_empty() || !imported.is_empty();
    kept.then_some(StepWrite::Record { kind, changes, imported })
}

fn is_undone(facts: &Facts) -> bool {
    facts.step.as_ref().is_some_and(|step| step.undone.is_some())
}

fn created(event: &TaskEvent) -> Option<TaskId> {
    matches!(event.data, EventData::Created { .. }).then_some(event.task)
}
