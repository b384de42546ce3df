//! Editing a task's fields.

use super::{check_version, finish, place, world::World};
use crate::change::diff;
use crate::command::{Action, Patch, TagsPatch, TaskPatch};
use crate::error::TaskError;
use crate::task::TaskId;

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
    if let Some(status) = patch.status {
        finish::check(world, &before, status, false)?;
        if status != before.status {
            task.set_status(status, world.ctx.now);
        }
    }
    task.settle_zone();
    if !diff(&before, &task).is_empty() {
        check_version(&before, action)?;
        task.updated_at = world.ctx.now;
        world.write(&task);
    }
    Ok(before.uid)
}
