//! Lengths of time (W2): `3 days`, `2w`, `1h30m`, `half an hour`.

use chrono::NaiveDate;

use super::calendar::{plus_days, plus_months, plus_workdays};
use super::lexicon::{Sense, Unit};
use super::reader::{Manner, Present, Read, Reader};
use super::trouble::{Fault, Trouble};
use crate::due::Due;

/// A length of time. Months and days are calendar units; seconds are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) months: i64,
    pub(super) days: i64,
    /// Days from Monday to Friday.
    pub(super) workdays: i64,
    pub(super) seconds: i64,
    /// Whether hours, minutes or seconds were named.
    pub(super) is_exact: bool,
    /// Whether it is written `3d`, in one piece.
    pub(super) is_compact: bool,
}

/// Whether a lone `m` is minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lone {
    Month,
    Minute,
    /// Behind "in" people mean either: it is asked for.
    Unclear,
    /// At the tail of a line it is neither, unless it follows greater ones.
    Metre,
}

/// Most of one unit: beyond it the calendar has ended, whatever the unit.
const MOST: u32 = 4_000_000;

/// One or more numbers with units, from the great to the small, each unit once.
pub(super) fn span(r: &mut Reader<'_>, lone: Lone) -> Read<Span> {
    let from = r.at;
    let (mut span, mut before) = (Span::default(), None);
    while let Some((count, measure)) = r.maybe(|r| part(r, lone, before))? {
        add(&mut span, count, measure);
        before = Some(measure);
    }
    let chunk = |place: usize| r.tokens.get(place).map(|token| token.chunk);
    span.is_compact = chunk(from) == chunk(r.at.max(from + 1) - 1);
    Ok(before.map(|_| span))
}

fn add(span: &mut Span, count: i64, unit: Measure) {
    let (months, days, seconds) = match unit {
        Measure::Workday => {
            span.workdays += count;
            return;
        }
        Measure::Unit(unit) => match unit {
            Unit::Year => (12, 0, 0),
            Unit::Quarter => (3, 0, 0),
            Unit::Month => (1, 0, 0),
            Unit::Fortnight => (0, 14, 0),
            Unit::Week => (0, 7, 0),
            Unit::Day => (0, 1, 0),
            Unit::Hour => (0, 0, 3600),
            Unit::Minute | Unit::MinuteOrMonth => (0, 0, 60),
            Unit::Second => (0, 0, 1),
        },
    };
    span.months += count * months;
    span.days += count * days;
    span.seconds += count * seconds;
    span.is_exact |= seconds > 0;
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    Unit(Unit),
    Workday,
}

fn rank(measure: Measure) -> u8 {
    match measure {
        Measure::Unit(Unit::Year) => 9,
        Measure::Unit(Unit::Quarter) => 8,
        Measure::Unit(Unit::Month) => 7,
        Measure::Unit(Unit::Fortnight) => 6,
        Measure::Unit(Unit::Week) => 5,
        Measure::Unit(Unit::Day) | Measure::Workday => 4,
        Measure::Unit(Unit::Hour) => 3,
        Measure::Unit(Unit::Minute | Unit::MinuteOrMonth) => 2,
        Measure::Unit(Unit::Second) => 1,
    }
}

/// `3 days`; between parts there may be a comma or "and".
fn part(r: &mut Reader<'_>, lone: Lone, before: Option<Measure>) -> Read<(i64, Measure)> {
    if before.is_some() && !r.is_glued(0) && !r.take(Sense::And) {
        r.take_mark(',');
    }
    let from = r.at;
    if before.is_none() && half_hour(r) {
        return Ok(Some((30, Measure::Unit(Unit::Minute))));
    }
    let Some(count) = count(r) else { return Ok(None) };
    // "Avatar 3D" has three dimensions, not days, and "1M" is a million.
    let is_capital = matches!(r.shown(0).as_bytes(), [b'A'..=b'Z']);
    if is_capital && r.manner != Manner::Whole {
        return Ok(None);
    }
    let Some(measure) = measure(r) else { return Ok(None) };
    let after_hours = before == Some(Measure::Unit(Unit::Hour));
    let measure = match measure {
        Measure::Unit(Unit::MinuteOrMonth) if lone == Lone::Minute || after_hours => {
            Measure::Unit(Unit::Minute)
        }
        Measure::Unit(Unit::MinuteOrMonth) if lone == Lone::Metre && before.is_none() => {
            return Ok(None);
        }
        Measure::Unit(Unit::MinuteOrMonth) if count > 12 || lone == Lone::Unclear => {
            let is_time = lone == Lone::Unclear;
            return Err(r.since(from, Trouble::MinutesOrMonths { count, is_time }));
        }
        Measure::Unit(Unit::MinuteOrMonth) => Measure::Unit(Unit::Month),
        measure => measure,
    };
    if before.is_some_and(|before| rank(measure) >= rank(before)) {
        return Ok(None);
    }
    if count > MOST {
        return Err(r.since(from, Trouble::OutOfRange));
    }
    Ok(Some((count.into(), measure)))
}

/// A number in digits or in words; the reader stands behind it.
pub(super) fn count(r: &mut Reader<'_>) -> Option<u32> {
    let count = match (r.number(0), r.sense(0)) {
        (Some((value, _)), _) => value,
        (_, Some(Sense::A)) => 1,
        (_, Some(Sense::Count(count))) => count,
        _ => return None,
    };
    r.at += 1;
    Some(count)
}

fn measure(r: &mut Reader<'_>) -> Option<Measure> {
    let measure = match (r.sense(0), r.sense(1)) {
        (Some(Sense::Unit(unit)), _) => Measure::Unit(unit),
        // "1 second": behind a number it is no place.
        (Some(Sense::Ordinal(2)), _) => Measure::Unit(Unit::Second),
        (Some(Sense::Workday), _) => Measure::Workday,
        (Some(Sense::Business), Some(Sense::Unit(Unit::Day))) => {
            r.at += 1;
            Measure::Workday
        }
        _ => return None,
    };
    r.at += 1;
    Some(measure)
}

/// `half an hour`.
fn half_hour(r: &mut Reader<'_>) -> bool {
    let article = usize::from(r.sense(1) == Some(Sense::A));
    let found =
        r.sense(0) == Some(Sense::Half) && r.sense(1 + article) == Some(Sense::Unit(Unit::Hour));
    r.at += if found { 2 + article } else { 0 };
    found
}

impl Span {
    /// The same into the past.
    pub(super) fn back(self) -> Self {
        Self {
            months: -self.months,
            days: -self.days,
            workdays: -self.workdays,
            seconds: -self.seconds,
            ..self
        }
    }

    /// Its calendar part after a day.
    pub(super) fn after(&self, day: NaiveDate) -> Option<NaiveDate> {
        let day = plus_days(plus_months(day, self.months)?, self.days)?;
        plus_workdays(day, self.workdays)
    }

    /// After now: a day, or with hours a time.
    pub(super) fn after_now(&self, present: &Present) -> Option<Due> {
        if !self.is_exact {
            return super::calendar::in_range(self.after(present.today)?).map(Due::Day);
        }
        let millis = self.seconds.checked_mul(1000)?;
        let day = super::calendar::in_range(self.after(present.today)?)?;
        let start = if day == present.today {
            present.now
        } else {
            let wall = day.and_time(present.now.wall(present.zone).time());
            Due::at(wall, present.zone, None).starts(present.zone)
        };
        present.at(start.plus_millis(millis))
    }

    /// After some day: hours have nothing to count from there.
    pub(super) fn after_day(
        &self,
        r: &Reader<'_>,
        from: usize,
        day: NaiveDate,
    ) -> Result<NaiveDate, Fault> {
        if self.is_exact {
            return Err(r.since(from, Trouble::HoursFromADay));
        }
        r.in_range(from, self.after(day))
    }
}
