//! Days by their place (W2): `15th`, `first monday of april`, `end of next month`.

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{
    first, in_range, is_workday, last, next_first, plus_days, plus_months, plus_workdays,
};
use super::date::{date, year};
use super::day::day;
use super::lexicon::{Edge, LINKING, Sense, Unit, is_among};
use super::reader::{Manner, Read, Reader};
use super::token::Kind;
use super::trouble::{Fault, Trouble};

/// What is counted: days, weekdays of one name, or days from Monday to Friday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Day,
    Weekday(Weekday),
    Workday,
}

/// `day`, `monday`, `weekday`, `business day`.
pub(super) fn counted(r: &mut Reader<'_>) -> Option<Counted> {
    let counted = match (r.sense(0)?, r.sense(1)) {
        (Sense::Unit(Unit::Day), _) => Counted::Day,
        (Sense::Weekday(weekday), _) => Counted::Weekday(weekday),
        (Sense::Workday, _) => Counted::Workday,
        (Sense::Business, Some(Sense::Unit(Unit::Day))) => {
            r.at += 1;
            Counted::Workday
        }
        _ => return None,
    };
    r.at += 1;
    Some(counted)
}

/// `3rd`, `third`: the number, and whether it was in digits.
pub(super) fn ordinal(r: &mut Reader<'_>) -> Option<(u32, bool)> {
    if let Some(Sense::Ordinal(number)) = r.sense(0) {
        r.at += 1;
        return Some((number.unsigned_abs().into(), false));
    }
    let (number, _) = r.number(0)?;
    if r.sense(1) != Some(Sense::Suffix) || !r.is_glued(1) {
        return None;
    }
    r.at += 2;
    Some((number, true))
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy)]
enum Period {
    /// This one, even if what is looked for has passed.
    Fixed(NaiveDate, NaiveDate),
    /// The one we are in: what has passed in it is refused.
    Present(NaiveDate, NaiveDate),
    /// A month of whatever year comes.
    Coming(u32),
}

/// `april`, `april 2027`, `the month`, `next year`.
fn period(r: &mut Reader<'_>) -> Read<Period> {
    let from = r.at;
    let (starts, today) = (r.present.week_start, r.present.today);
    if let Some(Sense::Month(month)) = r.sense(0) {
        r.at += 1;
        let Some(year) = year(r) else { return Ok(Some(Period::Coming(month))) };
        let begins = i32::try_from(year).ok().and_then(|y| NaiveDate::from_ymd_opt(y, month, 1));
        let begins = r.in_range(from, begins)?;
        let ends = r.in_range(from, last(Unit::Month, begins, starts))?;
        return Ok(Some(Period::Fixed(begins, ends)));
    }
    let next = r.take(Sense::Next);
    let _ = next || r.take(Sense::The) || r.take(Sense::This);
    let Some(Sense::Unit(unit @ (Unit::Week | Unit::Month | Unit::Quarter | Unit::Year))) =
        r.sense(0)
    else {
        return Ok(None);
    };
    r.at += 1;
    let inside = if next { next_first(unit, today, starts) } else { Some(today) };
    let inside = r.in_range(from, inside)?;
    let begins = r.in_range(from, first(unit, inside, starts))?;
    let ends = r.in_range(from, last(unit, inside, starts))?;
    Ok(Some(if next { Period::Fixed(begins, ends) } else { Period::Present(begins, ends) }))
}

/// `of april`, `in the month`: it has to follow.
fn of_period(r: &mut Reader<'_>) -> Result<Period, Fault> {
    if !r.take(Sense::Of) && !r.take(Sense::In) {
        return Err(r.here(Trouble::Expected("\"of\" and a month or year")));
    }
    match r.maybe(period)? {
        Some(period) => Ok(period),
        None => Err(r.here(Trouble::Expected("a month, or the month, quarter or year"))),
    }
}

/// The day that is looked for in a period.
fn resolve(
    r: &Reader<'_>,
    from: usize,
    period: Period,
    none: Trouble,
    pick: impl Fn(NaiveDate, NaiveDate) -> Option<NaiveDate>,
) -> Result<NaiveDate, Fault> {
    let today = r.present.today;
    let found = match period {
        Period::Fixed(begins, ends) => pick(begins, ends),
        Period::Present(begins, ends) => match pick(begins, ends) {
            Some(day) if day < today => return Err(r.since(from, Trouble::Passed(None))),
            found => found,
        },
        Period::Coming(month) => (today.year()..=today.year() + 8)
            .filter_map(|year| NaiveDate::from_ymd_opt(year, month, 1))
            .filter_map(|begins| pick(begins, last(Unit::Month, begins, Weekday::Mon)?))
            .find(|day| *day >= today),
    };
    found.and_then(in_range).ok_or_else(|| r.since(from, none))
}

/// `15th`, `the 15th of next month`, `first monday of april`.
pub(super) fn nth(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    r.take(Sense::The);
    if let Some(day) = r.maybe(|r| edge(r, from))? {
        return Ok(Some(day));
    }
    if r.sense(0) == Some(Sense::Last) && !matches!(r.sense(1), Some(Sense::Last)) {
        return r.maybe(|r| last_of(r, from));
    }
    let Some((number, digits)) = ordinal(r) else { return Ok(None) };
    if let Some(counted) = counted(r) {
        let period = of_period(r)?;
        return nth_of(r, from, number, counted, period).map(Some);
    }
    if r.sense(0) == Some(Sense::Of) {
        let period = of_period(r)?;
        return nth_of(r, from, number, Counted::Day, period).map(Some);
    }
    // "1st april" is a date of its own.
    if !digits || is_other_thing(r) || matches!(r.sense(0), Some(Sense::Month(_))) {
        return Ok(None);
    }
    coming_nth(r, from, number).map(Some)
}

/// Whether "on the 1st" goes on with what it is the first of.
fn is_other_thing(r: &Reader<'_>) -> bool {
    let word = matches!(r.token(0).map(|token| token.kind), Some(Kind::Word(_)));
    matches!(r.manner, Manner::On | Manner::By) && word && !is_among(r.shown(0), LINKING)
}

/// The coming day of that number, in a month that has it.
fn coming_nth(r: &Reader<'_>, from: usize, number: u32) -> Result<NaiveDate, Fault> {
    if !(1..=31).contains(&number) {
        return Err(r.since(from, Trouble::TooMany { most: 31, what: "the days of a month" }));
    }
    let (today, starts) = (r.present.today, r.present.week_start);
    let month = first(Unit::Month, today, starts);
    let found = (0..=2)
        .filter_map(|months| plus_months(month?, months)?.with_day(number))
        .find(|day| *day >= today);
    r.in_range(from, found)
}

fn nth_of(
    r: &Reader<'_>,
    from: usize,
    number: u32,
    counted: Counted,
    period: Period,
) -> Result<NaiveDate, Fault> {
    let none = match (counted, period) {
        (Counted::Day, Period::Coming(month)) => {
            Trouble::NoSuchDay { day: number, month, year: None }
        }
        (Counted::Weekday(weekday), _) => Trouble::NotThatMany(plural(weekday)),
        _ => Trouble::NotThatMany("days"),
    };
    if number == 0 {
        return Err(r.since(from, none));
    }
    let ahead = i64::from(number.min(400)) - 1;
    resolve(r, from, period, none, |begins, ends| {
        let day = match counted {
            Counted::Day => plus_days(begins, ahead),
            Counted::Weekday(weekday) => {
                let into = i64::from(weekday.days_since(begins.weekday()));
                plus_days(begins, into + ahead * 7)
            }
            Counted::Workday => plus_workdays(begins.pred_opt()?, ahead + 1),
        };
        day.filter(|day| *day <= ends)
    })
}

fn plural(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Mondays",
        Weekday::Tue => "Tuesdays",
        Weekday::Wed => "Wednesdays",
        Weekday::Thu => "Thursdays",
        Weekday::Fri => "Fridays",
        Weekday::Sat => "Saturdays",
        Weekday::Sun => "Sundays",
    }
}

/// `last day of the month`, `last friday of april`; `last friday` alone is not one of these.
fn last_of(r: &mut Reader<'_>, from: usize) -> Read<NaiveDate> {
    r.take(Sense::Last);
    let Some(counted) = counted(r) else { return Ok(None) };
    let alone = !matches!(r.sense(0), Some(Sense::Of | Sense::In));
    if alone && matches!(counted, Counted::Weekday(_)) {
        return Ok(None);
    }
    let period = of_period(r)?;
    let none = Trouble::NotThatMany("days");
    resolve(r, from, period, none, |begins, ends| {
        let day = match counted {
            Counted::Day => Some(ends),
            Counted::Weekday(weekday) => {
                plus_days(ends, -i64::from(ends.weekday().days_since(weekday)))
            }
            Counted::Workday if is_workday(ends) => Some(ends),
            Counted::Workday => plus_workdays(ends, -1),
        };
        day.filter(|day| *day >= begins)
    })
    .map(Some)
}

/// `end of the month`, `start of next year`, `eom`.
fn edge(r: &mut Reader<'_>, from: usize) -> Read<NaiveDate> {
    let (starts, today) = (r.present.week_start, r.present.today);
    if let Some(Sense::EdgeOf(edge, unit)) = r.sense(0) {
        r.at += 1;
        if (edge, unit) == (Edge::End, Unit::Day)
            && let Some(day) = of_named_day(r)?
        {
            return Ok(Some(day));
        }
        let day = match edge {
            Edge::End => last(unit, today, starts),
            Edge::Start => next_first(unit, today, starts),
        };
        return r.in_range(from, day).map(Some);
    }
    let Some(Sense::Edge(edge)) = r.sense(0) else { return Ok(None) };
    r.at += 1;
    if !r.take(Sense::Of) {
        return Ok(None);
    }
    if edge == Edge::End && end_of_day(r) {
        return Ok(of_named_day(r)?.or(Some(today)));
    }
    // "The start of the month" is one that comes, unless it is this one's by name.
    let this = r.sense(0) == Some(Sense::This);
    let of = r.at;
    let Some(mut period) = r.maybe(period)? else {
        return Err(r.here(Trouble::Expected("a day, week, month, quarter or year")));
    };
    if let (Edge::Start, Period::Present(_, ends), false) = (edge, period, this) {
        let begins = r.in_range(of, ends.succ_opt())?;
        period = Period::Fixed(begins, begins);
    }
    let none = Trouble::NotThatMany("days");
    resolve(r, from, period, none, |begins, ends| {
        Some(if edge == Edge::End { ends } else { begins })
    })
    .map(Some)
}

/// `eod friday`: the end of a day is that day.
fn of_named_day(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let manner = std::mem::replace(&mut r.manner, Manner::By);
    let found = r.maybe(|r| {
        r.take(Sense::On);
        let named = matches!(r.sense(0), Some(Sense::Weekday(_) | Sense::Relative(_)));
        let dated = r.number(0).is_some() || matches!(r.sense(0), Some(Sense::Month(_)));
        let is_next = matches!(r.sense(0), Some(Sense::Next | Sense::This));
        if named || is_next {
            day(r)
        } else if dated {
            date(r)
        } else {
            Ok(None)
        }
    });
    r.manner = manner;
    found
}

/// `day`, `the day`, `today`.
fn end_of_day(r: &mut Reader<'_>) -> bool {
    let article = usize::from(matches!(r.sense(0), Some(Sense::The | Sense::This)));
    let found =
        r.sense(article) == Some(Sense::Unit(Unit::Day)) || r.sense(0) == Some(Sense::Relative(0));
    r.at += if found { 1 + article } else { 0 };
    found
}
