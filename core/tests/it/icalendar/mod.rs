//! iCalendar: what other programs write is understood, and what is written comes back.

mod agenda;
mod changed;
mod faults;
mod laws;
mod programs;
mod rules;
mod times;
mod written;

use chrono::Weekday;
use todo_core::conformance::given::{ZONE, instant};
use todo_core::interchange::{
    Format, ImportError, Imported, Losses, Reading, Writing, export, import,
};
use todo_core::query::Moment;
use todo_core::words::Asking;
use todo_core::{Task, Zone};

/// When the file was last changed.
const AT: &str = "2026-11-21T12:00:00Z";

fn reading_in(zone: Zone) -> Reading {
    let now = instant("2026-11-22T08:00:00Z");
    let moment = Moment { now, zone, owner_zone: zone, week_start: Weekday::Mon };
    Reading { asking: Asking { moment, date_order: None }, at: instant(AT) }
}

fn try_read(text: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
    import(Format::Icalendar, text.as_ref(), &reading_in(ZONE))
}

fn read(text: impl AsRef<[u8]>) -> Imported {
    let text = text.as_ref();
    try_read(text).unwrap_or_else(|error| panic!("{}: {error}", String::from_utf8_lossy(text)))
}

/// A calendar of one task with these lines.
fn todo(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\n{lines}\nEND:VTODO\nEND:VCALENDAR\n")
}

fn one(imported: Imported) -> Task {
    let [task] = imported.tasks.try_into().expect("one task");
    task
}

/// The only task of a calendar with these lines.
fn task(lines: &str) -> Task {
    one(read(todo(lines)))
}

/// What is wrong with a task of these lines.
fn refused(lines: &str) -> String {
    try_read(todo(lines)).expect_err("it should be refused").to_string()
}

/// The fields that were lost, with how often.
fn lost(losses: &Losses) -> Vec<(String, usize)> {
    losses.iter().map(|loss| (loss.field.clone(), loss.count)).collect()
}

fn losses(lines: &str) -> Vec<String> {
    read(todo(lines)).losses.iter().map(|loss| loss.field.clone()).collect()
}

fn write_in(zone: Zone, tasks: &[Task]) -> (String, Losses) {
    let mut out = Vec::new();
    let writing = Writing { now: instant(AT), zone };
    let losses = export(Format::Icalendar, tasks, &writing, &mut out).expect("memory");
    (String::from_utf8(out).expect("UTF-8"), losses)
}

fn write(tasks: &[Task]) -> String {
    write_in(ZONE, tasks).0
}
