//! A task as a line, and dates as people say them.

use todo_core::query::{Moment, is_overdue, is_waiting};
use todo_core::{Due, Priority, Status, Task};

/// When and where somebody looks at tasks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    pub(crate) moment: Moment,
}

/// `2026-11-21`, or `2026-11-21 17:00`: on the asker's clock.
pub(crate) fn brief(due: Due, glance: &Glance) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::At { .. } => {
            let zone = glance.moment.zone;
            due.starts(zone).wall(zone).format("%Y-%m-%d %H:%M").to_string()
        }
    }
}

/// `Sat 2026-11-21 17:00 Asia/Karachi (today)`: on the task's own clock.
pub(crate) fn when(due: Due, glance: &Glance) -> String {
    let day = due.wall_day();
    let time = match due {
        Due::Day(_) => String::new(),
        Due::At { wall, zone, .. } => format!(" {} {}", wall.format("%H:%M"), zone.name()),
    };
    let Moment { now, zone, .. } = glance.moment;
    let distance = (due.day_in(zone) - now.day(zone)).num_days();
    let distance = match distance {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {distance} days"),
        _ => format!("{} days ago", distance.unsigned_abs()),
    };
    format!("{} {day}{time} ({distance})", day.format("%a"))
}

/// `12. Pay rent | due 2026-11-21 17:00 OVERDUE | high | @home #finance | v3`. What is usual is left
/// away: no status is pending, no priority is medium.
pub(crate) fn line(task: &Task, glance: &Glance) -> String {
    let mut parts = vec![format!("{}. {}", task.id, task.title.as_str())];
    if task.status != Status::Pending {
        parts.push(task.status.as_str().to_owned());
    }
    if let Some(due) = task.due_date {
        let late = if is_overdue(task, &glance.moment) { " OVERDUE" } else { "" };
        parts.push(format!("due {}{late}", brief(due, glance)));
    }
    if let Some(start) = task.start_date.filter(|_| is_waiting(task, &glance.moment)) {
        parts.push(format!("waits until {}", brief(start, glance)));
    }
    if task.priority != Priority::Medium {
        parts.push(task.priority.as_str().to_owned());
    }
    let project = task.project.iter().map(|project| format!("@{}", project.as_str()));
    let tags = task.tags.iter().map(|tag| format!("#{}", tag.as_str()));
    let labels: Vec<_> = project.chain(tags).collect();
    if !labels.is_empty() {
        parts.push(labels.join(" "));
    }
    if task.recurrence.is_some() {
        parts.push("repeats".to_owned());
    }
    if let Some(parent) = task.parent {
        parts.push(format!("under {}", parent.id));
    }
    parts.push(format!("v{}", task.version.0));
    parts.join(" | ")
}
