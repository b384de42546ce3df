//! Taskwarrior's JSON (`task export`, `task import`), as its versions 2.6 and 3 write it.
//!
//! A task keeps its uuid, so importing twice makes nothing twice. What Taskwarrior knows and we do
//! not (yet) is named in the report; annotations become a dated list in the description.

mod export;

use std::collections::HashSet;
use std::ops::Range;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use export::export;

use super::fit::Fit;
use super::{ImportError, Imported, Losses, Place};
use crate::due::Due;
use crate::error::{FieldError, Problem, excerpt};
use crate::task::{Priority, Status, Task, TaskId, Trash};
use crate::text::{DESCRIPTION_MAX, Description};
use crate::time::{Timestamp, Zone, day_start, digits};

/// `20261121T170000Z`.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// The heading under which annotations stand in a description.
const NOTES: &str = "## Notes";

#[derive(Deserialize)]
struct Record {
    uuid: Uuid,
    description: String,
    status: String,
    entry: Option<String>,
    modified: Option<String>,
    start: Option<String>,
    end: Option<String>,
    due: Option<String>,
    wait: Option<String>,
    project: Option<String>,
    priority: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    parent: Option<Uuid>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
struct Annotation {
    entry: Option<String>,
    description: String,
}

/// Reads what `task export` wrote: an array, or one object a line. Dates without a time of day in
/// `zone` become all-day ones, as Taskwarrior means them.
pub fn import(text: &str, zone: Zone) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let raws: Vec<&RawValue> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text)?
    } else {
        serde_json::Deserializer::from_str(text).into_iter().collect::<Result<_, _>>()?
    };
    let mut records = Vec::with_capacity(raws.len());
    for (at, raw) in raws.iter().enumerate() {
        let place = Place::new(text, raw, at);
        let record: Record =
            serde_json::from_str(raw.get()).map_err(|error| place.syntax(&error))?;
        records.push((place, record));
    }
    let alive: HashSet<Uuid> = records
        .iter()
        .filter(|(_, record)| matches!(record.status.as_str(), "pending" | "waiting"))
        .filter_map(|(_, record)| record.parent)
        .collect();
    let templates = records.iter().filter(|(_, record)| record.status == "recurring");
    let templates: HashSet<_> = templates.map(|(_, record)| record.uuid).collect();
    let mut imported = Imported::default();
    for (place, record) in records {
        let title = record.description.clone();
        if record.status == "recurring" && alive.contains(&record.uuid) {
            let fate = "the rule is not taken over; the template is left out, its open occurrence comes alone";
            imported.losses.add("recur", fate, &title);
            continue;
        }
        let task = convert(&record, zone, &templates, &mut imported.losses);
        imported.tasks.push(task.map_err(|error| place.refuse(&title, error))?);
    }
    Ok(imported)
}

fn convert(
    record: &Record,
    zone: Zone,
    templates: &HashSet<Uuid>,
    losses: &mut Losses,
) -> Result<Task, FieldError> {
    let text = record.description.as_str();
    let created = instant("entry", record.entry.as_deref())?;
    let modified = instant("modified", record.modified.as_deref())?;
    let ended = instant("end", record.end.as_deref())?;
    let created = created.or(modified).or(ended).unwrap_or_else(|| Timestamp::from_millis(0));
    let changed = modified.or(ended).unwrap_or(created);
    let mut fit = Fit { losses, title: text };
    let (title, overlong) = fit.title("description")?;
    let project = match &record.project {
        Some(project) => fit.project(project.split(['.', '/']))?,
        None => None,
    };
    let tags = fit.tags(record.tags.iter().map(String::as_str))?;
    let uid = TaskId(record.uuid);
    let mut task = Task {
        priority: priority(record.priority.as_deref(), losses, text),
        project,
        tags,
        due_date: due("due", record.due.as_deref(), zone, losses, text)?,
        start_date: due("wait", record.wait.as_deref(), zone, losses, text)?,
        description: description(overlong, &record.annotations, zone, losses, text)?,
        updated_at: changed,
        ..Task::blank(uid, title, created)
    };
    task.settle_zone();
    let at = ended.unwrap_or(changed);
    match record.status.as_str() {
        "pending" | "waiting" if record.start.is_some() => task.set_status(Status::InProgress, at),
        "pending" | "waiting" => {}
        "completed" => task.set_status(Status::Completed, at),
        "deleted" => task.trash = Some(Trash { at, group: record.uuid }),
        "recurring" => losses.add("recur", "the rule is not taken over; the task comes once", text),
        other => {
            let allowed = &["pending", "waiting", "completed", "deleted", "recurring"];
            return Err(FieldError::new(
                "status",
                Problem::NotOneOf { given: excerpt(other), allowed },
            ));
        }
    }
    let of_template = record.parent.is_some_and(|parent| templates.contains(&parent));
    lost(record, of_template || record.status == "recurring", losses);
    Ok(task)
}

/// Names what stays behind, except what Taskwarrior derives or keeps for itself.
fn lost(record: &Record, has_template: bool, losses: &mut Losses) {
    const DERIVED: &[&str] = &["id", "urgency", "mask", "imask", "rtype", "last", "template"];
    for (name, value) in &record.others {
        let fate = match name.as_str() {
            name if DERIVED.contains(&name) => continue,
            // Said of the template, which is the one that recurs, where that is there.
            "recur" if has_template => continue,
            "recur" => "the rule is not taken over; the task comes once",
            "depends" => "no home for it yet; the tasks come without it",
            "scheduled" | "until" => "no home for it yet; the date is left out",
            _ if value.is_null() => continue,
            _ => "a field of your own (UDA), with no home here",
        };
        losses.add(name, fate, &record.description);
    }
}

fn description(
    overlong: Option<String>,
    annotations: &[Annotation],
    zone: Zone,
    losses: &mut Losses,
    title: &str,
) -> Result<Option<Description>, FieldError> {
    let mut text = overlong.unwrap_or_default();
    if !annotations.is_empty() {
        losses.add("annotations", "stand under a dated \"## Notes\" in the description", title);
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(NOTES);
        text.push('\n');
        for note in annotations {
            let at = instant("annotations", note.entry.as_deref())?;
            let day = at.map(|at| format!("{}: ", at.day(zone))).unwrap_or_default();
            text.extend(["\n- ", &day, note.description.trim()]);
        }
    }
    if text.chars().count() > DESCRIPTION_MAX {
        losses.add("annotations", "the end of very long ones is cut", title);
        text = text.chars().take(DESCRIPTION_MAX).collect();
    }
    if text.is_empty() { Ok(None) } else { Description::new(&text).map(Some) }
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
