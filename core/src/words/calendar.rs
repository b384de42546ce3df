//! Arithmetic with days. What leaves the calendar is `None`; nothing here panics.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::lexicon::Unit;
use crate::due::FIRST_YEAR;
use crate::time::LAST_DAY;

/// The day, if it lies in the calendar.
pub(super) fn in_range(day: NaiveDate) -> Option<NaiveDate> {
    (FIRST_YEAR..=LAST_DAY.year()).contains(&day.year()).then_some(day)
}

/// So many days later, or earlier.
pub(super) fn plus_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let by = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(by) } else { day.checked_add_days(by) }
}

/// So many months later, or earlier; a month without that day gives its last.
pub(super) fn plus_months(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { day.checked_sub_months(by) } else { day.checked_add_months(by) }
}

/// Whether a day is from Monday to Friday.
pub(super) fn is_workday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// So many days from Monday to Friday later, or earlier.
pub(super) fn plus_workdays(day: NaiveDate, count: i64) -> Option<NaiveDate> {
    let step = if count < 0 { -1 } else { 1 };
    // Five of them are a week, wherever one begins.
    let mut day = plus_days(day, (count / 5).checked_mul(7)?)?;
    let mut left = count % 5;
    if count != 0 && left == 0 && !is_workday(day) {
        // Whole weeks from a Saturday end on the Friday before it, or the Monday after.
        left = step * 5;
        day = plus_days(day, -7 * step)?;
    }
    while left != 0 {
        day = plus_days(day, step)?;
        if is_workday(day) {
            left -= step;
        }
    }
    Some(day)
}

/// The first of these weekdays after a day.
pub(super) fn weekday_after(day: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let ahead = weekday.days_since(day.weekday());
    plus_days(day, if ahead == 0 { 7 } else { ahead.into() })
}

/// This weekday in the week of a day.
pub(super) fn weekday_of(day: NaiveDate, weekday: Weekday, starts: Weekday) -> Option<NaiveDate> {
    plus_days(first(Unit::Week, day, starts)?, weekday.days_since(starts).into())
}

/// The first day of the week, month, quarter or year that a day lies in.
pub(super) fn first(unit: Unit, day: NaiveDate, week_starts: Weekday) -> Option<NaiveDate> {
    match unit {
        Unit::Week => plus_days(day, -i64::from(day.weekday().days_since(week_starts))),
        Unit::Month => day.with_day(1),
        Unit::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Unit::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
        _ => Some(day),
    }
}

/// The first day of the one after it.
pub(super) fn next_first(unit: Unit, day: NaiveDate, week_starts: Weekday) -> Option<NaiveDate> {
    let first = first(unit, day, week_starts)?;
    match unit {
        Unit::Week => plus_days(first, 7),
        Unit::Month => plus_months(first, 1),
        Unit::Quarter => plus_months(first, 3),
        Unit::Year => plus_months(first, 12),
        _ => plus_days(first, 1),
    }
}

/// The last day of the one that a day lies in.
pub(super) fn last(unit: Unit, day: NaiveDate, week_starts: Weekday) -> Option<NaiveDate> {
    next_first(unit, day, week_starts)?.pred_opt()
}

/// Most days that a month has, in a leap year or not.
pub(super) fn longest(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How many days a month has.
pub(super) fn length(year: i32, month: u32) -> u32 {
    if month == 2 && NaiveDate::from_ymd_opt(year, 2, 29).is_none() { 28 } else { longest(month) }
}
