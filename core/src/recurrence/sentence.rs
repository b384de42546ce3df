//! Rules in words: `every 2 weeks on Monday and Friday, until 31 Dec 2026`.
//!
//! What people can type (W3) is said so that it can be typed again and means the same. Other rules
//! get a longer sentence that is true and names all their parts.

use std::fmt::{Display, Write};

use chrono::Weekday;

use super::{Basis, Day, End, Freq, Rule, Until};

/// The name of a month; of 13, nothing.
pub(crate) fn month_name(month: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let place = usize::try_from(month).ok().and_then(|month| month.checked_sub(1));
    place.and_then(|place| NAMES.get(place).copied()).unwrap_or_default()
}

fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// `1st`, `22nd`, `13th`.
pub(crate) fn nth(number: i8) -> String {
    let number = number.unsigned_abs();
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// `first`, `2nd`, `last`, `2nd last`.
fn place(number: i8) -> String {
    match number {
        1 => "first".to_owned(),
        -1 => "last".to_owned(),
        ..=-2 => format!("{} last", nth(number)),
        _ => nth(number),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list<T: Display>(items: &[T], last: &str) -> String {
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        let between = match items.len() - at {
            _ if at == 0 => "",
            1 => last,
            _ => ", ",
        };
        let _ = write!(text, "{between}{item}");
    }
    text
}

const AND: &str = " and ";
const WORKDAYS: [Weekday; 5] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// Whether it makes a difference to a rule which day begins a week: it leaves weeks out, and has
/// days that one week start puts in another order than another.
pub(crate) fn week_start_matters(rule: &Rule) -> bool {
    let order = |start: Weekday| {
        let mut days: Vec<_> = rule.days.iter().map(|day| day.weekday).collect();
        days.sort_unstable_by_key(|day| day.days_since(start));
        days
    };
    let starts = [Weekday::Sat, Weekday::Sun, rule.week_start];
    rule.freq == Freq::Weekly
        && rule.interval > 1
        && starts.into_iter().any(|start| order(start) != order(Weekday::Mon))
}

impl Rule {
    /// The rule as a short sentence in English.
    pub fn sentence(&self, from: Basis) -> String {
        let mut text = match from {
            Basis::Completion => format!("{} after completion", self.interval_text()),
            Basis::Schedule => self.short().unwrap_or_else(|| self.long()),
        };
        if week_start_matters(self) {
            let _ = write!(text, ", weeks from {}", weekday_name(self.week_start));
        }
        text.push_str(&self.end_text());
        text
    }

    fn unit(&self) -> &'static str {
        match self.freq {
            Freq::Daily => "day",
            Freq::Weekly => "week",
            Freq::Monthly => "month",
            Freq::Yearly => "year",
        }
    }

    /// `1 day`, `2 weeks`.
    fn interval_text(&self) -> String {
        let plural = if self.interval == 1 { "" } else { "s" };
        format!("{} {}{plural}", self.interval, self.unit())
    }

    /// `every day`, `every 2 weeks`.
    fn pace(&self) -> String {
        if self.interval == 1 {
            format!("every {}", self.unit())
        } else {
            format!("every {}", self.interval_text())
        }
    }

    fn end_text(&self) -> String {
        match self.end {
            End::Never => String::new(),
            End::Count(1) => ", 1 time".to_owned(),
            End::Count(count) => format!(", {count} times"),
            End::Until(Until::Day(day)) => format!(", until {}", day.format("%-d %b %Y")),
            End::Until(Until::Wall(at)) => {
                format!(", until {}", at.format("%H:%M:%S on %-d %b %Y"))
            }
            End::Until(Until::Utc(at)) => {
                format!(", until {}", at.format("%H:%M:%S UTC on %-d %b %Y"))
            }
        }
    }

    /// The sentence that people would type, if there is one.
    fn short(&self) -> Option<String> {
        if self.is_plain() {
            return Some(self.pace());
        }
        match self.freq {
            Freq::Weekly => self.of_week(),
            Freq::Monthly if self.months.is_empty() => self.of_month(),
            Freq::Yearly if !self.months.is_empty() => self.of_year(),
            Freq::Daily | Freq::Monthly | Freq::Yearly => None,
        }
    }

    fn is_weekdays(&self) -> bool {
        self.days.iter().all(|day| day.ordinal == 0)
            && self.days.iter().map(|day| day.weekday).eq(WORKDAYS)
    }

    fn of_week(&self) -> Option<String> {
        if !self.months.is_empty() || self.days.is_empty() {
            return None;
        }
        if self.is_weekdays() && self.interval == 1 {
            return Some("every weekday".to_owned());
        }
        let days: Vec<_> = self.days.iter().map(|day| weekday_name(day.weekday)).collect();
        let days = list(&days, AND);
        Some(if self.interval == 1 {
            format!("every {days}")
        } else {
            format!("{} on {days}", self.pace())
        })
    }

    fn of_month(&self) -> Option<String> {
        if let Some(most) = self.or_last_day() {
            return Some(format!("{} on the {}, or the last day", self.pace(), nth(most)));
        }
        if let Some(days) = self.month_days_text() {
            if self.interval == 1 && self.month_days == [-1] {
                return Some("every last day of the month".to_owned());
            }
            // Short months are left out: who types no more than the day means their last.
            let rare = matches!(self.month_days[..], [29..=31]);
            let rare = if rare { ", where there is one" } else { "" };
            return Some(format!("{} on the {days}{rare}", self.pace()));
        }
        let days = self.counted_days()?;
        let whole = if self.positions.is_empty() { "" } else { " of the month" };
        Some(if self.interval == 1 {
            format!("every {days}{whole}")
        } else {
            format!("{} on the {days}", self.pace())
        })
    }

    fn of_year(&self) -> Option<String> {
        let months: Vec<_> = self.months.iter().map(|month| month_name((*month).into())).collect();
        let months = list(&months, AND);
        if let ([day @ 1..=31], [_], true) =
            (&self.month_days[..], &self.months[..], self.days.is_empty())
            && self.positions.is_empty()
        {
            return Some(format!("{} on {day} {months}", self.pace()));
        }
        if let Some(days) = self.month_days_text() {
            return Some(format!("{} on the {days} of {months}", self.pace()));
        }
        let days = self.counted_days()?;
        Some(if self.interval == 1 {
            format!("every {days} of {months}")
        } else {
            format!("{} on the {days} of {months}", self.pace())
        })
    }

    /// `29, 30 or last` as `BYMONTHDAY=28,29,30;BYSETPOS=-1`: the greatest day.
    fn or_last_day(&self) -> Option<i8> {
        let most = *self.month_days.last()?;
        let all = (28..=most).eq(self.month_days.iter().copied());
        let last = self.positions == [-1] && self.days.is_empty();
        (all && last && (29..=30).contains(&most)).then_some(most)
    }

    /// `1st and 15th`, `15th and last day`, where the rule says no more about days.
    fn month_days_text(&self) -> Option<String> {
        if self.month_days.is_empty() || !self.days.is_empty() || !self.positions.is_empty() {
            return None;
        }
        let mut days = self.month_days.clone();
        days.sort_by_key(|day| as_spoken(*day));
        let days: Vec<_> = days
            .into_iter()
            .map(|day| if day < 0 { format!("{} day", place(day)) } else { nth(day) })
            .collect();
        Some(list(&days, AND))
    }

    /// `first and 3rd Monday`, `last weekday`, where the rule says no more about days.
    fn counted_days(&self) -> Option<String> {
        if !self.month_days.is_empty() || self.days.is_empty() {
            return None;
        }
        if !self.positions.is_empty() {
            let places = places(&self.positions);
            let fits = self.is_weekdays()
                && self.positions.iter().all(|position| position.unsigned_abs() <= 23);
            return fits.then(|| format!("{} weekday", list(&places, AND)));
        }
        if self.days.iter().any(|day| day.ordinal == 0) {
            return None;
        }
        let same = self.days.iter().all(|day| day.weekday == self.days[0].weekday);
        if same {
            let ordinals: Vec<_> = self.days.iter().map(|day| day.ordinal).collect();
            let places = places(&ordinals);
            return Some(format!("{} {}", list(&places, AND), weekday_name(self.days[0].weekday)));
        }
        let mut days = self.days.clone();
        days.sort_by_key(|day| as_spoken(day.ordinal));
        let days: Vec<_> = days.into_iter().map(counted).collect();
        Some(list(&days, AND))
    }

    /// All parts of any rule, one after the other.
    fn long(&self) -> String {
        let mut text = self.pace();
        if !self.months.is_empty() {
            let months: Vec<_> = self.months.iter().map(|m| month_name((*m).into())).collect();
            let _ = write!(text, ", in {}", list(&months, AND));
        }
        if !self.month_days.is_empty() {
            let days: Vec<_> = self.month_days.iter().map(|day| month_day(*day)).collect();
            let _ = write!(text, ", on {}", list(&days, AND));
        }
        if !self.days.is_empty() {
            let days: Vec<_> = self.days.iter().copied().map(any_day).collect();
            let (lead, last) =
                if self.month_days.is_empty() { ("on", AND) } else { ("if that is", " or ") };
            let _ = write!(text, ", {lead} {}", list(&days, last));
        }
        if !self.positions.is_empty() {
            let places = places(&self.positions);
            let period = if self.freq == Freq::Yearly { "year" } else { "month" };
            let _ = write!(text, ", of these the {} of the {period}", list(&places, AND));
        }
        text
    }
}

/// From the beginning first, then from the end.
fn as_spoken(number: i8) -> (bool, u8) {
    (number < 0, number.unsigned_abs())
}

fn places(numbers: &[i8]) -> Vec<String> {
    let mut numbers = numbers.to_vec();
    numbers.sort_by_key(|number| as_spoken(*number));
    numbers.into_iter().map(place).collect()
}

fn counted(day: Day) -> String {
    format!("{} {}", place(day.ordinal), weekday_name(day.weekday))
}

fn month_day(day: i8) -> String {
    if day < 0 { format!("the {} day", place(day)) } else { format!("the {}", nth(day)) }
}

fn any_day(day: Day) -> String {
    match day.ordinal {
        0 => format!("any {}", weekday_name(day.weekday)),
        _ => format!("the {}", counted(day)),
    }
}
