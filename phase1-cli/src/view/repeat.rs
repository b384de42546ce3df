//! How a task repeats, in words and dates.

use std::io::{self, Write};

use serde_json::{Value, json};
use todo_core::recurrence::{Next, PREVIEW_MAX, Recurrence, Spawn, coming};
use todo_core::{Task, recurrence::Basis};

use super::screen::{Screen, visible};
use super::when::{self, Clock};

/// `every last Friday`, and what is special about it.
pub(crate) fn sentence(recurrence: &Recurrence) -> String {
    let mut text = recurrence.rule.sentence(recurrence.from);
    if recurrence.spawn == Spawn::OnSchedule {
        text.push_str(", whether done or not");
    }
    text
}

/// The dates after the one that the task has now.
pub(crate) fn dates(task: &Task, count: usize) -> Vec<Next> {
    let Some(recurrence) = &task.recurrence else { return Vec::new() };
    if recurrence.from == Basis::Completion {
        // Nobody knows when it will be done.
        return Vec::new();
    }
    let position = recurrence.position(task.slot);
    coming(recurrence, position).take(count.min(PREVIEW_MAX)).collect()
}

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
    let dates = dates(task, count);
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

/// The same for programs.
pub(crate) fn describe(task: &Task, count: usize) -> Value {
    let coming: Vec<_> = dates(task, count)
        .into_iter()
        .map(|next| {
            json!({
                "slot": next.slot,
                "n": next.n,
                "due_date": next.due.date_text(),
                "timezone": next.due.zone().map(|zone| zone.name().to_owned()),
            })
        })
        .collect();
    json!({
        "id": task.id,
        "uid": task.uid,
        "title": task.title,
        "recurrence": task.recurrence,
        "sentence": task.recurrence.as_deref().map(sentence),
        "due_date": task.due_date.map(|due| due.date_text()),
        "coming": coming,
    })
}
