//! What can be wrong with an expression, and how it is said.

use std::ops::Range;

use chrono::NaiveDate;

use crate::error::{ErrorCode, excerpt};
use crate::words::WordsError;

use super::parse::CHAIN_MAX;
use super::{DEPTH_MAX, TERMS_MAX, TEXT_MAX};

/// Where it went wrong, in characters, and why.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) trouble: Trouble,
}

/// What is wrong.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    Empty,
    TooLong,
    TooDeep,
    TooMany,
    /// A control character.
    Control(u32),
    /// A quote or a bracket, and what closes it.
    Unclosed(&'static str, &'static str),
    /// A bracket that closes nothing.
    Unopened,
    /// What has to stand here.
    Expected(&'static str, Option<String>),
    /// A field that does not exist, and one that is like it.
    NoField(String, Option<&'static str>),
    /// A comparison that the field does not take.
    NoSuchOp(&'static str, String, &'static str),
    /// A value that the field does not take: what it takes, and what is like it.
    BadValue(&'static str, String, String, Option<String>),
    /// A date that is not understood.
    Date(Box<WordsError>),
    /// A date without a year, which is nearer behind than ahead: both readings.
    WhichYear(NaiveDate, NaiveDate),
    /// A date to come, asked of what has happened.
    ToCome(&'static str),
    /// A time of day where a day has to stand.
    NeedsDay(&'static str),
    /// "-word".
    Minus(String),
    /// "!word".
    Bang(String),
    /// A saved filter that does not exist, and one that is like it.
    NoFilter(String, Option<String>),
    /// A saved filter that names itself.
    Circle(String),
    /// Saved filters that name each other too many times in a row.
    TooLongChain,
    /// A saved filter that is not understood any more.
    Broken(String, Box<WordsError>),
    /// A label that its field cannot hold.
    Field(String),
}

impl Fault {
    /// With its text, for the one who typed it.
    pub(super) fn error(self, text: &str) -> WordsError {
        let Self { at, trouble } = self;
        let (problem, suggestion) = trouble.say();
        let at = match &trouble {
            Trouble::Date(inner) => at.start + inner.at.start..at.start + inner.at.end,
            _ => at,
        };
        WordsError {
            text: excerpt(text),
            at,
            problem,
            suggestion,
            code: ErrorCode::ValidationError,
            rule: None,
        }
    }
}

impl Trouble {
    fn say(&self) -> (String, Option<String>) {
        let mean = |word: &str| format!("did you mean {word}?");
        let short = |text: &str| excerpt(text);
        match self {
            Self::Empty => (
                "there is nothing to look for".to_owned(),
                Some("write for example #work and due<tomorrow".to_owned()),
            ),
            Self::TooLong => (format!("it is too long: at most {TEXT_MAX} bytes are read"), None),
            Self::TooDeep => {
                (format!("it is nested too deep: at most {DEPTH_MAX} brackets and \"not\""), None)
            }
            Self::TooMany => (
                format!(
                    "it asks too much: at most {TERMS_MAX} conditions, those of saved filters included"
                ),
                None,
            ),
            Self::Control(code) => (
                format!("it holds the control character U+{code:04X}"),
                Some("take it out".to_owned()),
            ),
            Self::Unclosed(what, close) => {
                (format!("{what} is not closed"), Some(format!("close it with {close}")))
            }
            Self::Unopened => (
                "this bracket closes nothing".to_owned(),
                Some("put \")\" in quotes to look for it".to_owned()),
            ),
            Self::Expected(what, hint) => (format!("{what} has to stand here"), hint.clone()),
            Self::NoField(name, like) => (
                format!("there is no field {:?}", short(name)),
                Some(match like {
                    Some(like) => mean(&format!("{like}:")),
                    None => format!("put it in quotes to look for the text {:?}", short(name)),
                }),
            ),
            Self::NoSuchOp(field, op, allowed) => {
                (format!("{field} does not take {op:?}"), Some(format!("write {field}{allowed}")))
            }
            Self::BadValue(field, value, allowed, like) => (
                format!("{:?} is no value of {field}; it takes {allowed}", short(value)),
                like.as_deref().map(mean),
            ),
            Self::Date(error) => (error.problem.clone(), error.suggestion.clone()),
            Self::NeedsDay(field) => (
                "a day has to stand here, without a time".to_owned(),
                Some(format!("for a moment use {field}< or {field}>=")),
            ),
            Self::WhichYear(passed, coming) => (
                format!("it has passed this year, and can be {passed} or {coming}"),
                Some("write it with the year".to_owned()),
            ),
            Self::ToCome(field) => (
                format!("it is to come, and nothing is {field} then yet"),
                Some("write for example last monday, 3 days ago, or the date with its year".into()),
            ),
            Self::Minus(word) => (
                "a minus says nothing here".to_owned(),
                Some(format!("write not {}, or put it in quotes to look for it", short(word))),
            ),
            Self::Bang(word) => (
                format!("\"!\" marks a priority, and {:?} is none", short(word)),
                Some(match word.as_str() {
                    "" => "write !high, !medium or !low, or put it in quotes".to_owned(),
                    word => format!("write !high, !medium or !low, or not {}", short(word)),
                }),
            ),
            Self::NoFilter(name, like) => (
                format!("there is no saved filter {:?}", short(name)),
                Some(match like {
                    Some(like) => mean(like),
                    None => "save one first; `filter` lists them".to_owned(),
                }),
            ),
            Self::Circle(name) => {
                (format!("the saved filter {:?} names itself", short(name)), None)
            }
            Self::TooLongChain => {
                (format!("at most {CHAIN_MAX} saved filters can name each other in a row"), None)
            }
            Self::Broken(name, error) => (
                format!("the saved filter {name:?} is not understood: {}", error.problem),
                Some("save it anew".to_owned()),
            ),
            Self::Field(problem) => (problem.clone(), None),
        }
    }
}
