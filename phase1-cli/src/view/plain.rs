//! A list for other programs of the command line: one task a line, fields separated by tabs, in
//! an order that will not change: id, status, priority, due date, project, tags, title.

use std::io::{self, Write};

use todo_core::{Tag, Task};

use super::screen::visible;

/// Prints one line a task. No text can hold a tab or a line end here.
pub(crate) fn print(out: &mut impl Write, tasks: &[Task]) -> io::Result<()> {
    for task in tasks {
        let due = task.due_date.map(|due| due.date_text()).unwrap_or_default();
        let project = task.project.as_ref().map_or("", |project| project.as_str());
        let tags: Vec<_> = task.tags.iter().map(Tag::as_str).collect();
        writeln!(
            out,
            "{}\t{}\t{}\t{due}\t{}\t{}\t{}",
            task.id,
            task.status,
            task.priority,
            visible(project),
            visible(&tags.join(",")),
            visible(task.title.as_str()),
        )?;
    }
    Ok(())
}
