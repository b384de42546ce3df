//! Taking back a step, and doing it again (S7).
//!
//! Undo writes the old values of exactly the fields that the step changed, as a new change. It
//! refuses where a later change touched one of them: it never takes back what it does not name.

use std::collections::BTreeSet;

use super::{Decided, Fate, place, recur, world::World};
use crate::change::{Field, FieldChange, diff};
use crate::command::Command;
use crate::error::TaskError;
use crate::facts::{taken_back_group, trash_group};
use crate::step::{Step, StepChange, StepKind, StepNo};
use crate::task::{Task, TaskId, Trash};

type Items = Vec<Result<Decided, TaskError>>;

/// `again` does a step that was undone, else one is taken back.
pub(super) fn undo(
    world: &mut World<'_>,
    again: bool,
    command: &Command,
) -> Result<(Option<StepNo>, Items), TaskError> {
    let Some(step) = world.facts.step.as_ref() else {
        return Err(match command {
            Command::Undo(Some(no)) => TaskError::NoSuchStep(*no),
            Command::Redo => TaskError::NothingToRedo,
            _ => TaskError::NothingToUndo,
        });
    };
    world.rely_on_set();
    if step.undone.is_some() != again {
        // It is already as asked (S2).
        return Ok((Some(step.no), Vec::new()));
    }
    let mut written = Vec::new();
    for change in &step.changes {
        written.push(turn(world, step, change, again)?);
    }
    for id in &step.imported {
        written.extend(turn_import(world, *id, again));
    }
    if written.is_empty() && !step.tasks().any(|id| world.task(id).is_some()) {
        return Err(conflict(step, None, Vec::new()));
    }
    let touched: BTreeSet<_> = step.tasks().collect();
    for task in &written {
        world.write(task);
    }
    for task in &written {
        renew_below(world, task);
    }
    // Plain undo and redo go back and forth over the very states that there were; only a named
    // step can meet what came after it.
    let named = matches!(command, Command::Undo(Some(_)));
    for task in &written {
        check(world, step, task, &touched)?;
        if recur::is_left_behind(world, task) {
            return Err(conflict(step, Some(task), vec![Field::Recurrence]));
        }
        if named {
            check_open(world, task, &touched)?;
        }
    }
    let items = written.iter().map(|t| Ok(Decided { task: t.uid, fate: Fate::Changed }));
    Ok((Some(step.no), items.collect()))
}

/// The task with the step's values taken back, or written again.
fn turn(
    world: &World<'_>,
    step: &Step,
    change: &StepChange,
    again: bool,
) -> Result<Task, TaskError> {
    let gone = || conflict(step, None, Vec::new());
    let task = world.task(change.task).ok_or_else(gone)?;
    let now = world.ctx.now;
    let mut turned = Task { updated_at: now, ..task.clone() };
    if let Some(created) = change.as_created(task) {
        // Undoing "it was made" is putting it into the trash, as long as it is still as made. The
        // next occurrence of a series gives back its baton, and takes it again.
        let trashed = task.trash.is_some();
        let spawned = passes_baton(world, step, &created);
        let baton = created.recurrence.clone();
        let holds = if spawned && again { None } else { baton.clone() };
        let as_made = Task { trash: task.trash, recurrence: holds, ..created };
        let mut touched = fields_of(&diff(&as_made, task));
        if trashed != again {
            touched.push(Field::Trash);
        }
        if !touched.is_empty() {
            return Err(conflict(step, Some(task), touched));
        }
        let group = if spawned { taken_back_group(task.uid) } else { trash_group(task) };
        turned.trash = (!again).then_some(Trash { at: now, group });
        if spawned {
            turned.recurrence = baton.filter(|_| again);
        }
        return Ok(turned);
    }
    let wanted = change.fields.iter().cloned();
    let wanted: Vec<_> = wanted.map(|f| if again { f } else { f.inverted() }).collect();
    let moved = |field: &&FieldChange| !(*field).clone().inverted().holds(task);
    let mut touched: Vec<_> = wanted.iter().filter(moved).map(FieldChange::field).collect();
    // What lies in the trash is not written to, unless it is the trash that is taken back (S4).
    // An import does write there.
    let writes_trash =
        step.kind == StepKind::Import || wanted.iter().any(|field| field.field() == Field::Trash);
    if task.trash.is_some() && !writes_trash {
        touched.push(Field::Trash);
    }
    if !touched.is_empty() {
        return Err(conflict(step, Some(task), touched));
    }
    for field in &wanted {
        field.apply(&mut turned);
    }
    if let Some(trash) = &mut turned.trash {
        // Its 30 days begin anew, or an old step would put it where it is gone at once.
        if task.trash.is_none() {
            trash.at = now;
        }
    }
    Ok(turned)
}

/// Whether a step made this task as the next occurrence of one that it finished.
fn passes_baton(world: &World<'_>, step: &Step, created: &Task) -> bool {
    let passed = |field: &FieldChange| match field {
        FieldChange::Recurrence(swap) => swap.old.is_some() && swap.new.is_none(),
        _ => false,
    };
    created.series.is_some()
        && step.changes.iter().any(|change| {
            change.created.is_none()
                && change.fields.iter().any(passed)
                && world.task(change.task).is_some_and(|from| from.series == created.series)
        })
}

/// What an import made goes to the trash as it is now, and comes back from there.
fn turn_import(world: &World<'_>, id: TaskId, again: bool) -> Option<Task> {
    let task = world.task(id).filter(|task| task.trash.is_some() == again)?;
    let now = world.ctx.now;
    let trash = (!again).then(|| Trash { at: now, group: trash_group(task) });
    Some(Task { trash, updated_at: now, ..task.clone() })
}

/// What lies in the trash together with a task has its 30 days begun anew with it, also what a step
/// made there and does not name.
fn renew_below(world: &mut World<'_>, task: &Task) {
    let Some(trash) = task.trash else { return };
    for id in world.below(task.uid) {
        let together = |other: &&Task| other.trash.is_some_and(|t| t.group == trash.group);
        if let Some(other) = world.task(id).filter(together).cloned() {
            world.write(&Task { trash: task.trash, updated_at: task.updated_at, ..other });
        }
    }
}

/// What a step would leave must be a tree, with no living task below a trashed one.
fn check(
    world: &World<'_>,
    step: &Step,
    task: &Task,
    touched: &BTreeSet<TaskId>,
) -> Result<(), TaskError> {
    if task.trash.is_some() {
        let below = world.below(task.uid);
        let left = below.iter().find(|id| !touched.contains(id) && world.live_task(**id).is_some());
        return match left.and_then(|id| world.task(*id)) {
            Some(left) => Err(conflict(step, Some(left), vec![Field::Parent])),
            None => Ok(()),
        };
    }
    if let Some(parent) = task.parent {
        let missing = world.live_task(parent.uid).is_none();
        if missing || place::problem(world, Some(task.uid), parent).is_some() {
            return Err(conflict(step, Some(task), vec![Field::Parent]));
        }
    }
    Ok(())
}

/// A named step that closes a task closes it over no open one (S8).
fn check_open(world: &World<'_>, task: &Task, touched: &BTreeSet<TaskId>) -> Result<(), TaskError> {
    let before = world.facts.tasks.get(&task.uid);
    if !task.status.is_open() && before.is_some_and(|before| before.status.is_open()) {
        world.refuse_open(task.uid, touched)?;
    }
    Ok(())
}

fn fields_of(changes: &[FieldChange]) -> Vec<Field> {
    changes.iter().map(FieldChange::field).collect()
}

fn conflict(step: &Step, task: Option<&Task>, fields: Vec<Field>) -> TaskError {
    let task = task.map(|task| task.id).unwrap_or_default();
    TaskError::StepConflict { step: step.no, task, fields }
}
