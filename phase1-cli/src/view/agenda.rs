//! The days to come, each with its tasks and with the dates that series will have then.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use todo_core::wire::following;
use todo_core::{Due, Task};

use super::json as view;
use super::screen::{Screen, columns, fit, visible};
use super::table::tags;
use super::when::{self, Clock, Pressing};

/// Dates of one series that are looked at: a daily one in a year.
const DATES: usize = 366;
/// Columns of a time, and of what stands before it.
const TIME: usize = 7;
/// Columns that a title has on the narrowest terminal.
const LEAST: usize = 8;

/// A date that a series will have, once the occurrence before is done.
#[derive(Debug)]
struct Coming {
    due: Due,
    /// The occurrence that is there now.
    now: Task,
}

/// One day.
#[derive(Debug, Default)]
struct Entries {
    tasks: Vec<Task>,
    coming: Vec<Coming>,
}

#[derive(Debug)]
pub(crate) struct Agenda {
    overdue: Vec<Task>,
    days: BTreeMap<NaiveDate, Entries>,
}

impl Agenda {
    /// `due` are the tasks due by the end of the last day, `series` those that repeat.
    pub(crate) fn new(due: Vec<Task>, series: &[Task], clock: &Clock, days: u32) -> Self {
        let today = clock.now.day(clock.zone);
        let last = today.checked_add_days(Days::new(u64::from(days) - 1)).unwrap_or(today);
        let mut agenda = Self { overdue: Vec::new(), days: BTreeMap::new() };
        for task in due {
            let Some(date) = task.due_date else { continue };
            if when::pressing(date, clock) == Pressing::Overdue {
                agenda.overdue.push(task);
            } else {
                agenda.days.entry(date.day_in(clock.zone)).or_default().tasks.push(task);
            }
        }
        for task in series {
            for next in following(task, DATES) {
                let day = next.due.day_in(clock.zone);
                if day > last {
                    break;
                }
                if when::pressing(next.due, clock) != Pressing::Overdue {
                    let entries = agenda.days.entry(day).or_default();
                    entries.coming.push(Coming { due: next.due, now: task.clone() });
                }
            }
        }
        for entries in agenda.days.values_mut() {
            entries.coming.sort_by_key(|coming| (coming.due.starts(clock.zone), coming.now.id));
        }
        agenda
    }
}

/// Prints it day by day.
pub(crate) fn print(screen: &mut Screen, agenda: &Agenda, clock: &Clock) -> io::Result<()> {
    if screen.is_json() {
        return view::print(screen, "agenda", body(agenda));
    }
    if agenda.overdue.is_empty() && agenda.days.is_empty() {
        return writeln!(screen, "Nothing is due in these days.");
    }
    let palette = screen.palette();
    let mut first = true;
    let mut heading = |screen: &mut Screen, text: &str, style: anstyle::Style| {
        if !std::mem::replace(&mut first, false) {
            writeln!(screen)?;
        }
        writeln!(screen, "{style}{text}{style:#}")
    };
    if !agenda.overdue.is_empty() {
        heading(screen, "Overdue", palette.alarm)?;
        lines(screen, &agenda.overdue, clock)?;
    }
    for (day, entries) in &agenda.days {
        heading(screen, &day_name(*day, clock), palette.strong)?;
        let there = entries.tasks.iter().map(|task| (task.due_date, task, true));
        let coming = entries.coming.iter().map(|coming| (Some(coming.due), &coming.now, false));
        let mut lines: Vec<_> = there.chain(coming).collect();
        // By the clock; whole days last.
        lines.sort_by_key(|(due, ..)| due.map(|due| due.passes(clock.zone)));
        for (due, task, there) in lines {
            line(screen, task, &time(due, clock), there)?;
        }
    }
    Ok(())
}

/// Tasks with their due dates, which stand one below the other.
pub(crate) fn lines(screen: &mut Screen, tasks: &[Task], clock: &Clock) -> io::Result<()> {
    let short = |task: &Task| task.due_date.map(|due| when::short(due, clock));
    let dues: Vec<_> = tasks.iter().map(|task| short(task).unwrap_or_default()).collect();
    let width = dues.iter().map(|due| columns(due)).max().unwrap_or_default().max(TIME);
    for (task, due) in tasks.iter().zip(&dues) {
        line(screen, task, &format!("{due:>width$}"), true)?;
    }
    Ok(())
}

/// `Today, Sat 21 Nov`.
pub(crate) fn day_name(day: NaiveDate, clock: &Clock) -> String {
    let today = clock.now.day(clock.zone);
    let name = match day.signed_duration_since(today).num_days() {
        0 => "Today, ",
        1 => "Tomorrow, ",
        _ => "",
    };
    let year = if day.year() == today.year() { "" } else { " %Y" };
    format!("{name}{}", day.format(&format!("%a %-d %b{year}")))
}

pub(crate) fn time(due: Option<Due>, clock: &Clock) -> String {
    due.and_then(|due| when::time(due, clock)).unwrap_or_default()
}

/// A task's line; a date that is only to come has no number of its own.
pub(crate) fn line(screen: &mut Screen, task: &Task, when: &str, there: bool) -> io::Result<()> {
    let palette = screen.palette();
    let style = if there { anstyle::Style::new() } else { palette.dim };
    let id = if there { task.id.to_string() } else { "↻".to_owned() };
    let mut text = visible(task.title.as_str()).into_owned();
    if let Some(project) = &task.project {
        text.extend(["  @", &visible(project.as_str())]);
    }
    if !task.tags.is_empty() {
        text.extend(["  ", &tags(task)]);
    }
    let room = screen.width.unwrap_or(usize::MAX);
    let used = columns(when).max(TIME) + 2 + id.len().max(4) + 2;
    let text = fit(&text, room.saturating_sub(used).max(LEAST));
    writeln!(screen, "{style}{when:>TIME$}  {id:>4}  {text}{style:#}")
}

fn body(agenda: &Agenda) -> Value {
    let days: Vec<_> = agenda
        .days
        .iter()
        .map(|(day, entries)| {
            let coming: Vec<_> = entries
                .coming
                .iter()
                .map(|coming| {
                    json!({
                        "id": coming.now.id,
                        "uid": coming.now.uid,
                        "title": coming.now.title,
                        "due_date": coming.due.date_text(),
                        "timezone": coming.due.zone().map(|zone| zone.name().to_owned()),
                    })
                })
                .collect();
            json!({ "date": day.to_string(), "tasks": entries.tasks, "coming": coming })
        })
        .collect();
    json!({ "overdue": agenda.overdue, "days": days })
}
