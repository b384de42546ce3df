//! The next occurrence of a series as it is made: a copy of the one before, and copies of the
//! subtasks (S8).

use std::collections::BTreeMap;

use super::world::World;
use crate::due::Due;
use crate::recurrence::{Next, Recurrence, Slot, copy_of, series_of};
use crate::task::{Parent, Revision, Task, TaskId};

/// The next occurrence as it is made, and the copies of the subtasks (S8), parents first.
pub(super) fn images(
    world: &World<'_>,
    from: &Task,
    uid: TaskId,
    next: &Next,
    recurrence: Box<Recurrence>,
) -> Vec<Task> {
    let days = from
        .due_date
        .map_or(0, |due| next.due.wall_day().signed_duration_since(due.wall_day()).num_days());
    let mut top = renewed(from, uid, days, world);
    top.due_date = Some(next.due);
    top.recurrence = Some(recurrence);
    top.series = from.series;
    top.slot = Some(next.slot);
    top.parent = from.parent;
    top.settle_zone();
    let mut copies = BTreeMap::from([(from.uid, uid)]);
    let mut images = vec![top];
    for id in world.below(from.uid) {
        let Some(task) = world.live_task(id).cloned() else { continue };
        let (Some(parent), true) = (task.parent, is_newest(&task)) else { continue };
        let Some(above) = copies.get(&parent.uid) else { continue };
        let id = world.task(*above).map(|above| above.id).unwrap_or_default();
        let mut copy = renewed(&task, copy_of(uid, task.uid), days, world);
        copy.parent = Some(Parent { uid: *above, id });
        // A subtask that repeats by itself begins anew below the new occurrence.
        if let (Some(recurrence), Some(due)) = (&task.recurrence, copy.due_date) {
            let fresh = Recurrence { anchor: due, n: 1, ..(**recurrence).clone() };
            copy.recurrence = Some(Box::new(fresh));
            copy.series = Some(series_of(copy.uid, Revision::FIRST));
            copy.slot = Some(Slot::of(due));
        }
        copies.insert(task.uid, copy.uid);
        images.push(copy);
    }
    images
}

/// Of a subtask's own series only the newest occurrence is copied.
fn is_newest(task: &Task) -> bool {
    task.series.is_none() || task.recurrence.is_some()
}

/// A task as it is to be done again, so many days later. Reminders at an instant were for the
/// first time only.
fn renewed(task: &Task, uid: TaskId, days: i64, world: &World<'_>) -> Task {
    let shift = |due: Option<Due>| due.and_then(|due| due.plus_days(days));
    let due_date = shift(task.due_date);
    // Beyond the calendar there is nothing that they could count from.
    let reminders = due_date.map(|_| task.reminders.offsets()).unwrap_or_default();
    Task {
        description: task.description.clone(),
        priority: task.priority,
        project: task.project.clone(),
        tags: task.tags.clone(),
        start_date: shift(task.start_date),
        due_date,
        reminders,
        ..Task::blank(uid, task.title.clone(), world.ctx.now)
    }
}

/// Whether a task is still as it was made, apart from what making it anew would number.
pub(super) fn is_as_made(task: &Task, image: &Task) -> bool {
    let Task { id, parent, created_at, updated_at, version, .. } = task.clone();
    let same_parent = parent.map(|p| p.uid) == image.parent.map(|p| p.uid);
    let image = Task { id, parent, created_at, updated_at, version, ..image.clone() };
    same_parent && *task == image
}
