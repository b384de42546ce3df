//! Going from one status to another (S1, S2, S8).

use std::collections::BTreeSet;

use super::{check_version, recur, world::World};
use crate::command::Action;
use crate::error::TaskError;
use crate::recurrence::Skipped;
use crate::task::{Status, Task, TaskId};

pub(super) fn go(
    world: &mut World<'_>,
    action: &Action,
    to: Status,
    cascade: bool,
) -> Result<TaskId, TaskError> {
    let task = world.live(&action.task)?.clone();
    check(world, &task, to, cascade)?;
    let mut below = Vec::new();
    if !to.is_open() && cascade {
        below = world.open_below(task.uid);
        // Children before parents: no moment at which a closed task has open ones below it.
        below.reverse();
    }
    if task.status == to && below.is_empty() {
        return Ok(task.uid);
    }
    check_version(&task, action)?;
    for mut task in below {
        // A series below it ends with it: the next occurrence would be open below a closed task.
        task.set_status(to, world.ctx.now);
        task.updated_at = world.ctx.now;
        world.write(&task);
        if task.recurrence.is_some() {
            recur::end(world, task.uid, Skipped::default());
        }
    }
    if task.status != to {
        let mut moved = task.clone();
        moved.set_status(to, world.ctx.now);
        moved.updated_at = world.ctx.now;
        let pass = recur::settle(world, &mut moved, &task);
        world.write(&moved);
        if let Some(pass) = pass {
            recur::make(world, &moved, pass);
        }
    }
    Ok(task.uid)
}

/// Gives this occurrence up and goes on to the next (R5).
pub(super) fn skip(
    world: &mut World<'_>,
    action: &Action,
    cascade: bool,
) -> Result<TaskId, TaskError> {
    let task = world.live(&action.task)?.clone();
    if task.status == Status::Cancelled && task.series.is_some() {
        // Skipped already (S2).
        return Ok(task.uid);
    }
    recur::check_skip(world, &task)?;
    go(world, action, Status::Cancelled, cascade)
}

/// Whether a task may go to a status.
pub(super) fn check(
    world: &World<'_>,
    task: &Task,
    to: Status,
    cascade: bool,
) -> Result<(), TaskError> {
    if task.status == to {
        return Ok(());
    }
    if !task.status.is_open() && to != Status::Pending {
        return Err(TaskError::InvalidTransition { task: task.id, from: task.status, to });
    }
    if !to.is_open() && !cascade {
        return world.refuse_open(task.uid, &BTreeSet::new());
    }
    Ok(())
}
