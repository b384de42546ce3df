//! A change to how a task repeats, in words.

use super::{Asking, Every, WordsError, every};
use crate::command::{Patch, TaskPatch};
use crate::due::Due;
use crate::recurrence::{Basis, Spawn};
use crate::task::Task;

/// How a series goes on, where that is said beside the words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GoesOn {
    /// What the next date is counted from.
    pub from: Option<Basis>,
    /// When the next occurrence is made.
    pub spawn: Option<Spawn>,
}

/// Reads how a task is to repeat (W3) into a change of it, which may hold a due date already. A due
/// date comes with the words where the task has none, or none that the rule has.
pub fn again(
    text: &str,
    asking: &Asking,
    task: &Task,
    goes_on: GoesOn,
    change: &mut TaskPatch,
) -> Result<(), WordsError> {
    let due = match &change.due_date {
        Patch::Keep => task.due_date,
        Patch::Clear => None,
        Patch::Set(due) => Some(*due),
    };
    let Every { recurrence: mut new, due: first } = every(text, asking, due)?;
    // Another rule leaves who makes the next one as it was, unless that is said too.
    if let Some(old) = task.recurrence.as_ref().filter(|_| new.from == Basis::Schedule) {
        new.spawn = old.spawn;
    }
    new.from = goes_on.from.unwrap_or(new.from);
    new.spawn = goes_on.spawn.unwrap_or(new.spawn);
    // A date that was moved by hand is not moved back by the rule that is there already (S2).
    let said = task.recurrence.as_ref().is_some_and(|old| old.says(&new));
    if due != Some(first) && !(said && due.is_some_and(|due| at_one_time(due, first))) {
        change.due_date = Patch::Set(first);
    }
    change.recurrence = Patch::Set(new);
    Ok(())
}

fn at_one_time(one: Due, other: Due) -> bool {
    let time = |due| match due {
        Due::Day(_) => None,
        Due::At { wall, .. } => Some(wall.time()),
    };
    time(one) == time(other)
}
