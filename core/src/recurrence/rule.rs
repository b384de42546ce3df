//! The part of RFC 5545's RRULE that tasks repeat by (R2), read strictly and written one way.
//!
//! What is outside the subset is refused by name and never guessed at: programs disagree about it
//! (`BYWEEKNO`, `WEEKLY` with `BYSETPOS`), or it has no place among tasks (`SECONDLY`).

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::error::excerpt;
use crate::time::LAST_DAY;

/// Longest rule text, in bytes.
pub const RULE_MAX: usize = 512;
/// Greatest `INTERVAL`.
pub const INTERVAL_MAX: u16 = 999;
/// Greatest `COUNT`.
pub const COUNT_MAX: u16 = 1_000;
/// Most `BYSETPOS` values.
const POSITIONS_MAX: usize = 12;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freq {
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

impl Freq {
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::Daily, "DAILY"),
        (Self::Weekly, "WEEKLY"),
        (Self::Monthly, "MONTHLY"),
        (Self::Yearly, "YEARLY"),
    ];

    /// The word of RFC 5545.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(freq, _)| *freq == self).map_or("", |(_, word)| word)
    }
}

/// A day of `BYDAY`: every such weekday, or the n-th of the month (from its end, if negative).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Day {
    /// 0 for every one, else −5…5.
    pub ordinal: i8,
    /// Which weekday.
    pub weekday: Weekday,
}

impl Day {
    fn key(self) -> (i8, u32) {
        (self.ordinal, self.weekday.num_days_from_monday())
    }
}

/// The last moment of a series, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Until {
    /// The whole of a day, where the task is.
    Day(NaiveDate),
    /// A wall time, where the task is.
    Wall(NaiveDateTime),
    /// An instant, in UTC.
    Utc(NaiveDateTime),
}

impl Until {
    /// The day written in it.
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Wall(at) | Self::Utc(at) => at.date(),
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{}", day.format("%Y%m%d")),
            Self::Wall(at) => write!(f, "{}", at.format("%Y%m%dT%H%M%S")),
            Self::Utc(at) => write!(f, "{}", at.format("%Y%m%dT%H%M%SZ")),
        }
    }
}

/// When a series ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum End {
    /// Never.
    #[default]
    Never,
    /// After so many occurrences.
    Count(u16),
    /// With the last slot that is not later.
    Until(Until),
}

/// A checked rule. Two rules that are written alike are equal, and the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    /// `FREQ`.
    pub freq: Freq,
    /// `INTERVAL`.
    pub interval: u16,
    /// `COUNT` or `UNTIL`.
    pub end: End,
    /// `WKST`; Monday unless said.
    pub week_start: Weekday,
    /// `BYMONTH`, sorted.
    pub months: Vec<u8>,
    /// `BYMONTHDAY`, sorted.
    pub month_days: Vec<i8>,
    /// `BYDAY`, sorted.
    pub days: Vec<Day>,
    /// `BYSETPOS`, sorted.
    pub positions: Vec<i8>,
}

/// Why a text is not a rule that tasks can repeat by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part} {why}")]
pub struct RuleError {
    /// The part it is about, such as `BYDAY`; `RRULE` if it is the whole.
    pub part: String,
    /// What is wrong with it.
    pub why: RuleProblem,
}

/// What is wrong with a part of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleProblem {
    /// The text is too long.
    #[error("is too long: at most {RULE_MAX} bytes")]
    TooLong,
    /// Not of the form `NAME=VALUE;NAME=VALUE`.
    #[error("is not a rule; write for example FREQ=WEEKLY;BYDAY=MO,FR")]
    NotARule,
    /// A part that tasks cannot repeat by.
    #[error(
        "is not supported; a rule has FREQ, INTERVAL, COUNT or UNTIL, WKST, BYMONTH, BYMONTHDAY, BYDAY and BYSETPOS"
    )]
    Unsupported,
    /// A part that is written twice.
    #[error("is there twice")]
    Twice,
    /// There is no such part.
    #[error("is missing")]
    Missing,
    /// Not one of the values it can have.
    #[error("cannot be {given:?}; {allowed}")]
    Value {
        /// As given.
        given: String,
        /// What it can be.
        allowed: &'static str,
    },
    /// Not together with what else the rule says.
    #[error("{0}")]
    Combination(&'static str),
    /// The rule ends before it begins.
    #[error("is before the first date")]
    EndsFirst,
}

pub(super) const DATE_FORMS: &str =
    "write 20271231, 20271231T170000 or 20271231T170000Z, up to 2099";

pub(super) fn value(part: &'static str, given: &str, allowed: &'static str) -> RuleError {
    let why = RuleProblem::Value { given: excerpt(given), allowed };
    RuleError { part: part.to_owned(), why }
}

pub(super) fn error(part: &str, why: RuleProblem) -> RuleError {
    RuleError { part: part.to_owned(), why }
}

impl Rule {
    /// A rule that says no more than how often.
    pub fn every(interval: u16, freq: Freq) -> Self {
        Self {
            freq,
            interval,
            end: End::Never,
            week_start: Weekday::Mon,
            months: Vec::new(),
            month_days: Vec::new(),
            days: Vec::new(),
            positions: Vec::new(),
        }
    }

    /// Whether it says no more than how often and until when: all that `from: completion` can
    /// work with (R4).
    pub fn is_plain(&self) -> bool {
        self.months.is_empty()
            && self.month_days.is_empty()
            && self.days.is_empty()
            && self.positions.is_empty()
    }

    /// The rule as a person means it whose first date is `day`: where a month has no such day, its
    /// last. What names its days is left as it is.
    #[must_use]
    pub(crate) fn meant_from(mut self, day: NaiveDate) -> Self {
        if !self.is_plain() {
            return self;
        }
        let number = i8::try_from(day.day()).unwrap_or(31);
        match (self.freq, number) {
            (Freq::Monthly, 31) => self.month_days = vec![-1],
            (Freq::Monthly, 29..=30) => {
                self.month_days = (28..=number).collect();
                self.positions = vec![-1];
            }
            (Freq::Yearly, 29) if day.month() == 2 => {
                self.months = vec![2];
                self.month_days = vec![-1];
            }
            _ => {}
        }
        self
    }

    /// Checks a rule that was put together, and sorts its lists.
    pub fn checked(mut self) -> Result<Self, RuleError> {
        self.months.sort_unstable();
        self.months.dedup();
        self.month_days.sort_unstable();
        self.month_days.dedup();
        self.days.sort_unstable_by_key(|day| day.key());
        self.days.dedup();
        self.positions.sort_unstable();
        self.positions.dedup();
        self.check_numbers()?;
        self.check_combinations()?;
        // Twelve months, sixty-two days and so on fit; no more than the text limit is kept.
        if self.to_string().len() > RULE_MAX {
            return Err(error("RRULE", RuleProblem::TooLong));
        }
        Ok(self)
    }

    fn check_numbers(&self) -> Result<(), RuleError> {
        let ok = |part, fits: bool, given: i32, allowed| {
            if fits { Ok(()) } else { Err(value(part, &given.to_string(), allowed)) }
        };
        let interval = self.interval;
        ok("INTERVAL", (1..=INTERVAL_MAX).contains(&interval), interval.into(), INTERVAL_RANGE)?;
        if let End::Count(count) = self.end {
            ok("COUNT", (1..=COUNT_MAX).contains(&count), count.into(), COUNT_RANGE)?;
        }
        if let End::Until(until) = self.end
            && until.day() > LAST_DAY
        {
            return Err(value("UNTIL", &until.to_string(), DATE_FORMS));
        }
        for month in &self.months {
            ok("BYMONTH", (1..=12).contains(month), (*month).into(), MONTH_RANGE)?;
        }
        for day in &self.month_days {
            ok("BYMONTHDAY", is_up_to(*day, 31), (*day).into(), MONTH_DAY_RANGE)?;
        }
        for day in &self.days {
            ok("BYDAY", day.ordinal.unsigned_abs() <= 5, day.ordinal.into(), DAY_RANGE)?;
        }
        for position in &self.positions {
            ok("BYSETPOS", is_up_to(*position, 31), (*position).into(), POSITION_RANGE)?;
        }
        Ok(())
    }

    fn check_combinations(&self) -> Result<(), RuleError> {
        let yearly = self.freq == Freq::Yearly;
        let monthly_or_yearly = matches!(self.freq, Freq::Monthly | Freq::Yearly);
        let refuse = |part: &str, why| Err(error(part, RuleProblem::Combination(why)));
        if !self.month_days.is_empty() {
            if self.freq == Freq::Weekly {
                return refuse("BYMONTHDAY", "cannot be used with FREQ=WEEKLY");
            }
            if yearly && self.months.is_empty() {
                return refuse("BYMONTHDAY", "needs BYMONTH with FREQ=YEARLY");
            }
        }
        if !self.days.is_empty() {
            if yearly && self.months.is_empty() {
                return refuse("BYDAY", "needs BYMONTH with FREQ=YEARLY");
            }
            if self.days.iter().any(|day| day.ordinal != 0) {
                if !monthly_or_yearly {
                    return refuse(
                        "BYDAY",
                        "can only count weekdays (such as 2MO) with FREQ=MONTHLY, or FREQ=YEARLY and BYMONTH",
                    );
                }
                if !self.month_days.is_empty() {
                    return refuse("BYDAY", "cannot count weekdays (such as 2MO) with BYMONTHDAY");
                }
            }
        }
        if !self.positions.is_empty() {
            if !monthly_or_yearly {
                return refuse("BYSETPOS", "can only be used with FREQ=MONTHLY or FREQ=YEARLY");
            }
            if self.days.is_empty() && self.month_days.is_empty() {
                return refuse("BYSETPOS", "needs BYDAY or BYMONTHDAY");
            }
            if self.positions.len() > POSITIONS_MAX {
                return refuse("BYSETPOS", "has too many values: at most 12");
            }
        }
        Ok(())
    }
}

fn is_up_to(number: i8, most: u8) -> bool {
    number != 0 && number.unsigned_abs() <= most
}

pub(super) const INTERVAL_RANGE: &str = "it is from 1 to 999";
pub(super) const COUNT_RANGE: &str = "it is from 1 to 1000";
pub(super) const MONTH_RANGE: &str = "a month is from 1 to 12";
pub(super) const MONTH_DAY_RANGE: &str = "a day is from 1 to 31, or from -31 to -1";
pub(super) const DAY_RANGE: &str =
    "write MO, TU, WE, TH, FR, SA or SU, with a number from -5 to 5 before it";
pub(super) const POSITION_RANGE: &str = "a position is from 1 to 31, or from -31 to -1";
