//! Going from one status to another (S1, S2, S8).

use std::collections::BTreeSet;

use super::{check_version, world::World};
use crate::command::Action;
use crate::error::TaskError;
use crate::task::{Status, Task, TaskId};

pub(super) fn go(
    world: &mut World<'_>,
    action: &Action,
    to: Status,
    cascade: bool,
) -> Result<TaskId, TaskError> {
    let task = world.live(&action.task)?.clone();
    check(world, &task, to, cascade)?;
    let mut moving = Vec::new();
    if !to.is_open() && cascade {
        moving = world.open_below(task.uid);
        // Children before parents: no moment at which a closed task has open ones below it.
        moving.reverse();
    }
    if task.status != to {
        moving.push(task.clone());
    }
    if !moving.is_empty() {
        check_version(&task, action)?;
    }
    for mut task in moving {
        task.set_status(to, world.ctx.now);
        task.updated_at = world.ctx.now;
        world.write(&task);
    }
    Ok(task.uid)
}

/// Whether a task may go to a status.
pub(super) fn check(
    world: &mut World<'_>,
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
