//! What is looked at of a task to count it.

use crate::due::Due;
use crate::query::TaskFields;
use crate::task::{Priority, Status};
use crate::time::Timestamp;

/// All that statistics know of a task but its tags, which come beside it: so little that a store
/// need not make a task of a row to have it counted.
///
/// Of a date only the instants count at which it begins and passes: a store that knows the instant
/// of a timed one may name it in any zone.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct Counted<'t> {
    pub status: Status,
    pub priority: Priority,
    pub project: Option<&'t str>,
    pub start_date: Option<Due>,
    pub due_date: Option<Due>,
    /// Whether it holds the baton of a series (R1).
    pub is_repeating: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    /// Since when it lies in the trash.
    pub deleted_at: Option<Timestamp>,
}

impl<'t> Counted<'t> {
    /// What is counted of a task.
    pub fn of(task: &'t impl TaskFields) -> Self {
        Self {
            status: task.status(),
            priority: task.priority(),
            project: task.project(),
            start_date: task.start_date(),
            due_date: task.due_date(),
            is_repeating: task.is_repeating(),
            created_at: task.created_at(),
            updated_at: task.updated_at(),
            completed_at: task.completed_at(),
            deleted_at: task.trash().map(|trash| trash.at),
        }
    }
}
