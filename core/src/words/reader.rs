//! Where a reading stands in its tokens, and what it knows of the present.

use chrono::{Datelike, NaiveDate, Weekday};

use super::lexicon::Sense;
use super::token::{Kind, Token};
use super::trouble::{Fault, TEXT_MAX, Trouble};
use super::{Asking, DateOrder, calendar};
use crate::due::Due;
use crate::time::{Timestamp, Zone};

/// What is there, if it is what was looked for: `None` leaves the reader to be set back.
pub(super) type Read<T> = Result<Option<T>, Fault>;

/// The present, as far as words need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    pub(super) now: Timestamp,
    pub(super) zone: Zone,
    pub(super) today: NaiveDate,
    pub(super) week_start: Weekday,
    pub(super) date_order: Option<DateOrder>,
}

impl Present {
    /// Refuses a clock that stands outside the calendar.
    pub(super) fn new(asking: &Asking) -> Result<Self, Fault> {
        let Asking { moment, date_order } = *asking;
        // A zone may be a day off UTC, so the year is looked at before the day is worked out.
        let near = (1969..=2100).contains(&moment.now.utc().year());
        let today = near.then(|| moment.now.day(moment.zone)).and_then(calendar::in_range);
        let today = today.ok_or_else(|| Fault::whole(Trouble::OutOfRange))?;
        let (zone, week_start) = (moment.zone, moment.week_start);
        Ok(Self { now: moment.now, zone, today, week_start, date_order })
    }

    /// A due date at an instant, to the second.
    pub(super) fn at(&self, instant: Timestamp) -> Option<Due> {
        let whole = Timestamp::from_millis(instant.millis().div_euclid(1000) * 1000);
        if !(1969..=2100).contains(&whole.utc().year()) {
            return None;
        }
        let due = Due::at(whole.utc().naive_utc(), Zone::UTC, None).in_zone(self.zone);
        calendar::in_range(due.wall_day()).map(|_| due)
    }

    /// Whether a moment has passed, or is now.
    pub(super) fn has_come(&self, due: Due) -> bool {
        due.starts(self.zone) <= self.now
    }
}

/// Where the words stand, and so how much they can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// In a field of their own, or after `due:`: everything.
    Whole,
    /// At the end of a line: not what is often a part of a title.
    Tail,
    /// After "by", anywhere in a line.
    By,
    /// After "on", anywhere in a line: days only.
    On,
}

/// A place in the tokens of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'t> {
    pub(super) present: &'t Present,
    pub(super) text: &'t str,
    pub(super) tokens: &'t [Token],
    pub(super) at: usize,
    pub(super) manner: Manner,
}

impl<'t> Reader<'t> {
    /// At the beginning of a text that is read wholly.
    pub(super) fn new(present: &'t Present, text: &'t str, tokens: &'t [Token]) -> Self {
        Self { present, text, tokens, at: 0, manner: Manner::Whole }
    }

    pub(super) fn token(&self, ahead: usize) -> Option<&'t Token> {
        self.tokens.get(self.at + ahead)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// What the word here, or further on, means.
    pub(super) fn sense(&self, ahead: usize) -> Option<Sense> {
        match self.token(ahead)?.kind {
            Kind::Word(sense) => sense,
            _ => None,
        }
    }

    /// The number here, or further on, and how many digits it has.
    pub(super) fn number(&self, ahead: usize) -> Option<(u32, usize)> {
        match self.token(ahead)?.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    pub(super) fn is_mark(&self, ahead: usize, mark: char) -> bool {
        self.token(ahead).is_some_and(|token| token.kind == Kind::Mark(mark))
    }

    /// Whether a token stands close behind the one before it.
    pub(super) fn is_glued(&self, ahead: usize) -> bool {
        let place = self.at + ahead;
        let before = place.checked_sub(1).and_then(|place| self.tokens.get(place));
        before.zip(self.tokens.get(place)).is_some_and(|(one, other)| one.chunk == other.chunk)
    }

    /// The text of a token.
    pub(super) fn shown(&self, ahead: usize) -> &'t str {
        self.token(ahead).and_then(|t| self.text.get(t.from..t.to)).unwrap_or_default()
    }

    /// Steps over a word of this meaning.
    pub(super) fn take(&mut self, sense: Sense) -> bool {
        let found = self.sense(0) == Some(sense);
        self.at += usize::from(found);
        found
    }

    /// Steps over a mark.
    pub(super) fn take_mark(&mut self, mark: char) -> bool {
        let found = self.is_mark(0, mark);
        self.at += usize::from(found);
        found
    }

    /// Steps over "at" or "@".
    pub(super) fn take_at(&mut self) -> bool {
        self.take(Sense::At) || self.take_mark('@')
    }

    /// Reads something that may be there; the reader stands still where it is not.
    pub(super) fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let before = self.at;
        let found = read(self)?;
        if found.is_none() {
            self.at = before;
        }
        Ok(found)
    }

    /// The same for what can only be there or not.
    pub(super) fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.at;
        let found = read(self);
        if found.is_none() {
            self.at = before;
        }
        found
    }

    /// Reads as in a field of its own, whatever the manner.
    pub(super) fn wholly<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let manner = std::mem::replace(&mut self.manner, Manner::Whole);
        let found = read(self);
        self.manner = manner;
        found
    }

    /// Something is wrong with the token here.
    pub(super) fn here(&self, trouble: Trouble) -> Fault {
        Fault { from: self.at, to: self.at + 1, trouble }
    }

    /// Something is wrong with what was read since.
    pub(super) fn since(&self, from: usize, trouble: Trouble) -> Fault {
        Fault { from, to: self.at.max(from + 1), trouble }
    }

    /// The day, or that it lies outside the calendar.
    pub(super) fn in_range(&self, from: usize, day: Option<NaiveDate>) -> Result<NaiveDate, Fault> {
        day.and_then(calendar::in_range).ok_or_else(|| self.since(from, Trouble::OutOfRange))
    }
}

/// Refuses what is too long to be looked at, and what holds nothing.
pub(super) fn check(text: &str, tokens: &[Token], example: &'static str) -> Result<(), Fault> {
    if text.len() > TEXT_MAX {
        return Err(Fault::whole(Trouble::TooLong));
    }
    if tokens.is_empty() {
        return Err(Fault::whole(Trouble::Empty(example)));
    }
    Ok(())
}
