//! What can be wrong with words, and how it is said.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};

use super::WordsError;
use super::lexicon::nearest;
use super::token::{Kind, Token};
use crate::error::{ErrorCode, Problem, excerpt};
use crate::recurrence::{RuleError, month_name, nth};

/// Longest text that is looked at, in bytes.
pub(super) const TEXT_MAX: usize = 2_000;

/// Where it went wrong: tokens, and why. Cheap to make, for the tail of a line is tried often.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) trouble: Trouble,
}

/// What is wrong.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    Empty(&'static str),
    TooLong,
    /// A word, or what is glued together, that has no meaning here.
    Unknown,
    /// Something else has to stand here.
    Expected(&'static str),
    BadTime,
    BadMeridiem,
    /// "at 5".
    AmOrPm(u32),
    /// Midnight of a day: at which end?
    WhichMidnight(Option<NaiveDate>),
    TonightIsEvening,
    NoSuchMonth(u32),
    NoSuchDay {
        day: u32,
        month: u32,
        year: Option<i32>,
    },
    NotThatMany(&'static str),
    /// Day first and month first.
    TwoReadings {
        day_first: NaiveDate,
        month_first: NaiveDate,
        has_year: bool,
    },
    ShortYear,
    OutOfRange,
    /// A moment that has passed, and what to write.
    Passed(Option<String>),
    WrongWeekday(NaiveDate),
    MinutesOrMonths {
        count: u32,
        /// Whether it can be nothing else: "in 10m", but "run 400m".
        is_time: bool,
    },
    HoursFromADay,
    Repeats,
    RepeatsTooOften,
    EveryNthDay(i8),
    /// "every second tuesday".
    EverySecond(Weekday),
    /// "on tuesdays".
    Plural(&'static str),
    /// "to friday 5pm".
    Belongs,
    /// "until friday every day".
    Early,
    /// "16/9 5pm", "24.12 6:00".
    MaybeDate,
    /// "every 3 days!"; whether it can be counted from completion.
    LateBang(bool),
    TooMany {
        most: u32,
        what: &'static str,
    },
    MixedDays,
    CompletionDays,
    Twice(&'static str),
    EndsFirst(NaiveDate),
    Never,
    Rule(RuleError),
    MonthsBefore,
    /// "1 day before at 9am".
    BeforeAtTime,
    WhichDay,
    NoTitle,
    /// A text that breaks the rules of its field.
    Refused(&'static str, Problem),
}

impl Trouble {
    /// Whether the text can only have been meant so: what is said of a line then, rather than
    /// taking it as a part of the title.
    pub(super) fn is_sure(&self) -> bool {
        matches!(
            self,
            Self::TwoReadings { has_year: true, .. }
                | Self::NoSuchDay { year: Some(_), .. }
                | Self::MinutesOrMonths { is_time: true, .. }
                | Self::EveryNthDay(_)
                | Self::EverySecond(_)
                | Self::BeforeAtTime
        )
    }

    fn problem(&self, shown: &str) -> String {
        match self {
            Self::Empty(_) => "there is nothing to read".to_owned(),
            Self::TooLong => format!("the text is too long: at most {TEXT_MAX} bytes are read"),
            Self::Unknown => format!("{shown:?} is not understood here"),
            Self::Expected(what) if shown.is_empty() => {
                format!("the text ends where {what} has to follow")
            }
            Self::Expected(what) => format!("{shown:?} stands where {what} has to follow"),
            Self::BadTime => format!("{shown:?} is no time: a time is from 00:00 to 23:59"),
            Self::BadMeridiem => {
                format!("{shown:?} is no time: hours go from 1 to 12 with am and pm")
            }
            Self::AmOrPm(hour) => format!("{hour} can be the morning or the afternoon"),
            Self::WhichMidnight(_) => {
                "midnight can be the beginning or the end of that day".to_owned()
            }
            Self::TonightIsEvening => format!("{shown:?} is not in the evening"),
            Self::NoSuchMonth(month) => format!("there is no month {month}"),
            Self::NoSuchDay { day, month, year } => {
                let length = year.map_or(super::calendar::longest(*month), |year| {
                    super::calendar::length(year, *month)
                });
                let most = if year.is_none() && *month == 2 { "at most " } else { "" };
                let year = year.map(|year| format!(" {year}")).unwrap_or_default();
                let name = month_name(*month);
                format!("there is no day {day}: {name}{year} has {most}{length} days")
            }
            Self::NotThatMany(what) => format!("there are not that many {what} in it"),
            Self::TwoReadings { day_first, month_first, .. } => {
                format!("{shown:?} can be {} or {}", long(*day_first), long(*month_first))
            }
            Self::ShortYear => "the year has to have four digits".to_owned(),
            Self::OutOfRange => format!("{shown:?} lies out of range: dates run from 1970 to 2099"),
            Self::Passed(_) => format!("{shown:?} has passed"),
            Self::WrongWeekday(day) => {
                format!("{} is a {}", long(*day), day.format("%A"))
            }
            Self::MinutesOrMonths { count, .. } => format!("{count}m can be minutes or months"),
            Self::HoursFromADay => "hours and minutes count from a time, not from a day".to_owned(),
            Self::Repeats => format!("{shown:?} says how something repeats, not when it is"),
            Self::RepeatsTooOften => "tasks repeat by the day, not more often".to_owned(),
            Self::EveryNthDay(n) => {
                format!("{shown:?} can be every {n} days, or the {} of every month", nth(*n))
            }
            Self::EverySecond(weekday) => {
                let name = typed(*weekday);
                format!("{shown:?} can be every other {name}, or the 2nd {name} of every month")
            }
            Self::Plural(_) => format!("{shown:?} can be many days, not one"),
            Self::Belongs => format!("{shown:?} can be a date, or belong to the title"),
            Self::Early => format!("{shown:?} stands before what repeats, not behind it"),
            Self::MaybeDate => format!("{shown:?} can be a date, or only a number"),
            Self::LateBang(_) => "a ! that counts from completion stands behind every".to_owned(),
            Self::TooMany { most, what } => format!("{what} go from 1 to {most}"),
            Self::MixedDays => "days of the month and weekdays do not go together".to_owned(),
            Self::CompletionDays => {
                "counted from completion there is only how often, no days".to_owned()
            }
            Self::Twice(what) => format!("{shown:?} is a second {what}"),
            Self::EndsFirst(day) => format!("the rule ends before its first date, {}", long(*day)),
            Self::Never => "the rule never comes true before 2100".to_owned(),
            Self::Rule(error) => error.to_string(),
            Self::MonthsBefore => {
                "only weeks, days, hours and minutes are counted back from a due date".to_owned()
            }
            Self::BeforeAtTime => {
                "a reminder comes so long before the due date, or at a time".to_owned()
            }
            Self::WhichDay => format!("{shown:?} does not say on which day"),
            Self::NoTitle => "there is nothing left that could be the title".to_owned(),
            Self::Refused(what, problem) => format!("the {what} {problem}"),
        }
    }

    fn suggestion(&self, shown: &str) -> Option<String> {
        Some(match self {
            Self::Empty(example) => (*example).to_owned(),
            Self::Unknown | Self::Expected(_) => {
                let meant = nearest(shown).filter(|word| !word.eq_ignore_ascii_case(shown))?;
                format!("did you mean {meant}?")
            }
            Self::BadTime | Self::BadMeridiem => "write 17:00 or 5pm".to_owned(),
            Self::AmOrPm(hour) => format!("write {hour}am or {hour}pm"),
            Self::WhichMidnight(None) => "write 0:00 or 23:59".to_owned(),
            Self::WhichMidnight(Some(day)) => {
                let next = day.succ_opt().unwrap_or(*day);
                format!("write {day} 00:00 or {next} 00:00")
            }
            Self::TonightIsEvening => "write tonight 9pm, or tomorrow 9am".to_owned(),
            Self::TwoReadings { day_first, month_first, .. } => {
                format!("write {} or {}", short(*day_first), short(*month_first))
            }
            Self::Passed(instead) => return instead.clone(),
            Self::MinutesOrMonths { count, .. } => {
                format!("write {count}min or {count} months")
            }
            Self::Repeats => "put it where the recurrence goes".to_owned(),
            Self::EveryNthDay(n) => format!("write every {n} days, or every {}", nth(*n)),
            Self::EverySecond(weekday) => {
                let name = typed(*weekday);
                format!("write every other {name}, or every 2nd {name} of the month")
            }
            Self::Plural(name) => format!("write every {name}"),
            Self::Belongs | Self::MaybeDate => {
                "write a date as by friday 5pm or 21 nov, and put what belongs to the title in quotes"
                    .to_owned()
            }
            Self::Early => "write for example every day until friday".to_owned(),
            Self::LateBang(true) => "write every! 3 days".to_owned(),
            Self::LateBang(false) => "leave out the !".to_owned(),
            Self::CompletionDays => "write every! 3 days, or leave out the !".to_owned(),
            Self::MonthsBefore => "write 4 weeks before".to_owned(),
            Self::BeforeAtTime => "write 1 day before, or tomorrow 9am".to_owned(),
            Self::WhichDay => "write tomorrow 9am, or 1h before".to_owned(),
            Self::NoTitle => "put words that belong to it in quotes".to_owned(),
            Self::Twice("time" | "end" | "beginning") => "leave one of them out".to_owned(),
            Self::Twice(_) => "put what belongs to the title in quotes".to_owned(),
            _ => return None,
        })
    }

    /// In words, about a place of a text.
    pub(super) fn error(&self, text: &str, at: Range<usize>, bytes: Range<usize>) -> WordsError {
        let shown = excerpt(text.get(bytes).unwrap_or_default());
        let rule = match self {
            Self::Rule(error) => Some(Box::new(error.clone())),
            _ => None,
        };
        WordsError {
            text: excerpt(text),
            at,
            problem: self.problem(&shown),
            suggestion: self.suggestion(&shown),
            code: self.code(),
            rule,
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Never => ErrorCode::RuleNeverMatches,
            Self::Rule(_) => ErrorCode::UnsupportedRule,
            _ => ErrorCode::ValidationError,
        }
    }
}

/// `13 March 2026`.
fn long(day: NaiveDate) -> String {
    format!("{} {} {}", day.day(), month_name(day.month()), day.year())
}

/// `13 mar 2026`, as it would be typed.
fn short(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string().to_lowercase()
}

/// `monday`, as it would be typed.
pub(super) fn typed(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

impl Fault {
    /// About all of a text.
    pub(super) fn whole(trouble: Trouble) -> Self {
        Self { from: 0, to: usize::MAX, trouble }
    }

    /// With its place in the text, and in words.
    pub(super) fn error(self, text: &str, tokens: &[Token]) -> WordsError {
        let Self { from, to, trouble } = self;
        let to = to.min(tokens.len());
        let (from, to) = match trouble {
            Trouble::Unknown | Trouble::Expected(_) => whole_chunk(tokens, from, to),
            _ => (from, to),
        };
        let (at, bytes) = match tokens.get(from..to) {
            Some([first, .., last]) => (first.start..last.end, first.from..last.to),
            Some([only]) => (only.start..only.end, only.from..only.to),
            _ => {
                let (end, byte) = tokens.last().map_or((0, 0), |last| (last.end, last.to));
                (end..end, byte..byte)
            }
        };
        trouble.error(text, at, bytes)
    }
}

/// All that is glued to a word: "3dx" is not understood, not its x.
fn whole_chunk(tokens: &[Token], from: usize, to: usize) -> (usize, usize) {
    let Some(token) = tokens.get(from) else { return (from, to) };
    let same = |other: &&Token| other.chunk == token.chunk && other.kind != Kind::Mark(',');
    let led = |other: &&Token| same(other) && other.kind != Kind::Mark(':');
    let before = tokens[..from].iter().rev().take_while(led).count();
    let after = tokens[from..].iter().take_while(same).count();
    (from - before, from + after.max(1))
}
