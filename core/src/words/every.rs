//! Recurrence in words (W3): what is said about the days, and what may follow it.

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::clock::{Clock, clock, part_of_day};
use super::day::day;
use super::lexicon::{Sense, Unit};
use super::nth::{Counted, counted, ordinal};
use super::places::{month_dates, places, separated};
use super::reader::{Read, Reader};
use super::span::count;
use super::trouble::{Fault, Trouble};
use crate::recurrence::{
    Basis, COUNT_MAX, Day, End, Freq, INTERVAL_MAX, Rule, Until, week_start_matters,
};

/// A recurrence as far as the words say it: where it begins is yet to be worked out.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) rule: Rule,
    pub(super) from: Basis,
    pub(super) time: Option<NaiveTime>,
    pub(super) starting: Option<NaiveDate>,
    /// Whether it was given as an RRULE, which is taken as it is.
    pub(super) is_literal: bool,
}

impl Pattern {
    pub(super) fn new(rule: Rule, from: Basis) -> Self {
        Self { rule, from, time: None, starting: None, is_literal: false }
    }
}

/// `every monday 9am until june`, `weekly`, `3 days after completion`; in a field of its own also
/// without "every".
pub(super) fn pattern(r: &mut Reader<'_>) -> Read<Pattern> {
    let from = r.at;
    let whole = r.manner == super::reader::Manner::Whole;
    let (rule, basis) = match r.sense(0) {
        Some(Sense::Every) => {
            r.at += 1;
            let completion = r.is_glued(0) && r.take_mark('!');
            let rule = body(r)?.ok_or_else(|| unknown(r))?;
            (rule, if completion { Basis::Completion } else { Basis::Schedule })
        }
        Some(Sense::Often(number, unit)) => {
            r.at += 1;
            (units(r, from, number.into(), unit)?, Basis::Schedule)
        }
        _ if !whole => return Ok(None),
        _ => match r.maybe(body)? {
            Some(rule) => (rule, Basis::Schedule),
            None => return Ok(None),
        },
    };
    let mut pattern = Pattern::new(rule, basis);
    suffixes(r, &mut pattern)?;
    if pattern.from == Basis::Completion && !pattern.rule.is_plain() {
        return Err(r.since(from, Trouble::CompletionDays));
    }
    let rule = &mut pattern.rule;
    if rule.week_start == Weekday::Mon && week_start_matters(rule) {
        rule.week_start = r.present.week_start;
    }
    Ok(Some(pattern))
}

fn unknown(r: &Reader<'_>) -> Fault {
    if r.is_done() {
        return r.here(Trouble::Expected("a day, week, month, year or weekday"));
    }
    r.here(Trouble::Unknown)
}

/// What stands behind "every".
fn body(r: &mut Reader<'_>) -> Read<Rule> {
    let from = r.at;
    if r.take(Sense::Other) {
        return other(r, from);
    }
    if let Some(rule) = r.maybe(counted_units)? {
        return Ok(Some(rule));
    }
    if let Some(Sense::Unit(unit)) = r.sense(0) {
        r.at += 1;
        return units(r, from, 1, unit).map(Some);
    }
    if let Some(rule) = r.maybe(nth_unit)? {
        return Ok(Some(rule));
    }
    if let Some(days) = r.maybe(weekdays)? {
        return Ok(Some(weekly(1, days)));
    }
    if matches!(r.sense(0), Some(Sense::Part(_))) {
        // "Every morning": its time is read with what follows.
        return Ok(Some(Rule::every(1, Freq::Daily)));
    }
    if let Some(dates) = r.maybe(month_dates)? {
        let mut rule = Rule::every(1, Freq::Yearly);
        dates.set(&mut rule).map_err(|trouble| r.since(from, trouble))?;
        return Ok(Some(rule));
    }
    let begins = r.at;
    let Some(places) = r.maybe(|r| places(r, false))? else { return Ok(None) };
    if let Some(weekday) = second_weekday(r, begins) {
        return Err(r.since(begins, Trouble::EverySecond(weekday)));
    }
    let freq = if places.months.is_empty() { Freq::Monthly } else { Freq::Yearly };
    let mut rule = Rule::every(1, freq);
    places.set(&mut rule).map_err(|trouble| r.since(from, trouble))?;
    Ok(Some(rule))
}

/// "second tuesday", and no more: every other one, or the 2nd of every month? "2nd" is a place.
fn second_weekday(r: &Reader<'_>, begins: usize) -> Option<Weekday> {
    let there = Reader { at: begins, ..*r };
    match (there.sense(0), there.sense(1)) {
        (Some(Sense::Ordinal(2)), Some(Sense::Weekday(weekday))) if r.at == begins + 2 => {
            Some(weekday)
        }
        _ => None,
    }
}

/// `other week`, `other monday`.
fn other(r: &mut Reader<'_>, from: usize) -> Read<Rule> {
    if let Some(Sense::Unit(unit)) = r.sense(0) {
        r.at += 1;
        return units(r, from, 2, unit).map(Some);
    }
    Ok(r.maybe(weekdays)?.map(|days| weekly(2, days)))
}

/// `3 days`, `two weeks`.
fn counted_units(r: &mut Reader<'_>) -> Read<Rule> {
    let from = r.at;
    if r.sense(0) == Some(Sense::A) {
        return Ok(None);
    }
    let Some(number) = count(r) else { return Ok(None) };
    if r.is_done() {
        return Err(r.here(Trouble::Expected("days, weeks, months or years")));
    }
    let Some(Sense::Unit(unit)) = r.sense(0) else { return Ok(None) };
    r.at += 1;
    units(r, from, number, unit).map(Some)
}

/// `2nd week` is every second one; `3rd day` can be two things.
fn nth_unit(r: &mut Reader<'_>) -> Read<Rule> {
    let from = r.at;
    let Some((number, _)) = ordinal(r) else { return Ok(None) };
    let Some(Sense::Unit(unit)) = r.sense(0) else { return Ok(None) };
    r.at += 1;
    if unit == Unit::Day {
        let of_month = matches!(r.sense(0), Some(Sense::Of | Sense::In));
        let number = i8::try_from(number).unwrap_or(i8::MAX);
        return if of_month { Ok(None) } else { Err(r.since(from, Trouble::EveryNthDay(number))) };
    }
    if number < 2 {
        return Ok(None);
    }
    units(r, from, number, unit).map(Some)
}

/// Every so many units, and on which of their days.
fn units(r: &mut Reader<'_>, from: usize, number: u32, unit: Unit) -> Result<Rule, Fault> {
    let (freq, times) = match unit {
        Unit::Second | Unit::Minute | Unit::Hour => {
            return Err(r.since(from, Trouble::RepeatsTooOften));
        }
        Unit::Day => (Freq::Daily, 1),
        Unit::Week => (Freq::Weekly, 1),
        Unit::Fortnight => (Freq::Weekly, 2),
        Unit::Month | Unit::MinuteOrMonth => (Freq::Monthly, 1),
        Unit::Quarter => (Freq::Monthly, 3),
        Unit::Year => (Freq::Yearly, 1),
    };
    let most = INTERVAL_MAX;
    let interval = number.checked_mul(times).and_then(|n| u16::try_from(n).ok());
    let interval = interval
        .filter(|n| (1..=most).contains(n))
        .ok_or_else(|| r.since(from, Trouble::TooMany { most: most.into(), what: "intervals" }))?;
    let mut rule = Rule::every(interval, freq);
    match freq {
        Freq::Daily => {}
        Freq::Weekly => {
            let days = r.maybe(|r| {
                r.take(Sense::On);
                weekdays(r)
            })?;
            rule.days = days.unwrap_or_default();
        }
        Freq::Monthly => on_places(r, &mut rule)?,
        Freq::Yearly => {
            let dates = r.maybe(|r| {
                r.take(Sense::On);
                month_dates(r)
            })?;
            match dates {
                Some(dates) => {
                    dates.set(&mut rule).map_err(|trouble| r.since(from, trouble))?;
                }
                None => on_places(r, &mut rule)?,
            }
        }
    }
    Ok(rule)
}

/// `on the 1st and 15th`, `on the last friday`.
fn on_places(r: &mut Reader<'_>, rule: &mut Rule) -> Result<(), Fault> {
    let from = r.at;
    let yearly = rule.freq == Freq::Yearly;
    let found = r.maybe(|r| {
        let on = r.take(Sense::On);
        match places(r, on)? {
            // In a year there is no 15th without its month, and a month has none in it.
            Some(places) if yearly == places.months.is_empty() => Ok(None),
            Some(places) if !yearly => Ok(Some(places.or_last_day())),
            found => Ok(found),
        }
    })?;
    match found {
        Some(places) => places.set(rule).map_err(|trouble| r.since(from, trouble)),
        None => Ok(()),
    }
}

fn weekly(interval: u16, days: Vec<Day>) -> Rule {
    Rule { days, ..Rule::every(interval, Freq::Weekly) }
}

/// `mon, wed and fri`, `weekday`, `weekend`.
fn weekdays(r: &mut Reader<'_>) -> Read<Vec<Day>> {
    let named = |weekday| Day { ordinal: 0, weekday };
    if r.take(Sense::Weekend) || r.take(Sense::Weekends) {
        return Ok(Some(vec![named(Weekday::Sat)]));
    }
    let before = r.at;
    if counted(r) == Some(Counted::Workday) {
        return Ok(Some(super::places::workdays()));
    }
    r.at = before;
    let mut days = Vec::new();
    // "Monday wednesday and friday" lacks no more than a comma.
    loop {
        let more = separated(r, |r| {
            let Some(Sense::Weekday(day) | Sense::Weekdays(day)) = r.sense(0) else {
                return Ok(None);
            };
            r.at += 1;
            Ok(Some(named(day)))
        })?;
        if more.is_empty() {
            return Ok((!days.is_empty()).then_some(days));
        }
        days.extend(more);
    }
}

/// What may follow in any order, each once: a time, an end, a beginning.
fn suffixes(r: &mut Reader<'_>, pattern: &mut Pattern) -> Result<(), Fault> {
    loop {
        let from = r.at;
        r.take_mark(',');
        let begins = r.at;
        let twice = |r: &Reader<'_>, what| Err(r.since(begins, Trouble::Twice(what)));
        if let Some(time) = r.maybe(|r| time(r, pattern.rule.freq))? {
            if pattern.time.replace(time).is_some() {
                return twice(r, "time");
            }
        } else if let Some(end) = r.maybe(end)? {
            if pattern.rule.end != End::Never {
                return twice(r, "end");
            }
            pattern.rule.end = end;
        } else if let Some(day) = r.maybe(starting)? {
            if pattern.starting.replace(day).is_some() {
                return twice(r, "beginning");
            }
        } else if pattern.starting.is_some() && r.take(Sense::To) {
            let until = last_day(r)?;
            if pattern.rule.end != End::Never {
                return twice(r, "end");
            }
            pattern.rule.end = until;
        } else if let Some(weekday) = r.attempt(weeks_from) {
            pattern.rule.week_start = weekday;
        } else if r.sense(0) == Some(Sense::After) && r.sense(1) == Some(Sense::Completion) {
            r.at += 2;
            pattern.from = Basis::Completion;
        } else {
            r.at = from;
            return Ok(());
        }
    }
}

fn time(r: &mut Reader<'_>, freq: Freq) -> Read<NaiveTime> {
    let from = r.at;
    if let Some(time) = part_of_day(r)? {
        return Ok(Some(time));
    }
    match clock(r)? {
        Some(Clock::Time(time)) => Ok(Some(time)),
        Some(Clock::Midnight) if freq == Freq::Daily => Ok(Some(NaiveTime::MIN)),
        Some(Clock::Midnight) => Err(r.since(from, Trouble::WhichMidnight(None))),
        None => Ok(None),
    }
}

/// `until DATE`, `5 times`, `for 5 times`.
fn end(r: &mut Reader<'_>) -> Read<End> {
    if r.take(Sense::Until) {
        let Some(day) = r.wholly(day)? else {
            return Err(r.here(Trouble::Expected("a date")));
        };
        return Ok(Some(End::Until(Until::Day(day))));
    }
    r.take(Sense::For);
    let from = r.at;
    let Some(number) = count(r) else { return Ok(None) };
    if !r.take(Sense::Times) && !r.take(Sense::Time) {
        return Ok(None);
    }
    let count = u16::try_from(number).ok().filter(|n| (1..=COUNT_MAX).contains(n));
    let most = COUNT_MAX.into();
    count
        .map(|count| Some(End::Count(count)))
        .ok_or_else(|| r.since(from, Trouble::TooMany { most, what: "occurrences" }))
}

/// `to DATE`, behind `from DATE`. "From monday to friday" can be every week's.
fn last_day(r: &mut Reader<'_>) -> Result<End, Fault> {
    let from = r.at;
    let weekday = matches!(r.sense(0), Some(Sense::Weekday(_)));
    let found = r.wholly(day)?.filter(|_| !weekday || r.at > from + 1);
    r.at = if found.is_some() { r.at } else { from };
    let missing = || r.here(Trouble::Expected("a date with its month"));
    found.map(|day| End::Until(Until::Day(day))).ok_or_else(missing)
}

/// `starting DATE`, `from DATE`.
fn starting(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let named = r.take(Sense::Starting);
    if !named && !r.take(Sense::From) {
        return Ok(None);
    }
    r.take(Sense::On);
    match r.wholly(day)? {
        None if named => Err(r.here(Trouble::Expected("a date"))),
        found => Ok(found),
    }
}

/// An end or a beginning, wherever it stands.
pub(super) fn suffix_day(r: &mut Reader<'_>) -> Read<()> {
    let found = match r.maybe(end)? {
        Some(_) => Some(()),
        None => r.maybe(starting)?.map(|_| ()),
    };
    Ok(found)
}

/// `weeks from sunday`: where a week begins, for rules that leave weeks out.
fn weeks_from(r: &mut Reader<'_>) -> Option<Weekday> {
    if !r.take(Sense::Unit(Unit::Week)) || !r.take(Sense::From) {
        return None;
    }
    let Some(Sense::Weekday(weekday)) = r.sense(0) else { return None };
    r.at += 1;
    Some(weekday)
}
