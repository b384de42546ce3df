//! Making a task.

use super::{Decided, Fate, place, remind, repeat, world::World};
use crate::command::NewTask;
use crate::error::TaskError;
use crate::task::{Parent, Revision, Task};

pub(super) fn create(world: &mut World<'_>, new: &NewTask) -> Result<Decided, TaskError> {
    if let Some(known) = world.task(new.uid) {
        // The caller minted the uid, so it is the same request again if it says the same (S2).
        if known.trash.is_none() && says(world, new, known)? {
            return Ok(Decided { task: new.uid, fate: Fate::Unchanged });
        }
        return Err(TaskError::UidTaken { current: Box::new(known.clone()) });
    }
    let parent = match &new.parent {
        None => None,
        Some(reference) => Some(place::parent(world, None, reference)?),
    };
    let task = written(world, new, parent)?;
    world.create(task);
    Ok(Decided { task: new.uid, fate: Fate::Created })
}

/// The task that is asked for.
fn written(world: &World<'_>, new: &NewTask, parent: Option<Parent>) -> Result<Task, TaskError> {
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
    Ok(task)
}

/// Whether a task is what would be made of a request, in all that the request says.
fn says(world: &World<'_>, new: &NewTask, known: &Task) -> Result<bool, TaskError> {
    let same_parent = match (&new.parent, known.parent) {
        (None, None) => true,
        (Some(reference), Some(parent)) => reference.fits(parent.uid, parent.id),
        _ => false,
    };
    let made = written(world, new, known.parent)?;
    Ok(same_parent
        && made.title == known.title
        && made.description == known.description
        && made.priority == known.priority
        && made.project == known.project
        && made.tags == known.tags
        && made.start_date == known.start_date
        && made.due_date == known.due_date
        && made.recurrence == known.recurrence
        && (new.reminders.is_none() || made.reminders == known.reminders))
}
