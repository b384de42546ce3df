//! What a filter and an order look at, so that a store can ask them of a row that it has not made
//! into a [`Task`].

use crate::due::Due;
use crate::task::{Parent, Priority, Status, Task, TaskId, TaskNo, Trash};
use crate::text::Tag;
use crate::time::Timestamp;

/// A task, or a row that could become one.
#[expect(missing_docs, reason = "each is the field of that name")]
pub trait TaskFields {
    fn uid(&self) -> TaskId;
    fn id(&self) -> TaskNo;
    fn title(&self) -> &str;
    fn description(&self) -> Option<&str>;
    fn status(&self) -> Status;
    fn priority(&self) -> Priority;
    fn project(&self) -> Option<&str>;
    fn tags(&self) -> impl Iterator<Item = &str>;
    fn parent(&self) -> Option<Parent>;
    fn start_date(&self) -> Option<Due>;
    fn due_date(&self) -> Option<Due>;
    fn created_at(&self) -> Timestamp;
    fn updated_at(&self) -> Timestamp;
    fn completed_at(&self) -> Option<Timestamp>;
    fn cancelled_at(&self) -> Option<Timestamp>;
    fn trash(&self) -> Option<Trash>;
    /// Whether it holds the baton of a series (R1).
    fn is_repeating(&self) -> bool;
    /// Whether that series goes by the clock (R5).
    fn is_scheduled(&self) -> bool;
    /// Whether it has reminders.
    fn is_reminding(&self) -> bool;
}

impl TaskFields for Task {
    fn uid(&self) -> TaskId {
        self.uid
    }
    fn id(&self) -> TaskNo {
        self.id
    }
    fn title(&self) -> &str {
        self.title.as_str()
    }
    fn description(&self) -> Option<&str> {
        self.description.as_ref().map(super::super::text::Description::as_str)
    }
    fn status(&self) -> Status {
        self.status
    }
    fn priority(&self) -> Priority {
        self.priority
    }
    fn project(&self) -> Option<&str> {
        self.project.as_ref().map(super::super::text::Project::as_str)
    }
    fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(Tag::as_str)
    }
    fn parent(&self) -> Option<Parent> {
        self.parent
    }
    fn start_date(&self) -> Option<Due> {
        self.start_date
    }
    fn due_date(&self) -> Option<Due> {
        self.due_date
    }
    fn created_at(&self) -> Timestamp {
        self.created_at
    }
    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }
    fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at
    }
    fn cancelled_at(&self) -> Option<Timestamp> {
        self.cancelled_at
    }
    fn trash(&self) -> Option<Trash> {
        self.trash
    }
    fn is_repeating(&self) -> bool {
        self.recurrence.is_some()
    }
    fn is_reminding(&self) -> bool {
        !self.reminders.is_empty()
    }
    fn is_scheduled(&self) -> bool {
        self.recurrence.as_ref().is_some_and(|recurrence| recurrence.is_scheduled())
    }
}

macro_rules! delegate {
    ($($name:ident: $type:ty,)+) => {
        /// A reference looks at the same fields.
        impl<T: TaskFields> TaskFields for &T {
            $(fn $name(&self) -> $type { (**self).$name() })+
            fn tags(&self) -> impl Iterator<Item = &str> { (**self).tags() }
        }
    };
}

delegate! {
    uid: TaskId,
    id: TaskNo,
    title: &str,
    description: Option<&str>,
    status: Status,
    priority: Priority,
    project: Option<&str>,
    parent: Option<Parent>,
    start_date: Option<Due>,
    due_date: Option<Due>,
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    trash: Option<Trash>,
    is_repeating: bool,
    is_scheduled: bool,
    is_reminding: bool,
}
