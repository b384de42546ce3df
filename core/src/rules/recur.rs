//! How a series goes on (R1, R4–R7): the baton passes to the next occurrence when this one is
//! finished, or when the next one's time has come.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decided, Fate, Note, trash, world::World};
use crate::command::Scope;
use crate::due::Due;
use crate::error::{Problem, TaskError};
use crate::event::EventData;
use crate::facts::taken_back_group;
use crate::recurrence::{
    Basis, NewRecurrence, Next, Recurrence, Rule, RuleError, RuleProblem, Skipped, Slot, Slots,
    Spawn, between, coming, copy_of, newest_come, next, occurrence, series_of,
};
use crate::task::{Parent, Revision, Task, TaskId, Trash};
use crate::time::{Timestamp, Zone};

/// What is to follow once the occurrence before is written.
pub(super) struct Pass {
    /// The next occurrence and the baton it takes; without it the series ends.
    next: Option<(Next, Box<Recurrence>)>,
    skipped: Skipped,
}

/// Sets a recurrence on a task that is being made or changed, and moves its due date to the first
/// slot that the rule has from there on. `version` is the one it will have.
pub(super) fn set(
    world: &World<'_>,
    task: &mut Task,
    version: Revision,
    new: &NewRecurrence,
) -> Result<(), TaskError> {
    new.check()?;
    let asked = task.due_date.ok_or(TaskError::DueRequired("a recurrence"))?;
    let due = asked;
    let slot = match new.from {
        Basis::Completion => Some(Slot::of(due)),
        Basis::Schedule => Slots::from(&new.rule, due, Slot::of(due)).next(),
    };
    if !new.rule.reaches(&Next { slot: Slot::of(due), due, n: 1 }) {
        let part = "UNTIL".to_owned();
        return Err(RuleError { part, why: RuleProblem::EndsFirst }.into());
    }
    let never = || TaskError::RuleNeverMatches(new.rule.to_string(), due.date_text());
    let slot = slot.ok_or_else(never)?;
    // The due date's own words, where it is a slot already: they may name an offset.
    let due = if slot == Slot::of(due) { due } else { slot.due(due) };
    let NewRecurrence { rule, from, spawn } = new.clone();
    if !rule.reaches(&Next { slot, due, n: 1 }) {
        return Err(never());
    }
    let goes_on = task.series.is_some() && later(world, task).is_empty();
    // Where the clocks skip the first slot's time, later ones keep it (R8): anchored where it was
    // asked for, from which the same slots follow.
    let anchor = if goes_on || Slot::of(due) == slot { due } else { asked };
    task.due_date = Some(due);
    task.recurrence = Some(Box::new(Recurrence { rule, from, spawn, anchor, n: 1 }));
    if !goes_on {
        // It begins a series. One whose occurrences went on without this task is another.
        task.series = Some(series_of(task.uid, version));
        task.slot = Some(slot);
    }
    Ok(())
}

/// Another recurrence for a task that is there. When the next one is made can change alone; any
/// other change begins the rule anew from here (R7).
pub(super) fn change(
    world: &World<'_>,
    before: &Task,
    task: &mut Task,
    new: &NewRecurrence,
) -> Result<(), TaskError> {
    match &mut task.recurrence {
        Some(old) if old.rule == new.rule && old.from == new.from => {
            new.check()?;
            old.spawn = new.spawn;
            moved(before, task, None)
        }
        _ => set(world, task, before.version.next(), new),
    }
}

/// Whether a recurrence that was set at `asked` is what a task has: its due date is the rule's first
/// slot from there on.
pub(super) fn is_set_so(task: &Task, asked: Option<Due>) -> bool {
    let new = task.recurrence.as_ref().filter(|r| r.n == 1 && r.from == Basis::Schedule);
    new.is_some_and(|recurrence| leads_to(&recurrence.rule, asked, task.due_date))
}

/// Whether a rule that is set at `asked` begins at `due`.
fn leads_to(rule: &Rule, asked: Option<Due>, due: Option<Due>) -> bool {
    let slot = |asked| Slots::from(rule, asked, Slot::of(asked)).next();
    asked.is_some_and(|asked| slot(asked).map(|slot| slot.due(asked)) == due)
}

/// Whether a finished task has passed on a recurrence like the one that is asked for: the series
/// repeats as it should (S2). A date that the rule has moved stays as it moved it.
pub(super) fn goes_on_so(
    world: &World<'_>,
    before: &Task,
    task: &mut Task,
    new: &NewRecurrence,
) -> bool {
    let says = |other: &Task| other.recurrence.as_ref().is_some_and(|r| r.says(new));
    let finished = before.recurrence.is_none() && !before.status.is_open();
    if !finished || !later(world, before).iter().any(says) {
        return false;
    }
    if new.from == Basis::Schedule && leads_to(&new.rule, task.due_date, before.due_date) {
        task.due_date = before.due_date;
    }
    true
}

/// What a change of the due date means for the occurrences to come (R7).
pub(super) fn moved(before: &Task, task: &mut Task, scope: Option<Scope>) -> Result<(), TaskError> {
    let Some(recurrence) = &mut task.recurrence else { return Ok(()) };
    let due = task.due_date.ok_or(TaskError::DueRequired("a recurrence"))?;
    let old = before.due_date.unwrap_or(recurrence.anchor);
    if due == old {
        return Ok(());
    }
    let usual = if same_time_of_day(old, due) { Scope::This } else { Scope::Future };
    if scope.unwrap_or(usual) == Scope::Future {
        recurrence.anchor = due;
    }
    Ok(())
}

fn same_time_of_day(one: Due, other: Due) -> bool {
    match (Slot::of(one), Slot::of(other)) {
        (Slot::Day(_), Slot::Day(_)) => true,
        (Slot::At(a), Slot::At(b)) => a.time() == b.time() && one.zone() == other.zone(),
        _ => false,
    }
}

/// Where a task stands in its series.
fn position(task: &Task, recurrence: &Recurrence) -> Slot {
    recurrence.position(task.slot)
}

/// The later occurrences of a task's series, the trash included, the next one first.
fn later(world: &World<'_>, task: &Task) -> Vec<Task> {
    let (Some(series), Some(slot)) = (task.series, task.slot) else { return Vec::new() };
    let mut later: Vec<_> = world
        .ids()
        .filter_map(|id| world.task(id))
        .filter(|other| other.series == Some(series) && other.uid != task.uid)
        .filter(|other| other.slot.is_some_and(|other| other > slot))
        .cloned()
        .collect();
    later.sort_by_key(|other| other.slot);
    later
}

/// Takes the baton from a task that is being finished, if the next occurrence is to be made now.
/// Where the series has no more, the baton stays: reopened, the last one goes on from there.
fn pass_on(world: &mut World<'_>, task: &mut Task) -> Option<Pass> {
    let recurrence = task.recurrence.clone()?;
    if recurrence.is_scheduled() {
        let next = coming(&recurrence, position(task, &recurrence)).next();
        world.notes.extend(next.map(|next| Note::Scheduled { task: task.uid, due: next.due }));
        return None;
    }
    let others = later(world, task);
    let finished =
        |slot: Slot| others.iter().any(|other| other.slot == Some(slot) && !other.status.is_open());
    let place = position(task, &recurrence);
    let (found, skipped) = next(&recurrence, place, world.ctx.now, world.ctx.zone, finished);
    world.relied_on_set = true;
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
        // Somebody deleted it: it comes back as they left it.
        Some(known) if !was_taken_back(&known) => {
            let updated_at = world.ctx.now;
            world.write(&Task { recurrence: Some(recurrence), trash: None, updated_at, ..known });
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
        None => world.create(image),
    }
}

fn was_taken_back(task: &Task) -> bool {
    task.trash.is_some_and(|trash| trash.group == taken_back_group(task.uid))
}

/// The next occurrence as it is made, and the copies of the subtasks (S8), parents first.
fn images(
    world: &mut World<'_>,
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

/// A finished task is to be open again: an untouched successor goes to the trash and its baton
/// comes back; otherwise the successor keeps it (R7).
fn take_back(world: &mut World<'_>, task: &mut Task, before: &Task) {
    if task.recurrence.is_some() {
        return;
    }
    // One that was taken back earlier, from another day, is no longer in its place.
    let successor = later(world, task).into_iter().find(|other| !was_taken_back(other));
    let Some(successor) = successor else { return };
    world.relied_on_set = true;
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
fn is_untouched(world: &mut World<'_>, from: &Task, successor: &Task) -> bool {
    let finished = from.completed_at.or(from.cancelled_at);
    let (Some(recurrence), Some(slot)) = (successor.recurrence.clone(), successor.slot) else {
        return false;
    };
    if successor.trash.is_some() || successor.updated_at > from.updated_at {
        return false;
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

fn is_as_made(task: &Task, image: &Task) -> bool {
    let Task { id, parent, created_at, updated_at, version, .. } = task.clone();
    let same_parent = parent.map(|p| p.uid) == image.parent.map(|p| p.uid);
    let image = Task { id, parent, created_at, updated_at, version, ..image.clone() };
    same_parent && *task == image
}

/// Whether a task holds a baton that a later occurrence of its series holds too: the series went
/// on without it.
pub(super) fn is_left_behind(world: &World<'_>, task: &Task) -> bool {
    let holds = |task: &Task| task.recurrence.is_some();
    holds(task) && later(world, task).iter().any(holds)
}

/// `skip`: this occurrence is given up, and the series moves on.
pub(super) fn check_skip(world: &World<'_>, task: &Task) -> Result<(), TaskError> {
    if task.recurrence.is_some() {
        return Ok(());
    }
    let holder = later(world, task).into_iter().find(|other| other.recurrence.is_some());
    let problem = match holder {
        Some(holder) => Problem::SeriesGoesOn(holder.id),
        None => Problem::NotRecurring,
    };
    Err(TaskError::field("recurrence", problem))
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
            let recurrence = task.recurrence.clone()?;
            let (next, skipped) = scheduled(&task, now, zone)?;
            let recurrence = Box::new(Recurrence { n: next.n, ..*recurrence });
            Some((task, next, recurrence, skipped))
        })
        .collect();
    come.sort_by_key(|(task, next, ..)| (next.due.starts(zone), task.id));
    let mut items = Vec::new();
    for (holder, next, recurrence, skipped) in come {
        world.relied_on_set = true;
        let holder = Task { recurrence: None, updated_at: now, ..holder };
        world.write(&holder);
        let Some(series) = holder.series else { continue };
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
    let data = EventData::SeriesEnded { id, series, skipped_slots: skipped.clone() };
    world.tell(task, version, data);
    world.note(Note::SeriesEnded { task, skipped });
}

/// Passes the baton on, or takes it back, as a change of status asks for.
pub(super) fn settle(world: &mut World<'_>, task: &mut Task, before: &Task) -> Option<Pass> {
    match (before.status.is_open(), task.status.is_open()) {
        (true, false) => pass_on(world, task),
        (false, true) => {
            take_back(world, task, before);
            None
        }
        _ => None,
    }
}
