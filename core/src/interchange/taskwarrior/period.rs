//! Taskwarrior's `recur` and our rules.
//!
//! A period is a step and a count of it. Months are counted from the first date, as our rules count
//! them: of a 31st, the last day of a month that has none.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, Weekday};

use crate::due::Due;
use crate::recurrence::{Day, End, Freq, INTERVAL_MAX, Rule, Slot};
use crate::time::LAST_DAY;

/// What a period counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Days,
    Workdays,
    Weeks,
    Months,
}

/// How often something recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    step: Step,
    count: u16,
}

/// The periods that have a name, which is also a unit where a number may stand before it. The first
/// name of each is the one that is written.
const NAMED: &[(&[&str], Step, u16)] = &[
    (&["daily", "day", "days", "d"], Step::Days, 1),
    (&["weekdays"], Step::Workdays, 1),
    (&["weekly", "week", "weeks", "wk", "wks", "w"], Step::Weeks, 1),
    (&["biweekly", "fortnight"], Step::Weeks, 2),
    (&["monthly", "month", "months", "mo", "mos", "mth", "mths", "mnths", "m"], Step::Months, 1),
    (&["bimonthly"], Step::Months, 2),
    (&["quarterly", "quarter", "quarters", "qtr", "qtrs", "q"], Step::Months, 3),
    (&["semiannual"], Step::Months, 6),
    (&["yearly", "annual", "year", "years", "yr", "yrs", "y"], Step::Months, 12),
    (&["biannual", "biyearly"], Step::Months, 24),
];

/// Days in a week.
const WEEK: u16 = 7;
/// Days in a week on which people work.
const WORKWEEK: u32 = 5;

impl Period {
    /// Reads `weekly`, `3days`, `P2M`. A part of a day is none of ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(parts) = text.strip_prefix('p') {
            return Self::iso(parts);
        }
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = &text[..text.len() - unit.len()];
        let times = if number.is_empty() { 1 } else { number.parse().ok()? };
        let unit = unit.trim_start();
        let (_, step, count) = NAMED.iter().find(|(names, ..)| names.contains(&unit))?;
        Self { step: *step, count: *count }.times(times)
    }

    /// What stands behind the `P` of an ISO 8601 duration.
    fn iso(mut parts: &str) -> Option<Self> {
        let mut whole: Option<Self> = None;
        while !parts.is_empty() {
            let end = parts.find(|c: char| !c.is_ascii_digit())?;
            let (number, unit) = parts.split_at(end);
            let (step, count) = match unit.chars().next()? {
                'd' => (Step::Days, 1),
                'w' => (Step::Weeks, 1),
                'm' => (Step::Months, 1),
                'y' => (Step::Months, 12),
                _ => return None,
            };
            let part = Self { step, count }.times(number.parse().ok()?)?;
            whole = Some(match whole {
                None => part,
                Some(Self { step, count }) if step == part.step => {
                    Self { step, count: count.checked_add(part.count)? }
                }
                Some(_) => return None,
            });
            parts = &unit[1..];
        }
        whole
    }

    fn times(self, times: u16) -> Option<Self> {
        let count = self.count.checked_mul(times).filter(|count| *count > 0)?;
        (self.step != Step::Workdays || count == 1).then_some(Self { count, ..self })
    }

    /// The rule of a series whose first date is `anchor`, if there is one.
    pub(super) fn rule(self, anchor: Due) -> Option<Rule> {
        let rule = match (self.step, self.count) {
            (Step::Days, count) => Rule::every(count, Freq::Daily),
            (Step::Weeks, count) => Rule::every(count, Freq::Weekly),
            (Step::Months, count) if count % 12 == 0 => Rule::every(count / 12, Freq::Yearly),
            (Step::Months, count) => Rule::every(count, Freq::Monthly),
            (Step::Workdays, _) => {
                let days = WORKDAYS.map(|weekday| Day { ordinal: 0, weekday }).to_vec();
                Rule { days, ..Rule::every(1, Freq::Weekly) }
            }
        };
        rule.meant_from(anchor.wall_day()).checked().ok()
    }

    /// The period of a rule that says no more than a period can, whatever its end. A day that is
    /// named and is that of the first date says no more, either.
    pub(super) fn of(rule: &Rule, anchor: Due) -> Option<Self> {
        let count = rule.interval;
        let period = match rule.freq {
            Freq::Daily => Self { step: Step::Days, count },
            Freq::Weekly if rule.days.len() == WORKDAYS.len() => {
                Self { step: Step::Workdays, count: 1 }
            }
            Freq::Weekly => Self { step: Step::Weeks, count },
            Freq::Monthly => Self { step: Step::Months, count },
            Freq::Yearly => Self { step: Step::Months, count: count.checked_mul(12)? },
        };
        let plain = period.rule(anchor)?;
        let day = anchor.wall_day();
        let is = |rule: Rule| {
            let bare = Rule { end: End::Never, week_start: plain.week_start, ..rule };
            bare == plain
        };
        let days = [Day { ordinal: 0, weekday: day.weekday() }];
        let month_days = [i8::try_from(day.day()).ok()?];
        let months = [u8::try_from(day.month()).ok()?];
        let mut unnamed = rule.clone();
        match rule.freq {
            Freq::Weekly if rule.days == days => unnamed.days.clear(),
            Freq::Monthly if rule.month_days == month_days => unnamed.month_days.clear(),
            Freq::Yearly if rule.months == months => {
                unnamed.months.clear();
                unnamed.month_days.retain(|day| !month_days.contains(day));
            }
            _ => {}
        }
        (is(rule.clone()) || is(unnamed)).then_some(period)
    }

    /// The date after `count` steps from the first.
    pub(super) fn slot(self, anchor: Due, count: u32) -> Option<Slot> {
        let number = |unit: u16| count.checked_mul(u32::from(self.count) * u32::from(unit));
        let day = anchor.wall_day();
        let day = match self.step {
            Step::Days => day.checked_add_days(Days::new(number(1)?.into())),
            Step::Weeks => day.checked_add_days(Days::new(number(WEEK)?.into())),
            Step::Months => day.checked_add_months(Months::new(number(1)?)),
            Step::Workdays => workday(day, count),
        };
        let day = day.filter(|day| *day <= LAST_DAY)?;
        Some(match Slot::of(anchor) {
            Slot::Day(_) => Slot::Day(day),
            Slot::At(wall) => Slot::At(NaiveDateTime::new(day, wall.time())),
        })
    }

    /// How many steps a date is from the first, if it is one of the series.
    pub(super) fn steps(self, anchor: Due, slot: Slot) -> Option<u32> {
        let (first, day) = (anchor.wall_day(), slot.wall().date());
        let days = u32::try_from(day.signed_duration_since(first).num_days()).ok()?;
        let months = (day.year() - first.year()) * 12 + day.month0().cast_signed()
            - first.month0().cast_signed();
        let count = u32::from(self.count);
        let steps = match self.step {
            Step::Days => days / count,
            Step::Weeks => days / (count * u32::from(WEEK)),
            Step::Months => u32::try_from(months).ok()? / count,
            // From a Saturday on, the first step is a shorter one.
            Step::Workdays => days / u32::from(WEEK) * WORKWEEK,
        };
        (steps..=steps.saturating_add(WORKWEEK))
            .find(|steps| self.slot(anchor, *steps) == Some(slot))
    }
}

const WORKDAYS: [Weekday; 5] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// The workday so many workdays after a day, which itself may be none.
fn workday(day: NaiveDate, count: u32) -> Option<NaiveDate> {
    if count == 0 {
        return Some(day);
    }
    // From a weekend one counts as from the Friday before.
    let place = day.weekday().num_days_from_monday().min(WORKWEEK - 1);
    let monday = day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))?;
    let ahead = place.checked_add(count)?;
    let days = u64::from(ahead / WORKWEEK) * u64::from(WEEK) + u64::from(ahead % WORKWEEK);
    monday.checked_add_days(Days::new(days))
}

/// As `task` reads it. Other numbers of months are written as ISO durations: Taskwarrior counts the
/// days of `3months`, and the months of `P3M`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let same =
            |(_, step, count): &&(&[&str], Step, u16)| *step == self.step && *count == self.count;
        if let Some(([name, ..], ..)) = NAMED.iter().find(same) {
            return f.write_str(name);
        }
        let unit = match self.step {
            Step::Days | Step::Workdays => 'D',
            Step::Weeks => 'W',
            Step::Months => 'M',
        };
        write!(f, "P{}{unit}", self.count)
    }
}

const _: () = assert!(INTERVAL_MAX < u16::MAX / 12, "years are counted in months");
