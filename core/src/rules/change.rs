//! Editing a task's fields.

use super::{Note, check_version, finish, place, recur, remind, repeat, world::World};
use crate::change::diff;
use crate::command::{Action, Patch, Scope, TagsPatch, TaskPatch};
use crate::error::{Problem, TaskError};
use crate::recurrence::{Skipped, Spawn};
use crate::task::{Task, TaskId};

pub(super) fn change(
    world: &mut World<'_>,
    action: &Action,
    patch: &TaskPatch,
) -> Result<TaskId, TaskError> {
    let before = world.live(&action.task)?.clone();
    let mut task = before.clone();
    if let Some(title) = &patch.title {
        task.title = title.clone();
    }
    if let Some(priority) = patch.priority {
        task.priority = priority;
    }
    patch.description.apply(&mut task.description);
    patch.project.apply(&mut task.project);
    patch.start_date.apply(&mut task.start_date);
    patch.due_date.apply(&mut task.due_date);
    match &patch.tags {
        TagsPatch::Keep => {}
        TagsPatch::Set(tags) => task.tags = tags.clone(),
        TagsPatch::Edit { add, remove } => task.tags = before.tags.edited(add, remove)?,
    }
    match &patch.parent {
        Patch::Keep => {}
        Patch::Clear => task.parent = None,
        Patch::Set(reference) => {
            task.parent = Some(place::parent(world, Some(before.uid), reference)?);
        }
    }
    let ends = recurrence(world, &before, &mut task, patch)?;
    let removed = remind::changed(world, &before, &mut task, &patch.reminders)?;
    let mut pass = None;
    if let Some(status) = patch.status {
        finish::check(world, &before, status, false)?;
        if status != before.status {
            // Before the series is touched: a refused item leaves nothing.
            check_version(&before, action)?;
            task.set_status(status, world.ctx.now);
            pass = recur::settle(world, &mut task, &before);
        }
    }
    task.settle_zone();
    if !diff(&before, &task).is_empty() {
        check_version(&before, action)?;
        task.updated_at = world.ctx.now;
        world.write(&task);
    }
    if removed > 0 {
        world.note(Note::RemindersRemoved { task: task.uid, count: removed });
    }
    if ends {
        recur::end(world, task.uid, Skipped::default());
    }
    if let Some(pass) = pass {
        recur::make(world, &task, pass);
    }
    Ok(before.uid)
}

/// How the task repeats from now on (R7); answers whether its series ends.
fn recurrence(
    world: &World<'_>,
    before: &Task,
    task: &mut Task,
    patch: &TaskPatch,
) -> Result<bool, TaskError> {
    if patch.scope.is_some() && patch.recurrence == Patch::Keep {
        recur::check_holds(world, before, "scope")?;
    }
    match &patch.recurrence {
        Patch::Clear => {
            task.recurrence = None;
            return Ok(before.recurrence.is_some());
        }
        Patch::Set(new) if repeat::goes_on_so(world, before, task, new) => {}
        Patch::Set(new) if !before.recurrence.as_ref().is_some_and(|old| old.says(new)) => {
            if patch.scope == Some(Scope::This) {
                return Err(TaskError::field("scope", Problem::RuleForThisOnly));
            }
            // Finishing it would have to make the next one, and that has been done.
            let closed = patch.status.unwrap_or(before.status);
            if !before.status.is_open() && !closed.is_open() && new.spawn == Spawn::OnCompletion {
                return Err(TaskError::NotOpen { task: before.id, status: before.status });
            }
            repeat::change(world, before, task, new, patch.scope)?;
        }
        // The same date and rule again: the rule has moved it already (S2).
        Patch::Set(_) if repeat::is_set_so(before, task.due_date) => {
            task.due_date = before.due_date;
        }
        Patch::Set(_) | Patch::Keep => repeat::moved(before, task, patch.scope)?,
    }
    Ok(false)
}
