//! Times of day (W2): `5pm`, `17:00`, `noon`.

use chrono::NaiveTime;

use super::lexicon::Sense;
use super::reader::{Read, Reader};
use super::trouble::Trouble;

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    Time(NaiveTime),
    /// Between two days: which of them is meant, the words around it say.
    Midnight,
}

/// The whole hour.
pub(super) fn hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

/// `[at] 5pm`. After "at" a number alone is looked at too.
pub(super) fn clock(r: &mut Reader<'_>) -> Read<Clock> {
    r.maybe(|r| {
        let led = r.take_at();
        match r.sense(0) {
            Some(Sense::Noon) => {
                r.at += 1;
                Ok(Some(Clock::Time(hour(12))))
            }
            Some(Sense::Midnight) => {
                r.at += 1;
                Ok(Some(Clock::Midnight))
            }
            _ => Ok(digits(r, led)?.map(Clock::Time)),
        }
    })
}

fn digits(r: &mut Reader<'_>, led: bool) -> Read<NaiveTime> {
    let from = r.at;
    let Some((hour, 1..=2)) = r.number(0) else { return Ok(None) };
    r.at += 1;
    let colon = r.is_mark(0, ':') && r.is_glued(0) && r.number(1).is_some() && r.is_glued(1);
    let dot = r.is_mark(0, '.') && r.is_glued(0) && r.is_glued(1);
    let (mut minute, mut second) = (0, 0);
    if colon {
        minute = sixtieth(r, from)?;
        if r.is_mark(0, ':') && r.is_glued(0) && r.number(1).is_some() && r.is_glued(1) {
            second = sixtieth(r, from)?;
        }
    } else if dot && matches!(r.number(1), Some((_, 2))) && is_meridiem(r, 2) {
        minute = sixtieth(r, from)?;
    }
    let Some(afternoon) = meridiem(r) else {
        if (led || colon)
            && (1..=12).contains(&hour)
            && let Some(part) = r.attempt(part_named)
        {
            let hour = in_part(hour, part).ok_or_else(|| r.since(from, Trouble::BadTime))?;
            return on_the_clock(r, from, hour, minute, second);
        }
        if !colon {
            return bare(r, from, led, hour);
        }
        return on_the_clock(r, from, hour, minute, second);
    };
    if !(1..=12).contains(&hour) {
        return Err(r.since(from, Trouble::BadMeridiem));
    }
    let hour = hour % 12 + if afternoon { 12 } else { 0 };
    on_the_clock(r, from, hour, minute, second)
}

fn on_the_clock(
    r: &Reader<'_>,
    from: usize,
    hour: u32,
    minute: u32,
    second: u32,
) -> Read<NaiveTime> {
    let time = NaiveTime::from_hms_opt(hour, minute, second);
    time.map(Some).ok_or_else(|| r.since(from, Trouble::BadTime))
}

/// `:30`, or `.30`.
fn sixtieth(r: &mut Reader<'_>, from: usize) -> Result<u32, super::trouble::Fault> {
    let (value, digits) = r.number(1).unwrap_or_default();
    r.at += 2;
    if digits == 2 && value < 60 { Ok(value) } else { Err(r.since(from, Trouble::BadTime)) }
}

/// "at 17" is clear; "at 5" is not, and nothing is guessed.
fn bare(r: &Reader<'_>, from: usize, led: bool, number: u32) -> Read<NaiveTime> {
    match number {
        // A date, or nothing at all.
        _ if !led || (r.is_glued(0) && !ends_sentence(r)) => Ok(None),
        0 | 13..=23 => Ok(Some(hour(number))),
        1..=12 => Err(r.since(from, Trouble::AmOrPm(number))),
        _ => Err(r.since(from, Trouble::BadTime)),
    }
}

fn ends_sentence(r: &Reader<'_>) -> bool {
    [',', ';', '.', '!', '?'].iter().any(|mark| r.is_mark(0, *mark)) && !r.is_glued(1)
}

/// Whether "am" or "pm" stands there, also as "a.m.".
pub(super) fn is_meridiem(r: &Reader<'_>, ahead: usize) -> bool {
    let mut there = *r;
    there.at += ahead;
    meridiem(&mut there).is_some()
}

/// Whether it is the afternoon that follows, if either does.
fn meridiem(r: &mut Reader<'_>) -> Option<bool> {
    let afternoon = match r.sense(0) {
        Some(Sense::Am) => false,
        Some(Sense::Pm) => true,
        _ => return dotted(r),
    };
    r.at += 1;
    Some(afternoon)
}

/// "p.m.", with or without its last dot.
fn dotted(r: &mut Reader<'_>) -> Option<bool> {
    let afternoon = match r.shown(0) {
        "a" | "A" => false,
        "p" | "P" => true,
        _ => return None,
    };
    let spelt = r.is_mark(1, '.') && r.is_glued(1) && r.shown(2).eq_ignore_ascii_case("m");
    if !spelt || !r.is_glued(2) {
        return None;
    }
    r.at += 3;
    if r.is_mark(0, '.') && r.is_glued(0) {
        r.at += 1;
    }
    Some(afternoon)
}

/// `in the morning`, `at night`, behind a time: the hour that the part stands for.
fn part_named(r: &mut Reader<'_>) -> Option<u32> {
    let led = r.take(Sense::At) || (r.take(Sense::In) && r.take(Sense::The));
    let Some(Sense::Part(part)) = r.sense(0).filter(|_| led) else { return None };
    r.at += 1;
    Some(part)
}

/// An hour of the clock's face in a part of the day, if it lies in it.
fn in_part(hour: u32, part: u32) -> Option<u32> {
    match (part, hour) {
        (..=11, 1..=11) => Some(hour),
        (12..=17, 12) => Some(12),
        (12..=17, 1..=6) | (18..=19, 4..=11) | (20.., 6..=11) => Some(hour + 12),
        _ => None,
    }
}

/// `at 9`, behind a part of the day: the time that it can only be.
pub(super) fn at_in_part(r: &mut Reader<'_>, part: u32) -> Option<NaiveTime> {
    if !r.take_at() {
        return None;
    }
    let Some((number, 1..=2)) = r.number(0) else { return None };
    r.at += 1;
    let more = r.is_mark(0, ':') || is_meridiem(r, 0) || (r.is_glued(0) && !ends_sentence(r));
    in_part(number, part).filter(|_| !more).map(hour)
}

/// `[in the] morning`, after a day; `morning at 9`.
pub(super) fn part_of_day(r: &mut Reader<'_>) -> Read<NaiveTime> {
    r.maybe(|r| {
        if r.take(Sense::In) && !r.take(Sense::The) {
            return Ok(None);
        }
        let Some(Sense::Part(number)) = r.sense(0) else { return Ok(None) };
        r.at += 1;
        let time = r.attempt(|r| at_in_part(r, number));
        Ok(Some(time.unwrap_or_else(|| hour(number))))
    })
}

/// Whether a number here is an hour, and so no day or year.
pub(super) fn is_hour(r: &Reader<'_>, ahead: usize) -> bool {
    (r.is_mark(ahead + 1, ':') && r.is_glued(ahead + 1)) || is_meridiem(r, ahead + 1)
}
