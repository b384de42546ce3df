//! A day, a time, or both (W2): what a due date can be.

use chrono::{NaiveDate, NaiveTime, Timelike};

use super::calendar::in_range;
use super::clock::{Clock, at_in_part, clock, hour, part_of_day};
use super::day::day;
use super::lexicon::{Edge, Sense, Unit};
use super::reader::{Manner, Read, Reader};
use super::span::{Lone, Span, span};
use super::trouble::{Fault, Trouble};
use crate::due::Due;

/// A moment, as far as it can be read.
pub(super) fn moment(r: &mut Reader<'_>, lone: Lone) -> Read<Due> {
    if r.manner != Manner::On {
        let own = [tonight, now, this_part];
        for read in own {
            if let Some(due) = r.maybe(read)? {
                return Ok(Some(due));
            }
        }
    }
    if let Some(due) = r.maybe(iso)? {
        return Ok(Some(due));
    }
    match r.maybe(|r| counted(r, lone))? {
        Some(Due::Day(day)) => return with_time(r, day).map(Some),
        Some(due) => return Ok(Some(due)),
        None => {}
    }
    if let Some(day) = r.maybe(day)? {
        return with_time(r, day).map(Some);
    }
    if r.manner == Manner::On {
        return Ok(None);
    }
    r.maybe(|r| time_first(r, lone))
}

/// In the asker's zone; clocks that jump are left to [`Due::at`].
fn timed(r: &Reader<'_>, from: usize, day: NaiveDate, time: NaiveTime) -> Result<Due, Fault> {
    let due = Due::at(day.and_time(time), r.present.zone, None);
    r.in_range(from, Some(due.wall_day())).map(|_| due)
}

fn next_day(r: &Reader<'_>, from: usize, day: NaiveDate) -> Result<NaiveDate, Fault> {
    r.in_range(from, day.succ_opt())
}

/// The part of the day that tonight is.
const EVENING: u32 = 18;

/// `tonight` is 20:00, or as late as it gets; with a time it says that it is the evening's.
fn tonight(r: &mut Reader<'_>) -> Read<Due> {
    let from = r.at;
    if !r.take(Sense::Tonight) {
        return Ok(None);
    }
    let today = r.present.today;
    let of_clock = r.at;
    if let Some(time) = r.attempt(|r| at_in_part(r, EVENING)) {
        return timed(r, from, today, time).map(Some);
    }
    match clock(r)? {
        Some(Clock::Midnight) => {
            let day = next_day(r, from, today)?;
            timed(r, from, day, NaiveTime::MIN).map(Some)
        }
        Some(Clock::Time(time)) if time.hour() < 12 => {
            Err(r.since(of_clock, Trouble::TonightIsEvening))
        }
        Some(Clock::Time(time)) => timed(r, from, today, time).map(Some),
        None => {
            let evening = timed(r, from, today, hour(20))?;
            if !r.present.has_come(evening) {
                return Ok(Some(evening));
            }
            let late = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default();
            timed(r, from, today, late).map(Some)
        }
    }
}

fn now(r: &mut Reader<'_>) -> Read<Due> {
    let from = r.at;
    if r.manner != Manner::Whole || !r.take(Sense::Now) {
        return Ok(None);
    }
    let now = r.present.at(r.present.now);
    now.map(Some).ok_or_else(|| r.since(from, Trouble::OutOfRange))
}

/// `this evening`.
fn this_part(r: &mut Reader<'_>) -> Read<Due> {
    let from = r.at;
    if !r.take(Sense::This) {
        return Ok(None);
    }
    let Some(time) = part_of_day(r)? else { return Ok(None) };
    let due = timed(r, from, r.present.today, time)?;
    if r.present.has_come(due) {
        let instead = "write tonight, or tomorrow morning".to_owned();
        return Err(r.since(from, Trouble::Passed(Some(instead))));
    }
    Ok(Some(due))
}

/// ISO 8601, RFC 3339 and RFC 9557 with a time, as everywhere else ([`Due::parse`]).
fn iso(r: &mut Reader<'_>) -> Read<Due> {
    let from = r.at;
    let dashes = r.is_mark(1, '-') && r.is_mark(3, '-') && (1..=4).all(|at| r.is_glued(at));
    let numbers = r.number(2).is_some() && r.number(4).is_some();
    let starts = matches!(r.number(0), Some((_, 4))) && dashes && numbers;
    let Some(first) = r.token(0).filter(|_| starts) else { return Ok(None) };
    let closely = |chunk: usize| {
        let inside = |token: &&super::token::Token| token.chunk == chunk;
        r.tokens[from..].iter().skip_while(|t| t.chunk < chunk).take_while(inside).last()
    };
    // `2026-04-01 14:30+02:00` stands in two chunks.
    for chunk in [first.chunk + 1, first.chunk] {
        let Some(last) = closely(chunk) else { continue };
        let whole = r.text.get(first.from..last.to).unwrap_or_default();
        let text = whole.trim_end_matches([',', ';', '.', '!', '?']);
        let is_one = chunk == first.chunk;
        let timed = text.len() > 10 && (text.contains(['T', 't', '[']) || !is_one);
        if !timed {
            continue;
        }
        match Due::parse(&single_spaced(text), None, r.present.zone) {
            Ok(due) => {
                let end = first.from + text.len();
                r.at += r.tokens[from..].iter().take_while(|token| token.to <= end).count();
                return Ok(Some(due));
            }
            Err(problem) if is_one => {
                r.at += r.tokens[from..].iter().take_while(|token| token.chunk == chunk).count();
                // A day that does not exist is said in its own words.
                let mut day = Reader { at: from, tokens: &r.tokens[..from + 5], ..*r };
                super::date::date(&mut day)?;
                return Err(r.since(from, Trouble::Refused("text", problem)));
            }
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Between date and time there may be any white space, but ISO knows one.
fn single_spaced(text: &str) -> String {
    text.split(super::token::is_white).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `in 3 days`, `+3d`, `2 weeks from now`, `3 days from tomorrow`, `a week ago`.
fn counted(r: &mut Reader<'_>, lone: Lone) -> Read<Due> {
    let from = r.at;
    let within = r.take(Sense::In);
    let led = within || r.take_mark('+');
    let lone = match lone {
        Lone::Month if within => Lone::Unclear,
        // "Run 10m", "buy cable 2m".
        Lone::Month if !led && r.manner == Manner::Tail => Lone::Metre,
        lone => lone,
    };
    if matches!(r.manner, Manner::By | Manner::On) && !led {
        return Ok(None);
    }
    let Some(span) = span(r, lone)? else { return not_counted(r, led) };
    let out_of_range = |r: &Reader<'_>| r.since(from, Trouble::OutOfRange);
    if !led && r.take(Sense::Ago) {
        if r.manner == Manner::Tail {
            return Ok(None);
        }
        let due = span.back().after_now(r.present);
        return due.map(Some).ok_or_else(|| out_of_range(r));
    }
    let mut counts = led;
    if matches!(r.sense(0), Some(Sense::From | Sense::After)) {
        if let Some(due) = r.maybe(|r| from_base(r, from, span))? {
            return Ok(Some(due));
        }
        let now = r.take(Sense::From) && (r.take(Sense::Now));
        if !now {
            return Err(r.here(Trouble::Expected("now, or a day to count from")));
        }
        counts = true;
    }
    // "Study 2 hours" says how long, not when.
    if r.manner == Manner::Tail && !counts && (span.is_exact || !span.is_compact) {
        return Ok(None);
    }
    span.after_now(r.present).map(Some).ok_or_else(|| out_of_range(r))
}

/// "In" a month is a date; "in 3" what?
fn not_counted(r: &mut Reader<'_>, led: bool) -> Read<Due> {
    if !led || r.sense(0) == Some(Sense::The) || matches!(r.sense(0), Some(Sense::Month(_))) {
        return Ok(None);
    }
    super::span::count(r);
    Err(r.here(Trouble::Expected("days, weeks or another length of time")))
}

/// `from tomorrow`, `after friday`.
fn from_base(r: &mut Reader<'_>, from: usize, span: Span) -> Read<Due> {
    r.at += 1;
    let Some(base) = r.wholly(day)? else { return Ok(None) };
    span.after_day(r, from, base).map(|day| Some(Due::Day(day)))
}

/// The time that follows a day, if one does.
fn with_time(r: &mut Reader<'_>, day: NaiveDate) -> Result<Due, Fault> {
    // "Friday eod" is Friday.
    r.take(Sense::EdgeOf(Edge::End, Unit::Day));
    let from = r.at;
    let time = r.maybe(|r| {
        r.take_mark(',');
        match part_of_day(r)? {
            Some(time) => Ok(Some(Clock::Time(time))),
            None => clock(r),
        }
    })?;
    match time {
        None => Ok(Due::Day(day)),
        Some(clock) => on_day(r, from, day, clock),
    }
}

fn on_day(r: &Reader<'_>, from: usize, day: NaiveDate, clock: Clock) -> Result<Due, Fault> {
    match clock {
        Clock::Time(time) => timed(r, from, day, time),
        // Today's is the one to come.
        Clock::Midnight if day == r.present.today => {
            timed(r, from, next_day(r, from, day)?, NaiveTime::MIN)
        }
        Clock::Midnight => Err(r.since(from, Trouble::WhichMidnight(Some(day)))),
    }
}

/// `5pm tomorrow`, `at 5pm on friday`; `5pm` alone is the coming one.
fn time_first(r: &mut Reader<'_>, lone: Lone) -> Read<Due> {
    let from = r.at;
    let Some(time) = clock(r)? else { return Ok(None) };
    let found = r.maybe(|r| {
        r.take_mark(',');
        r.take(Sense::On);
        match r.maybe(|r| counted(r, lone))? {
            Some(Due::Day(day)) => Ok(Some(day)),
            Some(_) => Ok(None),
            None if r.take(Sense::Tonight) => Ok(Some(r.present.today)),
            None => day(r),
        }
    })?;
    if let Some(day) = found {
        return on_day(r, from, day, time).map(Some);
    }
    let (today, tomorrow) = (r.present.today, r.present.today.succ_opt().and_then(in_range));
    let tomorrow = || tomorrow.ok_or_else(|| r.since(from, Trouble::OutOfRange));
    match time {
        Clock::Midnight => timed(r, from, tomorrow()?, NaiveTime::MIN).map(Some),
        Clock::Time(time) => {
            let due = timed(r, from, today, time)?;
            if r.present.has_come(due) {
                return timed(r, from, tomorrow()?, time).map(Some);
            }
            Ok(Some(due))
        }
    }
}
