//! Which days of a month or year a recurrence names (W3): `1st and 15th`, `last friday of april`.

use chrono::Weekday;

use super::calendar::longest;
use super::clock::is_hour;
use super::lexicon::{Sense, Unit};
use super::nth::{Counted, counted, ordinal};
use super::reader::{Read, Reader};
use super::trouble::{Fault, Trouble};
use crate::recurrence::{Day, Freq, Rule};

/// Longest list that is read: no month has more days.
const LIST_MAX: usize = 31;

/// Days by their place, counted from the end where negative.
#[derive(Debug, Default)]
pub(super) struct Places {
    items: Vec<(i8, Counted)>,
    /// Of a 29th, 30th or 31st: or, where there is none, the last day.
    or_last: bool,
    /// "Where there is one".
    is_literal: bool,
    /// Of these months; of every one, where empty.
    pub(super) months: Vec<u8>,
}

/// Monday to Friday.
pub(super) fn workdays() -> Vec<Day> {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    days.map(|weekday| Day { ordinal: 0, weekday }).to_vec()
}

/// One or more, with commas or "and" between them.
pub(super) fn separated<T>(
    r: &mut Reader<'_>,
    mut item: impl FnMut(&mut Reader<'_>) -> Read<T>,
) -> Result<Vec<T>, Fault> {
    let mut items = Vec::new();
    while items.len() < LIST_MAX {
        let first = items.is_empty();
        let found = r.maybe(|r| {
            if !first {
                let comma = r.take_mark(',');
                if !r.take(Sense::And) && !r.take_mark('&') && !comma {
                    return Ok(None);
                }
            }
            item(r)
        })?;
        let Some(found) = found else { break };
        items.push(found);
    }
    Ok(items)
}

/// What is counted may be said once for several: "1st and 3rd monday".
struct Item {
    number: i8,
    counted: Option<Counted>,
    in_digits: bool,
}

/// `the 1st and 15th`, `first monday of april`; with `bare` also `1 and 15`.
pub(super) fn places(r: &mut Reader<'_>, bare: bool) -> Read<Places> {
    let items = separated(r, |r| item(r, bare))?;
    if items.is_empty() {
        return Ok(None);
    }
    let or_last = matches!(items[..], [Item { number: 29..=31, counted: None, .. }])
        && r.attempt(or_the_last_day).is_some();
    let months = r.maybe(of_months)?;
    let mut is_literal = false;
    // The days of a month are literal: those that lack one are left out. This says so.
    if !or_last && items.iter().all(|item| matches!(item.counted, None | Some(Counted::Day))) {
        is_literal = r.attempt(where_there_is_one).is_some();
    }
    if or_last && months.as_ref().is_some_and(|months| !months.is_empty()) {
        // Of one month it is known whether it has a 30th.
        return Ok(None);
    }
    let mut places = Places { or_last, is_literal, ..Places::default() };
    let mut last = None;
    for item in items.iter().rev() {
        last = item.counted.or(last);
        // "Every first", "every second", "every last" say nothing yet; "on the first" does.
        if last.is_none() && (item.number < 0 || !(item.in_digits || bare || months.is_some())) {
            return Ok(None);
        }
        places.items.push((item.number, last.unwrap_or(Counted::Day)));
    }
    places.items.reverse();
    places.months = months.unwrap_or_default();
    Ok(Some(places))
}

fn item(r: &mut Reader<'_>, bare: bool) -> Read<Item> {
    let from = r.at;
    r.take(Sense::The);
    let (number, in_digits) = match ordinal(r) {
        Some(found) => found,
        None if r.sense(0) == Some(Sense::Last) => (1, true),
        None if bare => match bare_number(r) {
            Some(number) => (number, true),
            None => return Ok(None),
        },
        None => return Ok(None),
    };
    let from_end = r.take(Sense::Last);
    let counted = counted(r);
    let goes_on = r.sense(0) == Some(Sense::And) || r.is_mark(0, ',') || r.is_mark(0, '&');
    if from_end && counted.is_none() && !goes_on {
        return Err(r.here(Trouble::Expected("day or a weekday")));
    }
    let (most, what) = match counted {
        Some(Counted::Weekday(_)) => (5, "the weekdays of a month"),
        Some(Counted::Workday) => (23, "the weekdays of a month"),
        _ => (31, "the days of a month"),
    };
    let number = i8::try_from(number).ok().filter(|n| (1..=most).contains(n));
    let most = most.unsigned_abs().into();
    let number = number.ok_or_else(|| r.since(from, Trouble::TooMany { most, what }))?;
    Ok(Some(Item { number: if from_end { -number } else { number }, counted, in_digits }))
}

/// A day of the month without its "th".
fn bare_number(r: &mut Reader<'_>) -> Option<u32> {
    let (number, digits) = r.number(0)?;
    let other = is_hour(r, 0) || matches!(r.sense(1), Some(Sense::Times | Sense::Time));
    if digits > 2 || other || matches!(r.sense(1), Some(Sense::Month(_) | Sense::Unit(_))) {
        return None;
    }
    r.at += 1;
    Some(number)
}

/// `, or the last day`.
fn or_the_last_day(r: &mut Reader<'_>) -> Option<()> {
    r.take_mark(',');
    if !r.take(Sense::Or) {
        return None;
    }
    r.take(Sense::The);
    (r.take(Sense::Last) && r.take(Sense::Unit(Unit::Day))).then_some(())
}

/// `, where there is one`.
fn where_there_is_one(r: &mut Reader<'_>) -> Option<()> {
    r.take_mark(',');
    let all = [Sense::Where, Sense::There, Sense::Is, Sense::Count(1)];
    all.iter().all(|word| r.take(*word)).then_some(())
}

/// `of the month`: none in particular; `of april`, `in january and july`.
fn of_months(r: &mut Reader<'_>) -> Read<Vec<u8>> {
    if !r.take(Sense::Of) && !r.take(Sense::In) {
        return Ok(None);
    }
    let _ = r.take(Sense::The) || r.take(Sense::Every) || r.take(Sense::A);
    if r.take(Sense::Unit(Unit::Month)) {
        return Ok(Some(Vec::new()));
    }
    let months = separated(r, |r| Ok(month(r)))?;
    Ok((!months.is_empty()).then_some(months))
}

fn month(r: &mut Reader<'_>) -> Option<u8> {
    let Some(Sense::Month(month)) = r.sense(0) else { return None };
    r.at += 1;
    u8::try_from(month).ok()
}

/// `27 january`, `jan 27`, `1 january and july`; `january` is its first.
pub(super) fn month_dates(r: &mut Reader<'_>) -> Read<Places> {
    let from = r.at;
    if let Some(number) = day_before_month(r) {
        let months = separated(r, |r| Ok(month(r)))?;
        return one_day(r, from, number, months);
    }
    r.at = from;
    let months = separated(r, |r| Ok(month(r)))?;
    if months.is_empty() {
        return Ok(None);
    }
    let number = r.maybe(|r| {
        r.take(Sense::The);
        let number = ordinal(r).map(|(number, _)| number);
        Ok(number.or_else(|| bare_number(r)))
    })?;
    one_day(r, from, number.unwrap_or(1), months)
}

/// `27`, `27th`, `27th of`, before a month.
fn day_before_month(r: &mut Reader<'_>) -> Option<u32> {
    let number = match ordinal(r) {
        Some((number, true)) => number,
        Some(_) => return None,
        None => {
            let (number, 1..=2) = r.number(0)? else { return None };
            r.at += 1;
            number
        }
    };
    r.take(Sense::Of);
    matches!(r.sense(0), Some(Sense::Month(_))).then_some(number)
}

fn one_day(r: &Reader<'_>, from: usize, number: u32, months: Vec<u8>) -> Read<Places> {
    let number = i8::try_from(number).ok().filter(|n| (1..=31).contains(n));
    let most = Trouble::TooMany { most: 31, what: "the days of a month" };
    let number = number.ok_or_else(|| r.since(from, most))?;
    let items = vec![(number, Counted::Day)];
    Ok(Some(Places { items, months, ..Places::default() }))
}

impl Places {
    /// As people mean "every month on the 31st": that day or, where there is none, the last.
    pub(super) fn or_last_day(self) -> Self {
        let is_late = matches!(self.items[..], [(29..=31, Counted::Day)]);
        Self { or_last: self.or_last || (is_late && !self.is_literal), ..self }
    }

    /// Puts the days into a rule.
    pub(super) fn set(&self, rule: &mut Rule) -> Result<(), Trouble> {
        rule.months.clone_from(&self.months);
        self.check_length()?;
        if self.or_last {
            let most = self.items.first().map_or(31, |(number, _)| *number);
            if most == 31 {
                rule.month_days = vec![-1];
            } else {
                rule.month_days = (28..=most).collect();
                rule.positions = vec![-1];
            }
            return Ok(());
        }
        for (number, counted) in &self.items {
            match counted {
                Counted::Day => rule.month_days.push(*number),
                Counted::Weekday(weekday) => {
                    rule.days.push(Day { ordinal: *number, weekday: *weekday });
                }
                Counted::Workday => rule.positions.push(*number),
            }
        }
        let kinds =
            [&rule.month_days.is_empty(), &rule.days.is_empty(), &rule.positions.is_empty()];
        if kinds.iter().filter(|empty| !***empty).count() > 1 {
            return Err(Trouble::MixedDays);
        }
        if !rule.positions.is_empty() {
            rule.days = workdays();
        }
        debug_assert!(matches!(rule.freq, Freq::Monthly | Freq::Yearly));
        Ok(())
    }

    /// One of its days has to exist in one of its months.
    fn check_length(&self) -> Result<(), Trouble> {
        let (Some(first), Some((number, Counted::Day))) = (self.months.first(), self.items.first())
        else {
            return Ok(());
        };
        let fits = |month: &u8| {
            let longest = longest((*month).into());
            self.items.iter().any(|(number, _)| u32::from(number.unsigned_abs()) <= longest)
        };
        if self.months.iter().any(fits) {
            return Ok(());
        }
        let day = number.unsigned_abs().into();
        Err(Trouble::NoSuchDay { day, month: (*first).into(), year: None })
    }
}
