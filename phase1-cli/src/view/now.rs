//! What matters now, part by part.

use std::io::{self, Write};

use serde_json::json;
use todo_core::Task;

use super::agenda::{day_name, line, lines, time};
use super::json as view;
use super::screen::{self, Screen, visible};
use super::when::Clock;

/// Lines of a part before the rest is only counted.
const LINES: usize = 10;

/// What matters now; each task stands in one part only.
#[derive(Debug)]
pub(crate) struct Now {
    pub(crate) overdue: Vec<Task>,
    pub(crate) today: Vec<Task>,
    pub(crate) begun: Vec<Task>,
    /// What is most urgent of the others.
    pub(crate) next: Vec<Task>,
    /// How many are open in all.
    pub(crate) open: u64,
}

impl Now {
    /// All of them, in order.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        let Self { overdue, today, begun, next, .. } = self;
        [overdue, today, begun, next].into_iter().flatten().cloned().collect()
    }
}

pub(crate) fn print_json(screen: &mut Screen, now: &Now) -> io::Result<()> {
    let Now { overdue, today, begun, next, open } = now;
    let body = json!({
        "overdue": overdue,
        "today": today,
        "in_progress": begun,
        "next": next,
        "open": open,
    });
    view::print(screen, "now", body)
}

/// Prints it.
pub(crate) fn print(
    screen: &mut Screen,
    now: &Now,
    context: Option<&str>,
    clock: &Clock,
) -> io::Result<()> {
    let palette = screen.palette();
    let dim = palette.dim;
    let standing = context.map(|name| format!(" (context {})", visible(name)));
    let standing = standing.unwrap_or_default();
    if now.open == 0 {
        return writeln!(screen, "Nothing is open{standing}.");
    }
    let today = day_name(clock.now.day(clock.zone), clock);
    let parts = [
        ("Overdue", &now.overdue, palette.alarm, "todo list overdue", false),
        // The day is said above: the time is left to say.
        (&*today, &now.today, palette.soon, "todo list today", true),
        ("In progress", &now.begun, palette.active, "todo list --status in_progress", false),
        ("Next", &now.next, palette.strong, "todo list --sort -urgency", false),
    ];
    for (name, tasks, style, more, by_time) in parts {
        if tasks.is_empty() {
            continue;
        }
        writeln!(screen, "{style}{name}{style:#}")?;
        let shown = &tasks[..tasks.len().min(LINES)];
        if by_time {
            for task in shown {
                line(screen, task, &time(task.due_date, clock), true)?;
            }
        } else {
            lines(screen, shown, clock)?;
        }
        if tasks.len() > LINES {
            writeln!(screen, "{dim}and {} more: {more}{dim:#}", tasks.len() - LINES)?;
        }
        writeln!(screen)?;
    }
    let count = screen::tasks(now.open);
    let overdue = match now.overdue.len() {
        0 => String::new(),
        count => format!(", {count} overdue"),
    };
    writeln!(screen, "{dim}{count} open{overdue}{standing}{dim:#}")
}
