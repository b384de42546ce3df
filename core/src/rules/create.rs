//! Making a task.

use super::{Decided, Fate, place, remind, repeat, world::World};
use crate::command::NewTask;
use crate::error::TaskError;
use crate::task::{Revision, Task};

pub(super) fn create(world: &mut World<'_>, new: &NewTask) -> Result<Decided, TaskError> {
    // The caller minted the uid, so a known one is the same request again (S2).
    if world.task(new.uid).is_some() {
        return Ok(Decided { task: new.uid, fate: Fate::Unchanged });
    }
    let parent = match &new.parent {
        None => None,
        Some(reference) => Some(place::parent(world, None, reference)?),
    };
    let mut task = Task {
        description: new.description.clone(),
        priority: new.priority,
        project: new.project.clone(),
        tags: new.tags.clone(),
        parent,
        start_date: new.start_date,
        due_date: new.due_date,
        ..Task::blank(new.uid, new.title.clone(), world.ctx.now)
    };
    if let Some(recurrence) = &new.recurrence {
        repeat::set(world, &mut task, Revision::FIRST, recurrence)?;
    }
    task.reminders = remind::first(world, task.due_date, new.reminders.as_deref())?;
    task.settle_zone();
    world.create(task);
    Ok(Decided { task: new.uid, fate: Fate::Created })
}
