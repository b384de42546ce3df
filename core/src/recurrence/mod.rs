//! How tasks repeat (R1–R8): the rule, the slots it comes to, and which of them is next.
//!
//! Nothing outside this module knows the `rrule` crate. It is used as a generator of wall times
//! in UTC only; what zone they are in, which have passed and where a series stands is decided
//! here.

mod next;
mod rule;
mod sentence;
mod slots;
mod text;

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::due::Due;
use crate::error::{FieldError, Problem, excerpt};
use crate::macros::{as_text, word_enum};
use crate::task::{Revision, TaskId};
use crate::time::{Zone, parse_date, parse_time};

pub use next::{Next, SKIPPED_LISTED, Skipped, between, coming, newest_come, next};
pub use rule::{
    COUNT_MAX, Day, End, Freq, INTERVAL_MAX, RULE_MAX, Rule, RuleError, RuleProblem, Until,
};
pub(crate) use sentence::{month_name, nth, week_start_matters};
pub use slots::Slots;

/// Most slots that a preview shows.
pub const PREVIEW_MAX: usize = 100;

/// A place in a series: the wall date, or wall date and time, that the rule came to. Set once, and
/// kept however the task is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Slot {
    /// A whole day.
    Day(NaiveDate),
    /// A wall time.
    At(NaiveDateTime),
}

impl Slot {
    /// The slot that a due date lies on.
    pub fn of(due: Due) -> Self {
        match due {
            Due::Day(day) => Self::Day(day),
            Due::At { wall, .. } => Self::At(wall),
        }
    }

    /// The wall time; a day's is midnight.
    pub fn wall(self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN),
            Self::At(wall) => wall,
        }
    }

    /// The due date of an occurrence in this slot, where `anchor` says in which zone (R8). A wall
    /// time that the clocks skip that day is due when they show it (RFC 5545 section 3.3.5).
    pub fn due(self, anchor: Due) -> Due {
        match (self, anchor.zone()) {
            (Self::At(wall), Some(zone)) => Due::at(wall, zone, None),
            (slot, _) => Due::Day(slot.wall().date()),
        }
    }
}

/// By wall time; of a day and its midnight, neither is the later.
impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let timed = |slot: &Self| matches!(slot, Self::At(_));
        self.wall().cmp(&other.wall()).then(timed(self).cmp(&timed(other)))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::At(wall) => wall.format("%Y-%m-%dT%H:%M:%S").fmt(f),
        }
    }
}

impl FromStr for Slot {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let wall = |text: &str| {
            let (day, time) = text.split_once('T')?;
            Some(Self::At(parse_date(day)?.and_time(parse_time(time)?)))
        };
        parse_date(text)
            .map(Self::Day)
            .or_else(|| wall(text))
            .ok_or_else(|| Problem::NotADate { text: excerpt(text), hint: FORMS })
    }
}

const FORMS: &str = "a slot is written 2026-12-01 or 2026-12-01T17:00:00";

as_text!(Slot);

word_enum!(
    /// What the next date is counted from (R4).
    Basis {
        /// The rule's own calendar, whenever the task is done.
        Schedule = "schedule",
        /// The day on which the task is done.
        Completion = "completion",
    }
);

word_enum!(
    /// When the next occurrence is made (R5).
    Spawn {
        /// When this one is completed, cancelled or skipped.
        OnCompletion = "on_completion",
        /// When its slot comes, even if this one is still open.
        OnSchedule = "on_schedule",
    }
);

/// A recurrence to be set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NewRecurrence {
    /// How often.
    pub rule: Rule,
    /// Counted from what.
    pub from: Basis,
    /// Made when.
    pub spawn: Spawn,
}

impl NewRecurrence {
    /// By the calendar, when the one before is finished.
    pub fn new(rule: Rule) -> Self {
        Self { rule, from: Basis::Schedule, spawn: Spawn::OnCompletion }
    }

    /// What only the parts together can say (R1, R4).
    pub fn check(&self) -> Result<(), FieldError> {
        if self.from == Basis::Completion {
            if self.spawn == Spawn::OnSchedule {
                return Err(FieldError::new("recurrence", Problem::CompletionOnSchedule));
            }
            if !self.rule.is_plain() {
                return Err(FieldError::new("recurrence", Problem::CompletionRule));
            }
        }
        Ok(())
    }
}

/// The baton of a series (R1): it lies with the newest occurrence and is passed on to the next.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recurrence {
    /// How often.
    pub rule: Rule,
    /// Counted from what.
    pub from: Basis,
    /// Made when.
    pub spawn: Spawn,
    /// Where the rule is counted from, and in which zone and at what time of day.
    pub anchor: Due,
    /// The number of the occurrence that holds it, counted from 1; slots passed over count.
    pub n: u32,
}

impl From<&Recurrence> for NewRecurrence {
    fn from(recurrence: &Recurrence) -> Self {
        let Recurrence { rule, from, spawn, .. } = recurrence.clone();
        Self { rule, from, spawn }
    }
}

impl Recurrence {
    /// Where a series stands whose newest occurrence has this slot: a re-anchored one does not go
    /// back before its anchor.
    pub fn position(&self, slot: Option<Slot>) -> Slot {
        let anchor = Slot::of(self.anchor);
        slot.map_or(anchor, |slot| slot.max(anchor))
    }

    /// Whether the same was asked for.
    pub fn says(&self, new: &NewRecurrence) -> bool {
        self.rule == new.rule && self.from == new.from && self.spawn == new.spawn
    }

    /// Whether the clock makes the next occurrence (R5).
    pub fn is_scheduled(&self) -> bool {
        self.spawn == Spawn::OnSchedule
    }

    /// The zone in which its slots are meant; a day is meant wherever one is.
    pub fn zone(&self) -> Option<Zone> {
        self.anchor.zone()
    }
}

/// Namespace of series, derived from the task that begins one and its version then.
const SERIES_NAMESPACE: Uuid = Uuid::from_u128(0x2f6b_8e35_71c9_5d0a_8b44_93d6_1c7e_a05f);

/// The series that begins with a task: derived, so that a retry names the same one.
pub fn series_of(task: TaskId, version: Revision) -> Uuid {
    let mut name = [0; 24];
    name[..16].copy_from_slice(task.0.as_bytes());
    name[16..].copy_from_slice(&version.0.to_be_bytes());
    Uuid::new_v5(&SERIES_NAMESPACE, &name)
}

/// The occurrence of a series in a slot: the same on every replica (R6).
pub fn occurrence(series: Uuid, slot: Slot) -> TaskId {
    TaskId(Uuid::new_v5(&series, slot.to_string().as_bytes()))
}

/// The copy of a subtask below an occurrence.
pub fn copy_of(occurrence: TaskId, subtask: TaskId) -> TaskId {
    TaskId(Uuid::new_v5(&occurrence.0, subtask.0.as_bytes()))
}
