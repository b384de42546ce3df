//! How a task repeats, in words and dates.

use std::io::{self, Write};

use todo_core::Task;
use todo_core::recurrence::{Basis, PREVIEW_MAX};
use todo_core::wire::{following, sentence};

use super::screen::{Screen, visible};
use super::when::{self, Clock};

/// The task, and how it repeats.
pub(crate) fn headline(screen: &Screen, task: &Task) -> String {
    let strong = screen.palette().strong;
    let title = visible(task.title.as_str());
    let how = match &task.recurrence {
        Some(recurrence) => sentence(recurrence),
        None => "does not repeat".to_owned(),
    };
    format!("{strong}{}  {title}{strong:#}  {how}", task.id)
}

/// The task's own date and those that follow.
pub(crate) fn print_coming(
    screen: &mut Screen,
    task: &Task,
    count: usize,
    clock: &Clock,
) -> io::Result<()> {
    let Some(recurrence) = &task.recurrence else { return Ok(()) };
    let dim = screen.palette().dim;
    if let Some(due) = task.due_date {
        writeln!(screen, "  now   {}", when::long(due, clock))?;
    }
    let dates = following(task, count);
    for next in &dates {
        writeln!(screen, "  then  {}", when::long(next.due, clock))?;
    }
    if recurrence.from == Basis::Completion {
        writeln!(screen, "  {dim}then counted from the day on which it is done{dim:#}")?;
    } else if dates.len() < count.min(PREVIEW_MAX) {
        writeln!(screen, "  {dim}and no more: the series ends{dim:#}")?;
    }
    Ok(())
}
