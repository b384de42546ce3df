//! A `VTIMEZONE` (RFC 5545 section 3.6.5), for zones that no name makes known.

use chrono::{Datelike, NaiveDateTime, TimeDelta};

use super::property::{Component, Property};
use super::when::When;
use crate::due::{Due, FIRST_YEAR};
use crate::recurrence::{End, Freq, Rule, Slot, Slots, Until};
use crate::time::{Timestamp, Zone, digits};

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

fn by_rule(rule: &Rule, first: NaiveDateTime, from: i64) -> Option<Vec<NaiveDateTime>> {
    if rule.freq != Freq::Yearly || rule.interval != 1 || matches!(rule.end, End::Count(_)) {
        return None;
    }
    // Microsoft's begin in 1601; nothing is due before 1970.
    let anchor = first.with_year(first.year().max(FIRST_YEAR))?;
    let goes_on = |wall: &NaiveDateTime| match rule.end {
        End::Until(Until::Day(day)) => wall.date() <= day,
        End::Until(Until::Wall(at)) => *wall <= at,
        End::Until(Until::Utc(at)) => *wall - TimeDelta::seconds(from) <= at,
        End::Never | End::Count(_) => true,
    };
    let slots = Slots::from(rule, Due::at(anchor, Zone::UTC, None), Slot::At(anchor));
    let walls = slots.map(Slot::wall).take_while(goes_on).take(CHANGES_MAX);
    Some(walls.filter(|wall| *wall != first).collect())
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
