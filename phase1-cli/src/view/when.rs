//! Dates in words: near ones by distance, far ones by date.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use todo_core::query::Moment;
use todo_core::{Due, Timestamp};

/// Days on either side within which a date is told by its distance.
const NEAR: i64 = 13;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How pressing a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pressing {
    Overdue,
    Today,
    Later,
}

/// A due date on the asker's clock.
struct OnTheClock {
    wall: NaiveDateTime,
    timed: bool,
    /// Days from today.
    distance: i64,
}

fn on_the_clock(due: Due, moment: &Moment) -> OnTheClock {
    let (wall, timed) = match due {
        Due::Day(day) => (day.into(), false),
        // In the asker's own zone the clock shows what was written.
        Due::At { wall, zone, .. } if zone == moment.zone => (wall, true),
        Due::At { .. } => (due.starts(moment.zone).wall(moment.zone), true),
    };
    let distance = (wall.date() - moment.now.day(moment.zone)).num_days();
    OnTheClock { wall, timed, distance }
}

/// How pressing a due date is at a moment (Q4).
pub(crate) fn pressing(due: Due, moment: &Moment) -> Pressing {
    match on_the_clock(due, moment).distance {
        ..0 => Pressing::Overdue,
        0 if due.passes(moment.zone) <= moment.now => Pressing::Overdue,
        0 => Pressing::Today,
        1.. => Pressing::Later,
    }
}

/// `tomorrow 17:00`, `in 5 days`, `1 Dec`, `1 Dec 2028`: on the asker's clock.
pub(crate) fn short(due: Due, moment: &Moment) -> String {
    let OnTheClock { wall, timed, distance } = on_the_clock(due, moment);
    let mut text = match distance {
        days if days.abs() <= NEAR => relative(days),
        _ if wall.year() == moment.now.day(moment.zone).year() => day_and_month(wall.date()),
        _ => date(wall.date()),
    };
    if timed {
        text.push(' ');
        push_time(&mut text, wall);
    }
    text
}

/// `Tue 1 Dec 2026, 17:00 Asia/Karachi (in 10 days)`: on the task's own clock.
pub(crate) fn long(due: Due, moment: &Moment) -> String {
    let day = due.wall_day();
    let mut text = format!("{} {}", day.weekday(), date(day));
    if let Due::At { wall, zone, .. } = due {
        text.push_str(", ");
        push_time(&mut text, wall);
        text.extend([" ", zone.name()]);
    }
    let distance = on_the_clock(due, moment).distance;
    format!("{text} ({})", relative(distance))
}

fn relative(days: i64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => ["in ", &days.to_string(), " days"].concat(),
        _ => [&days.unsigned_abs().to_string(), " days ago"].concat(),
    }
}

/// `1 Dec 2026`.
fn date(day: NaiveDate) -> String {
    [&day_and_month(day), " ", &day.year().to_string()].concat()
}

/// `1 Dec`.
fn day_and_month(day: NaiveDate) -> String {
    [&day.day().to_string(), " ", MONTHS[day.month0() as usize]].concat()
}

fn push_time(text: &mut String, wall: NaiveDateTime) {
    let [hour, minute] = [wall.hour(), wall.minute()];
    let digits = [hour / 10, hour % 10, minute / 10, minute % 10];
    let digits = digits.map(|digit| char::from_digit(digit, 10).unwrap_or('?'));
    text.extend([digits[0], digits[1], ':', digits[2], digits[3]]);
}

/// `2026-11-21 17:00`, on the asker's clock.
pub(crate) fn instant(at: Timestamp, moment: &Moment) -> String {
    at.wall(moment.zone).format("%Y-%m-%d %H:%M").to_string()
}
