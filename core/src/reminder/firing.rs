//! When reminders go off, and what became of them (R9, R10): all of it follows from the task, the
//! owner's preferences, and what was settled before.

use chrono::{Duration, NaiveTime};
use serde::{Deserialize, Serialize};

use super::{NewReminder, Offset, ReminderId, Trigger};
use crate::due::Due;
use crate::macros::word_enum;
use crate::task::{Task, TaskId};
use crate::time::{Timestamp, Zone, localise};

/// How long after its instant a reminder is still sent (R10): 24 hours in milliseconds.
pub const LATE_MAX_MILLIS: i64 = 86_400_000;
/// How late a reminder is before it is called late, in milliseconds.
pub const LATE_MILLIS: i64 = 60_000;

/// What an owner prefers, where a task does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// From when on an all-day due date counts for reminders.
    pub all_day_time: NaiveTime,
    /// What a new timed due date is given.
    pub default_reminders: Vec<NewReminder>,
}

impl Default for Preferences {
    /// 09:00, and a reminder at the due time.
    fn default() -> Self {
        Self {
            all_day_time: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            default_reminders: vec![NewReminder::new(Trigger::Offset(Offset::ZERO))],
        }
    }
}

/// When a reminder goes off, if its task has what it counts from. `zone` is the owner's: an
/// all-day due date has none of its own.
pub fn instant(
    trigger: Trigger,
    due: Option<Due>,
    preferences: &Preferences,
    zone: Zone,
) -> Option<Timestamp> {
    let offset = match trigger {
        Trigger::At(at) => return Some(at),
        Trigger::Offset(offset) => offset,
    };
    let (wall, zone, hint) = match due? {
        Due::Day(day) => (day.and_time(preferences.all_day_time), zone, None),
        Due::At { wall, zone, offset } => (wall, zone, Some(offset)),
    };
    let day = wall.checked_sub_signed(Duration::days(i64::from(offset.days())))?;
    // The due time's own offset decides in a doubled hour; on another day it says nothing.
    let hint = hint.filter(|_| offset.days() == 0);
    let at = localise(day, zone, hint).instant;
    Some(at.plus_millis(-1000 * i64::from(offset.seconds())))
}

/// A reminder with the instant at which it goes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// When.
    pub at: Timestamp,
    /// Which of the task's.
    pub reminder: ReminderId,
}

/// Every reminder of a task with its instant, the earliest first.
pub fn planned(task: &Task, preferences: &Preferences, zone: Zone) -> Vec<Planned> {
    let mut planned: Vec<_> = task
        .reminders
        .iter()
        .filter_map(|reminder| {
            let at = instant(reminder.trigger, task.due_date, preferences, zone)?;
            Some(Planned { at, reminder: reminder.id })
        })
        .collect();
    planned.sort_unstable();
    planned
}

/// What became of a reminder at one instant; stored once for each (task, reminder, instant).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Firing {
    /// Whose.
    pub task: TaskId,
    /// Which of the task's.
    pub reminder: ReminderId,
    /// For when it was planned.
    pub at: Timestamp,
    /// What became of it.
    pub fate: FiringFate,
    /// When that was.
    pub settled_at: Timestamp,
}

impl Firing {
    /// What can be there once.
    pub fn key(&self) -> (TaskId, ReminderId, Timestamp) {
        (self.task, self.reminder, self.at)
    }
}

word_enum!(
    /// What became of a reminder.
    FiringFate {
        /// It was sent on time.
        Sent = "sent",
        /// It was sent after a time in which nothing ran.
        Late = "late",
        /// More than a day had passed: it was not sent any more.
        Missed = "missed",
    }
);

word_enum!(
    /// Where a reminder stands at a moment.
    ReminderState {
        /// Its time is yet to come.
        Scheduled = "scheduled",
        /// Its time has come, and it has not been sent yet.
        Due = "due",
        /// It was sent.
        Sent = "sent",
        /// Its time passed more than a day ago, unsent.
        Missed = "missed",
        /// Its task is closed, in the trash, or not begun then: nothing is sent.
        Silent = "silent",
    }
);

/// Whether a task sends anything at an instant (R10): it is open, not in the trash, and has begun.
fn sends(task: &Task, at: Timestamp, zone: Zone) -> bool {
    let begun = task.start_date.is_none_or(|start| start.starts(zone) <= at);
    task.status.is_open() && task.trash.is_none() && begun
}

/// Where a planned reminder stands, given what became of it, if anything did.
pub fn state(
    task: &Task,
    planned: Planned,
    firing: Option<FiringFate>,
    now: Timestamp,
    zone: Zone,
) -> ReminderState {
    match firing {
        Some(FiringFate::Sent | FiringFate::Late) => ReminderState::Sent,
        Some(FiringFate::Missed) => ReminderState::Missed,
        None if !sends(task, planned.at, zone) => ReminderState::Silent,
        None if planned.at > now => ReminderState::Scheduled,
        None if now.millis() - planned.at.millis() > LATE_MAX_MILLIS => ReminderState::Missed,
        None => ReminderState::Due,
    }
}

/// What is to become of a planned reminder now, if something is: never early, and after a day
/// not at all (R10).
pub fn settle(task: &Task, planned: Planned, now: Timestamp, zone: Zone) -> Option<Firing> {
    let overdue = now.millis() - planned.at.millis();
    let fate = match state(task, planned, None, now, zone) {
        ReminderState::Due if overdue > LATE_MILLIS => FiringFate::Late,
        ReminderState::Due => FiringFate::Sent,
        ReminderState::Missed => FiringFate::Missed,
        ReminderState::Scheduled | ReminderState::Sent | ReminderState::Silent => return None,
    };
    let Planned { at, reminder } = planned;
    Some(Firing { task: task.uid, reminder, at, fate, settled_at: now })
}
