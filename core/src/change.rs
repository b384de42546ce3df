//! What changed in a task, field by field, with the value before and after.
//!
//! A rule makes the task as it should be and compares it with the task as it is. The difference is
//! the event, and the same difference is what undo writes back: there is no second description of
//! a change anywhere that could disagree with it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::due::Due;
use crate::recurrence::{Recurrence, Slot};
use crate::reminder::Reminders;
use crate::task::{Parent, Priority, Status, Task, Trash};
use crate::text::{Description, Project, Tags, Title};
use crate::time::Timestamp;

/// A value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap<T> {
    /// Before.
    pub old: T,
    /// After.
    pub new: T,
}

impl<T: PartialEq + Clone> Swap<T> {
    fn between(old: &T, new: &T) -> Option<Self> {
        (old != new).then(|| Self { old: old.clone(), new: new.clone() })
    }

    fn inverted(self) -> Self {
        Self { old: self.new, new: self.old }
    }
}

macro_rules! fields {
    ($($variant:ident($member:ident: $type:ty) = $name:literal,)+) => {
        /// A field that can change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $(#[doc = concat!("`", $name, "`.")] $variant,)+ }

        impl Field {
            /// The JSON name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Gives a task the value that another has.
            pub fn copy(self, from: &Task, to: &mut Task) {
                match self { $(Self::$variant => to.$member.clone_from(&from.$member),)+ }
            }
        }

        /// One field's change.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "field")]
        pub enum FieldChange {
            $(#[doc = concat!("`", $name, "`.")] #[serde(rename = $name)] $variant(Swap<$type>),)+
        }

        impl FieldChange {
            /// Which field.
            pub const fn field(&self) -> Field {
                match self { $(Self::$variant(_) => Field::$variant,)+ }
            }

            /// Writes the new value.
            pub fn apply(&self, task: &mut Task) {
                match self { $(Self::$variant(swap) => task.$member = swap.new.clone(),)+ }
            }

            /// Whether the task holds the new value.
            pub fn holds(&self, task: &Task) -> bool {
                // A stay in the trash is known by its group: undo and redo renew its date.
                if let Self::Trash(swap) = self {
                    return task.trash.map(|t| t.group) == swap.new.map(|t| t.group);
                }
                match self { $(Self::$variant(swap) => task.$member == swap.new,)+ }
            }

            /// The change back.
            #[must_use]
            pub fn inverted(self) -> Self {
                match self { $(Self::$variant(swap) => Self::$variant(swap.inverted()),)+ }
            }
        }

        /// Every field in which two states of a task differ.
        pub fn diff(old: &Task, new: &Task) -> Vec<FieldChange> {
            let mut changes = Vec::new();
            $(changes.extend(Swap::between(&old.$member, &new.$member).map(FieldChange::$variant));)+
            changes
        }
    };
}

fields! {
    Title(title: Title) = "title",
    Description(description: Option<Description>) = "description",
    Status(status: Status) = "status",
    Priority(priority: Priority) = "priority",
    Project(project: Option<Project>) = "project",
    Tags(tags: Tags) = "tags",
    Parent(parent: Option<Parent>) = "parent",
    StartDate(start_date: Option<Due>) = "start_date",
    DueDate(due_date: Option<Due>) = "due_date",
    Recurrence(recurrence: Option<Box<Recurrence>>) = "recurrence",
    Series(series: Option<Uuid>) = "series",
    Slot(slot: Option<Slot>) = "slot",
    Reminders(reminders: Reminders) = "reminders",
    CompletedAt(completed_at: Option<Timestamp>) = "completed_at",
    CancelledAt(cancelled_at: Option<Timestamp>) = "cancelled_at",
    Trash(trash: Option<Trash>) = "deleted_at",
}
