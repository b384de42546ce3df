//! When a task reminds of itself (R9, R10).
//!
//! A task keeps *what* was asked: an hour before it is due, or an instant. *When* that is follows
//! from the due date, the zone and the owner's preferences, and is worked out here each time: a
//! task that is put off takes its reminders along, and nothing has to be rewritten. What has been
//! sent is kept apart, as [`Firing`]s, and raises no version.

use std::fmt;
use std::str::FromStr;

use chrono::{Duration, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::due::Due;
use crate::error::{FieldError, Problem, excerpt};
use crate::macros::{as_text, word_enum};
use crate::task::{Task, TaskId};
use crate::text::Title;
use crate::time::{Timestamp, Zone, localise};

/// Most reminders of one task.
pub const REMINDERS_MAX: usize = 10;
/// Furthest before the due date that a reminder can lie, in days.
pub const OFFSET_DAYS_MAX: u32 = 366;
/// How long after its instant a reminder is still sent (R10): 24 hours in milliseconds.
pub const LATE_MAX_MILLIS: i64 = 86_400_000;
/// How late a reminder is before it is called late, in milliseconds.
pub const LATE_MILLIS: i64 = 60_000;
const SECONDS_A_DAY: u32 = 86_400;

/// How long before the due date: days count on the calendar, the rest exactly.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Offset {
    days: u32,
    seconds: u32,
}

impl Offset {
    /// At the due time itself.
    pub const ZERO: Self = Self { days: 0, seconds: 0 };

    /// So many calendar days and so many seconds before; a year and a day at most.
    pub fn before(days: u32, seconds: u32) -> Result<Self, Problem> {
        let whole = days.saturating_add(seconds / SECONDS_A_DAY);
        if whole < OFFSET_DAYS_MAX
            || (whole == OFFSET_DAYS_MAX && seconds.is_multiple_of(SECONDS_A_DAY))
        {
            Ok(Self { days, seconds })
        } else {
            Err(Problem::ReminderTooEarly)
        }
    }

    /// Calendar days.
    pub fn days(self) -> u32 {
        self.days
    }

    /// Exact seconds.
    pub fn seconds(self) -> u32 {
        self.seconds
    }
}

/// ISO 8601: `-P1D`, `-PT1H30M`, `PT0S`.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { days, seconds } = *self;
        if *self == Self::ZERO {
            return f.write_str("PT0S");
        }
        f.write_str("-P")?;
        if days > 0 && days % 7 == 0 && seconds == 0 {
            return write!(f, "{}W", days / 7);
        }
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if seconds > 0 {
            f.write_str("T")?;
        }
        for (size, unit) in [(3600, 'H'), (60, 'M'), (1, 'S')] {
            let number = match unit {
                'H' => seconds / size,
                _ => seconds / size % 60,
            };
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Offset {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::NotAnOffset(excerpt(text));
        let trimmed = text.trim();
        let (sign, rest) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let rest = rest.strip_prefix(['P', 'p']).ok_or_else(wrong)?;
        let (date, time) = match rest.split_once(['T', 't']) {
            Some((_, "")) => return Err(wrong()),
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        let days = units(date, &[('W', 7), ('D', 1)]).ok_or_else(wrong)?;
        let seconds = units(time, &[('H', 3600), ('M', 60), ('S', 1)]).ok_or_else(wrong)?;
        if date.is_empty() && time.is_empty() {
            return Err(wrong());
        }
        if !sign && (days, seconds) != (0, 0) {
            return Err(Problem::ReminderAfter);
        }
        Self::before(days, seconds)
    }
}

/// `1D`, `2H30M`: each unit at most once, in this order.
fn units(text: &str, known: &[(char, u32)]) -> Option<u32> {
    let mut sum: u32 = 0;
    let mut rest = text;
    let mut known = known.iter();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| (1..=9).contains(end))?;
        let number: u32 = rest[..end].parse().ok()?;
        let unit = rest[end..].chars().next()?.to_ascii_uppercase();
        let (_, size) = known.find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.checked_mul(*size)?)?;
        rest = &rest[end + 1..];
    }
    Some(sum)
}

as_text!(Offset);

/// What sets a reminder off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// So long before the due date.
    Offset(Offset),
    /// An instant.
    At(Timestamp),
}

word_enum!(
    /// How a reminder reaches somebody.
    Channel {
        /// Where they work with their tasks: a page, a terminal.
        InApp = "in_app",
        /// By e-mail.
        Email = "email",
        /// To another program of theirs.
        Webhook = "webhook",
        /// To their devices.
        Push = "push",
    }
);

/// A reminder to be set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewReminder {
    /// When.
    pub trigger: Trigger,
    /// What it says beside the title: one line, like a title.
    pub message: Option<Title>,
    /// How.
    pub channel: Channel,
}

impl NewReminder {
    /// Without a message, where they work.
    pub fn new(trigger: Trigger) -> Self {
        Self { trigger, message: None, channel: Channel::InApp }
    }
}

/// A reminder's number among those of its task, from 1; not used twice while the task has others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReminderId(pub u32);

impl fmt::Display for ReminderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A reminder of a task.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Reminder {
    /// Its number.
    pub id: ReminderId,
    /// When.
    pub trigger: Trigger,
    /// What it says beside the title.
    pub message: Option<Title>,
    /// How.
    pub channel: Channel,
}

/// A reminder as JSON has it: with `offset` or with `at`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: ReminderId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<Offset>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Title>,
    #[serde(default = "in_app")]
    channel: Channel,
}

fn in_app() -> Channel {
    Channel::InApp
}

impl TryFrom<Written> for Reminder {
    type Error = FieldError;
    fn try_from(written: Written) -> Result<Self, FieldError> {
        let Written { id, offset, at, message, channel } = written;
        let trigger = match (offset, at) {
            (Some(offset), None) => Trigger::Offset(offset),
            (None, Some(at)) => Trigger::At(at),
            _ => return Err(FieldError::new("reminders", Problem::ReminderTrigger)),
        };
        Ok(Self { id, trigger, message, channel })
    }
}

impl From<Reminder> for Written {
    fn from(reminder: Reminder) -> Self {
        let Reminder { id, trigger, message, channel } = reminder;
        let (offset, at) = match trigger {
            Trigger::Offset(offset) => (Some(offset), None),
            Trigger::At(at) => (None, Some(at)),
        };
        Self { id, offset, at, message, channel }
    }
}

impl Reminder {
    /// Whether it counts from a due date.
    pub fn is_offset(&self) -> bool {
        matches!(self.trigger, Trigger::Offset(_))
    }

    fn says(&self, new: &NewReminder) -> bool {
        self.trigger == new.trigger && self.message == new.message && self.channel == new.channel
    }
}

/// A task's reminders: at most ten, no two alike.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Reminder>", into = "Vec<Reminder>")]
pub struct Reminders(Vec<Reminder>);

impl Reminders {
    /// These and no others. One that is there already keeps its number (S2).
    pub fn replaced(&self, wanted: &[NewReminder]) -> Result<Self, FieldError> {
        let mut kept = Self(Vec::new());
        for new in wanted {
            if kept.0.iter().any(|reminder| reminder.says(new)) {
                continue;
            }
            if let Some(same) = self.0.iter().find(|reminder| reminder.says(new)) {
                kept.0.push(same.clone());
            } else {
                // Counted on from all that there were, so that a number does not change hands.
                let id = self.next_id().max(kept.next_id());
                kept.0.push(numbered(id, new));
            }
        }
        kept.checked()
    }

    /// With some more and without some; one that is not there is gone already (S2).
    pub fn edited(&self, add: &[NewReminder], remove: &[ReminderId]) -> Result<Self, FieldError> {
        let mut edited = self.clone();
        // What is taken away and added stays as it is.
        let stays = |reminder: &Reminder| add.iter().any(|new| reminder.says(new));
        edited.0.retain(|reminder| !remove.contains(&reminder.id) || stays(reminder));
        for new in add {
            if !edited.0.iter().any(|reminder| reminder.says(new)) {
                let id = self.next_id().max(edited.next_id());
                edited.0.push(numbered(id, new));
            }
        }
        edited.checked()
    }

    /// Those that `keep` answers yes to.
    #[must_use]
    pub fn retained(&self, keep: impl Fn(&Reminder) -> bool) -> Self {
        Self(self.0.iter().filter(|reminder| keep(reminder)).cloned().collect())
    }

    /// Those that count from a due date.
    #[must_use]
    pub fn offsets(&self) -> Self {
        self.retained(Reminder::is_offset)
    }

    fn next_id(&self) -> ReminderId {
        let last = self.0.iter().map(|reminder| reminder.id.0).max().unwrap_or_default();
        ReminderId(last.saturating_add(1))
    }

    fn checked(self) -> Result<Self, FieldError> {
        let problem = match self.0.len() {
            got if got > REMINDERS_MAX => Problem::TooMany { max: REMINDERS_MAX, got },
            _ => return Ok(self),
        };
        Err(FieldError::new("reminders", problem))
    }

    /// The reminders in order.
    pub fn iter(&self) -> impl Iterator<Item = &Reminder> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn numbered(id: ReminderId, new: &NewReminder) -> Reminder {
    Reminder { id, trigger: new.trigger, message: new.message.clone(), channel: new.channel }
}

/// From a file or a peer: numbers are from 1 and each is there once.
impl TryFrom<Vec<Reminder>> for Reminders {
    type Error = FieldError;
    fn try_from(reminders: Vec<Reminder>) -> Result<Self, FieldError> {
        let reminders = Self(reminders).checked()?;
        for (place, reminder) in reminders.0.iter().enumerate() {
            let twice = reminders.0[..place].iter().any(|other| other.id == reminder.id);
            if twice || reminder.id.0 == 0 {
                return Err(FieldError::new("reminders", Problem::BadReminderId(reminder.id)));
            }
        }
        Ok(reminders)
    }
}

impl From<Reminders> for Vec<Reminder> {
    fn from(reminders: Reminders) -> Self {
        reminders.0
    }
}

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
    let day = wall.checked_sub_signed(Duration::days(i64::from(offset.days)))?;
    // The due time's own offset decides in a doubled hour; on another day it says nothing.
    let hint = hint.filter(|_| offset.days == 0);
    let at = localise(day, zone, hint).instant;
    Some(at.plus_millis(-1000 * i64::from(offset.seconds)))
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
#[serde(deny_unknown_fields)]
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
