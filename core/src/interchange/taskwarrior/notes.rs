//! Annotations stand in a description under a heading, one a line with its day, and come out of it
//! again one by one.

use chrono::NaiveDate;

use super::record::Annotation;
use super::{instant, text_of};
use crate::error::FieldError;
use crate::interchange::fit::{Fit, NOTES, joined, note};
use crate::task::Task;
use crate::text::{Description, TITLE_MAX};
use crate::time::{Timestamp, Zone, day_start, parse_date};

/// A description of the text that was too long for a title, and of the annotations.
pub(super) fn description(
    overlong: Option<&str>,
    annotations: &[Annotation<'_>],
    zone: Zone,
    fit: &mut Fit<'_, '_>,
) -> Result<Option<Description>, FieldError> {
    let mut notes = Vec::with_capacity(annotations.len());
    for remark in annotations {
        let at = instant("annotations", text_of(remark.entry.as_ref()))?;
        notes.push((at, remark.description.as_ref()));
    }
    if !notes.is_empty() {
        fit.lose("annotations", "stand under a dated \"## Notes\" in the description");
    }
    let overlong = overlong.unwrap_or_default();
    fit.description("annotations", &[overlong, &listed(&notes, zone)])
}

/// The list of notes as it stands in a description.
fn listed(notes: &[(Option<Timestamp>, &str)], zone: Zone) -> String {
    let mut list = String::new();
    for (at, text) in notes {
        let day = at.map(|at| format!("{}: ", at.day(zone))).unwrap_or_default();
        note(&mut list, &format!("{day}{}", text.trim()));
    }
    list
}

/// What Taskwarrior calls a task, and its annotations. A title that was cut gets its end back, which
/// stands in the description.
pub(super) fn leave(task: &Task, zone: Zone) -> (&str, Vec<(Timestamp, String)>) {
    let title = task.title.as_str();
    let Some(description) = &task.description else { return (title, Vec::new()) };
    let (body, mut notes) = parts(description.as_str(), task.created_at, zone);
    if is_whole(title, body) {
        return (body, notes);
    }
    if !body.is_empty() {
        notes.insert(0, (task.created_at, body.to_owned()));
    }
    (title, notes)
}

/// Whether a text is the one that was too long to be this title.
fn is_whole(title: &str, text: &str) -> bool {
    let Some(short) = title.strip_suffix('…').filter(|_| title.chars().count() == TITLE_MAX)
    else {
        return false;
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(short)
}

/// Whether a description is another when it comes back.
pub(super) fn come_back_otherwise(task: &Task, zone: Zone) -> bool {
    let Some(description) = &task.description else { return false };
    let (text, notes) = leave(task, zone);
    let notes: Vec<_> = notes.iter().map(|(at, note)| (Some(*at), note.as_str())).collect();
    let overlong = if text == task.title.as_str() { "" } else { text };
    joined(&[overlong, &listed(&notes, zone)]) != description.as_str()
}

/// What a description says beside its notes, and the notes with when they were made. Of a day only
/// the day is known; notes of one day are a second apart, as Taskwarrior tells them apart by it.
fn parts(description: &str, created: Timestamp, zone: Zone) -> (&str, Vec<(Timestamp, String)>) {
    let (body, list) = match description.strip_prefix(NOTES) {
        Some(list) => ("", list),
        None => match description.split_once(&*["\n", NOTES, "\n"].concat()) {
            Some((body, list)) => (body.trim_end(), list),
            None => return (description, Vec::new()),
        },
    };
    let mut notes: Vec<(Timestamp, String)> = Vec::new();
    for line in list.trim().lines() {
        match (line.strip_prefix("- "), notes.last_mut()) {
            (Some(line), last) => {
                let (day, text) = dated(line).map_or((None, line), |(day, text)| (Some(day), text));
                let at = day.map_or(created, |day| day_start(day, zone));
                let free = last.map(|(last, _)| last.plus_millis(1000)).filter(|free| at < *free);
                notes.push((free.unwrap_or(at), text.to_owned()));
            }
            (None, Some((_, text))) => text.extend(["\n", line]),
            // No list of notes: somebody wrote a chapter of that name.
            (None, None) => return (description, Vec::new()),
        }
    }
    (body, notes)
}

/// `2026-11-21: what was noted`.
fn dated(line: &str) -> Option<(NaiveDate, &str)> {
    let (day, text) = line.split_once(": ")?;
    Some((parse_date(day)?, text))
}
