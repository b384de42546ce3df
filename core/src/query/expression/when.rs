//! Reading dates in questions: they stay words (W2), which must plainly mean one time.

use chrono::Datelike;

use super::cut::{Kind, Piece};
use super::parse::{JOINS, Reader};
use super::question::{Op, Question, Value};
use super::trouble::{Fault, Trouble};
use super::{DateField, DateTest, Term};
use crate::due::Due;
use crate::query::Moment;
use crate::time::{Timestamp, day_start};
use crate::words::{self, Asking, WordsError};

/// Most words that a date without quotes has.
const DATE_WORDS: usize = 6;

/// A date may be several words: as many of those that follow as make one.
pub(super) fn longest_date(r: &mut Reader<'_>, first: usize) -> Value {
    let words = r.pieces.iter().skip(first).take_while(|piece| piece.kind == Kind::Word);
    let words: Vec<_> = words.take(DATE_WORDS).cloned().collect();
    // A word that joins, or that begins another condition, is none of a date's.
    let asks = |at: usize| r.pieces.get(first + at + 1).is_some_and(|next| next.kind == Kind::Op);
    let joins = |word: &Piece| JOINS.iter().any(|join| join.eq_ignore_ascii_case(&word.text));
    let ends = |(at, word): (usize, &Piece)| asks(at) || joins(word);
    let most = words.iter().enumerate().position(ends).unwrap_or(words.len()).max(1);
    let upto = |count: usize| Value {
        text: words.iter().take(count).map(|p| p.text.as_str()).collect::<Vec<_>>().join(" "),
        at: words.first().map_or(0, |p| p.at.start)..words.get(count - 1).map_or(0, |p| p.at.end),
        quoted: false,
    };
    for count in (1..=most).rev() {
        let value = upto(count);
        if words::range(&value.text, r.asking).is_ok() {
            r.at = first + count;
            return value;
        }
    }
    r.at = first + 1;
    upto(1)
}

impl Question {
    /// What is asked of a date.
    pub(super) fn date(&self, r: &Reader<'_>, field: DateField) -> Result<Term, Fault> {
        let [value] = self.values.as_slice() else { return Err(self.one_only()) };
        // Nothing else can be meant by these where a date stands, quoted or not.
        let said = |word: &str| value.text.trim().eq_ignore_ascii_case(word);
        let test = match self.op {
            Op::Is | Op::IsNot => match () {
                () if said("none") => DateTest::None,
                () if said("any") => DateTest::Any,
                () if said("today") => DateTest::Today,
                () if said("tomorrow") => DateTest::Tomorrow,
                () if said("week") => DateTest::Week,
                () if said("overdue") && field == DateField::Due => {
                    return Ok(Term::Overdue);
                }
                () => {
                    let day = self.day(r, value)?;
                    self.plainly_meant(r, field, value)?;
                    DateTest::On(day)
                }
            },
            Op::Rank(compare) => {
                understood(value, |text| words::range(text, r.asking))?;
                self.plainly_meant(r, field, value)?;
                DateTest::Bound(compare, value.text.trim().into())
            }
        };
        Ok(Term::Date(field, test))
    }

    /// Refuses a date that is read as one to come where one that has passed is as likely meant: what
    /// `due<"20 nov"` means must not change on the 21st, and nothing was completed next Monday.
    fn plainly_meant(&self, r: &Reader<'_>, field: DateField, value: &Value) -> Result<(), Fault> {
        const DAY: i64 = 86_400_000;
        let Asking { moment, .. } = *r.asking;
        let Moment { now, zone, .. } = moment;
        let read_at = |now| {
            let asking = Asking { moment: Moment { now, ..moment }, ..*r.asking };
            words::when(&value.text, &asking).ok()
        };
        let (Some(due), today) = (read_at(now), now.day(zone)) else { return Ok(()) };
        let day = due.day_in(zone);
        let fault = |trouble| Err(Fault { at: value.at.clone(), trouble });
        if day.year() > today.year()
            && let Some(new_year) = today.with_ordinal(1)
            && let Some(passed) = read_at(day_start(new_year, zone)).map(|due| due.day_in(zone))
            && passed.with_year(day.year()) == Some(day)
            && passed < today
            && today - passed < day - today
        {
            return fault(Trouble::WhichYear(passed, day));
        }
        let is_over = |end: Timestamp| end <= now;
        let has_year = value.text.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() == 4);
        // What moves with the asker ("tomorrow", "in 3 days") is meant as it is said.
        let stays = || read_at(now.plus_millis(-DAY)) == Some(due);
        let is_end = || words::range(&value.text, r.asking).is_ok_and(|range| range.is_empty());
        if field.is_past() && !is_over(due.starts(zone)) && !has_year && stays() && !is_end() {
            return fault(Trouble::ToCome(self.name));
        }
        Ok(())
    }

    fn day(&self, r: &Reader<'_>, value: &Value) -> Result<Box<str>, Fault> {
        match understood(value, |text| words::when(text, r.asking))? {
            Due::Day(_) => Ok(value.text.trim().into()),
            Due::At { .. } => {
                Err(Fault { at: value.at.clone(), trouble: Trouble::NeedsDay(self.name) })
            }
        }
    }
}

/// What a date in words is, or where it is not understood.
fn understood<T>(
    value: &Value,
    read: impl FnOnce(&str) -> Result<T, WordsError>,
) -> Result<T, Fault> {
    read(&value.text).map_err(|error| {
        // What is quoted begins a character later.
        let start = value.at.start + usize::from(value.quoted);
        let trouble = Trouble::Date(Box::new(error));
        Fault { at: start..value.at.end, trouble }
    })
}
