//! Due dates as `VEVENT`s, for calendars that are subscribed to: most of them show no `VTODO`.
//!
//! One way only. What a calendar has no place for stays out, and nothing is read back: `export`
//! writes what can be.

use std::io::{self, Write};

use super::export::{date, stamp};
use super::fold::{Fold, escaped};
use super::series;
use super::timezone::{self, Years};
use crate::due::Due;
use crate::recurrence::Basis;
use crate::task::Task;
use crate::text::Tag;

/// Writes an event for each task that has a due date and is not in the trash. The same tasks are the
/// same bytes, whenever they are written.
pub fn agenda<'t>(
    tasks: impl Iterator<Item = &'t Task> + Clone,
    name: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    let due =
        |task: &'t Task| task.due_date.filter(|_| task.trash.is_none()).map(|due| (task, due));
    let mut out = Fold::new(out);
    out.line("BEGIN", "VCALENDAR")?;
    out.line("VERSION", "2.0")?;
    out.line("PRODID", super::export::PRODID)?;
    out.line("METHOD", "PUBLISH")?;
    // The name that is in use, and the one of the standard (RFC 7986).
    out.text("X-WR-CALNAME", name)?;
    out.text("NAME", name)?;
    out.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")?;
    let mut years = Years::default();
    tasks.clone().filter_map(due).for_each(|(_, due)| years.add(due));
    for (zone, year) in years.iter() {
        timezone::write(zone, year, &mut out)?;
    }
    for (task, due) in tasks.filter_map(due) {
        write(task, due, &mut out)?;
    }
    out.line("END", "VCALENDAR")
}

fn write(task: &Task, due: Due, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    out.line("BEGIN", "VEVENT")?;
    out.line("UID", &task.uid.to_string())?;
    stamp("DTSTAMP", task.updated_at, out)?;
    stamp("LAST-MODIFIED", task.updated_at, out)?;
    out.text("SUMMARY", task.title.as_str())?;
    if let Some(text) = &task.description {
        out.text("DESCRIPTION", text.as_str())?;
    }
    if !task.tags.is_empty() {
        let tags: Vec<_> = task.tags.iter().map(Tag::as_str).map(escaped).collect();
        out.line("CATEGORIES", &tags.join(","))?;
    }
    // A day lasts a day, and a time is a moment (RFC 5545 section 3.6.1).
    date("DTSTART", due, out)?;
    // Of a series that counts from completion nobody knows when it goes on; and one whose date was
    // moved alone would go on from there.
    let recurrence = task.recurrence.as_deref();
    if let Some(recurrence) = recurrence.filter(|recurrence| recurrence.from == Basis::Schedule)
        && series::start(task) == Some(due)
    {
        let (_, rule) = series::write(recurrence, due);
        out.line("RRULE", &rule)?;
    }
    // What is to be done by then is no appointment.
    out.line("TRANSP", "TRANSPARENT")?;
    out.line("END", "VEVENT")
}
