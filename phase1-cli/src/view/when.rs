//! Dates in words: near ones by distance, far ones by date.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use todo_core::query::Moment;
use todo_core::{Due, Timestamp, Zone};

/// Days on either side within which a date is told by its distance.
const NEAR: i64 = 13;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What the asker's clock and calendar show, worked out once for many tasks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now: Timestamp,
    pub(crate) zone: Zone,
    today: NaiveDate,
}

impl From<Moment> for Clock {
    fn from(Moment { now, zone, .. }: Moment) -> Self {
        Self { now, zone, today: now.day(zone) }
    }
}

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

fn on_the_clock(due: Due, clock: &Clock) -> OnTheClock {
    let (wall, timed) = match due {
        Due::Day(day) => (day.into(), false),
        // In the asker's own zone the clock shows what was written.
        Due::At { wall, zone, .. } if zone == clock.zone => (wall, true),
        Due::At { .. } => (due.starts(clock.zone).wall(clock.zone), true),
    };
    let distance = (wall.date() - clock.today).num_days();
    OnTheClock { wall, timed, distance }
}

/// How pressing a due date is at a clock (Q4).
pub(crate) fn pressing(due: Due, clock: &Clock) -> Pressing {
    match on_the_clock(due, clock).distance {
        ..0 => Pressing::Overdue,
        0 if due.passes(clock.zone) <= clock.now => Pressing::Overdue,
        0 => Pressing::Today,
        1.. => Pressing::Later,
    }
}

/// `tomorrow 17:00`, `in 5 days`, `1 Dec`, `1 Dec 2028`: on the asker's clock.
pub(crate) fn push_short(text: &mut String, due: Due, clock: &Clock) {
    let OnTheClock { wall, timed, distance } = on_the_clock(due, clock);
    if distance.abs() <= NEAR {
        push_relative(text, distance);
    } else {
        push_date(text, wall.date(), wall.year() != clock.today.year());
    }
    if timed {
        text.push(' ');
        push_time(text, wall);
    }
}

/// The same as a text of its own.
pub(crate) fn short(due: Due, clock: &Clock) -> String {
    let mut text = String::new();
    push_short(&mut text, due, clock);
    text
}

/// `17:00`, on the asker's clock; nothing for a whole day.
pub(crate) fn time(due: Due, clock: &Clock) -> Option<String> {
    let OnTheClock { wall, timed, .. } = on_the_clock(due, clock);
    timed.then(|| {
        let mut text = String::new();
        push_time(&mut text, wall);
        text
    })
}

/// `Tue 1 Dec 2026, 17:00 Asia/Karachi (in 10 days)`: on the task's own clock.
pub(crate) fn long(due: Due, clock: &Clock) -> String {
    let day = due.wall_day();
    let mut text = format!("{} ", day.weekday());
    push_date(&mut text, day, true);
    if let Due::At { wall, zone, .. } = due {
        text.push_str(", ");
        push_time(&mut text, wall);
        text.extend([" ", zone.name()]);
    }
    text.push_str(" (");
    push_relative(&mut text, on_the_clock(due, clock).distance);
    text.push(')');
    text
}

fn push_relative(text: &mut String, days: i64) {
    match days {
        0 => text.push_str("today"),
        1 => text.push_str("tomorrow"),
        -1 => text.push_str("yesterday"),
        2.. => text.extend(["in ", &days.to_string(), " days"]),
        _ => text.extend([&days.unsigned_abs().to_string(), " days ago"]),
    }
}

/// `1 Dec`, or `1 Dec 2026`.
fn push_date(text: &mut String, day: NaiveDate, with_year: bool) {
    let month = MONTHS[day.month0() as usize];
    text.extend([&day.day().to_string(), " ", month]);
    if with_year {
        text.extend([" ", &day.year().to_string()]);
    }
}

fn push_time(text: &mut String, wall: NaiveDateTime) {
    let [hour, minute] = [wall.hour(), wall.minute()];
    let digits = [hour / 10, hour % 10, minute / 10, minute % 10];
    let digits = digits.map(|digit| char::from_digit(digit, 10).unwrap_or('?'));
    text.extend([digits[0], digits[1], ':', digits[2], digits[3]]);
}

/// `2026-11-21 17:00`, on the asker's clock.
pub(crate) fn instant(at: Timestamp, clock: &Clock) -> String {
    at.wall(clock.zone).format("%Y-%m-%d %H:%M").to_string()
}
