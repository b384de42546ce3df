//! A `VTIMEZONE` (RFC 5545 section 3.6.5), for zones that no name makes known.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};

use super::property::{Component, Property};
use super::when::When;
use crate::due::FIRST_YEAR;
use crate::recurrence::{Day, End, Freq, Rule, Until};
use crate::time::{LAST_DAY, Timestamp, digits};

/// Most changes of one zone: four a year, for as long as the calendar goes.
const CHANGES_MAX: usize = 520;

/// Where the clocks change, in order.
#[derive(Debug)]
pub(super) struct Observed(Vec<Change>);

/// One change of clocks.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// On the wall before it.
    wall: NaiveDateTime,
    /// Seconds east of UTC before and after.
    from: i64,
    to: i64,
}

impl Observed {
    /// None if any part is not understood: half a zone would give wrong times.
    pub(super) fn read(component: &Component) -> Option<Self> {
        let mut changes = Vec::new();
        for part in &component.inner {
            changes.extend(read(part)?);
            if changes.len() > CHANGES_MAX {
                return None;
            }
        }
        changes.sort_by_key(|change| change.wall);
        (!changes.is_empty()).then_some(Self(changes))
    }

    /// The instant of a wall time: the earlier of two, and of a missing one what the clock before
    /// the gap makes of it.
    pub(super) fn instant(&self, wall: NaiveDateTime) -> Timestamp {
        let passed = self.0.partition_point(|change| change.wall <= wall);
        let offset = match (self.0[..passed].last(), self.0.first()) {
            (Some(change), _) => {
                let in_gap = wall < change.wall + TimeDelta::seconds(change.to - change.from);
                if in_gap { change.from } else { change.to }
            }
            // Before the first of them, what held until then.
            (None, first) => first.map_or(0, |change| change.from),
        };
        Timestamp::from_utc(wall.and_utc()).plus_millis(-1000 * offset)
    }
}

/// The changes that `STANDARD` or `DAYLIGHT` comes to.
fn read(component: &Component) -> Option<Vec<Change>> {
    let value = |name| component.one(name).map(Property::value);
    let (from, to) = (offset(value("TZOFFSETFROM")?)?, offset(value("TZOFFSETTO")?)?);
    let When::Wall(first) = When::parse(value("DTSTART")?)? else { return None };
    let mut walls = vec![first];
    for date in component.all("RDATE").flat_map(Property::texts) {
        let When::Wall(at) = When::parse(&date)? else { return None };
        walls.push(at);
    }
    if let Some(rule) = value("RRULE") {
        walls.extend(by_rule(&rule.parse().ok()?, first, from)?);
    }
    Some(walls.into_iter().map(|wall| Change { wall, from, to }).collect())
}

/// The changes after the first. Rules of zones name days of one month; that is worked out here, day
/// by day, so that no rule can take long.
fn by_rule(rule: &Rule, first: NaiveDateTime, from: i64) -> Option<Vec<NaiveDateTime>> {
    let other = matches!(rule.end, End::Count(_)) || !rule.positions.is_empty();
    if rule.freq != Freq::Yearly || rule.interval != 1 || rule.months.len() > 1 || other {
        return None;
    }
    let goes_on = |wall: &NaiveDateTime| match rule.end {
        End::Until(Until::Day(day)) => wall.date() <= day,
        End::Until(Until::Wall(at)) => *wall <= at,
        End::Until(Until::Utc(at)) => *wall - TimeDelta::seconds(from) <= at,
        End::Never | End::Count(_) => true,
    };
    let month = rule.months.first().map_or_else(|| first.month(), |month| u32::from(*month));
    // Microsoft's begin in 1601; nothing is due before 1970.
    let years = first.year().max(FIRST_YEAR)..=LAST_DAY.year();
    let days = years.flat_map(|year| (1..=31).filter_map(move |day| ymd(year, month, day)));
    let days = days.filter(|day| names(rule, first, *day));
    let walls = days.map(|day| day.and_time(first.time())).filter(|wall| *wall > first);
    Some(walls.take_while(goes_on).take(CHANGES_MAX).collect())
}

fn ymd(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Whether a rule means a day of its month.
fn names(rule: &Rule, first: NaiveDateTime, day: NaiveDate) -> bool {
    let from_start = |number: u32| i8::try_from(number + 1).unwrap_or(i8::MAX);
    let last = i64::from(day.num_days_in_month());
    let from_end = |number: u32| i8::try_from(i64::from(number) - last).unwrap_or(i8::MIN);
    let (forth, back) = (from_start(day.day0()), from_end(day.day0()));
    if rule.month_days.is_empty() && rule.days.is_empty() {
        return day.day() == first.day();
    }
    let by_number = |number: &i8| *number == forth || *number == back;
    let by_weekday = |named: &Day| {
        let ordinal = named.ordinal;
        let nth = ordinal == 0 || ordinal == (forth - 1) / 7 + 1 || ordinal == (back + 1) / 7 - 1;
        named.weekday == day.weekday() && nth
    };
    (rule.month_days.is_empty() || rule.month_days.iter().any(by_number))
        && (rule.days.is_empty() || rule.days.iter().any(by_weekday))
}

/// `+0100`, `-004430`, in seconds.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.trim().split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let part = |range: std::ops::Range<usize>| digits(rest.as_bytes().get(range)?).map(i64::from);
    let seconds = match rest.len() {
        4 => 0,
        6 => part(4..6)?,
        _ => return None,
    };
    Some(sign * (part(0..2)? * 3600 + part(2..4)? * 60 + seconds))
}
