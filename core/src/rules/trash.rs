//! Deleting, bringing back, and removing for good (S4, S8).

use std::collections::BTreeSet;

use super::{Decided, Fate, check_version, place, recur, world::World};
use crate::command::Action;
use crate::error::TaskError;
use crate::facts::trash_group;
use crate::recurrence::Skipped;
use crate::task::{Parent, Task, TaskId, Trash, is_expired};

pub(super) fn delete(world: &mut World<'_>, action: &Action) -> Result<TaskId, TaskError> {
    let task = world.find(&action.task)?.clone();
    if task.trash.is_some() {
        return Ok(task.uid);
    }
    check_version(&task, action)?;
    let trash = Trash { at: world.ctx.now, group: trash_group(&task) };
    discard(world, task.uid, trash);
    Ok(task.uid)
}

/// Puts a task and the living tasks below it into the trash together. Series that lie with them
/// end, as long as they lie there (R7).
pub(super) fn discard(world: &mut World<'_>, id: TaskId, trash: Trash) {
    discard_below(world, id, trash);
    if let Some(task) = world.live_task(id).cloned() {
        throw(world, &task, trash);
    }
}

/// Puts a task, as it should be, and the living tasks below it into the trash together.
pub(super) fn discard_as(world: &mut World<'_>, task: &Task, trash: Trash) {
    discard_below(world, task.uid, trash);
    throw(world, task, trash);
}

fn discard_below(world: &mut World<'_>, id: TaskId, trash: Trash) {
    let mut doomed = world.below(id);
    doomed.reverse();
    for id in doomed {
        if let Some(task) = world.live_task(id).cloned() {
            throw(world, &task, trash);
        }
    }
}

fn throw(world: &mut World<'_>, task: &Task, trash: Trash) {
    let task = Task { trash: Some(trash), updated_at: world.ctx.now, ..task.clone() };
    world.write(&task);
    if task.recurrence.is_some() {
        recur::end(world, task.uid, Skipped::default());
    }
}

pub(super) fn restore(world: &mut World<'_>, action: &Action) -> Result<TaskId, TaskError> {
    let task = world.find(&action.task)?.clone();
    let Some(trash) = task.trash else { return Ok(task.uid) };
    check_version(&task, action)?;
    let mut group: Vec<_> = world.ids().collect();
    group.retain(|id| {
        world.task(*id).is_some_and(|t| t.trash.map(|t| t.group) == Some(trash.group))
    });
    // Parents first, so that a child finds its parent back.
    group.sort_by_key(|id| world.above(*id).len());
    world.rely_on_set();
    for id in group {
        let Some(task) = world.task(id) else { continue };
        let mut task = Task { trash: None, updated_at: world.ctx.now, ..task.clone() };
        if let Some(parent) = task.parent {
            // Gone, or moved to where there is no room: the task comes back at the top. One that was
            // made again in its place has another number.
            let above = world.live_task(parent.uid).map(|above| above.id);
            let above = above.filter(|_| place::problem(world, Some(id), parent).is_none());
            task.parent = above.map(|id| Parent { id, ..parent });
        }
        world.write(&task);
    }
    Ok(task.uid)
}

pub(super) fn purge(world: &mut World<'_>, action: &Action) -> Result<TaskId, TaskError> {
    let task = world.find(&action.task)?.clone();
    check_version(&task, action)?;
    let mut doomed = world.below(task.uid);
    doomed.reverse();
    doomed.push(task.uid);
    for id in doomed {
        let ends = world.live_task(id).is_some_and(|task| task.recurrence.is_some());
        if ends {
            recur::end(world, id, Skipped::default());
        }
        world.purge(id);
    }
    Ok(task.uid)
}

/// Removes those of the named tasks whose 30 days are over.
pub(super) fn purge_expired(
    world: &mut World<'_>,
    tasks: &BTreeSet<TaskId>,
) -> Vec<Result<Decided, TaskError>> {
    let mut items = Vec::new();
    for id in tasks {
        let trash = world.facts.tasks.get(id).and_then(|task| task.trash);
        if is_expired(trash, world.ctx.now) {
            world.purge(*id);
            items.push(Ok(Decided { task: *id, fate: Fate::Changed }));
        }
    }
    items
}
