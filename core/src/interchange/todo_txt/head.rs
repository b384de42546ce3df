//! What stands at the beginning of a line: whether it is done, its letter and its dates.

use std::fmt::Display;

use chrono::NaiveDate;

use crate::due::Due;
use crate::interchange::ImportError;
use crate::time::Zone;

/// Where a line is, to name places in it.
#[derive(Clone, Copy)]
pub(super) struct Place<'l> {
    pub(super) number: usize,
    pub(super) line: &'l str,
}

impl Place<'_> {
    /// The column of a part of the line, in characters from 1.
    pub(super) fn column(self, part: &str) -> usize {
        let before = (part.as_ptr() as usize).saturating_sub(self.line.as_ptr() as usize);
        self.line.get(..before).map_or(1, |before| before.chars().count() + 1)
    }

    pub(super) fn fault(self, part: &str, what: &dyn Display) -> ImportError {
        let (line, column) = (self.number, self.column(part));
        ImportError::Syntax { line, column, what: what.to_string() }
    }
}

/// What stands before the text.
pub(super) struct Head<'l> {
    pub(super) is_done: bool,
    pub(super) letter: Option<char>,
    pub(super) ended: Option<NaiveDate>,
    pub(super) made: Option<NaiveDate>,
    pub(super) body: &'l str,
}

impl<'l> Head<'l> {
    pub(super) fn read(place: Place<'l>) -> Result<Self, ImportError> {
        let mut rest = place.line.trim();
        let is_done = rest.starts_with("x ");
        if is_done {
            rest = rest[2..].trim_start();
        }
        let letter = letter(rest.split(' ').next().unwrap_or_default());
        if letter.is_some() {
            rest = rest[3..].trim_start();
        }
        let mut days = [None, None];
        let most = if is_done { 2 } else { 1 };
        for day in &mut days[..most] {
            let word = rest.split(' ').next().unwrap_or_default();
            if !is_dated(word) || word.len() != 10 {
                break;
            }
            let due = Due::parse(word, None, Zone::UTC);
            *day = Some(due.map_err(|problem| place.fault(rest, &problem))?.wall_day());
            rest = rest[word.len()..].trim_start();
        }
        let [first, second] = days;
        let (ended, made) = if is_done { (first, second) } else { (None, first) };
        if rest.is_empty() {
            return Err(place.fault(rest, &"a task has a text, and here is none"));
        }
        Ok(Self { is_done, letter, ended, made, body: rest })
    }
}

/// `(A)`.
pub(super) fn letter(word: &str) -> Option<char> {
    let inner = word.strip_prefix('(')?.strip_suffix(')')?;
    let mut letters = inner.chars();
    letters.next().filter(char::is_ascii_uppercase).filter(|_| letters.next().is_none())
}

/// Whether a text begins as a date does, right or wrong.
pub(super) fn is_dated(text: &str) -> bool {
    let digit = |(at, b): (usize, &u8)| match at {
        4 | 7 => *b == b'-',
        _ => b.is_ascii_digit(),
    };
    text.len() >= 10 && text.as_bytes()[..10].iter().enumerate().all(digit)
}
