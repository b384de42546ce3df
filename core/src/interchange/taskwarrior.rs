//! Taskwarrior's JSON (`task export`, `task import`), as its versions 2.6 and 3 write it.
//!
//! A task keeps its uuid, so importing twice makes nothing twice. A template's rule goes to its newest
//! open occurrence, annotations become a dated list in the description, and what has no home here is
//! named in the report.

mod export;
mod notes;
mod period;
mod record;
mod series;
mod templates;

use std::io::BufRead;
use std::ops::Range;

use chrono::NaiveDate;

pub use export::export;
use record::Record;
use series::{Child, Read, Series, Template};

use super::fit::Fit;
use super::records::{Place, Records};
use super::{Format, ImportError, Imported, Losses, together};
use crate::change::Field;
use crate::due::Due;
use crate::error::{FieldError, Problem, excerpt};
use crate::task::{Priority, Status, Task, TaskId, Trash};
use crate::time::{Timestamp, Zone, day_start, digits};
use crate::wire::Text;

/// `20261121T170000Z`.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// The status of what others are made of.
const TEMPLATE: &str = "recurring";
/// What becomes of a date that nothing here is like.
const NO_DATE: &str = "no home for it yet; the date is left out";
/// Of these Taskwarrior knows nothing.
const KEEPS: &[Field] = &[Field::Parent, Field::Reminders];

/// Reads what `task export` wrote: an array, or one object a line. Dates without a time of day in
/// `zone` become all-day ones, as Taskwarrior means them.
pub fn import(source: impl BufRead, zone: Zone) -> Result<Imported, ImportError> {
    let mut records = Records::new(source)?;
    read(&mut records, zone)
        .map_err(|error| records.fault(error, Format::Taskwarrior, "tasks of Taskwarrior's"))
}

fn read(records: &mut Records<impl BufRead>, zone: Zone) -> Result<Imported, ImportError> {
    let (tasks, lines) = (Vec::new(), Vec::new());
    let mut read = Read { tasks, lines, losses: Losses::default() };
    let mut series = Series::default();
    if records.peek()? == Some(b'[') {
        records.advance();
        let mut first = true;
        while records.next_item(first, b']')? {
            first = false;
            take(&records.record()?, zone, &mut read, &mut series)?;
        }
        records.finish()?;
    } else {
        while records.peek()?.is_some() {
            take(&records.record()?, zone, &mut read, &mut series)?;
        }
    }
    series.settle(&mut read, zone);
    let Read { tasks, lines, losses } = read;
    together::check(&tasks, &lines)?;
    Ok(Imported { tasks, losses, keeps: KEEPS.to_vec().into() })
}

/// Takes a record in, with what there is to know of it once all are there.
fn take(
    place: &Place<'_>,
    zone: Zone,
    read: &mut Read,
    series: &mut Series,
) -> Result<(), ImportError> {
    let record: Record<'_> =
        serde_json::from_str(place.text).map_err(|error| place.syntax(&error))?;
    let refuse = |error| place.refuse(&record.description, error);
    let until = instant("until", text_of(record.until.as_ref())).map_err(refuse)?;
    let recur = record.recur.as_ref().map(|text| text.0.clone().into_owned());
    let mut lost = Losses::default();
    let task = convert(&record, zone, &mut lost).map_err(refuse)?;
    if record.status == TEMPLATE {
        let made = record.mask.as_ref().map_or(0, |mask| mask.0.len());
        let made = u32::try_from(made).unwrap_or(u32::MAX - 1);
        let line = place.line();
        series.templates.push(Template { task, losses: lost, recur, until, made, line });
        return Ok(());
    }
    read.losses.settle(&lost, &record.description);
    if let Some(parent) = record.parent {
        let (at, imask) = (read.tasks.len(), record.imask);
        series.children.push(Child { at, parent, recur, until, imask });
    } else {
        if recur.is_some() {
            series.over.insert(record.uuid);
            let fate = "its series is over; the task comes once";
            read.losses.add("recur", fate, &record.description);
        }
        if until.is_some() {
            read.losses.add("until", NO_DATE, &record.description);
        }
    }
    read.tasks.push(task);
    read.lines.push(place.line());
    Ok(())
}

fn text_of<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(AsRef::as_ref)
}

/// The task of a record, whatever it repeats.
fn convert(record: &Record<'_>, zone: Zone, losses: &mut Losses) -> Result<Task, FieldError> {
    let text = &*record.description;
    let created = instant("entry", text_of(record.entry.as_ref()))?;
    let modified = instant("modified", text_of(record.modified.as_ref()))?;
    let ended = instant("end", text_of(record.end.as_ref()))?;
    let created = created.or(modified).or(ended).unwrap_or_else(|| Timestamp::from_millis(0));
    let changed = modified.or(ended).unwrap_or(created);
    let mut fit = Fit { losses, title: text };
    let (title, overlong) = fit.title("description")?;
    let project = match &record.project {
        Some(project) => fit.project(project.0.split(['.', '/']))?,
        None => None,
    };
    let tags = fit.tags(record.tags.iter().map(AsRef::as_ref))?;
    let description = notes::description(overlong.as_deref(), &record.annotations, zone, &mut fit)?;
    let mut task = Task {
        priority: priority(text_of(record.priority.as_ref()), losses, text),
        project,
        tags,
        due_date: due("due", text_of(record.due.as_ref()), zone, losses, text)?,
        start_date: due("wait", text_of(record.wait.as_ref()), zone, losses, text)?,
        description,
        updated_at: changed,
        ..Task::blank(TaskId(record.uuid), title, created)
    };
    task.settle_zone();
    let at = ended.unwrap_or(changed);
    match &*record.status {
        "pending" | "waiting" if record.start.is_some() => task.set_status(Status::InProgress, at),
        "pending" | "waiting" | TEMPLATE => {}
        "completed" => task.set_status(Status::Completed, at),
        "deleted" => task.trash = Some(Trash { at, group: record.uuid }),
        other => {
            let allowed = &["pending", "waiting", "completed", "deleted", TEMPLATE];
            let given = excerpt(other);
            return Err(FieldError::new("status", Problem::NotOneOf { given, allowed }));
        }
    }
    for name in &record.others {
        let fate = match &**name {
            "depends" => "no home for it yet; the tasks come without it",
            "scheduled" => NO_DATE,
            _ => "a field of your own (UDA), with no home here",
        };
        losses.add(name, fate, text);
    }
    Ok(task)
}

/// Taskwarrior's "no priority" and ours of the middle both mean that nothing was said.
fn priority(text: Option<&str>, losses: &mut Losses, title: &str) -> Priority {
    match text {
        Some("H") => Priority::High,
        Some("L") => Priority::Low,
        None | Some("" | "M") => Priority::Medium,
        Some(_) => {
            losses.add(
                "priority",
                "a value of your own; the task comes with the middle one",
                title,
            );
            Priority::Medium
        }
    }
}

fn instant(field: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, FieldError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let refused = || FieldError::new(field, Problem::NotATimestamp(excerpt(text)));
    stamp(text).or_else(|| text.parse().ok()).map(Some).ok_or_else(refused)
}

/// [`STAMP`], read digit by digit: every task has two or three of them.
fn stamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let part = |range: Range<usize>| digits(&bytes[range]);
    let year = i32::try_from(part(0..4)?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, part(4..6)?, part(6..8)?)?;
    let at = day.and_hms_opt(part(9..11)?, part(11..13)?, part(13..15)?)?;
    Some(Timestamp::from_utc(at.and_utc()))
}

/// A date, where the instant is a local midnight: Taskwarrior knows no other way to say it.
fn due(
    field: &'static str,
    text: Option<&str>,
    zone: Zone,
    losses: &mut Losses,
    title: &str,
) -> Result<Option<Due>, FieldError> {
    let Some(at) = instant(field, text)? else { return Ok(None) };
    let day = at.wall(zone).date();
    let midnight = at == day_start(day, zone);
    let text = if midnight { day.to_string() } else { at.to_string() };
    match Due::parse(&text, Some(zone), zone) {
        // `wait:someday` is a date in the year 9999.
        Err(Problem::DateOutOfRange(_)) => {
            losses.add(field, "outside 1970-2099; the date is left out", title);
            Ok(None)
        }
        other => other.map(Some).map_err(|problem| FieldError::new(field, problem)),
    }
}
