//! Reading a question about a field: `priority>=medium`, `due<"next friday"`, `tag:work,home`.

use std::ops::Range;
use std::str::FromStr;

use chrono::Datelike;

use super::cut::{Kind, Piece};
use super::field::{Field, field, names};
use super::parse::{JOINS, Reader};
use super::trouble::{Fault, Trouble};
use super::{Compare, DateField, DateTest, IdRange, Is, Node, Term};
use crate::due::Due;
use crate::error::{FieldError, similar};
use crate::query::Moment;
use crate::reference::TaskRef;
use crate::task::{Priority, Status};
use crate::text::{Project, Tag};
use crate::time::{Timestamp, day_start};
use crate::words::{self, Asking, WordsError};

/// Most words that a date without quotes has.
const DATE_WORDS: usize = 6;

pub(super) fn tag(at: Range<usize>, text: &str) -> Result<Box<str>, Fault> {
    label(at, Tag::new(text.strip_prefix('#').unwrap_or(text)), |tag| tag.as_str().into())
}

pub(super) fn project(at: Range<usize>, text: &str) -> Result<Box<str>, Fault> {
    label(at, Project::new(text), |project| project.as_str().into())
}

fn label<T>(
    at: Range<usize>,
    read: Result<T, FieldError>,
    text: impl FnOnce(&T) -> Box<str>,
) -> Result<Box<str>, Fault> {
    match read {
        Ok(label) => Ok(text(&label)),
        Err(error) => Err(Fault { at, trouble: Trouble::Field(error.to_string()) }),
    }
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    /// `:` or `=`.
    Is,
    /// `!=`.
    IsNot,
    /// The others.
    Rank(Compare),
}

/// One value of a question.
struct Value {
    text: String,
    at: Range<usize>,
    /// What is quoted is never `none`, `any` or another word of the field.
    quoted: bool,
}

impl Value {
    fn is_word(&self, word: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(word)
    }

    /// A text to look for.
    fn said(&self) -> Result<Box<str>, Fault> {
        let text = self.text.trim();
        if text.is_empty() {
            let trouble = Trouble::Expected("a text", None);
            return Err(Fault { at: self.at.clone(), trouble });
        }
        Ok(text.into())
    }
}

/// A field, a comparison, and values.
struct Question {
    name: &'static str,
    op: Op,
    /// As it was typed, and where.
    sign: (String, Range<usize>),
    values: Vec<Value>,
}

/// Reads what is asked of a field; the reader stands on its name.
pub(super) fn question(r: &mut Reader<'_>, typed: &str) -> Result<Node, Fault> {
    let Some((name, field)) = field(typed) else {
        let like = similar(typed, names());
        return Err(r.here(Trouble::NoField(typed.to_owned(), like)));
    };
    r.at += 1;
    let sign = r.piece().map(|piece| (piece.text.clone(), piece.at.clone()));
    let sign = sign.unwrap_or_default();
    let op = match sign.0.as_str() {
        "!=" => Op::IsNot,
        "<" => Op::Rank(Compare::Less),
        "<=" => Op::Rank(Compare::AtMost),
        ">" => Op::Rank(Compare::More),
        ">=" => Op::Rank(Compare::AtLeast),
        _ => Op::Is,
    };
    r.at += 1;
    let first = r.at;
    let mut asked = Question { name, op, sign, values: values(r, name)? };
    let node = match field {
        Field::Filter => {
            let value = asked.only("the name of a saved filter")?;
            r.saved(&value.text, value.at)?
        }
        Field::Date(field) => {
            if let [value] = asked.values.as_slice()
                && !value.quoted
            {
                asked.values = vec![longest_date(r, first)];
            }
            Node::Term(asked.date(r, field)?)
        }
        field => Node::Term(asked.term(field)?),
    };
    Ok(if asked.op == Op::IsNot { Node::Not(Box::new(node)) } else { node })
}

/// What stands behind a comparison, separated by commas.
fn values(r: &mut Reader<'_>, name: &'static str) -> Result<Vec<Value>, Fault> {
    let mut values = Vec::new();
    loop {
        let piece = r.piece().filter(|piece| matches!(piece.kind, Kind::Word | Kind::Quoted));
        let Some(piece) = piece else {
            let hint = format!("write {name}: and the value");
            return Err(r.here(Trouble::Expected("a value", Some(hint))));
        };
        let quoted = piece.kind == Kind::Quoted;
        values.push(Value { text: piece.text.clone(), at: piece.at.clone(), quoted });
        r.at += 1;
        if r.kind(0) != Some(Kind::Comma) {
            return Ok(values);
        }
        r.at += 1;
    }
}

/// A date may be several words: as many of those that follow as make one.
fn longest_date(r: &mut Reader<'_>, first: usize) -> Value {
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
    /// The value, where there can be but one.
    fn only(&mut self, what: &'static str) -> Result<Value, Fault> {
        self.plain("")?;
        match self.values.pop() {
            Some(value) if self.values.is_empty() => Ok(value),
            _ => {
                let at = self.sign.1.clone();
                Err(Fault { at, trouble: Trouble::Expected(what, None) })
            }
        }
    }

    /// Refuses `<` and the like.
    fn plain(&self, allowed: &'static str) -> Result<(), Fault> {
        let allowed = if allowed.is_empty() { ": and a value" } else { allowed };
        match self.op {
            Op::Rank(_) => Err(Fault {
                at: self.sign.1.clone(),
                trouble: Trouble::NoSuchOp(self.name, self.sign.0.clone(), allowed),
            }),
            Op::Is | Op::IsNot => Ok(()),
        }
    }

    /// `none`, `any`, or values.
    fn is<T>(&self, read: impl FnMut(&Value) -> Result<T, Fault>) -> Result<Is<Vec<T>>, Fault> {
        self.plain("")?;
        if let [only] = self.values.as_slice() {
            if only.is_word("none") {
                return Ok(Is::None);
            }
            if only.is_word("any") {
                return Ok(Is::Any);
            }
        }
        let alone = |value: &&Value| value.is_word("none") || value.is_word("any");
        if let Some(value) = self.values.iter().find(alone) {
            let hint = format!("{1:?} stands alone: write {0}:{1} or {0}:…", self.name, value.text);
            let trouble = Trouble::Expected("another value", Some(hint));
            return Err(Fault { at: value.at.clone(), trouble });
        }
        self.values.iter().map(read).collect::<Result<_, _>>().map(Is::A)
    }

    fn bad(&self, value: &Value, allowed: &[&'static str]) -> Fault {
        let like = similar(&value.text, allowed.iter().copied()).map(ToOwned::to_owned);
        let takes = allowed.join(", ");
        let trouble = Trouble::BadValue(self.name, value.text.clone(), takes, like);
        Fault { at: value.at.clone(), trouble }
    }

    /// Each value a word of a closed set.
    fn words<T: FromStr + Copy>(&self, allowed: &[&'static str]) -> Result<Vec<T>, Fault> {
        let read = |value: &Value| value.text.parse().map_err(|_| self.bad(value, allowed));
        self.values.iter().map(read).collect()
    }

    fn term(&self, field: Field) -> Result<Term, Fault> {
        Ok(match field {
            Field::Status => Term::Status(self.statuses()?),
            Field::Priority => match self.op {
                Op::Rank(compare) => {
                    let levels = self.words(Priority::WORDS)?;
                    match levels.as_slice() {
                        [level] => Term::Rank(compare, *level),
                        _ => return Err(self.one_only()),
                    }
                }
                Op::Is | Op::IsNot => Term::Priority(unique(self.words(Priority::WORDS)?)),
            },
            Field::Project => Term::Project(self.is(|value| {
                let bare = value.text.strip_prefix(['@', '+']).filter(|_| !value.quoted);
                project(value.at.clone(), bare.unwrap_or(&value.text))
            })?),
            Field::Tag => Term::Tag(self.is(|value| tag(value.at.clone(), &value.text))?),
            Field::Title => Term::Title(self.text()?),
            Field::Description => Term::Description(match self.is(Value::said)? {
                Is::None => Is::None,
                Is::Any => Is::Any,
                Is::A(_) => Is::A(self.text()?),
            }),
            Field::Urgency => self.urgency()?,
            Field::Id => self.ids()?,
            Field::Parent => Term::Parent(self.is(|value| self.reference(value, &value.text))?),
            Field::Repeat => Term::Repeating(self.having()?),
            Field::Reminder => Term::Reminders(self.having()?),
            Field::Date(_) | Field::Filter => return Err(self.one_only()),
        })
    }

    /// One text. A title is always there, so `none` and `any` are words of it like others.
    fn text(&self) -> Result<Box<str>, Fault> {
        self.plain("")?;
        match self.values.as_slice() {
            [only] => only.said(),
            _ => Err(self.one_only()),
        }
    }

    fn one_only(&self) -> Fault {
        let at = self.values.get(1).map_or_else(|| self.sign.1.clone(), |value| value.at.clone());
        Fault { at, trouble: Trouble::Expected("one value and no more", None) }
    }

    fn statuses(&self) -> Result<Vec<Status>, Fault> {
        const WORDS: &[&str] =
            &["open", "closed", "all", "pending", "in_progress", "completed", "cancelled"];
        self.plain(": and a status")?;
        let mut statuses = Vec::new();
        for value in &self.values {
            let several = |wanted: fn(&Status) -> bool| {
                Status::ALL.iter().copied().filter(wanted).collect::<Vec<_>>()
            };
            statuses.extend(match value.text.to_ascii_lowercase().as_str() {
                "open" => several(|status| status.is_open()),
                "closed" => several(|status| !status.is_open()),
                "all" => several(|_| true),
                "done" => vec![Status::Completed],
                word => vec![word.parse().map_err(|_| self.bad(value, WORDS))?],
            });
        }
        Ok(unique(statuses))
    }

    fn urgency(&self) -> Result<Term, Fault> {
        let [value] = self.values.as_slice() else { return Err(self.one_only()) };
        let Op::Rank(compare) = self.op else {
            let allowed = " with <, <=, > or >= and a number";
            let trouble = Trouble::NoSuchOp(self.name, self.sign.0.clone(), allowed);
            return Err(Fault { at: self.sign.1.clone(), trouble });
        };
        // Wider than any urgency, and far from where numbers end.
        let number = value.text.parse().ok().filter(|number| (-9_999..=9_999).contains(number));
        let number = number.ok_or_else(|| self.bad(value, &["a whole number"]))?;
        Ok(Term::Urgency(compare, number))
    }

    fn reference(&self, value: &Value, text: &str) -> Result<TaskRef, Fault> {
        text.parse().map_err(|_| self.bad(value, &["an id", "a uid", "its first characters"]))
    }

    fn ids(&self) -> Result<Term, Fault> {
        if let Op::Rank(compare) = self.op {
            let [value] = self.values.as_slice() else { return Err(self.one_only()) };
            let number = value.text.parse().map_err(|_| self.bad(value, &["a number"]))?;
            return Ok(Term::IdRank(compare, number));
        }
        let range = |value: &Value| {
            let ends = value.text.split_once('-').and_then(|(from, to)| {
                let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
                let ends = (digits(from) && digits(to)).then_some((from, to))?;
                Some((ends.0.parse::<u64>().ok()?, ends.1.parse::<u64>().ok()?))
            });
            match ends {
                Some((from, to)) if from <= to => Ok(IdRange::Range(from, to)),
                Some(_) => Err(self.bad(value, &["the smaller number first"])),
                None => self.reference(value, &value.text).map(IdRange::One),
            }
        };
        self.values.iter().map(range).collect::<Result<_, _>>().map(Term::Id)
    }

    /// `any` or `none`.
    fn having(&self) -> Result<bool, Fault> {
        self.plain(":any or :none")?;
        match self.values.as_slice() {
            [value] if value.is_word("any") => Ok(true),
            [value] if value.is_word("none") => Ok(false),
            [value] => Err(self.bad(value, &["any", "none"])),
            _ => Err(self.one_only()),
        }
    }

    fn date(&self, r: &Reader<'_>, field: DateField) -> Result<Term, Fault> {
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

/// Each once, in the order in which they were first said.
fn unique<T: PartialEq + Copy>(values: Vec<T>) -> Vec<T> {
    let mut once = Vec::new();
    for value in values {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    once
}
