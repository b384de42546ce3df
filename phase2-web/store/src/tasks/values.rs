//! How the values of a task stand in its row, there and back.
//!
//! A date is kept as it was meant: wall time, zone, and the offset that it was given with. What a
//! query asks of it (the day, the instant) is derived and kept beside it.

use std::fmt::Write;

use todo_core::due::Due;
use todo_core::error::Problem;
use todo_core::fold::fold;
use todo_core::{Priority, Recurrence, Reminders, Status, TaskFields, Zone};

/// Where a task without a due date stands when sorted by it: behind all others.
pub(crate) const NO_DUE_KEY: i64 = i64::MAX;
/// Parts the texts that are searched (Q5); no text can hold it.
pub(crate) const SEARCH_GAP: char = '\u{1f}';

/// `2026-11-21`, or RFC 9557 (`2026-11-21T17:00:00+05:00[Asia/Karachi]`). Nothing is worked out:
/// an offset that the zone's rules do not know any more is kept for the day when they do.
pub(crate) fn due_text(due: Due) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::At { wall, zone, offset } => {
            format!("{}{offset}[{zone}]", wall.format("%Y-%m-%dT%H:%M:%S"))
        }
    }
}

/// Reads what [`due_text`] wrote.
pub(crate) fn read_due(text: &str) -> Result<Due, Problem> {
    text.parse()
}

/// The derived columns of a date: the day of an all-day one, or the instant of a timed one.
pub(crate) fn day_or_instant(due: Option<Due>) -> (Option<String>, Option<i64>) {
    match due {
        None => (None, None),
        Some(Due::Day(day)) => (Some(day.to_string()), None),
        // A timed one needs no zone from outside.
        Some(due @ Due::At { zone, .. }) => (None, Some(due.starts(zone).millis())),
    }
}

/// Where a task stands when sorted by due date (Q6).
pub(crate) fn due_key(due: Option<Due>, owner_zone: Zone) -> i64 {
    due.map_or(NO_DUE_KEY, |due| due.order_key(owner_zone).millis())
}

/// All that is searched (Q5), folded.
pub(crate) fn search_text(task: &impl TaskFields) -> String {
    let mut all = fold(task.title()).into_owned();
    for text in [task.description(), task.project()].into_iter().flatten().chain(task.tags()) {
        all.push(SEARCH_GAP);
        all.push_str(&fold(text));
    }
    all
}

/// A status as its column has it: open is below 2.
pub(crate) fn status_code(status: Status) -> i16 {
    match status {
        Status::Pending => 0,
        Status::InProgress => 1,
        Status::Completed => 2,
        Status::Cancelled => 3,
    }
}

/// Reads what [`status_code`] wrote.
pub(crate) fn read_status(code: i64) -> Option<Status> {
    Status::ALL.iter().copied().find(|status| i64::from(status_code(*status)) == code)
}

/// A priority as its column has it, the most first.
pub(crate) fn priority_code(priority: Priority) -> i16 {
    match priority {
        Priority::High => 0,
        Priority::Medium => 1,
        Priority::Low => 2,
    }
}

/// Reads what [`priority_code`] wrote.
pub(crate) fn read_priority(code: i64) -> Option<Priority> {
    Priority::ALL.iter().copied().find(|priority| i64::from(priority_code(*priority)) == code)
}

/// A JSON array; nothing where there is none.
pub(crate) fn tags_text(task: &impl TaskFields) -> Option<String> {
    let mut text = String::new();
    for tag in task.tags() {
        text.push(if text.is_empty() { '[' } else { ',' });
        // Writing to a text does not fail; a string of JSON is what serde makes of one.
        let _ = write!(text, "{}", serde_json::Value::from(tag));
    }
    (!text.is_empty()).then(|| text + "]")
}

/// JSON.
pub(crate) fn recurrence_text(recurrence: &Recurrence) -> Result<String, serde_json::Error> {
    serde_json::to_string(recurrence)
}

/// A JSON array; nothing where there is none.
pub(crate) fn reminders_text(reminders: &Reminders) -> Result<Option<String>, serde_json::Error> {
    (!reminders.is_empty()).then(|| serde_json::to_string(reminders)).transpose()
}
