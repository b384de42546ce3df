//! Rules as text: read strictly, written one way (R2).

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, Weekday};

use super::rule::{
    COUNT_RANGE, DATE_FORMS, DAY_RANGE, INTERVAL_RANGE, MONTH_DAY_RANGE, MONTH_RANGE,
    POSITION_RANGE, error, value,
};
use super::{Day, End, Freq, RULE_MAX, Rule, RuleError, RuleProblem, Until};
use crate::error::excerpt;
use crate::macros::as_text;

const FREQ_RANGE: &str = "it is DAILY, WEEKLY, MONTHLY or YEARLY";
const WEEK_RANGE: &str = "it is MO, TU, WE, TH, FR, SA or SU";

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

fn weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, day)| *day)
}

fn weekday_text(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, other)| *other == day).map_or("", |(name, _)| name)
}

/// A number as RFC 5545 writes it: digits, with a sign where one is allowed.
fn number<T: FromStr>(text: &str, signed: bool) -> Option<T> {
    let digits = if signed { text.trim_start_matches(['+', '-']) } else { text };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !plain || text.len() - digits.len() > 1 {
        return None;
    }
    text.parse().ok()
}

impl FromStr for Rule {
    type Err = RuleError;

    /// Reads `FREQ=…;…`, in any case, with or without `RRULE:` before it.
    fn from_str(text: &str) -> Result<Self, RuleError> {
        let not_a_rule = || error("RRULE", RuleProblem::NotARule);
        if text.len() > RULE_MAX {
            return Err(error("RRULE", RuleProblem::TooLong));
        }
        let text = text.trim();
        let text = match text.get(..6) {
            Some(name) if name.eq_ignore_ascii_case("RRULE:") => &text[6..],
            _ => text,
        };
        if !text.is_ascii() || text.bytes().any(|b| b.is_ascii_whitespace()) {
            return Err(not_a_rule());
        }
        let mut freq = None;
        let mut rule = Self::every(1, Freq::Daily);
        let mut seen: Vec<String> = Vec::new();
        for part in text.split(';') {
            let (name, given) = part.split_once('=').ok_or_else(not_a_rule)?;
            let name = name.to_ascii_uppercase();
            if seen.contains(&name) {
                return Err(error(&excerpt(&name), RuleProblem::Twice));
            }
            match name.as_str() {
                "FREQ" => {
                    let known = Freq::ALL.iter().find(|(_, w)| w.eq_ignore_ascii_case(given));
                    freq = Some(known.ok_or_else(|| value("FREQ", given, FREQ_RANGE))?.0);
                }
                "INTERVAL" => {
                    rule.interval = number(given, false)
                        .ok_or_else(|| value("INTERVAL", given, INTERVAL_RANGE))?;
                }
                "COUNT" => {
                    let count =
                        number(given, false).ok_or_else(|| value("COUNT", given, COUNT_RANGE))?;
                    rule.end_at("COUNT", End::Count(count))?;
                }
                "UNTIL" => {
                    let until = until(given).ok_or_else(|| value("UNTIL", given, DATE_FORMS))?;
                    rule.end_at("UNTIL", End::Until(until))?;
                }
                "WKST" => {
                    rule.week_start =
                        weekday(given).ok_or_else(|| value("WKST", given, WEEK_RANGE))?;
                }
                "BYMONTH" => {
                    rule.months = list("BYMONTH", given, MONTH_RANGE, |t| number(t, false))?;
                }
                "BYMONTHDAY" => {
                    rule.month_days =
                        list("BYMONTHDAY", given, MONTH_DAY_RANGE, |t| number(t, true))?;
                }
                "BYDAY" => rule.days = list("BYDAY", given, DAY_RANGE, by_day)?,
                "BYSETPOS" => {
                    rule.positions = list("BYSETPOS", given, POSITION_RANGE, |t| number(t, true))?;
                }
                _ => return Err(error(&excerpt(&name), RuleProblem::Unsupported)),
            }
            seen.push(name);
        }
        rule.freq = freq.ok_or_else(|| error("FREQ", RuleProblem::Missing))?;
        rule.checked()
    }
}

impl Rule {
    fn end_at(&mut self, part: &str, end: End) -> Result<(), RuleError> {
        if self.end != End::Never {
            let why = "says again when the rule ends; use either COUNT or UNTIL";
            return Err(error(part, RuleProblem::Combination(why)));
        }
        self.end = end;
        Ok(())
    }
}

fn list<T>(
    part: &'static str,
    given: &str,
    allowed: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, RuleError> {
    given.split(',').map(|text| read(text).ok_or_else(|| value(part, text, allowed))).collect()
}

fn by_day(text: &str) -> Option<Day> {
    let (ordinal, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = weekday(name)?;
    let ordinal = match ordinal {
        "" => 0,
        // `0MO` would be every Monday by accident.
        written => number(written, true).filter(|n: &i8| *n != 0)?,
    };
    Some(Day { ordinal, weekday })
}

fn until(text: &str) -> Option<Until> {
    let date = |text: &str| {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        let day = digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()?;
        (1..=9999).contains(&day.year()).then_some(day)
    };
    let Some((day, time)) = text.split_once(['T', 't']) else { return date(text).map(Until::Day) };
    let (time, utc) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, true),
        None => (time, false),
    };
    if time.len() != 6 {
        return None;
    }
    let part = |range| number::<u32>(time.get::<std::ops::Range<usize>>(range)?, false);
    let at = date(day)?.and_hms_opt(part(0..2)?, part(2..4)?, part(4..6)?)?;
    Some(if utc { Until::Utc(at) } else { Until::Wall(at) })
}

/// The one way a rule is written: upper case, this order, nothing that goes without saying.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.freq.as_str())?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Until(until) => write!(f, ";UNTIL={until}")?,
        }
        if self.week_start != Weekday::Mon {
            write!(f, ";WKST={}", weekday_text(self.week_start))?;
        }
        write_list(f, "BYMONTH", &self.months, |f, month| write!(f, "{month}"))?;
        write_list(f, "BYMONTHDAY", &self.month_days, |f, day| write!(f, "{day}"))?;
        write_list(f, "BYDAY", &self.days, |f, day| {
            if day.ordinal != 0 {
                write!(f, "{}", day.ordinal)?;
            }
            f.write_str(weekday_text(day.weekday))
        })?;
        write_list(f, "BYSETPOS", &self.positions, |f, position| write!(f, "{position}"))
    }
}

fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    values: &[T],
    write: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (place, value) in values.iter().enumerate() {
        if place == 0 {
            write!(f, ";{name}=")?;
        } else {
            f.write_str(",")?;
        }
        write(f, value)?;
    }
    Ok(())
}

as_text!(Rule);
