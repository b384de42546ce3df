//! Days by name (W2): `today`, `monday`, `next week`, `the day after tomorrow`.

use chrono::{Datelike, NaiveDate, Weekday};

use super::calendar::{next_first, plus_days, plus_workdays, weekday_after, weekday_of};
use super::clock::is_hour;
use super::date::date;
use super::lexicon::{NAMES, Sense, Unit, is_among};
use super::nth::nth;
use super::reader::{Manner, Read, Reader};
use super::trouble::{Fault, Trouble, typed};

/// Any way to name a day.
pub(super) fn day(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    let found = match r.sense(0) {
        Some(Sense::Relative(days)) => {
            // "Log on tomorrow": nobody says that something is on tomorrow.
            let other = r.manner != Manner::Whole && is_name(r.shown(0));
            if other || r.manner == Manner::On {
                return Ok(None);
            }
            r.at += 1;
            return r.in_range(from, plus_days(r.present.today, days.into())).map(Some);
        }
        Some(Sense::Weekday(weekday)) => return weekday_name(r, weekday).map(Some),
        Some(Sense::Weekdays(weekday)) => {
            r.at += 1;
            return Err(r.since(from, Trouble::Plural(typed(weekday))));
        }
        Some(Sense::Workday | Sense::Weekends) => {
            let is_workday = r.take(Sense::Workday);
            r.at += usize::from(!is_workday);
            let name = if is_workday { "weekday" } else { "weekend" };
            return Err(r.since(from, Trouble::Plural(name)));
        }
        Some(Sense::Weekend) => {
            r.at += 1;
            return weekend(r, from).map(Some);
        }
        Some(Sense::Coming) => r.maybe(coming)?,
        Some(Sense::Next) => return next(r).map(Some),
        Some(Sense::This) => r.maybe(this)?,
        Some(Sense::In) => r.maybe(in_month)?,
        _ => None,
    };
    if found.is_some() {
        return Ok(found);
    }
    if let Some(day) = r.maybe(beyond)? {
        return Ok(Some(day));
    }
    if let Some(day) = r.maybe(nth)? {
        return Ok(Some(day));
    }
    if r.sense(0) == Some(Sense::Last) {
        return last(r);
    }
    date(r)
}

/// "Tom", and not "tom".
fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && is_among(word, NAMES)
}

/// `monday`: the first after today. `friday 13 march`: that day, which has to be a Friday.
fn weekday_name(r: &mut Reader<'_>, weekday: Weekday) -> Result<NaiveDate, Fault> {
    let from = r.at;
    r.at += 1;
    if let Some(day) = r.maybe(written_out)? {
        if day.weekday() != weekday {
            return Err(r.since(from, Trouble::WrongWeekday(day)));
        }
        return Ok(day);
    }
    let in_next_week = r.maybe(|r| {
        r.take(Sense::Of);
        Ok((r.take(Sense::Next) && r.take(Sense::Unit(Unit::Week))).then_some(()))
    })?;
    if in_next_week.is_some() {
        return of_next_week(r, from, weekday);
    }
    r.in_range(from, weekday_after(r.present.today, weekday))
}

/// A date behind the weekday that it falls on.
fn written_out(r: &mut Reader<'_>) -> Read<NaiveDate> {
    r.take_mark(',');
    r.take(Sense::The);
    let starts_a_date = r.number(0).is_some() || matches!(r.sense(0), Some(Sense::Month(_)));
    // A bare month is no date here: "on friday may I", and nor is an hour.
    let bare = r.number(0).is_none() && r.number(1).is_none();
    if !starts_a_date || bare || is_hour(r, 0) {
        return Ok(None);
    }
    // Behind its weekday a date is one, however it is written.
    let manner = match r.manner {
        Manner::Tail => Manner::By,
        manner => manner,
    };
    let manner = std::mem::replace(&mut r.manner, manner);
    let found = r.maybe(date);
    r.manner = manner;
    match found? {
        Some(day) => Ok(Some(day)),
        None => nth(r),
    }
}

fn of_next_week(r: &Reader<'_>, from: usize, weekday: Weekday) -> Result<NaiveDate, Fault> {
    let starts = r.present.week_start;
    let week = next_first(Unit::Week, r.present.today, starts);
    r.in_range(from, week.and_then(|day| weekday_of(day, weekday, starts)))
}

/// The first Saturday from today on.
fn weekend(r: &Reader<'_>, from: usize) -> Result<NaiveDate, Fault> {
    let yesterday = r.present.today.pred_opt();
    r.in_range(from, yesterday.and_then(|day| weekday_after(day, Weekday::Sat)))
}

/// `coming friday`: as `friday`.
fn coming(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    r.at += 1;
    let Some(Sense::Weekday(weekday)) = r.sense(0) else { return Ok(None) };
    r.at += 1;
    r.in_range(from, weekday_after(r.present.today, weekday)).map(Some)
}

/// `next monday` is Monday of next week; `next month` is the first of it.
fn next(r: &mut Reader<'_>) -> Result<NaiveDate, Fault> {
    let from = r.at;
    let (today, starts) = (r.present.today, r.present.week_start);
    r.at += 1;
    match (r.sense(0), r.sense(1)) {
        (Some(Sense::Weekday(weekday)), _) => {
            r.at += 1;
            of_next_week(r, from, weekday)
        }
        (Some(Sense::Weekend), _) => {
            r.at += 1;
            let day = of_next_week(r, from, Weekday::Sat)?;
            // Not the one that "this weekend" is.
            let is_this = starts == Weekday::Sat && day != today && !is_sunday(today);
            if is_this { r.in_range(from, plus_days(day, 7)) } else { Ok(day) }
        }
        (Some(Sense::Unit(Unit::Week)), _) => {
            r.at += 1;
            let weekday = r.maybe(|r| {
                r.take(Sense::On);
                let Some(Sense::Weekday(weekday)) = r.sense(0) else { return Ok(None) };
                r.at += 1;
                Ok(Some(weekday))
            })?;
            of_next_week(r, from, weekday.unwrap_or(starts))
        }
        (Some(Sense::Unit(unit @ (Unit::Month | Unit::Quarter | Unit::Year | Unit::Day))), _) => {
            r.at += 1;
            r.in_range(from, next_first(unit, today, starts))
        }
        (Some(Sense::Workday), _) => {
            r.at += 1;
            r.in_range(from, plus_workdays(today, 1))
        }
        (Some(Sense::Business), Some(Sense::Unit(Unit::Day))) => {
            r.at += 2;
            r.in_range(from, plus_workdays(today, 1))
        }
        _ => Err(r.here(Trouble::Expected("a weekday, week, month, quarter or year"))),
    }
}

/// `this friday`: of this week, and not passed.
fn this(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    r.at += 1;
    let weekday = match r.sense(0) {
        Some(Sense::Weekday(weekday)) => weekday,
        Some(Sense::Weekend) => Weekday::Sat,
        // A part of the day: not a day, but not wrong either.
        Some(Sense::Part(_)) => return Ok(None),
        _ => return Err(r.here(Trouble::Expected("a weekday, weekend, morning or evening"))),
    };
    r.at += 1;
    let (today, starts) = (r.present.today, r.present.week_start);
    let day = r.in_range(from, weekday_of(today, weekday, starts))?;
    // Where a week begins on Saturday, its own weekend is over before the week is.
    if day < today && weekday == Weekday::Sat && starts == weekday && !is_sunday(today) {
        return r.in_range(from, weekday_after(today, weekday)).map(Some);
    }
    if day < today {
        let name = typed(weekday);
        let instead = format!("write {name} for the coming one, or last {name}");
        return Err(r.since(from, Trouble::Passed(Some(instead))));
    }
    Ok(Some(day))
}

fn is_sunday(day: NaiveDate) -> bool {
    day.weekday() == Weekday::Sun
}

/// `last friday`: the one before today. Nobody plans for it, so a line's tail does not mean it.
fn last(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    if r.manner == Manner::Tail {
        return Ok(None);
    }
    r.at += 1;
    let Some(Sense::Weekday(weekday)) = r.sense(0) else {
        return Err(r.here(Trouble::Expected("a weekday, or \"day of\" a month")));
    };
    r.at += 1;
    let back = r.present.today.weekday().days_since(weekday);
    let back = if back == 0 { 7 } else { i64::from(back) };
    r.in_range(from, plus_days(r.present.today, -back)).map(Some)
}

/// `in april`: its first day.
fn in_month(r: &mut Reader<'_>) -> Read<NaiveDate> {
    r.at += 1;
    let bare = matches!(r.sense(0), Some(Sense::Month(_)));
    let allowed = matches!(r.manner, Manner::Whole | Manner::By);
    if !bare || !allowed || (r.number(1).is_some_and(|(_, digits)| digits != 4)) {
        return Ok(None);
    }
    date(r)
}

/// `the day after tomorrow`, `the day before yesterday`.
fn beyond(r: &mut Reader<'_>) -> Read<NaiveDate> {
    let from = r.at;
    r.take(Sense::The);
    let days = match (r.sense(0), r.sense(1), r.sense(2)) {
        (Some(Sense::Unit(Unit::Day)), Some(Sense::After), Some(Sense::Relative(1))) => 2,
        (Some(Sense::Unit(Unit::Day)), Some(Sense::Before), Some(Sense::Relative(-1))) => -2,
        _ => return Ok(None),
    };
    r.at += 3;
    r.in_range(from, plus_days(r.present.today, days)).map(Some)
}
