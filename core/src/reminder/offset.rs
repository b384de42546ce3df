//! How long before a due date.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Problem, excerpt};
use crate::macros::as_text;

/// Furthest before the due date that a reminder can lie, in days.
pub const OFFSET_DAYS_MAX: u32 = 366;
const SECONDS_A_DAY: u32 = 86_400;

/// How long before the due date: days count on the calendar, the rest exactly.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Offset {
    days: u32,
    seconds: u32,
}

impl Offset {
    /// At the due time itself.
    pub const ZERO: Self = Self { days: 0, seconds: 0 };

    /// So many calendar days and so many seconds before; a year and a day at most.
    pub fn before(days: u32, seconds: u32) -> Result<Self, Problem> {
        let whole = days.saturating_add(seconds / SECONDS_A_DAY);
        if whole < OFFSET_DAYS_MAX
            || (whole == OFFSET_DAYS_MAX && seconds.is_multiple_of(SECONDS_A_DAY))
        {
            Ok(Self { days, seconds })
        } else {
            Err(Problem::ReminderTooEarly)
        }
    }

    /// Calendar days.
    pub fn days(self) -> u32 {
        self.days
    }

    /// Exact seconds.
    pub fn seconds(self) -> u32 {
        self.seconds
    }
}

/// ISO 8601: `-P1D`, `-PT1H30M`, `PT0S`.
impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { days, seconds } = *self;
        if *self == Self::ZERO {
            return f.write_str("PT0S");
        }
        f.write_str("-P")?;
        if days > 0 && days % 7 == 0 && seconds == 0 {
            return write!(f, "{}W", days / 7);
        }
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if seconds > 0 {
            f.write_str("T")?;
        }
        for (size, unit) in [(3600, 'H'), (60, 'M'), (1, 'S')] {
            let number = match unit {
                'H' => seconds / size,
                _ => seconds / size % 60,
            };
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Offset {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::NotAnOffset(excerpt(text));
        let trimmed = text.trim();
        let (sign, rest) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let rest = rest.strip_prefix(['P', 'p']).ok_or_else(wrong)?;
        let (date, time) = match rest.split_once(['T', 't']) {
            Some((_, "")) => return Err(wrong()),
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        let days = units(date, &[('W', 7), ('D', 1)]).ok_or_else(wrong)?;
        let seconds = units(time, &[('H', 3600), ('M', 60), ('S', 1)]).ok_or_else(wrong)?;
        if date.is_empty() && time.is_empty() {
            return Err(wrong());
        }
        if !sign && (days, seconds) != (0, 0) {
            return Err(Problem::ReminderAfter);
        }
        Self::before(days, seconds)
    }
}

/// `1D`, `2H30M`: each unit at most once, in this order.
pub(crate) fn units(text: &str, known: &[(char, u32)]) -> Option<u32> {
    let mut sum: u32 = 0;
    let mut rest = text;
    let mut known = known.iter();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| (1..=9).contains(end))?;
        let number: u32 = rest[..end].parse().ok()?;
        let unit = rest[end..].chars().next()?.to_ascii_uppercase();
        let (_, size) = known.find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.checked_mul(*size)?)?;
        rest = &rest[end + 1..];
    }
    Some(sum)
}

as_text!(Offset);
