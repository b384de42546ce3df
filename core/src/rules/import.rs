//! Taking over tasks from elsewhere, with their identities and times.
//!
//! Repeatable: the same task again changes nothing, a newer state of it is taken, an older one is
//! left where it is and reported. All of it or nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use uuid::Uuid;

use super::{Decided, Fate, Left, Note, place, recur, remind, trash, world::World};
use crate::change::{Field, diff};
use crate::command::{Import, Keeps};
use crate::error::{FieldError, Problem, TaskError};
use crate::recurrence::{NewRecurrence, Skipped, Slot, series_of};
use crate::reminder::Reminder;
use crate::task::{DEPTH_MAX, Parent, Revision, Status, Task, TaskId, is_expired};

pub(super) fn import(
    world: &mut World<'_>,
    import: Cow<'_, Import>,
) -> Result<Vec<Result<Decided, TaskError>>, TaskError> {
    world.imports();
    let tasks = &import.tasks;
    let mut seen = BTreeSet::new();
    if let Some(twice) = tasks.iter().find(|task| !seen.insert(task.uid)) {
        return Err(TaskError::field("uid", Problem::Duplicate(twice.uid)));
    }
    let parents = tasks.iter().filter_map(|task| task.parent);
    let nowhere = parents.map(|parent| parent.uid).filter(|id| !seen.contains(id));
    let nowhere = nowhere.filter(|id| world.task(*id).is_none()).collect();
    drop(seen);
    let mut problems = Vec::new();
    let source = Source { places: places(world), nowhere, keeps: import.keeps.clone() };
    let mut finished = Vec::new();
    let mut take = |task: Task| {
        let held = world.task(task.uid).filter(|known| holds(known)).map(|known| known.uid);
        let decided = take(world, &source, task, &mut problems);
        finished.extend(held.filter(|_| decided.fate == Fate::Changed));
        decided
    };
    let items: Vec<_> = match import {
        Cow::Borrowed(import) => import.tasks.iter().cloned().map(take).collect(),
        Cow::Owned(import) => handed_over(import.tasks).map(&mut take).collect(),
    };
    // What was left as it is stays as it is; where it hangs was not even loaded.
    for decided in items.iter().filter(|decided| decided.changed()) {
        settle_parent(world, decided.task, &mut problems);
    }
    for decided in items.iter().filter(|decided| decided.fate == Fate::Changed) {
        settle_below(world, decided.task, &mut problems);
    }
    settle_series(world, &items, &mut problems);
    for finished in finished {
        go_on(world, finished);
    }
    if !problems.is_empty() {
        return Err(TaskError::Validation(problems));
    }
    debug_assert!(world.written().all(|task| amiss(task).is_none()), "no reader would take it");
    Ok(items.into_iter().map(Ok).collect())
}

/// Gives tasks away one by one, and their room back on the way: so many are not held twice.
fn handed_over(mut tasks: Vec<Task>) -> impl Iterator<Item = Task> {
    const ROOM: usize = 1 << 12;
    tasks.reverse();
    iter::from_fn(move || {
        let task = tasks.pop();
        if tasks.len().is_multiple_of(ROOM) {
            tasks.shrink_to_fit();
        }
        task
    })
}

/// What holds for all tasks of an import.
struct Source {
    /// The places in series that are taken here.
    places: BTreeMap<Place, TaskId>,
    /// Parents that are neither here nor among what comes.
    nowhere: BTreeSet<TaskId>,
    /// What is not told of: a task that is here keeps its own.
    keeps: Keeps,
}

/// Whether a series goes on from a task once it is finished.
fn holds(task: &Task) -> bool {
    task.recurrence.is_some() && task.status.is_open()
}

/// The places in series that are taken here, the trash included.
fn places(world: &World<'_>) -> BTreeMap<Place, TaskId> {
    let known = world.ids().filter_map(|id| world.task(id));
    known.filter_map(|task| Some((place_of(task)?, task.uid))).collect()
}

type Place = (Uuid, Slot);

fn place_of(task: &Task) -> Option<Place> {
    task.series.zip(task.slot)
}

/// What no task may be, whatever else there is: what counts from a due date needs one (R1, R9), and
/// a rule goes with what it counts from (R4).
pub(crate) fn amiss(task: &Task) -> Option<FieldError> {
    let faulty = |field| Some(FieldError::new(field, Problem::NeedsDue(task.uid)));
    let recurrence = task.recurrence.as_deref();
    match task.due_date {
        None if recurrence.is_some() => faulty("recurrence"),
        None if task.reminders.iter().any(Reminder::is_offset) => faulty("reminders"),
        _ => NewRecurrence::from(recurrence?).check().err(),
    }
}

/// What other programs leave out or contradict is set right: the instants that belong to a status
/// are there exactly with it, a task has one zone, and a parent has the number it has here.
fn settled(world: &World<'_>, mut task: Task, source: &Source) -> Task {
    if let Some(known) = world.task(task.uid) {
        for field in source.keeps.iter() {
            field.copy(known, &mut task);
        }
        // It was let go before, with a word.
        let gone = |parent: &Parent| source.nowhere.contains(&parent.uid);
        task.parent = task.parent.filter(|parent| known.parent.is_some() || !gone(parent));
    }
    if let Some(parent) = &mut task.parent
        && let Some(above) = world.task(parent.uid)
    {
        parent.id = above.id;
    }
    let at = |status, at: Option<_>| (task.status == status).then(|| at.unwrap_or(task.updated_at));
    let completed_at = at(Status::Completed, task.completed_at);
    let cancelled_at = at(Status::Cancelled, task.cancelled_at);
    (task.completed_at, task.cancelled_at) = (completed_at, cancelled_at);
    task.settle_zone();
    // A place in a series is kept for ever. A rule from elsewhere may come without the one that it
    // makes here.
    let due = task.due_date.map(Slot::of);
    let known = world.task(task.uid);
    if known.is_some_and(|known| known.recurrence.is_none() && recur::goes_on_after(world, known)) {
        // Elsewhere nobody knows that the series went on here.
        task.recurrence = None;
    }
    let known = known.and_then(|known| known.series.zip(known.slot));
    let given = || task.series.zip(task.slot.or(due));
    let begun = || task.recurrence.as_ref().and(due).map(|due| (first_series(&task), due));
    (task.series, task.slot) = known.or_else(given).or_else(begun).unzip();
    task
}

fn first_series(task: &Task) -> Uuid {
    series_of(task.uid, Revision::FIRST)
}

/// Once all are in: no two in one place of a series (R6), and of two that repeat, each with a state
/// from another time, the later one is where the series stands (R1).
fn settle_series(world: &mut World<'_>, items: &[Decided], problems: &mut Vec<FieldError>) {
    let mut places = BTreeSet::new();
    let all: Vec<_> = world.ids().filter_map(|id| world.task(id)).collect();
    for task in &all {
        if place_of(task).is_some_and(|place| !places.insert(place)) {
            problems.push(FieldError::new("slot", Problem::SlotTaken(task.uid)));
        }
    }
    let changed = items.iter().filter(|decided| decided.changed());
    let series: BTreeSet<_> =
        changed.filter_map(|decided| world.task(decided.task)?.series).collect();
    if series.is_empty() {
        return;
    }
    // One that was here may be the earlier one.
    let holds = |task: &&&Task| {
        task.recurrence.is_some() && task.series.is_some_and(|of| series.contains(&of))
    };
    let holders: Vec<_> = all.iter().filter(holds).map(|task| task.uid).collect();
    world.rely_on_set();
    for id in holders {
        if let Some(task) = world.task(id).cloned()
            && recur::is_left_behind(world, &task)
        {
            world.write(&Task { recurrence: None, ..task });
        }
    }
}

/// What held the baton and was changed from elsewhere: if it came finished and no later occurrence
/// came with it, its series goes on as when it is finished here (R5).
fn go_on(world: &mut World<'_>, id: TaskId) {
    let Some(mut task) = world.live_task(id).cloned() else { return };
    if recur::goes_on_after(world, &task) {
        return;
    }
    if task.recurrence.is_none() {
        recur::end(world, id, Skipped::default());
    } else if let Some(at) = task.completed_at.or(task.cancelled_at) {
        // What was missed since then was not passed over by whoever finished it.
        let at = at.min(world.ctx.now);
        if let Some(pass) = recur::pass_on(world, &mut task, at) {
            world.write(&task);
            recur::make(world, &task, pass);
        }
    }
}

fn take(
    world: &mut World<'_>,
    source: &Source,
    task: Task,
    problems: &mut Vec<FieldError>,
) -> Decided {
    let uid = task.uid;
    if is_expired(task.trash, world.ctx.now) {
        // It would be gone the moment it came (S4).
        return Decided { task: uid, fate: Fate::Left(Left::Expired) };
    }
    let task = settled(world, task, source);
    let Some(known) = world.task(uid) else {
        if place_of(&task).is_some_and(|place| source.places.contains_key(&place)) {
            // The same occurrence is here under a name of ours (R6).
            return Decided { task: uid, fate: Fate::Left(Left::Elsewhere) };
        }
        problems.extend(amiss(&task));
        world.create(task);
        return Decided { task: uid, fate: Fate::Created };
    };
    let mut incoming = Task { id: known.id, created_at: known.created_at, ..task };
    let keeps_reminders = source.keeps.contains(&Field::Reminders);
    let removed = if keeps_reminders { remind::without_due(&mut incoming) } else { 0 };
    let fate = match left(known, &incoming, &source.keeps) {
        _ if diff(known, &incoming).is_empty() => Fate::Unchanged,
        Some(left) => Fate::Left(left),
        None => {
            // Only now: what the task keeps may not go with what came (R1, R9).
            problems.extend(amiss(&incoming));
            if removed > 0 {
                world.note(Note::RemindersRemoved { task: uid, count: removed });
            }
            world.write(&incoming);
            Fate::Changed
        }
    };
    Decided { task: uid, fate }
}

/// Why a task that is here is not changed to what came.
fn left(known: &Task, incoming: &Task, keeps: &[Field]) -> Option<Left> {
    const SECOND: i64 = 1000;
    let (here, there) = (known.updated_at.millis(), incoming.updated_at.millis());
    // Many formats know no parts of a second.
    let same = here == there || here.div_euclid(SECOND) * SECOND == there;
    if known.trash.is_some() && keeps.contains(&Field::Trash) {
        Some(Left::Trashed)
    } else if same {
        Some(Left::AsOld)
    } else {
        (there < here).then_some(Left::Older)
    }
}

/// Once all are in: a parent that is nowhere is let go, and one that makes a circle or nests too
/// deep is an error in what was imported.
fn settle_parent(world: &mut World<'_>, id: TaskId, problems: &mut Vec<FieldError>) {
    // Most hang nowhere, and need no copy.
    if world.task(id).is_none_or(|task| task.parent.is_none()) {
        return;
    }
    let Some(task) = world.task(id).cloned() else { return };
    let Some(parent) = task.parent else { return };
    // The parent is read and not written: nobody may delete or move it meanwhile.
    world.rely_on_set();
    let above = world.above(task.uid);
    let circle = above
        .last()
        .and_then(|top| world.task(*top))
        .is_some_and(|top| top.parent.is_some_and(|p| p.uid == task.uid || above.contains(&p.uid)));
    if parent.uid == task.uid || circle {
        problems.push(FieldError::new("parent", Problem::Cycle(parent.id)));
    } else if above.len() > DEPTH_MAX {
        problems.push(FieldError::new("parent", Problem::TooDeep { max: DEPTH_MAX }));
    } else if world.task(parent.uid).is_none()
        || (task.trash.is_none() && world.live_task(parent.uid).is_none())
    {
        world.write(&Task { parent: None, ..task });
        world.note(Note::Orphaned { task: id });
    }
}

/// A task that was here and moved, or went to the trash, took along what lies below it (S8).
fn settle_below(world: &mut World<'_>, id: TaskId, problems: &mut Vec<FieldError>) {
    let Some(task) = world.task(id).cloned() else { return };
    if let Some(trash) = task.trash {
        trash::discard(world, id, trash);
    } else if task.parent.is_some() && world.above(id).len() + place::height(world, id) > DEPTH_MAX
    {
        let problem = FieldError::new("parent", Problem::TooDeep { max: DEPTH_MAX });
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
}
