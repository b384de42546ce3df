//! How a series goes on (R1, R4–R7): the baton passes to the next occurrence when this one is
//! finished, or when the next one's time has come.

use std::collections::BTreeSet;

use super::occurrence::{images, is_as_made};
use super::{Decided, Fate, Note, trash, world::World};
use crate::error::{Problem, TaskError};
use crate::event::EventData;
use crate::facts::taken_back_group;
use crate::recurrence::{
    Basis, Next, Recurrence, Skipped, Slot, Spawn, between, coming, copy_of, newest_come, next,
    occurrence,
};
use crate::task::{Revision, Task, TaskId, Trash};
use crate::time::{Timestamp, Zone};

/// What is to follow once the occurrence before is written.
pub(super) struct Pass {
    /// The next occurrence and the baton it takes; without it the series ends.
    next: Option<(Next, Box<Recurrence>)>,
    skipped: Skipped,
}

/// Where a task stands in its series.
fn position(task: &Task, recurrence: &Recurrence) -> Slot {
    recurrence.position(task.slot)
}

/// The later occurrences of a task's series, the trash included, the next one first.
pub(super) fn later(world: &World<'_>, task: &Task) -> Vec<Task> {
    let (Some(series), Some(slot)) = (task.series, task.slot) else { return Vec::new() };
    world.rely_on_set();
    let mut later: Vec<_> = world
        .in_series(series)
        .filter(|other| other.uid != task.uid)
        .filter(|other| other.slot.is_some_and(|other| other > slot))
        .cloned()
        .collect();
    later.sort_by_key(|other| other.slot);
    later
}

/// Takes the baton from a task that is finished `at` an instant, if the next occurrence is to be made now.
/// Where the series has no more, the baton stays: reopened, the last one goes on from there.
pub(super) fn pass_on(world: &mut World<'_>, task: &mut Task, at: Timestamp) -> Option<Pass> {
    // Without a series there is no next one to take the baton, and it must not be lost.
    let recurrence = task.recurrence.clone().filter(|_| task.series.is_some())?;
    if recurrence.is_scheduled() {
        let next = coming(&recurrence, position(task, &recurrence)).next();
        world.notes.extend(next.map(|next| Note::Scheduled { task: task.uid, due: next.due }));
        return None;
    }
    let others = later(world, task);
    let finished =
        |slot: Slot| others.iter().any(|other| other.slot == Some(slot) && !other.status.is_open());
    let place = position(task, &recurrence);
    let (found, skipped) = next(&recurrence, place, at, world.ctx.zone, finished);
    world.rely_on_set();
    let next = found.map(|next| {
        task.recurrence = None;
        let n = next.n;
        (next, Box::new(Recurrence { n, ..*recurrence }))
    });
    Some(Pass { next, skipped })
}

/// Makes the next occurrence of a finished task, or brings back the one that was made before (R6).
pub(super) fn make(world: &mut World<'_>, from: &Task, pass: Pass) {
    let Pass { next, skipped } = pass;
    let Some((next, recurrence)) = next else { return end(world, from.uid, skipped) };
    let slot = next.slot;
    let (Some(series), known) = (from.series, later(world, from)) else { return };
    let known = known.into_iter().find(|other| other.slot == Some(slot));
    let uid = known.as_ref().map_or_else(|| occurrence(series, slot), |known| known.uid);
    let images = images(world, from, uid, &next, recurrence.clone());
    match known {
        // It is there and open: the series goes on with it as it is.
        Some(known) if known.trash.is_none() => {
            let updated_at = world.ctx.now;
            world.write(&Task { recurrence: Some(recurrence), updated_at, ..known });
        }
        // Somebody deleted it: it comes back as they left it, beside the one before. Where it lay
        // then may be gone.
        Some(known) if !was_taken_back(&known) => {
            let (updated_at, parent) = (world.ctx.now, from.parent);
            let recurrence = Some(recurrence);
            world.write(&Task { recurrence, parent, trash: None, updated_at, ..known });
        }
        _ => images.into_iter().for_each(|image| put(world, image)),
    }
    let spawned = world.task(uid).map(|task| (task.id, task.version));
    if let Some((id, version)) = spawned {
        let data = EventData::Spawned { id, after: from.uid, slot, skipped_slots: skipped.clone() };
        world.tell(uid, version, data);
    }
    world.note(Note::Spawned { from: from.uid, task: uid, slot, skipped });
}

/// Makes a task of a series, or writes it anew where the system had put it into the trash:
/// versions never restart.
fn put(world: &mut World<'_>, image: Task) {
    match world.task(image.uid).cloned() {
        Some(known) if known.trash.is_some() => {
            let Task { id, created_at, version, .. } = known;
            world.write(&Task { id, created_at, version, ..image });
        }
        Some(_) => {}
        None => world.spawn(image),
    }
}

fn was_taken_back(task: &Task) -> bool {
    task.trash.is_some_and(|trash| trash.group == taken_back_group(task.uid))
}

/// A finished task is to be open again: an untouched successor goes to the trash and its baton
/// comes back; otherwise the successor keeps it (R7).
fn take_back(world: &mut World<'_>, task: &mut Task, before: &Task) {
    if task.recurrence.is_some() {
        return;
    }
    // One that was taken back earlier, from another day, is no longer in its place.
    let successor = later(world, task).into_iter().find(|other| !was_taken_back(other));
    let Some(successor) = successor else { return };
    world.rely_on_set();
    let Some(recurrence) = successor.recurrence.clone() else { return };
    if recurrence.spawn != Spawn::OnCompletion || !is_untouched(world, before, &successor) {
        return;
    }
    let trash = Trash { at: world.ctx.now, group: taken_back_group(successor.uid) };
    let place = position(task, &recurrence);
    let steps = successor.slot.map_or(1, |slot| between(&recurrence, place, slot));
    let n = recurrence.n.saturating_sub(steps).max(1);
    let bare = Task { recurrence: None, updated_at: world.ctx.now, ..successor.clone() };
    trash::discard_as(world, &bare, trash);
    task.recurrence = Some(Box::new(Recurrence { n, ..*recurrence }));
    world.note(Note::TakenBack { task: task.uid, successor: successor.uid });
}

/// Whether a successor, and all below it, is just what finishing `from` made of it.
fn is_untouched(world: &World<'_>, from: &Task, successor: &Task) -> bool {
    let finished = from.completed_at.or(from.cancelled_at);
    let (Some(recurrence), Some(slot)) = (successor.recurrence.clone(), successor.slot) else {
        return false;
    };
    if successor.trash.is_some() || successor.updated_at > from.updated_at {
        return false;
    }
    if is_fresh(world, from, successor) {
        return true;
    }
    let due = match (recurrence.from, finished) {
        (Basis::Completion, Some(at)) => {
            let place = position(from, &recurrence);
            let before = Recurrence { n: recurrence.n.saturating_sub(1), ..(*recurrence).clone() };
            next(&before, place, at, world.ctx.zone, |_| false).0.map(|next| next.due)
        }
        _ => Some(slot.due(recurrence.anchor)),
    };
    let Some(due) = due else { return false };
    let made = Next { slot, due, n: recurrence.n };
    let images = images(world, from, successor.uid, &made, recurrence);
    let below = world.below(successor.uid);
    let alive = below.iter().filter(|id| world.live_task(**id).is_some()).count();
    alive + 1 == images.len()
        && images
            .iter()
            .all(|image| world.live_task(image.uid).is_some_and(|task| is_as_made(task, image)))
}

/// Whether nobody has written to a successor or anything below it since it was made: whatever
/// became of `from` meanwhile.
fn is_fresh(world: &World<'_>, from: &Task, successor: &Task) -> bool {
    let copies: BTreeSet<_> =
        world.below(from.uid).into_iter().map(|id| copy_of(successor.uid, id)).collect();
    let below = world.below(successor.uid);
    // In the trash or not: deleting one is a touch like any other.
    let mut there = below.iter().filter_map(|id| world.task(*id));
    successor.version == Revision::FIRST
        && there.all(|task| task.version == Revision::FIRST && copies.contains(&task.uid))
}

/// Whether a task holds a baton that a later occurrence of its series holds too: the series went
/// on without it.
pub(super) fn is_left_behind(world: &World<'_>, task: &Task) -> bool {
    task.recurrence.is_some() && goes_on_after(world, task)
}

/// Whether a later occurrence of a task's series holds the baton.
pub(super) fn goes_on_after(world: &World<'_>, task: &Task) -> bool {
    later(world, task).iter().any(|later| later.recurrence.is_some())
}

/// `skip`: this occurrence is given up, and the series moves on.
pub(super) fn check_skip(world: &World<'_>, task: &Task) -> Result<(), TaskError> {
    check_holds(world, task, "recurrence")
}

/// What is asked in `field` is for a series, and this task must be where it goes on.
pub(super) fn check_holds(
    world: &World<'_>,
    task: &Task,
    field: &'static str,
) -> Result<(), TaskError> {
    if task.recurrence.is_some() {
        return Ok(());
    }
    let holder = later(world, task).into_iter().find(|other| other.recurrence.is_some());
    let problem = match holder {
        Some(holder) => Problem::SeriesGoesOn(holder.id),
        None => Problem::NotRecurring,
    };
    Err(TaskError::field(field, problem))
}

/// Makes the occurrences whose slots have come (`spawn: on_schedule`), the earliest first: the
/// newest missed one of each series, the rest reported.
pub(super) fn spawn_due(
    world: &mut World<'_>,
    tasks: &BTreeSet<TaskId>,
) -> Vec<Result<Decided, TaskError>> {
    let (now, zone) = (world.ctx.now, world.ctx.zone);
    let mut come: Vec<_> = tasks
        .iter()
        .filter_map(|id| {
            let task = world.live_task(*id)?.clone();
            // Below a closed task nothing comes to be open (S8).
            let above = task.parent.and_then(|parent| world.live_task(parent.uid));
            if above.is_some_and(|above| !above.status.is_open()) {
                return None;
            }
            let (recurrence, series) = task.recurrence.clone().zip(task.series)?;
            let (next, skipped) = scheduled(&task, now, zone)?;
            let recurrence = Box::new(Recurrence { n: next.n, ..*recurrence });
            Some((task, series, next, recurrence, skipped))
        })
        .collect();
    come.sort_by_key(|(task, _, next, ..)| (next.due.starts(zone), task.id));
    let mut items = Vec::new();
    for (holder, series, next, recurrence, skipped) in come {
        world.rely_on_set();
        let holder = Task { recurrence: None, updated_at: now, ..holder };
        world.write(&holder);
        let task = occurrence(series, next.slot);
        let last = coming(&recurrence, next.slot).next().is_none();
        make(world, &holder, Pass { next: Some((next, recurrence)), skipped });
        if last {
            end(world, task, Skipped::default());
        }
        items.push(Ok(Decided { task, fate: Fate::Created }));
    }
    items
}

/// The occurrence of a task's series that the clock has brought, if its series goes by the clock.
pub(crate) fn scheduled(task: &Task, now: Timestamp, zone: Zone) -> Option<(Next, Skipped)> {
    let recurrence = task.recurrence.as_ref().filter(|r| r.spawn == Spawn::OnSchedule)?;
    let living = task.trash.is_none();
    living.then(|| newest_come(recurrence, position(task, recurrence), now, zone)).flatten()
}

/// The series ends with a task: it has no more slots, lost its rule, or went to the trash.
pub(super) fn end(world: &mut World<'_>, task: TaskId, skipped: Skipped) {
    let Some((id, series, version)) =
        world.task(task).and_then(|t| Some((t.id, t.series?, t.version)))
    else {
        return;
    };
    let skipped_slots = skipped.clone();
    let data = EventData::SeriesEnded { id, series, skipped_slots, origin: world.origin() };
    world.tell(task, version, data);
    world.note(Note::SeriesEnded { task, skipped });
}

/// Passes the baton on, or takes it back, as a change of status asks for.
pub(super) fn settle(world: &mut World<'_>, task: &mut Task, before: &Task) -> Option<Pass> {
    match (before.status.is_open(), task.status.is_open()) {
        (true, false) => pass_on(world, task, world.ctx.now),
        (false, true) => {
            take_back(world, task, before);
            None
        }
        _ => None,
    }
}
