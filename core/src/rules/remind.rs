//! Reminders as tasks are made, changed and put off (R9), and as their time comes (R10).

use std::collections::BTreeSet;

use super::{Decided, Fate, check_version, world::World};
use crate::command::{Action, RemindersPatch};
use crate::due::Due;
use crate::error::{Problem, TaskError};
use crate::event::EventData;
use crate::reminder::{
    self, Firing, FiringFate, LATE_MAX_MILLIS, NewReminder, REMINDERS_MAX, Reminders, Trigger,
};
use crate::task::{Task, TaskId};
use crate::time::Timestamp;

/// The reminders of a task that is being made: those asked for, else what the owner prefers for a
/// timed due date.
pub(super) fn first(
    world: &World<'_>,
    due: Option<Due>,
    asked: Option<&[NewReminder]>,
) -> Result<Reminders, TaskError> {
    let preferred = &world.ctx.preferences.default_reminders;
    let wanted = match asked {
        Some(asked) => asked,
        None if is_timed(due) => preferred,
        None => &[],
    };
    check_due(due, wanted)?;
    Ok(Reminders::default().replaced(wanted)?)
}

fn is_timed(due: Option<Due>) -> bool {
    matches!(due, Some(Due::At { .. }))
}

fn check_due(due: Option<Due>, wanted: &[NewReminder]) -> Result<(), TaskError> {
    if due.is_none() && wanted.iter().any(|new| matches!(new.trigger, Trigger::Offset(_))) {
        return Err(TaskError::DueRequired("a reminder before the due date"));
    }
    Ok(())
}

/// The reminders of a task whose other fields have been changed. Answers how many went because
/// there is no due date any more that they could count from.
pub(super) fn changed(
    world: &World<'_>,
    before: &Task,
    task: &mut Task,
    patch: &RemindersPatch,
) -> Result<usize, TaskError> {
    task.reminders = match patch {
        RemindersPatch::Keep => before.reminders.clone(),
        RemindersPatch::Set(wanted) => {
            check_due(task.due_date, wanted)?;
            before.reminders.replaced(wanted)?
        }
        RemindersPatch::Edit { add, remove } => {
            check_due(task.due_date, add)?;
            before.reminders.edited(add, remove)?
        }
    };
    let begins = is_timed(task.due_date) && !is_timed(before.due_date);
    if begins && *patch == RemindersPatch::Keep && task.reminders.is_empty() {
        task.reminders = first(world, task.due_date, None)?;
    }
    Ok(without_due(task))
}

/// Takes away the reminders that have no due date to count from. Answers how many.
pub(super) fn without_due(task: &mut Task) -> usize {
    if task.due_date.is_some() {
        return 0;
    }
    let left = task.reminders.retained(|reminder| !reminder.is_offset());
    let removed = task.reminders.len() - left.len();
    task.reminders = left;
    removed
}

/// One more reminder, at an instant. Those that have passed make room for it.
pub(super) fn snooze(
    world: &mut World<'_>,
    action: &Action,
    until: Timestamp,
) -> Result<TaskId, TaskError> {
    let before = world.live(&action.task)?.clone();
    if !before.status.is_open() {
        return Err(TaskError::NotOpen { task: before.id, status: before.status });
    }
    if until <= world.ctx.now {
        return Err(TaskError::field("until", Problem::NotInFuture));
    }
    let (now, wanted) = (world.ctx.now, NewReminder::new(Trigger::At(until)));
    let mut reminders = before.reminders.clone();
    if reminders.len() >= REMINDERS_MAX {
        reminders = reminders.retained(|r| !matches!(r.trigger, Trigger::At(at) if at <= now));
    }
    let reminders = reminders.edited(&[wanted], &[])?;
    if reminders != before.reminders {
        check_version(&before, action)?;
        world.write(&Task { reminders, updated_at: now, ..before.clone() });
    }
    Ok(before.uid)
}

/// What becomes of the reminders whose time has come: each once, never early (R10).
pub(super) fn settle(
    world: &mut World<'_>,
    tasks: &BTreeSet<TaskId>,
) -> Vec<Result<Decided, TaskError>> {
    let (now, zone) = (world.ctx.now, world.ctx.zone);
    let settled: BTreeSet<_> = world.facts.firings.iter().map(Firing::key).collect();
    let mut items = Vec::new();
    for id in tasks {
        let Some(task) = world.live_task(*id).cloned() else { continue };
        let mut fate = Fate::Unchanged;
        for planned in reminder::planned(&task, &world.ctx.preferences, zone) {
            let Some(firing) = reminder::settle(&task, planned, now, zone) else { continue };
            if is_settled_nearby(&task, &firing, &world.facts.firings) {
                continue;
            }
            let asked = task.reminders.iter().find(|r| r.id == planned.reminder);
            let (Some(reminder), false) = (asked, settled.contains(&firing.key())) else {
                continue;
            };
            let reminder = reminder.clone();
            let data = EventData::Reminded { id: task.id, reminder, firing };
            world.tell(task.uid, task.version, data);
            world.firings.push(firing);
            fate = Fate::Changed;
        }
        items.push(Ok(Decided { task: *id, fate }));
    }
    items
}

/// Whether a reminder of a day is past, and was settled for another hour: another zone, or another
/// time from which days count, moves it, and reminds of the same day no second time.
fn is_settled_nearby(task: &Task, firing: &Firing, settled: &[Firing]) -> bool {
    let of_a_day = matches!(task.due_date, Some(Due::Day(_)));
    let near = |other: &Firing| {
        (other.task, other.reminder) == (firing.task, firing.reminder)
            && (other.at.millis() - firing.at.millis()).abs() < LATE_MAX_MILLIS
    };
    of_a_day && firing.fate != FiringFate::Sent && settled.iter().any(near)
}
