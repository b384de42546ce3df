//! When a task reminds of itself (R9, R10).
//!
//! A task keeps *what* was asked: an hour before it is due, or an instant. *When* that is follows
//! from the due date, the zone and the owner's preferences, and is worked out here each time: a
//! task that is put off takes its reminders along, and nothing has to be rewritten. What has been
//! sent is kept apart, as [`Firing`]s, and raises no version.

mod firing;
mod offset;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{FieldError, Problem};
use crate::macros::word_enum;
use crate::text::Title;
use crate::time::Timestamp;

pub use firing::{
    Firing, FiringFate, LATE_MAX_MILLIS, LATE_MILLIS, Planned, Preferences, ReminderState, instant,
    planned, settle, state,
};
pub(crate) use offset::units;
pub use offset::{OFFSET_DAYS_MAX, Offset};

/// Most reminders of one task.
pub const REMINDERS_MAX: usize = 10;

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
    /// These and no others. One that is there already keeps its number (S2), also where it only says something else
    /// or in another way: what was settled of it, and when it was set, goes by the number (R10).
    pub fn replaced(&self, wanted: &[NewReminder]) -> Result<Self, FieldError> {
        let mut kept = Self(Vec::new());
        for new in wanted {
            if kept.0.iter().any(|reminder| reminder.says(new)) {
                continue;
            }
            let same = self.0.iter().find(|reminder| reminder.says(new));
            let id = same.or_else(|| self.reworded(new, wanted, &kept)).map(|same| same.id);
            // Counted on from all that there were, so that a number does not change hands.
            let id = id.unwrap_or_else(|| self.next_id().max(kept.next_id()));
            kept.0.push(numbered(id, new));
        }
        kept.checked()
    }

    /// With some more and without some; one that is not there is gone already (S2). One that is taken away and added
    /// with other words keeps its number, as in [`Self::replaced`].
    pub fn edited(&self, add: &[NewReminder], remove: &[ReminderId]) -> Result<Self, FieldError> {
        let mut edited = self.clone();
        // What is taken away and added stays as it is.
        let stays = |reminder: &Reminder| add.iter().any(|new| reminder.says(new));
        edited.0.retain(|reminder| !remove.contains(&reminder.id) || stays(reminder));
        for new in add {
            if !edited.0.iter().any(|reminder| reminder.says(new)) {
                let id = self.reworded(new, add, &edited).map(|same| same.id);
                let id = id.unwrap_or_else(|| self.next_id().max(edited.next_id()));
                edited.0.push(numbered(id, new));
            }
        }
        edited.checked()
    }

    /// Which of these goes off at the same time as a new one, and is neither wanted as it is nor among those that
    /// are there already.
    fn reworded(
        &self,
        new: &NewReminder,
        wanted: &[NewReminder],
        there: &Self,
    ) -> Option<&Reminder> {
        self.0.iter().find(|old| {
            old.trigger == new.trigger
                && !wanted.iter().any(|new| old.says(new))
                && !there.0.iter().any(|reminder| reminder.id == old.id)
        })
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
