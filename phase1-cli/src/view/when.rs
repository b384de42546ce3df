//! Dates in words: near ones by distance, far ones by date.

use chrono::Datelike;
use todo_core::query::Moment;
use todo_core::{Due, Timestamp};

/// Days on either side within which a date is told by its distance.
const NEAR: i64 = 13;

/// How pressing a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pressing {
    Overdue,
    Today,
    Later,
}

/// How pressing a due date is at a moment (Q4).
pub(crate) fn pressing(due: Due, moment: &Moment) -> Pressing {
    if due.passes(moment.zone) <= moment.now {
        Pressing::Overdue
    } else if due.day_in(moment.zone) == moment.now.day(moment.zone) {
        Pressing::Today
    } else {
        Pressing::Later
    }
}

/// `tomorrow 17:00`, `in 5 days`, `1 Dec`, `1 Dec 2028`: on the asker's clock.
pub(crate) fn short(due: Due, moment: &Moment) -> String {
    let (day, today) = (due.day_in(moment.zone), moment.now.day(moment.zone));
    let text = match (day - today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days @ 2..=NEAR => format!("in {days} days"),
        days if (-NEAR..0).contains(&days) => format!("{} days ago", -days),
        _ if day.year() == today.year() => day.format("%-d %b").to_string(),
        _ => day.format("%-d %b %Y").to_string(),
    };
    match time_of_day(due, moment) {
        Some(time) => format!("{text} {time}"),
        None => text,
    }
}

/// `Tue 1 Dec 2026, 17:00 Asia/Karachi (in 10 days)`: on the task's own clock.
pub(crate) fn long(due: Due, moment: &Moment) -> String {
    let date = match due {
        Due::Day(day) => day.format("%a %-d %b %Y").to_string(),
        Due::At { wall, zone, .. } => format!("{} {zone}", wall.format("%a %-d %b %Y, %H:%M")),
    };
    let days = (due.day_in(moment.zone) - moment.now.day(moment.zone)).num_days();
    let distance = match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {days} days"),
        days => format!("{} days ago", -days),
    };
    format!("{date} ({distance})")
}

fn time_of_day(due: Due, moment: &Moment) -> Option<String> {
    due.zone()?;
    Some(due.starts(moment.zone).wall(moment.zone).format("%H:%M").to_string())
}

/// `2026-11-21 17:00`, on the asker's clock.
pub(crate) fn instant(at: Timestamp, moment: &Moment) -> String {
    at.wall(moment.zone).format("%Y-%m-%d %H:%M").to_string()
}
