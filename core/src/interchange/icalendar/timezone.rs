//! A zone as a `VTIMEZONE` (RFC 5545 section 3.6.5).
//!
//! From the year before the first date on: what holds then, and each change of clocks after it.
//! Where the changes of the calendar's last decades follow one rule, that rule is written, and the
//! ones before it by their dates.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName};

use super::WALL;
use super::fold::Fold;
use crate::due::{Due, FIRST_YEAR};
use crate::recurrence::{Day, Freq, Rule};
use crate::time::{LAST_DAY, Zone};

/// Fewest changes in a row that make a rule.
const RULE_MIN: usize = 3;

/// The first year in which each zone is needed.
#[derive(Debug, Default)]
pub(super) struct Years(BTreeMap<&'static str, (Zone, i32)>);

impl Years {
    /// Counts a date in; a day has no zone, and UTC needs no description.
    pub(super) fn add(&mut self, due: Due) {
        if let Some(zone) = due.zone().filter(|zone| *zone != Zone::UTC) {
            let year = due.wall_day().year();
            let first = self.0.entry(zone.name()).or_insert((zone, year));
            first.1 = first.1.min(year);
        }
    }

    /// By name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Zone, i32)> {
        self.0.values().copied()
    }
}

/// What a zone shows from some moment on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shown {
    /// Seconds east of UTC before and after.
    from: i32,
    to: i32,
    daylight: bool,
    name: String,
}

/// Writes the description of a zone from a year on.
pub(super) fn write(zone: Zone, year: i32, out: &mut Fold<'_, impl Write>) -> io::Result<()> {
    out.line("BEGIN", "VTIMEZONE")?;
    out.line("TZID", zone.name())?;
    let begin = NaiveDate::from_ymd_opt((year - 1).max(FIRST_YEAR), 1, 1).unwrap_or_default();
    let begin = begin.and_time(chrono::NaiveTime::MIN);
    let (offset, shown) = at(zone, begin, None);
    part(&shown, &[begin + TimeDelta::seconds(i64::from(offset))], None, out)?;
    let mut parts: BTreeMap<Shown, Vec<NaiveDateTime>> = BTreeMap::new();
    for utc in changes(zone, begin) {
        let (before, _) = at(zone, utc - TimeDelta::seconds(1), None);
        let (_, shown) = at(zone, utc, Some(before));
        let wall = utc + TimeDelta::seconds(i64::from(before));
        parts.entry(shown).or_default().push(wall);
    }
    for (shown, walls) in &parts {
        let (dates, rule) = ruled(walls);
        if !dates.is_empty() {
            part(shown, dates, None, out)?;
        }
        if let Some((first, rule)) = rule {
            part(shown, &[first], Some(&rule), out)?;
        }
    }
    out.line("END", "VTIMEZONE")
}

/// The offset at a moment in UTC, and what is shown from it on if `before` held until then.
fn at(zone: Zone, utc: NaiveDateTime, before: Option<i32>) -> (i32, Shown) {
    let offset = zone.offset_from_utc_datetime(&utc);
    let to = offset.fix().local_minus_utc();
    let daylight = offset.dst_offset() != TimeDelta::zero();
    let name = offset.abbreviation().unwrap_or_default().to_owned();
    (to, Shown { from: before.unwrap_or(to), to, daylight, name })
}

/// The moments at which the clocks change, in UTC, to the end of the calendar.
fn changes(zone: Zone, begin: NaiveDateTime) -> Vec<NaiveDateTime> {
    let offset = |at: NaiveDateTime| zone.offset_from_utc_datetime(&at).fix();
    let end = LAST_DAY.and_time(chrono::NaiveTime::MIN);
    let mut changes = Vec::new();
    let mut day = begin;
    while day < end {
        let next = day + TimeDelta::days(1);
        if offset(day) != offset(next) {
            let (mut before, mut after) = (day.and_utc().timestamp(), next.and_utc().timestamp());
            let moment = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                let changed = offset(moment(middle).naive_utc()) != offset(day);
                if changed { after = middle } else { before = middle }
            }
            changes.push(moment(after).naive_utc());
        }
        day = next;
    }
    changes
}

/// Those that are written by their dates, and the rule that the last of them follow with the first
/// that does.
fn ruled(walls: &[NaiveDateTime]) -> (&[NaiveDateTime], Option<(NaiveDateTime, Rule)>) {
    let goes_on = walls.last().is_some_and(|last| last.year() == LAST_DAY.year());
    let best = walls.last().filter(|_| goes_on).into_iter().flat_map(|last| {
        [nth_from_start(*last), -1].map(|ordinal| {
            let alike = |wall: &NaiveDateTime, year: i32| {
                let weekday = wall.weekday() == last.weekday();
                let day = ordinal == -1 && is_last(*wall) || nth_from_start(*wall) == ordinal;
                let month = wall.month() == last.month() && wall.year() == year;
                weekday && day && month && wall.time() == last.time()
            };
            let years = (0..).map(|back| last.year() - back);
            let run = walls.iter().rev().zip(years).take_while(|(wall, year)| alike(wall, *year));
            (run.count(), ordinal)
        })
    });
    let Some((length, ordinal)) = best.max().filter(|(length, _)| *length >= RULE_MIN) else {
        return (walls, None);
    };
    let (dates, run) = walls.split_at(walls.len() - length);
    let rule = run.first().map(|first| {
        let months = u8::try_from(first.month()).into_iter().collect();
        let days = vec![Day { ordinal, weekday: first.weekday() }];
        (*first, Rule { months, days, ..Rule::every(1, Freq::Yearly) })
    });
    (dates, rule)
}

/// Which such weekday of its month it is.
fn nth_from_start(wall: NaiveDateTime) -> i8 {
    i8::try_from(wall.day0() / 7 + 1).unwrap_or(1)
}

fn is_last(wall: NaiveDateTime) -> bool {
    (wall + TimeDelta::days(7)).month() != wall.month()
}

fn part(
    shown: &Shown,
    walls: &[NaiveDateTime],
    rule: Option<&Rule>,
    out: &mut Fold<'_, impl Write>,
) -> io::Result<()> {
    let Some((first, others)) = walls.split_first() else { return Ok(()) };
    let name = if shown.daylight { "DAYLIGHT" } else { "STANDARD" };
    out.line("BEGIN", name)?;
    out.line("DTSTART", &first.format(WALL).to_string())?;
    if let Some(rule) = rule {
        out.line("RRULE", &rule.to_string())?;
    }
    for wall in others {
        out.line("RDATE", &wall.format(WALL).to_string())?;
    }
    out.line("TZOFFSETFROM", &offset_text(shown.from))?;
    out.line("TZOFFSETTO", &offset_text(shown.to))?;
    if !shown.name.is_empty() {
        out.text("TZNAME", &shown.name)?;
    }
    out.line("END", name)
}

/// `+0100`, and seconds only where there are any.
fn offset_text(offset: i32) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let text = format!("{sign}{hours:02}{minutes:02}");
    if rest == 0 { text } else { format!("{text}{rest:02}") }
}
