//! What makes a task urgent, one factor a line, the heaviest first.

use std::io::{self, Write};

use todo_core::Task;
use todo_core::query::Moment;
use todo_core::urgency::{Factor, explain, urgency};

use super::screen::{Screen, visible};
use super::table::tags;
use super::when::{self, Clock};

/// Prints the sum and its parts.
pub(crate) fn print(
    screen: &mut Screen,
    task: &Task,
    moment: &Moment,
    apart: bool,
) -> io::Result<()> {
    if apart {
        writeln!(screen)?;
    }
    let palette = screen.palette();
    let (strong, dim) = (palette.strong, palette.dim);
    let title = visible(task.title.as_str());
    let sum = urgency(task, moment);
    writeln!(screen, "{strong}{}{strong:#}  {title}", task.id)?;
    let mut parts = explain(task, moment);
    if parts.is_empty() {
        let why = match () {
            () if task.trash.is_some() => "it lies in the trash",
            () if !task.status.is_open() => "it is done with",
            () => "nothing makes it urgent",
        };
        return writeln!(screen, "  urgency {sum}: {why}");
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.points));
    let clock = Clock::from(*moment);
    for part in parts {
        let what = said(part.factor, task, &clock);
        writeln!(screen, "  {:>5}  {dim}{what}{dim:#}", format!("{:+}", part.points))?;
    }
    writeln!(screen, "  {sum:>5}  urgency")
}

fn said(factor: Factor, task: &Task, clock: &Clock) -> String {
    match factor {
        Factor::Priority(priority) => format!("priority {priority}"),
        Factor::Due => {
            let due = task.due_date.map(|due| when::long(due, clock)).unwrap_or_default();
            format!("due {due}")
        }
        Factor::InProgress => "in progress".to_owned(),
        Factor::Next => "tagged #next".to_owned(),
        Factor::Tags(1) => format!("a tag: {}", tags(task)),
        Factor::Tags(count) => format!("{count} tags: {}", tags(task)),
        Factor::Project => {
            let project = task.project.as_ref().map(todo_core::Project::as_str);
            format!("in project {}", visible(project.unwrap_or_default()))
        }
        Factor::Description => "has a description".to_owned(),
        Factor::Age(1) => "a day old".to_owned(),
        Factor::Age(days) => format!("{days} days old"),
        Factor::Waiting => {
            let start = task.start_date.map(|start| when::long(start, clock)).unwrap_or_default();
            format!("hidden until {start}")
        }
    }
}
