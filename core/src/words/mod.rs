//! What people type: dates, recurrence, reminders, whole lines (W1–W3).
//!
//! A text is cut into tokens, each word looked up in one table (`lexicon`), and read by
//! recursive descent. What is not understood wholly is refused, with its place; nothing is
//! guessed, for a wrong date is worse than none. Time comes in with [`Asking`].
//!
//! | file | reads |
//! |---|---|
//! | `moment`, `day`, `nth`, `date`, `clock`, `span` | dates and times (W2) |
//! | `every`, `places`, `series` | recurrence, and where it begins (W3) |
//! | `remind` | reminders, and putting them off |
//! | `line`, `quick`, `tail`, `rest` | a whole line (W1): its marks, its clauses, its title |

mod again;
mod calendar;
mod clock;
mod date;
mod day;
mod every;
mod lexicon;
mod line;
mod moment;
mod nth;
mod places;
mod quick;
mod reader;
mod remind;
mod rest;
mod series;
mod span;
mod tail;
mod token;
mod trouble;

use std::fmt;
use std::ops::Range;

use chrono::NaiveTime;

use crate::due::Due;
use crate::error::ErrorCode;
use crate::query::Moment;
use crate::recurrence::{Basis, NewRecurrence, Rule, RuleError};
use crate::reminder::Trigger;
use crate::time::{Timestamp, day_end, day_start};
use every::{Pattern, pattern};
use lexicon::{Edge, Sense};
use reader::{Present, Read, Reader, check};
use span::Lone;
use trouble::{Fault, Trouble};

pub use again::{GoesOn, again};
pub use quick::{Part, PartKind, QuickAdd};

/// How 4/1 is read. Only where somebody has said so: else it is refused, with both readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 4 January.
    DayFirst,
    /// 1 April.
    MonthFirst,
}

/// Who asks, when and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The present, the zone, and the first day of the week.
    pub moment: Moment,
    /// The order of day and month, if the asker has set it.
    pub date_order: Option<DateOrder>,
}

/// Words that are not understood: nothing is guessed, and the place is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordsError {
    /// What was typed, cut to a length that can be shown.
    pub text: String,
    /// Where the trouble lies: characters of what was typed, from 0; at its end, if something is
    /// missing there.
    pub at: Range<usize>,
    /// What is wrong.
    pub problem: String,
    /// What may help.
    pub suggestion: Option<String>,
    /// The stable code: `validation_error`, or of a rule `unsupported_rule` or
    /// `rule_never_matches`.
    pub code: ErrorCode,
    /// What is wrong with a rule that was given as such.
    pub rule: Option<Box<RuleError>>,
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for WordsError {}

/// A recurrence and its first date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Every {
    /// How it repeats.
    pub recurrence: NewRecurrence,
    /// Its first date: a slot of the rule.
    pub due: Due,
}

/// What dates look like.
const DATES: &str = "write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21";

/// Reads a date (W2): all of the text, or nothing.
pub fn when(text: &str, asking: &Asking) -> Result<Due, WordsError> {
    read(text, asking, DATES, |r| {
        if let Some(Sense::Every | Sense::Often(..)) = r.sense(0) {
            return Err(r.here(Trouble::Repeats));
        }
        let _ = r.take(Sense::On) || r.take(Sense::By);
        moment::moment(r, Lone::Month)
    })
}

/// Reads a date (W2) as the time that it names.
///
/// A day goes from its first instant to the next day's, a moment lasts a millisecond. The end of a
/// day, week or the like (`eow`, `end of month`) is the instant in which that is over.
pub fn range(text: &str, asking: &Asking) -> Result<Range<Timestamp>, WordsError> {
    let zone = asking.moment.zone;
    let due = when(text, asking)?;
    let is_end = token::tokens(text).first().is_some_and(|token| {
        let ends = |sense| matches!(sense, Sense::Edge(Edge::End) | Sense::EdgeOf(Edge::End, _));
        matches!(token.kind, token::Kind::Word(Some(sense)) if ends(sense))
    });
    Ok(match due {
        Due::Day(day) if is_end => day_end(day, zone)..day_end(day, zone),
        Due::Day(day) => day_start(day, zone)..day_end(day, zone),
        Due::At { .. } => {
            let at = due.starts(zone);
            at..at.plus_millis(1)
        }
    })
}

/// Reads a recurrence (W3), in words or as an RRULE: all of the text, or nothing.
///
/// It begins with `due`, or the first slot after it, if there is one; a time in the words wins
/// over its time. Without one it begins with the first slot from today on.
pub fn every(text: &str, asking: &Asking, due: Option<Due>) -> Result<Every, WordsError> {
    const EXAMPLE: &str = "write for example every monday 9am";
    if text.contains('=') {
        return every_rule(text, asking, due);
    }
    read(text, asking, EXAMPLE, |r| {
        let Some(pattern) = pattern(r)? else { return Ok(None) };
        if r.is_mark(0, '!') && r.is_glued(0) {
            return Err(r.here(Trouble::LateBang(pattern.rule.is_plain())));
        }
        end(r)?;
        let begun = series::begin(&pattern, due, r.present);
        begun.map(Some).map_err(Fault::whole)
    })
}

fn every_rule(text: &str, asking: &Asking, due: Option<Due>) -> Result<Every, WordsError> {
    let fault = |fault: Fault| fault.error(text, &token::tokens(text));
    let present = Present::new(asking).map_err(fault)?;
    let whole = |trouble| fault(Fault::whole(trouble));
    let rule: Rule = text.parse().map_err(|error| whole(Trouble::Rule(error)))?;
    let pattern = Pattern { is_literal: true, ..Pattern::new(rule, Basis::Schedule) };
    series::begin(&pattern, due, &present).map_err(whole)
}

/// Reads when to remind (W1, R9): all of the text, or nothing. A length of time alone is before
/// the due date; a day alone is 09:00.
pub fn remind(text: &str, asking: &Asking) -> Result<Trigger, WordsError> {
    const EXAMPLE: &str = "write for example 1h before, or tomorrow 9am";
    read(text, asking, EXAMPLE, |r| Ok(remind::trigger(r)?.map(|asked| asked.trigger)))
}

/// Reads until when a reminder is put off: all of the text, or nothing. `morning` is the time of
/// a day that is named without one.
pub fn snooze(text: &str, asking: &Asking, morning: NaiveTime) -> Result<Timestamp, WordsError> {
    const EXAMPLE: &str = "write for example 10m, or tomorrow 9am";
    read(text, asking, EXAMPLE, |r| remind::later(r, morning))
}

/// Reads a line (W1): what is marked, or stands at its end, is understood; the rest is the title.
pub fn quick_add(text: &str, asking: &Asking) -> Result<QuickAdd, WordsError> {
    quick::quick_add(text, asking)
}

/// Reads all of a text.
fn read<T>(
    text: &str,
    asking: &Asking,
    example: &'static str,
    read: impl FnOnce(&mut Reader<'_>) -> Read<T>,
) -> Result<T, WordsError> {
    // What is too long is not even cut.
    let tokens = if text.len() > trouble::TEXT_MAX { Vec::new() } else { token::tokens(text) };
    let all = || {
        check(text, &tokens, example)?;
        let present = Present::new(asking)?;
        let mut reader = Reader::new(&present, text, &tokens);
        let Some(found) = read(&mut reader)? else {
            let missing = Trouble::Expected("a date or a time");
            return Err(reader.here(if reader.is_done() { missing } else { Trouble::Unknown }));
        };
        end(&mut reader)?;
        Ok(found)
    };
    all().map_err(|fault: Fault| {
        // What a date can be is best shown where nothing was understood; of the others, of which
        // there are few, anywhere.
        let is_unknown = matches!(fault.trouble, Trouble::Unknown | Trouble::Expected(_));
        let nothing = is_unknown && (fault.from == 0 || example != DATES);
        let mut error = fault.error(text, &tokens);
        if nothing && error.suggestion.is_none() {
            error.suggestion = Some(example.to_owned());
        }
        error
    })
}

/// Nothing may be left but the end of a sentence.
fn end(r: &mut Reader<'_>) -> Result<(), Fault> {
    let left = r.at;
    while r.take_mark('.') || r.take_mark('!') || r.take_mark(',') {}
    if r.is_done() {
        return Ok(());
    }
    r.at = left;
    Err(r.here(Trouble::Unknown))
}
