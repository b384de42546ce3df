//! A list for other programs of the command line: one task a line, fields separated by tabs, in
//! an order that will not change: id, status, priority, due date, project, tags, title; and how
//! urgent it is, if that was asked.

use std::io::{self, Write};

use todo_core::query::Moment;
use todo_core::{Tag, Task, urgency};

use super::screen::visible;

/// Prints one line a task. No text can hold a tab or a line end here.
pub(crate) fn print(
    out: &mut impl Write,
    tasks: &[Task],
    urgency: Option<&Moment>,
) -> io::Result<()> {
    for task in tasks {
        let due = task.due_date.map(|due| due.date_text()).unwrap_or_default();
        let project = task.project.as_ref().map_or("", |project| project.as_str());
        let tags: Vec<_> = task.tags.iter().map(Tag::as_str).collect();
        write!(
            out,
            "{}\t{}\t{}\t{due}\t{}\t{}\t{}",
            task.id,
            task.status,
            task.priority,
            visible(project),
            visible(&tags.join(",")),
            visible(task.title.as_str()),
        )?;
        match urgency {
            Some(moment) => writeln!(out, "\t{}", urgency::urgency(task, moment))?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}
