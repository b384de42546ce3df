//! What a rule comes to, once more: a walk over the calendar, day by day, that asks of each day
//! whether RFC 5545 means it. Nothing of the engine is in it.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, Weekday};
use todo_core::recurrence::Freq;
use todo_core::{Rule, Timestamp, Zone};

/// The rule's days from `first` to `last`, both inclusive; COUNT and UNTIL are not looked at.
pub(super) fn days(
    rule: &Rule,
    anchor: NaiveDate,
    first: NaiveDate,
    last: NaiveDate,
) -> Vec<NaiveDate> {
    let walk = first.max(anchor).iter_days().take_while(|day| *day <= last);
    walk.filter(|day| is_meant(rule, anchor, *day)).collect()
}

fn is_meant(rule: &Rule, anchor: NaiveDate, day: NaiveDate) -> bool {
    if !fits(rule, anchor, day) {
        return false;
    }
    if rule.positions.is_empty() {
        return true;
    }
    // All of the month or year that fit, those before the anchor as well: BYSETPOS counts them.
    let all: Vec<_> = period(rule.freq, day).filter(|other| fits(rule, anchor, *other)).collect();
    rule.positions.iter().any(|position| {
        let place = usize::from(position.unsigned_abs()) - 1;
        let found = if *position > 0 { all.get(place) } else { all.iter().rev().nth(place) };
        found == Some(&day)
    })
}

fn period(freq: Freq, day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let same = move |other: &NaiveDate| {
        other.year() == day.year() && (freq == Freq::Yearly || other.month() == day.month())
    };
    let first = match freq {
        Freq::Yearly => day.with_day(1).and_then(|day| day.with_month(1)),
        _ => day.with_day(1),
    };
    first.expect("every month has a first").iter_days().take_while(same)
}

fn fits(rule: &Rule, anchor: NaiveDate, day: NaiveDate) -> bool {
    let bare = rule.days.is_empty() && rule.month_days.is_empty();
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month());
    let passed = match rule.freq {
        Freq::Daily => (day - anchor).num_days(),
        Freq::Weekly => {
            let first = |day| first_of_week(day, rule.week_start);
            (first(day) - first(anchor)).num_days() / 7
        }
        Freq::Monthly => months(day) - months(anchor),
        Freq::Yearly => i64::from(day.year() - anchor.year()),
    };
    let from_anchor = match rule.freq {
        _ if !bare => true,
        Freq::Daily => true,
        Freq::Weekly => day.weekday() == anchor.weekday(),
        Freq::Monthly | Freq::Yearly => day.day() == anchor.day(),
    };
    let month = if rule.freq == Freq::Yearly && rule.months.is_empty() {
        day.month() == anchor.month()
    } else {
        rule.months.is_empty() || rule.months.iter().any(|month| u32::from(*month) == day.month())
    };
    passed % i64::from(rule.interval) == 0
        && from_anchor
        && month
        && (rule.month_days.is_empty() || rule.month_days.iter().any(|n| is_month_day(*n, day)))
        && (rule.days.is_empty() || rule.days.iter().any(|by| is_weekday(*by, day)))
}

fn first_of_week(mut day: NaiveDate, week_start: Weekday) -> NaiveDate {
    while day.weekday() != week_start {
        day = day.pred_opt().expect("weeks begin on the calendar");
    }
    day
}

/// How many days of its month come after one.
fn left(day: NaiveDate) -> u32 {
    let rest = day.iter_days().skip(1).take_while(|other| other.month() == day.month());
    u32::try_from(rest.count()).expect("a month is short")
}

fn is_month_day(number: i8, day: NaiveDate) -> bool {
    let wanted = u32::from(number.unsigned_abs());
    if number > 0 { day.day() == wanted } else { left(day) + 1 == wanted }
}

fn is_weekday(by: todo_core::recurrence::Day, day: NaiveDate) -> bool {
    let wanted = u32::from(by.ordinal.unsigned_abs());
    let place = match by.ordinal {
        0 => wanted,
        1.. => day.day().div_ceil(7),
        _ => left(day) / 7 + 1,
    };
    day.weekday() == by.weekday && place == wanted
}

/// The instant of a wall time, found by looking at the clock around it: of two the earlier; if
/// there is none, with the offset that was in force when the clock jumped over it.
pub(super) fn instant(wall: NaiveDateTime, zone: Zone) -> Timestamp {
    let offset =
        |at: Timestamp| i64::from(at.utc().with_timezone(&zone).offset().fix().local_minus_utc());
    let guess = Timestamp::from_utc(wall.and_utc());
    let around = || (-27 * 4..=27 * 4).map(|quarters| guess.plus_millis(quarters * 900_000));
    let mut found: Vec<_> = around()
        .map(|at| guess.plus_millis(-1000 * offset(at)))
        .filter(|at| at.wall(zone) == wall)
        .collect();
    found.sort();
    found.first().copied().unwrap_or_else(|| {
        let before = around().rev().find(|at| at.wall(zone) < wall);
        let before = before.expect("the clock showed an earlier time once");
        guess.plus_millis(-1000 * offset(before))
    })
}

/// How far the clock jumped over a wall time.
pub(super) fn gap(wall: NaiveDateTime, zone: Zone) -> TimeDelta {
    instant(wall, zone).wall(zone) - wall
}
