//! Everything about a task.

use std::io::{self, Write};

use todo_core::wire::sentence;
use todo_core::{Priority, Status, Task};

use super::reminders;
use super::screen::{Screen, visible};
use super::table::{is_waiting, tags};
use super::when::{self, Clock, Pressing};

/// Prints a task, its place in the tree, and its open and closed subtasks.
pub(crate) fn print(
    screen: &mut Screen,
    task: &Task,
    above: &[&Task],
    below: &[&Task],
    clock: &Clock,
) -> io::Result<()> {
    let palette = screen.palette();
    let (strong, dim, label) = (palette.strong, palette.dim, palette.label);
    writeln!(screen, "{strong}{}  {}{strong:#}", task.id, visible(task.title.as_str()))?;
    let mut field = |name: &str, value: &str, style: anstyle::Style| {
        writeln!(screen, "  {dim}{name:<9}{dim:#} {style}{value}{style:#}")
    };
    let plain = anstyle::Style::new();
    let status = status(task, clock);
    field(
        "status",
        &status,
        if task.status == Status::InProgress { palette.active } else { plain },
    )?;
    let alarm = if task.priority == Priority::High { palette.alarm } else { plain };
    field("priority", task.priority.as_str(), alarm)?;
    if let Some(due) = task.due_date {
        let style = match when::pressing(due, clock) {
            Pressing::Overdue if task.status.is_open() => palette.alarm,
            Pressing::Today if task.status.is_open() => palette.soon,
            _ => plain,
        };
        field("due", &when::long(due, clock), style)?;
    }
    if let Some(recurrence) = &task.recurrence {
        field("repeats", &sentence(recurrence), plain)?;
    }
    if !task.reminders.is_empty() {
        field("reminds", &reminders::summary(task, clock), plain)?;
    }
    if let Some(start) = task.start_date {
        field("start", &when::long(start, clock), plain)?;
    }
    if let Some(project) = &task.project {
        field("project", &visible(project.as_str()), plain)?;
    }
    if !task.tags.is_empty() {
        field("tags", &tags(task), label)?;
    }
    if !above.is_empty() {
        let path: Vec<_> = above.iter().map(|t| format!("{} {}", t.id, t.title)).collect();
        field("part of", &visible(&path.join(" › ")), plain)?;
    }
    field("created", &when::instant(task.created_at, clock), plain)?;
    if task.updated_at != task.created_at {
        field("updated", &when::instant(task.updated_at, clock), plain)?;
    }
    field("version", &task.version.to_string(), plain)?;
    field("uid", &task.uid.to_string(), plain)?;
    if let Some(text) = &task.description {
        writeln!(screen)?;
        for line in text.as_str().lines() {
            writeln!(screen, "  {}", visible(line))?;
        }
    }
    if !below.is_empty() {
        writeln!(screen)?;
        for task in below {
            let mark = if task.status.is_open() { " " } else { "x" };
            writeln!(screen, "  [{mark}] {} {}", task.id, visible(task.title.as_str()))?;
        }
    }
    Ok(())
}

fn status(task: &Task, clock: &Clock) -> String {
    let since = |at| when::instant(at, clock);
    let status = match (task.completed_at, task.cancelled_at) {
        (Some(at), _) => format!("completed {}", since(at)),
        (_, Some(at)) => format!("cancelled {}", since(at)),
        _ if is_waiting(task, clock) => {
            format!("{}, waiting for its start", task.status.as_str().replace('_', " "))
        }
        _ => task.status.to_string().replace('_', " "),
    };
    match task.trash {
        Some(trash) => format!("{status}; in the trash since {}", since(trash.at)),
        None => status,
    }
}
