//! Tasks as `VTODO`s.

use std::io::{self, Write};

use super::alarm::from_midnight;
use super::fold::{Fold, escaped, quoted};
use super::timezone::{self, Years};
use super::when::Span;
use super::{DAY, STAMP, WALL, series};
use crate::due::Due;
use crate::interchange::{Losses, Writing};
use crate::recurrence::{Basis, Spawn};
use crate::reminder::{Channel, Reminder, Trigger};
use crate::task::{Priority, Status, Task};
use crate::text::{Project, Tag};
use crate::time::{Timestamp, Zone, localise};

/// The program that writes, as RFC 5545 wants it named.
pub(super) const PRODID: &str = "-//todo//todo//EN";

/// Writes tasks for any program that reads iCalendar. The trash has no place there.
pub fn export(tasks: &[Task], _: &Writing, out: &mut impl Write) -> io::Result<Losses> {
    let mut losses = Losses::default();
    let mut out = Fold::new(out);
    out.line("BEGIN", "VCALENDAR")?;
    out.line("VERSION", "2.0")?;
    out.line("PRODID", PRODID)?;
    let mut years = Years::default();
    for task in tasks.iter().filter(|task| task.trash.is_none()) {
        dates(task).into_iter().flatten().for_each(|due| years.add(due));
    }
    for (zone, year) in years.iter() {
        timezone::write(zone, year, &mut out)?;
    }
    for task in tasks {
        if task.trash.is_some() {
            losses.leave_out(
                "deleted_at",
                "there is no trash there; it is left out",
                task.title.as_str(),
            );
        } else {
            write(task, &mut out)?;
        }
    }
    out.line("END", "VCALENDAR")?;
    Ok(losses)
}

/// `DTSTART` and `DUE`.
pub(super) fn dates(task: &Task) -> [Option<Due>; 2] {
    let (start, due) = (task.start_date, task.due_date);
    let begins = match (series::start(task), start, due) {
        (Some(slot), _, _) => Some(slot),
        (None, Some(start), Some(due)) => Some(not_after(start, due)),
        (None, start, _) => start,
    };
    [begins, due]
}

/// A start as `DTSTART` may have it beside `DUE`: of the same kind, and not later.
fn not_after(start: Due, due: Due) -> Due {
    let start = match (start, due) {
        (Due::Day(day), Due::At { zone, .. }) => Due::at(day.and_time(MIDNIGHT), zone, None),
        (Due::At { .. }, Due::Day(_)) => Due::Day(start.wall_day()),
        _ => start,
    };
    let zone = due.zone().unwrap_or(Zone::UTC);
    if start.starts(zone) <= due.starts(zone) { start } else { due }
}

const MIDNIGHT: chrono::NaiveTime = chrono::NaiveTime::MIN;

fn write(task: &Task, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    out.line("BEGIN", "VTODO")?;
    out.line("UID", &task.uid.to_string())?;
    stamp("DTSTAMP", task.updated_at, out)?;
    stamp("CREATED", task.created_at, out)?;
    stamp("LAST-MODIFIED", task.updated_at, out)?;
    out.text("SUMMARY", task.title.as_str())?;
    if let Some(text) = &task.description {
        out.text("DESCRIPTION", text.as_str())?;
    }
    write_status(task, out)?;
    match task.priority {
        Priority::High => out.line("PRIORITY", "1")?,
        // What nobody has set: other programs would show it as a choice.
        Priority::Medium => {}
        Priority::Low => out.line("PRIORITY", "9")?,
    }
    if !task.tags.is_empty() {
        let tags: Vec<_> = task.tags.iter().map(Tag::as_str).map(escaped).collect();
        out.line("CATEGORIES", &tags.join(","))?;
    }
    // An empty one says that there is none: one that is missing says nothing.
    out.text("X-TODO-PROJECT", task.project.as_ref().map_or("", Project::as_str))?;
    if let Some(parent) = task.parent {
        out.line("RELATED-TO", &parent.uid.to_string())?;
    }
    write_dates(task, out)?;
    write_series(task, out)?;
    for (at, reminder) in task.reminders.iter().enumerate() {
        write_alarm(task, at, reminder, out)?;
    }
    out.line("END", "VTODO")
}

fn write_status(task: &Task, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    let status = match task.status {
        Status::Pending => "NEEDS-ACTION",
        Status::InProgress => "IN-PROCESS",
        Status::Completed => "COMPLETED",
        Status::Cancelled => "CANCELLED",
    };
    out.line("STATUS", status)?;
    if let Some(at) = task.completed_at {
        stamp("COMPLETED", at, out)?;
        out.line("PERCENT-COMPLETE", "100")?;
    }
    task.cancelled_at.map_or(Ok(()), |at| stamp("X-TODO-CANCELLED", at, out))
}

fn write_dates(task: &Task, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    let [begins, due] = dates(task);
    if let Some(begins) = begins {
        // What a reader makes of it, unless told otherwise.
        let understood = Some(begins).filter(|begins| Some(*begins) != due);
        let start = if understood == task.start_date {
            String::new()
        } else {
            let start = task.start_date.map_or_else(|| "none".to_owned(), |due| due.to_string());
            format!(";X-TODO-START={}", quoted(&start))
        };
        date(&format!("DTSTART{start}"), begins, out)?;
    }
    if let Some(due) = due {
        date("DUE", due, out)?;
    }
    // Programs that write instants only leave it beside them.
    task.zone().map_or(Ok(()), |zone| out.line("X-TODO-ZONE", zone.name()))
}

/// A date, a wall time in its zone, or an instant: in a doubled hour a wall time says the earlier
/// one (RFC 5545 section 3.3.5).
pub(super) fn date(name: &str, due: Due, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    match due {
        Due::Day(day) => out.line(&format!("{name};VALUE=DATE"), &day.format(DAY).to_string()),
        Due::At { zone, .. } => {
            let at = due.starts(zone);
            let wall = at.wall(zone);
            if zone == Zone::UTC || localise(wall, zone, None).instant != at {
                return out.line(name, &at.utc().format(STAMP).to_string());
            }
            out.line(&format!("{name};TZID={zone}"), &wall.format(WALL).to_string())
        }
    }
}

fn write_series(task: &Task, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    if let Some((recurrence, due)) = task.recurrence.as_deref().zip(task.due_date) {
        let (name, value) = series::write(recurrence, due);
        out.line(&name, &value)?;
        if recurrence.from != Basis::Schedule {
            out.line("X-TODO-FROM", recurrence.from.as_str())?;
        }
        if recurrence.spawn != Spawn::OnCompletion {
            out.line("X-TODO-SPAWN", recurrence.spawn.as_str())?;
        }
    }
    if let Some(series) = task.series {
        out.line("X-TODO-SERIES", &series.to_string())?;
    }
    task.slot.map_or(Ok(()), |slot| out.line("X-TODO-SLOT", &slot.to_string()))
}

/// Every alarm is shown: one by e-mail would have to name an address, and a task knows none.
fn write_alarm(
    task: &Task,
    at: usize,
    reminder: &Reminder,
    out: &mut Fold<'_, impl Write>,
) -> io::Result<()> {
    out.line("BEGIN", "VALARM")?;
    out.line("ACTION", "DISPLAY")?;
    match reminder.trigger {
        Trigger::At(at) => stamp("TRIGGER;VALUE=DATE-TIME", at, out)?,
        Trigger::Offset(offset) if matches!(task.due_date, Some(Due::Day(_))) => {
            let name = format!("TRIGGER;RELATED=END;X-TODO-OFFSET={offset}");
            out.line(&name, &from_midnight(offset).to_string())?;
        }
        Trigger::Offset(offset) => {
            let span = Span { back: true, days: offset.days(), seconds: offset.seconds() };
            out.line("TRIGGER;RELATED=END", &span.to_string())?;
        }
    }
    match &reminder.message {
        None => out.text("DESCRIPTION", task.title.as_str())?,
        Some(message) if *message == task.title => {
            out.text("DESCRIPTION;X-TODO-MESSAGE=own", message.as_str())?;
        }
        Some(message) => out.text("DESCRIPTION", message.as_str())?,
    }
    if reminder.channel != Channel::InApp {
        out.line("X-TODO-CHANNEL", reminder.channel.as_str())?;
    }
    if usize::try_from(reminder.id.0) != Ok(at + 1) {
        out.line("X-TODO-REMINDER", &reminder.id.to_string())?;
    }
    out.line("END", "VALARM")
}

/// An instant in UTC. iCalendar knows whole seconds; the rest goes with the value.
pub(super) fn stamp(name: &str, at: Timestamp, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    let value = at.utc().format(STAMP).to_string();
    match at.millis().rem_euclid(1000) {
        0 => out.line(name, &value),
        millis => out.line(&format!("{name};X-TODO-MS={millis}"), &value),
    }
}
