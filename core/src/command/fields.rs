//! What a task is made with, and changed with.

use crate::due::Due;
use crate::macros::word_enum;
use crate::recurrence::NewRecurrence;
use crate::reference::TaskRef;
use crate::reminder::{NewReminder, ReminderId};
use crate::task::{Priority, Status, TaskId};
use crate::text::{Description, Project, Tag, Tags, Title};

/// A change to a value that may be absent: leave it, take it away, or set it. Absent is not null.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Take it away.
    Clear,
    /// Set it.
    Set(T),
}

impl<T: Clone> Patch<T> {
    /// Carries it out.
    pub fn apply(&self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(new) => *value = Some(new.clone()),
        }
    }
}

/// A change to a task's tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TagsPatch {
    /// Leave them.
    #[default]
    Keep,
    /// These and no others.
    Set(Tags),
    /// Some more, some fewer.
    Edit {
        /// To add behind the others.
        add: Vec<Tag>,
        /// To take away.
        remove: Vec<Tag>,
    },
}

/// A change to a task's reminders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RemindersPatch {
    /// Leave them.
    #[default]
    Keep,
    /// These and no others.
    Set(Vec<NewReminder>),
    /// Some more, some fewer.
    Edit {
        /// To add.
        add: Vec<NewReminder>,
        /// To take away.
        remove: Vec<ReminderId>,
    },
}

word_enum!(
    /// How far a change of one occurrence goes (R7).
    Scope {
        /// This occurrence only.
        This = "this",
        /// This one and all later ones.
        Future = "future",
    }
);

/// A task to be made. The caller mints the uid, so a repeated request makes nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// The identity.
    pub uid: TaskId,
    /// What is to be done.
    pub title: Title,
    /// More about it.
    pub description: Option<Description>,
    /// How much it matters.
    pub priority: Priority,
    /// Where it belongs.
    pub project: Option<Project>,
    /// Labels.
    pub tags: Tags,
    /// The task it is part of.
    pub parent: Option<TaskRef>,
    /// Hidden until then.
    pub start_date: Option<Due>,
    /// To be done by then.
    pub due_date: Option<Due>,
    /// How it repeats.
    pub recurrence: Option<NewRecurrence>,
    /// When it reminds; `None` is what the owner prefers, an empty list is never (R9).
    pub reminders: Option<Vec<NewReminder>>,
}

impl NewTask {
    /// A title and nothing else.
    pub fn new(uid: TaskId, title: Title) -> Self {
        Self {
            uid,
            title,
            description: None,
            priority: Priority::Medium,
            project: None,
            tags: Tags::default(),
            parent: None,
            start_date: None,
            due_date: None,
            recurrence: None,
            reminders: None,
        }
    }
}

/// Changes to some of a task's fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskPatch {
    /// A new title.
    pub title: Option<Title>,
    /// A new description.
    pub description: Patch<Description>,
    /// A new status, under the rules of [`Verb::Move`](crate::command::Verb::Move).
    pub status: Option<Status>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// A new project.
    pub project: Patch<Project>,
    /// Other tags.
    pub tags: TagsPatch,
    /// Another parent.
    pub parent: Patch<TaskRef>,
    /// Another start.
    pub start_date: Patch<Due>,
    /// Another due date.
    pub due_date: Patch<Due>,
    /// Another recurrence; taken away, the series ends.
    pub recurrence: Patch<NewRecurrence>,
    /// Other reminders.
    pub reminders: RemindersPatch,
    /// How far a change of the due date goes; unless said, a change of the day is for this
    /// occurrence and one of the time of day for later ones too (R7).
    pub scope: Option<Scope>,
}
