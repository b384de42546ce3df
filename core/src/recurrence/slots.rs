//! The slots of a rule, in order: the only place that calls the `rrule` crate (R3).
//!
//! Used with a zone the crate loses days on which midnight is missing, so it is given wall times
//! as if they were UTC. It walks from its start, so it is started in the period that is asked for
//! and not decades before, and it is never asked for more than the calendar holds.

use std::iter::successors;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz};

use super::{Day, Freq, Rule, Slot};
use crate::due::Due;
use crate::time::LAST_DAY;

type Walls = Box<dyn Iterator<Item = NaiveDateTime> + Send>;

/// The slots of a rule from a place on, without regard to `COUNT` and `UNTIL`: those are counted
/// and compared where the series stands, not where the rule was first anchored.
pub struct Slots {
    walls: Option<Walls>,
    least: NaiveDateTime,
    timed: bool,
}

impl std::fmt::Debug for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slots").field("least", &self.least).finish_non_exhaustive()
    }
}

impl Slots {
    /// Those of a rule anchored at a due date, at `from` or later, and never before the anchor.
    pub fn from(rule: &Rule, anchor: Due, from: Slot) -> Self {
        let slot = Slot::of(anchor);
        let timed = matches!(slot, Slot::At(_));
        let least = from.wall().max(slot.wall());
        let walls = can_match(rule).then(|| walls(rule, slot.wall(), least)).flatten();
        Self { walls, least, timed }
    }

    /// Those after a slot.
    pub fn after(rule: &Rule, anchor: Due, slot: Slot) -> impl Iterator<Item = Slot> + use<> {
        Self::from(rule, anchor, slot).skip_while(move |other| other.wall() <= slot.wall())
    }
}

impl Iterator for Slots {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let walls = self.walls.as_mut()?;
        loop {
            let wall = walls.next()?;
            if wall.date() > LAST_DAY {
                self.walls = None;
                return None;
            }
            if wall >= self.least {
                return Some(if self.timed { Slot::At(wall) } else { Slot::Day(wall.date()) });
            }
        }
    }
}

/// Whether any day of any month fits. The crate would look through ten thousand years for the
/// 30th of February.
fn can_match(rule: &Rule) -> bool {
    const LONGEST: [i8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let fits = |month: u8| {
        let length = LONGEST.get(usize::from(month) - 1).copied().unwrap_or(31);
        rule.month_days.iter().any(|day| day.unsigned_abs() <= length.unsigned_abs())
    };
    rule.month_days.is_empty() || rule.months.is_empty() || rule.months.iter().any(|m| fits(*m))
}

/// The wall times of a rule from the last period on that is not after `least`.
fn walls(rule: &Rule, anchor: NaiveDateTime, least: NaiveDateTime) -> Option<Walls> {
    let start = period_before(rule, anchor.date(), least.date())?;
    // The crate takes the fifth weekday from the end in a year, but not in a month.
    if rule.freq == Freq::Monthly && rule.days.iter().any(|day| day.ordinal == -5) {
        let days = months(rule, start).flat_map({
            let rule = rule.clone();
            move |month| days_of(&rule, month)
        });
        return Some(Box::new(days.map(move |day| day.and_time(anchor.time()))));
    }
    let set = set(rule, anchor, start.and_time(anchor.time()))?;
    Some(Box::new((&set).into_iter().map(|wall| wall.naive_utc())))
}

/// The first days of the months that a rule means.
fn months(rule: &Rule, first: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<> {
    let (interval, named) = (Months::new(rule.interval.into()), rule.months.clone());
    successors(Some(first), move |month| month.checked_add_months(interval))
        .take_while(|month| *month <= LAST_DAY)
        .filter(move |month| {
            named.is_empty() || named.iter().any(|m| u32::from(*m) == month.month())
        })
}

/// The days of a month that a rule means by `BYDAY` and `BYSETPOS`.
fn days_of(rule: &Rule, first: NaiveDate) -> Vec<NaiveDate> {
    let month: Vec<_> = first.iter_days().take_while(|day| day.month() == first.month()).collect();
    let counted = |at: usize, ordinal: i8| match usize::from(ordinal.unsigned_abs()) {
        0 => true,
        n if ordinal > 0 => at / 7 + 1 == n,
        n => (month.len() - 1 - at) / 7 + 1 == n,
    };
    let named = |at: usize, day: NaiveDate| {
        rule.days.iter().any(|by| by.weekday == day.weekday() && counted(at, by.ordinal))
    };
    let all = month.iter().copied().enumerate().filter(|(at, day)| named(*at, *day));
    let all: Vec<_> = all.map(|(_, day)| day).collect();
    let chosen = |at: usize| {
        rule.positions.iter().any(|position| match usize::from(position.unsigned_abs()) {
            n if *position > 0 => at + 1 == n,
            n => all.len() - at == n,
        })
    };
    let kept = all.iter().enumerate().filter(|(at, _)| rule.positions.is_empty() || chosen(*at));
    kept.map(|(_, day)| *day).collect()
}

/// The crate's form of a rule, begun at the start of a period.
fn set(rule: &Rule, anchor: NaiveDateTime, start: NaiveDateTime) -> Option<RRuleSet> {
    // Begun elsewhere than at the anchor, the rule must say what it took from it.
    let bare = rule.month_days.is_empty() && rule.days.is_empty();
    let mut months = rule.months.clone();
    let mut month_days = rule.month_days.clone();
    let mut days: Vec<_> = weekdays(&rule.days).collect();
    match rule.freq {
        Freq::Weekly if bare => days.push(weekday(0, anchor.weekday())),
        Freq::Monthly | Freq::Yearly if bare => month_days.push(i8::try_from(anchor.day()).ok()?),
        _ => {}
    }
    if rule.freq == Freq::Yearly && months.is_empty() {
        months.push(u8::try_from(anchor.month()).ok()?);
    }
    let months: Vec<_> = months.iter().filter_map(|m| chrono::Month::try_from(*m).ok()).collect();
    let (freq, start) = (frequency(rule.freq), utc(start));
    let end = utc(LAST_DAY.and_time(NaiveTime::from_hms_opt(23, 59, 59)?));
    let built = RRule::new(freq)
        .interval(rule.interval)
        .week_start(rule.week_start)
        .by_month(&months)
        .by_month_day(month_days)
        .by_weekday(days)
        .by_set_pos(rule.positions.iter().map(|p| i32::from(*p)).collect())
        .until(end)
        .build(start)
        .ok()?;
    Some(built.limit())
}

/// The first day of the last period of the rule that begins no later than the anchor's or, further
/// on, than `least`.
fn period_before(rule: &Rule, anchor: NaiveDate, least: NaiveDate) -> Option<NaiveDate> {
    let interval = i64::from(rule.interval);
    let whole = |passed: i64| passed.max(0) / interval * interval;
    match rule.freq {
        Freq::Daily => {
            let passed = whole(least.signed_duration_since(anchor).num_days());
            anchor.checked_add_signed(TimeDelta::days(passed))
        }
        Freq::Weekly => {
            let into = anchor.weekday().days_since(rule.week_start);
            let week = anchor.checked_sub_days(Days::new(u64::from(into)))?;
            let passed = whole(least.signed_duration_since(week).num_days() / 7);
            week.checked_add_signed(TimeDelta::weeks(passed))
        }
        Freq::Monthly => {
            let first = anchor.with_day(1)?;
            let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
            let passed = whole(months(least) - months(anchor));
            first.checked_add_months(Months::new(u32::try_from(passed).ok()?))
        }
        Freq::Yearly => {
            let passed = whole(i64::from(least.year() - anchor.year()));
            NaiveDate::from_ymd_opt(anchor.year() + i32::try_from(passed).ok()?, 1, 1)
        }
    }
}

fn utc(wall: NaiveDateTime) -> DateTime<Tz> {
    wall.and_utc().with_timezone(&Tz::UTC)
}

/// `MO,1TU` is every Monday and the first Tuesday; the crate would let the counted ones decide, so
/// beside them every Monday is the first to the fifth.
fn weekdays(days: &[Day]) -> impl Iterator<Item = NWeekday> {
    let counted = days.iter().any(|day| day.ordinal != 0);
    days.iter().flat_map(move |day| {
        let ordinals = if counted && day.ordinal == 0 { 1..=5 } else { day.ordinal..=day.ordinal };
        ordinals.map(|ordinal| weekday(ordinal, day.weekday))
    })
}

fn weekday(ordinal: i8, day: chrono::Weekday) -> NWeekday {
    let ordinal = Some(ordinal).filter(|n| *n != 0).map(i16::from);
    NWeekday::new(ordinal, day)
}

fn frequency(freq: Freq) -> Frequency {
    match freq {
        Freq::Daily => Frequency::Daily,
        Freq::Weekly => Frequency::Weekly,
        Freq::Monthly => Frequency::Monthly,
        Freq::Yearly => Frequency::Yearly,
    }
}
