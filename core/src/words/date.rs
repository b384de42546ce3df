//! Dates of the calendar (W2): `2026-04-01`, `21/11`, `27 jan`, `April 1, 2027`.

use chrono::{Datelike, NaiveDate};

use super::DateOrder;
use super::calendar::{length, longest};
use super::clock::{clock, is_hour};
use super::lexicon::Sense;
use super::reader::{Manner, Read, Reader};
use super::trouble::{Fault, Trouble};

/// A date that names its day, with or without a year.
pub(super) fn date(r: &mut Reader<'_>) -> Read<NaiveDate> {
    if let Some(day) = r.maybe(year_first)? {
        return Ok(Some(day));
    }
    if let Some(day) = r.maybe(eight_digits)? {
        return Ok(Some(day));
    }
    if let Some(day) = r.maybe(numbers)? {
        return Ok(Some(day));
    }
    if let Some(day) = r.maybe(day_month)? {
        return Ok(Some(day));
    }
    r.maybe(month_day)
}

/// The day of a year, which has to exist.
fn exact(r: &Reader<'_>, from: usize, ymd: (u32, u32, u32)) -> Result<NaiveDate, Fault> {
    let (year, month, day) = ymd;
    if !(1..=12).contains(&month) {
        return Err(r.since(from, Trouble::NoSuchMonth(month)));
    }
    let year = i32::try_from(year).ok().filter(|year| (1970..=2099).contains(year));
    let year = year.ok_or_else(|| r.since(from, Trouble::OutOfRange))?;
    let found = NaiveDate::from_ymd_opt(year, month, day);
    let none = Trouble::NoSuchDay { day, month, year: Some(year) };
    found.ok_or_else(|| r.since(from, none))
}

/// The coming such day: today, or the next year that has it.
fn coming(r: &Reader<'_>, from: usize, month: u32, day: u32) -> Result<NaiveDate, Fault> {
    if !(1..=12).contains(&month) {
        return Err(r.since(from, Trouble::NoSuchMonth(month)));
    }
    if !(1..=longest(month)).contains(&day) {
        return Err(r.since(from, Trouble::NoSuchDay { day, month, year: None }));
    }
    let today = r.present.today;
    let found = (today.year()..=today.year() + 8)
        .filter(|year| day <= length(*year, month))
        .find_map(|year| NaiveDate::from_ymd_opt(year, month, day).filter(|day| *day >= today));
    r.in_range(from, found)
}

/// Three numbers with the same mark between them, or two; how many tokens they are.
fn parts(r: &Reader<'_>, mark: char) -> Option<[Option<(u32, usize)>; 3]> {
    let joined = |ahead| r.is_mark(ahead, mark) && r.is_glued(ahead) && r.is_glued(ahead + 1);
    let (one, two) = (r.number(0)?, r.number(2).filter(|_| joined(1))?);
    Some([Some(one), Some(two), r.number(4).filter(|_| joined(3))])
}

/// `2026-04-01`, `2026/4/1`, `2026.04.01`.
fn year_first(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    for mark in ['-', '/', '.'] {
        let Some([Some((year, 4)), Some((month, ..=2)), Some((day, ..=2))]) = parts(r, mark) else {
            continue;
        };
        r.at += 5;
        return exact(r, from, (year, month, day)).map(Some);
    }
    Ok(None)
}

/// `20260401`. Elsewhere than in a date's own field such a number can be anything.
fn eight_digits(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    let Some((number, 8)) = r.number(0) else { return Ok(None) };
    if !matches!(r.manner, Manner::Whole | Manner::By) || (r.is_glued(1) && !r.is_mark(1, ',')) {
        return Ok(None);
    }
    r.at += 1;
    exact(r, from, (number / 10_000, number / 100 % 100, number % 100)).map(Some)
}

/// `21/11`, `21/11/2026`, `1.4.2026`.
fn numbers(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    for mark in ['/', '.', '-'] {
        let Some([Some((one, ..=2)), Some((two, ..=2)), year]) = parts(r, mark) else { continue };
        r.at += if year.is_some() { 5 } else { 3 };
        match year {
            Some((_, 2)) => return Err(r.since(from, Trouble::ShortYear)),
            Some((year, 4)) if mark == '.' => return exact(r, from, (year, two, one)).map(Some),
            Some((year, 4)) => return either_order(r, from, one, two, Some(year)).map(Some),
            None if mark == '/' && is_unclear(r) => return unclear(r, from, one, two),
            None if mark == '/' => return either_order(r, from, one, two, None).map(Some),
            // `1.4.` is a date; `1.4`, and `3.12.` at the end of a line, is a number.
            None if mark == '.' && dot_ends_date(r) => {
                r.at += 1;
                return coming(r, from, two, one).map(Some);
            }
            None if mark == '.' && r.manner == Manner::Tail && is_time(r) => {
                return unclear(r, from, one, two);
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Whether a time follows that is written with a colon.
fn is_time(r: &Reader<'_>) -> bool {
    r.number(0).is_some() && r.is_mark(1, ':') && r.is_glued(1) && !r.is_glued(0)
}

/// Whether the second dot of `1.4.` is there. At the tail of a line it may end a sentence, unless
/// a time follows.
fn dot_ends_date(r: &Reader<'_>) -> bool {
    let mut there = Reader { at: r.at + 1, ..*r };
    let timed = !there.is_glued(0) && matches!(clock(&mut there), Ok(Some(_)));
    r.is_mark(0, '.') && r.is_glued(0) && (r.manner != Manner::Tail || timed)
}

/// Whether `16/9` may be a ratio: at the tail of a line, where no order has been set.
fn is_unclear(r: &Reader<'_>) -> bool {
    r.manner == Manner::Tail && r.present.date_order.is_none()
}

/// No date, unless a time follows: then it cannot be left to the title.
fn unclear(r: &Reader<'_>, from: usize, one: u32, two: u32) -> Read<NaiveDate> {
    let mut there = *r;
    let is_date = coming(r, from, two, one).is_ok() || coming(r, from, one, two).is_ok();
    if is_date && matches!(clock(&mut there), Ok(Some(_))) {
        return Err(r.since(from, Trouble::MaybeDate));
    }
    Ok(None)
}

/// Two numbers that can be day and month in either order.
fn either_order(
    r: &Reader<'_>,
    from: usize,
    one: u32,
    two: u32,
    year: Option<u32>,
) -> Result<NaiveDate, Fault> {
    let read = |month, day| match year {
        Some(year) => exact(r, from, (year, month, day)),
        None => coming(r, from, month, day),
    };
    let (day_first, month_first) = (read(two, one), read(one, two));
    let prefer_month = r.present.date_order == Some(DateOrder::MonthFirst);
    match (day_first, month_first) {
        (Ok(day), Ok(other)) if day != other && r.present.date_order.is_none() => {
            let (day_first, month_first) = (day, other);
            let has_year = year.is_some();
            Err(r.since(from, Trouble::TwoReadings { day_first, month_first, has_year }))
        }
        (Ok(day), Ok(other)) => Ok(if prefer_month { other } else { day }),
        (Ok(day), Err(_)) | (Err(_), Ok(day)) => Ok(day),
        // What is wrong with the reading that has a month at all.
        (Err(_), Err(fault)) if prefer_month || (two > 12 && one <= 12) => Err(fault),
        (Err(fault), Err(_)) => Err(fault),
    }
}

/// `27 jan`, `1st of april`, `15-may-2027`.
fn day_month(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    r.take(Sense::The);
    let Some((day, ..=2)) = r.number(0) else { return Ok(None) };
    r.at += 1;
    r.take(Sense::Suffix);
    let dashed = r.is_glued(0) && r.take_mark('-');
    r.take(Sense::Of);
    let Some(Sense::Month(month)) = r.sense(0) else { return Ok(None) };
    r.at += 1;
    if dashed {
        r.take_mark('-');
    }
    finish(r, from, month, day).map(Some)
}

/// `jan 27`, `April 1st, 2027`; `may 2027` and, if it stands for a date, `may`: their first day.
fn month_day(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    let Some(Sense::Month(month)) = r.sense(0) else { return Ok(None) };
    r.at += 1;
    if let Some(year) = year(r) {
        return exact(r, from, (year, month, 1)).map(Some);
    }
    if let Some(day) = r.maybe(|r| Ok(day_number(r)))? {
        return finish(r, from, month, day).map(Some);
    }
    // What follows is wrong for a day ("jan 271"), or the word is no month ("may I").
    if r.number(0).is_some() && !is_hour(r, 0) || !matches!(r.manner, Manner::Whole | Manner::By) {
        return Ok(None);
    }
    coming(r, from, month, 1).map(Some)
}

fn day_number(r: &mut Reader<'_>) -> Option<u32> {
    // "Nov. 21".
    if r.is_glued(0) && !r.is_glued(1) {
        r.take_mark('.');
    }
    r.take(Sense::The);
    let Some((day, ..=2)) = r.number(0).filter(|_| !is_hour(r, 0)) else { return None };
    r.at += 1;
    // "jan 3 days" is none of it, nor is "may 3d".
    if !r.take(Sense::Suffix) && matches!(r.sense(0), Some(Sense::Unit(_) | Sense::Times)) {
        return None;
    }
    Some(day)
}

/// The year, if one follows.
fn finish(r: &mut Reader<'_>, from: usize, month: u32, day: u32) -> Result<NaiveDate, Fault> {
    match year(r) {
        Some(year) => exact(r, from, (year, month, day)),
        None => coming(r, from, month, day),
    }
}

/// `2027`, `, 2027`.
pub(super) fn year(r: &mut Reader<'_>) -> Option<u32> {
    // "3 nov. 2027" is not this year's.
    let dot = r.is_mark(0, '.') && r.is_glued(0) && !r.is_glued(1);
    let comma = usize::from(dot || r.is_mark(0, ','));
    let (year, digits) = r.number(comma)?;
    let other = is_hour(r, comma)
        || (r.is_glued(comma + 1) && ['-', '/'].iter().any(|mark| r.is_mark(comma + 1, *mark)))
        || matches!(r.sense(comma + 1), Some(Sense::Unit(_) | Sense::Times));
    if digits != 4 || other {
        return None;
    }
    r.at += comma + 1;
    Some(year)
}
