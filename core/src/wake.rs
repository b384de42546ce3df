//! When the clock next has something to do with a task: to remind of it (R10), or to make what
//! follows it (R5).
//!
//! Whoever waits for many tasks keeps one instant of each and looks at those whose instant has
//! come. [`earliest`] is kept when a task is written: it needs nothing but the task, costs next to
//! nothing, and may be too early. [`next`] is kept after a look, and is exact.

use chrono::Days;

use crate::due::Due;
use crate::recurrence::{Recurrence, coming};
use crate::reminder::{Preferences, ReminderState, Trigger, instant, planned, state};
use crate::task::Task;
use crate::time::{Timestamp, Zone, day_start};

/// An instant before which the clock has nothing to do with a task, whatever its owner prefers and
/// whatever has been done already; none if it never will have. `zone` is the owner's.
pub fn earliest(task: &Task, zone: Zone) -> Option<Timestamp> {
    if task.trash.is_some() {
        return None;
    }
    let reminders = task.reminders.iter().filter(|_| task.status.is_open());
    let reminders = reminders.filter_map(|reminder| bound(reminder.trigger, task.due_date, zone));
    // The next slot is later than this one, and to look for it may take a while. It may be on the
    // same day: a series of days that got a time has its next slot there.
    let slot = by_clock(task).map(|r| {
        let day = r.position(task.slot).wall().date();
        day_start(day, r.zone().unwrap_or(zone))
    });
    reminders.chain(slot).min()
}

/// The next instant at which the clock has something to do with a task, now that all is done which
/// has come by `now`. `zone` is the owner's.
///
/// A slot that has come and has not been made waits for a task to be opened again that this one
/// lies below; it does not wait for the clock.
pub fn next(
    task: &Task,
    preferences: &Preferences,
    zone: Zone,
    now: Timestamp,
) -> Option<Timestamp> {
    let scheduled =
        |planned: &_| state(task, *planned, None, now, zone) == ReminderState::Scheduled;
    let reminder = planned(task, preferences, zone).into_iter().find(scheduled);
    let baton = by_clock(task).filter(|_| task.trash.is_none());
    let slot = baton.and_then(|r| coming(r, r.position(task.slot)).next());
    let slot = slot.map(|next| next.due.starts(zone)).filter(|at| *at > now);
    reminder.map(|planned| planned.at).into_iter().chain(slot).min()
}

/// The baton of a series that goes by the clock.
fn by_clock(task: &Task) -> Option<&Recurrence> {
    task.recurrence.as_deref().filter(|recurrence| recurrence.is_scheduled())
}

/// Not later than the reminder, wherever in its day an all-day due date counts from.
fn bound(trigger: Trigger, due: Option<Due>, zone: Zone) -> Option<Timestamp> {
    let (Trigger::Offset(offset), Some(Due::Day(day))) = (trigger, due) else {
        return instant(trigger, due, &Preferences::default(), zone);
    };
    let day = day.checked_sub_days(Days::new(offset.days().into()))?;
    Some(day_start(day, zone).plus_millis(-1000 * i64::from(offset.seconds())))
}
