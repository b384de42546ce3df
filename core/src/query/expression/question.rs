//! Reading a question about a field: `priority>=medium`, `due<"next friday"`, `tag:work,home`.

use std::ops::Range;
use std::str::FromStr;

use super::cut::Kind;
use super::field::{Field, field, names};
use super::parse::Reader;
use super::trouble::{Fault, Trouble};
use super::when::longest_date;
use super::{Compare, IdRange, Is, Node, Term};
use crate::error::{FieldError, similar};
use crate::reference::TaskRef;
use crate::task::{Priority, Status};
use crate::text::{Project, Tag};

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
pub(super) enum Op {
    /// `:` or `=`.
    Is,
    /// `!=`.
    IsNot,
    /// The others.
    Rank(Compare),
}

/// One value of a question.
pub(super) struct Value {
    pub(super) text: String,
    pub(super) at: Range<usize>,
    /// What is quoted is never `none`, `any` or another word of the field.
    pub(super) quoted: bool,
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
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) op: Op,
    /// As it was typed, and where.
    sign: (String, Range<usize>),
    pub(super) values: Vec<Value>,
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

    pub(super) fn one_only(&self) -> Fault {
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
