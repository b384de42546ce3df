//! What tasks from elsewhere say nothing of.

use std::collections::BTreeMap;
use std::ops::Deref;

use crate::change::Field;
use crate::due::Due;
use crate::reminder::Reminder;
use crate::task::{Task, TaskId};
use crate::time::Zone;

/// Something of which nothing is said: a task that is here already keeps its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// A field.
    Field(Field),
    /// What the next date is counted from, as long as the rule is the same.
    Basis,
    /// When the next occurrence is made, as long as the rule is the same.
    Spawn,
    /// Where the rule is counted from, as long as it is the same.
    Anchor,
    /// The number of the occurrence, as long as the rule is the same.
    Number,
    /// The zone of dates, as long as they are the same moments.
    Zone,
    /// The numbers and the channels of reminders, as long as they are the same otherwise.
    Channels,
    /// When it was completed, as long as it is.
    Completed,
    /// When it was cancelled, as long as it is.
    Cancelled,
}

impl Keep {
    /// Gives a task what a known state of it holds.
    fn copy(self, known: &Task, task: &mut Task) {
        match self {
            Self::Field(field) => field.copy(known, task),
            Self::Basis | Self::Spawn | Self::Anchor | Self::Number => self.of_rule(known, task),
            Self::Zone => {
                keep_zone(known.due_date, &mut task.due_date);
                keep_zone(known.start_date, &mut task.start_date);
            }
            Self::Channels => {
                let same = |(a, b): (&Reminder, &Reminder)| {
                    (a.trigger, &a.message) == (b.trigger, &b.message)
                };
                let pairs = known.reminders.iter().zip(task.reminders.iter());
                let all = known.reminders.iter().count() == task.reminders.iter().count();
                if all && pairs.into_iter().all(same) {
                    task.reminders.clone_from(&known.reminders);
                }
            }
            Self::Completed if task.status == known.status => {
                task.completed_at = known.completed_at;
            }
            Self::Cancelled if task.status == known.status => {
                task.cancelled_at = known.cancelled_at;
            }
            Self::Completed | Self::Cancelled => {}
        }
    }

    fn of_rule(self, known: &Task, task: &mut Task) {
        let Some((known, read)) = known.recurrence.as_deref().zip(task.recurrence.as_deref_mut())
        else {
            return;
        };
        if known.rule != read.rule {
            // A rule that is new begins with the date that the task has now.
            if let (Self::Anchor, Some(due)) = (self, task.due_date) {
                read.anchor = due;
            }
            return;
        }
        match self {
            Self::Basis => read.from = known.from,
            Self::Spawn => read.spawn = known.spawn,
            Self::Anchor => read.anchor = known.anchor,
            Self::Number => read.n = known.n,
            _ => {}
        }
    }
}

fn keep_zone(known: Option<Due>, read: &mut Option<Due>) {
    if let Some((known, read)) = known.zip(read.as_mut())
        && known.zone().is_some()
        && read.zone().is_some()
        && known.starts(Zone::UTC) == read.starts(Zone::UTC)
    {
        *read = known;
    }
}

/// What a task that is here already keeps, of all tasks and of single ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keeps {
    fields: Vec<Field>,
    parts: Vec<Keep>,
    of: BTreeMap<TaskId, &'static [Keep]>,
}

impl Keeps {
    /// Nothing is said of this, of any task.
    pub fn add(&mut self, keep: Keep) {
        match keep {
            Keep::Field(field) => self.fields.push(field),
            part => self.parts.push(part),
        }
    }

    /// Nothing is said of these, of one task.
    pub fn add_of(&mut self, task: TaskId, keeps: &'static [Keep]) {
        self.of.insert(task, keeps);
    }

    /// Whether all is said.
    pub(crate) fn is_nothing(&self) -> bool {
        self.fields.is_empty() && self.parts.is_empty() && self.of.is_empty()
    }

    /// Gives a task what is not said of it and a known state of it holds.
    pub fn complete(&self, known: &Task, task: &mut Task) {
        let of = self.of.get(&task.uid).copied().unwrap_or_default();
        self.fields.iter().for_each(|field| field.copy(known, task));
        self.parts.iter().chain(of).for_each(|keep| keep.copy(known, task));
    }
}

impl From<Vec<Field>> for Keeps {
    fn from(fields: Vec<Field>) -> Self {
        Self { fields, ..Self::default() }
    }
}

/// The fields of which nothing is said, of any task.
impl Deref for Keeps {
    type Target = [Field];

    fn deref(&self) -> &[Field] {
        &self.fields
    }
}
