//! A task, and the small types that it is made of.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::batch::NUMBER_MAX;
use crate::due::Due;
use crate::macros::word_enum;
use crate::recurrence::{Recurrence, Slot};
use crate::reminder::Reminders;
use crate::text::{Description, Project, Tags, Title};
use crate::time::Timestamp;

/// Levels a subtask may lie below the top.
pub const DEPTH_MAX: usize = 3;
/// Most tasks of one owner, trash included.
pub const TASKS_MAX: u64 = 1_000_000;
/// How long the trash keeps a task (S4): 30 days in milliseconds.
pub const TRASH_KEPT_MILLIS: i64 = 30 * 86_400_000;

/// Whose tasks. Leads every key and every call of a store, so that no query can forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(pub Uuid);

impl Owner {
    /// The one owner of a file.
    pub const LOCAL: Self = Self(Uuid::nil());
}

/// A task's identity: a UUID v7 minted where it was created, or a v5 derived for copies. The same
/// on every device and in every format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub Uuid);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number people type and say: per owner, from 1, never used twice. The store stamps it at
/// commit; until then it is [`TaskNo::UNSTAMPED`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TaskNo(pub u64);

impl TaskNo {
    /// Not given yet.
    pub const UNSTAMPED: Self = Self(0);
}

impl fmt::Display for TaskNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How often a task has changed, from 1; the HTTP `ETag`, the guard in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// A task just made.
    pub const FIRST: Self = Self(1);

    /// One change later.
    #[must_use]
    pub const fn next(self) -> Self {
        // A file may hold any number, and none may stop the program. No honest version gets here.
        if self.0 < NUMBER_MAX { Self(self.0 + 1) } else { Self(NUMBER_MAX) }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

word_enum!(
    /// Where a task stands (S1).
    Status {
        /// Not begun.
        Pending = "pending",
        /// Begun.
        InProgress = "in_progress",
        /// Done.
        Completed = "completed",
        /// Given up.
        Cancelled = "cancelled",
    }
);

impl Status {
    /// Pending or in progress.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}

word_enum!(
    /// How much it matters, the most first.
    Priority {
        /// Before the others.
        High = "high",
        /// Unless said otherwise.
        Medium = "medium",
        /// After the others.
        Low = "low",
    }
);

/// The task that another is a subtask of: its identity, and its number for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parent {
    /// The parent's identity.
    pub uid: TaskId,
    /// The parent's number; stamped with it when both are new.
    pub id: TaskNo,
}

/// A task's stay in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Trash {
    /// When it was deleted.
    pub at: Timestamp,
    /// Shared by all tasks deleted together; restore brings back that group only (S8).
    pub group: Uuid,
}

/// A task as it stands. Holds nothing that depends on the present moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The identity.
    pub uid: TaskId,
    /// The number for people.
    pub id: TaskNo,
    /// What is to be done.
    pub title: Title,
    /// More about it.
    pub description: Option<Description>,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Where it belongs.
    pub project: Option<Project>,
    /// Labels.
    pub tags: Tags,
    /// The task it is part of.
    pub parent: Option<Parent>,
    /// Hidden until then (Q1).
    pub start_date: Option<Due>,
    /// To be done by then.
    pub due_date: Option<Due>,
    /// How it repeats; lies with the newest occurrence of its series (R1).
    pub recurrence: Option<Box<Recurrence>>,
    /// The series it is an occurrence of, for ever.
    pub series: Option<Uuid>,
    /// Its place in the series, for ever.
    pub slot: Option<Slot>,
    /// When it reminds of itself (R9).
    pub reminders: Reminders,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Set exactly while it is completed.
    pub completed_at: Option<Timestamp>,
    /// Set exactly while it is cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Set exactly while it lies in the trash.
    pub trash: Option<Trash>,
    /// Raised by one on every change.
    pub version: Revision,
}

impl Task {
    /// A pending task with a title and nothing else.
    pub fn blank(uid: TaskId, title: Title, now: Timestamp) -> Self {
        Self {
            uid,
            id: TaskNo::UNSTAMPED,
            title,
            description: None,
            status: Status::Pending,
            priority: Priority::Medium,
            project: None,
            tags: Tags::default(),
            parent: None,
            start_date: None,
            due_date: None,
            recurrence: None,
            series: None,
            slot: None,
            reminders: Reminders::default(),
            created_at: now,
            updated_at: now,
            completed_at: None,
            cancelled_at: None,
            trash: None,
            version: Revision::FIRST,
        }
    }

    /// Puts the task into a status, with the instants that belong to it.
    pub fn set_status(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.completed_at = (status == Status::Completed).then_some(at);
        self.cancelled_at = (status == Status::Cancelled).then_some(at);
    }

    /// A task has one zone: the due date's, else the start date's. A start date in another zone
    /// keeps its instant and takes on that zone's clock.
    pub fn settle_zone(&mut self) {
        if let (Some(start), Some(zone)) = (self.start_date, self.due_date.and_then(|d| d.zone()))
            && start.zone().is_some_and(|own| own != zone)
        {
            self.start_date = Some(start.in_zone(zone));
        }
    }

    /// `timezone`: the zone of its timed dates.
    pub fn zone(&self) -> Option<crate::time::Zone> {
        self.due_date.and_then(|due| due.zone()).or_else(|| self.start_date.and_then(|s| s.zone()))
    }
}

/// Whether a stay in the trash is over: such a task is gone, removed or not (S4).
pub fn is_expired(trash: Option<Trash>, now: Timestamp) -> bool {
    trash.is_some_and(|trash| has_expired(trash.at, now))
}

/// Whether it is over for what was deleted at that time.
pub(crate) fn has_expired(deleted_at: Timestamp, now: Timestamp) -> bool {
    now.millis() - deleted_at.millis() > TRASH_KEPT_MILLIS
}
