//! The filter language that people type (Q9), the same on every surface.
//!
//! ```text
//! filter = all { ("or" | "|") all }
//! all    = one { ["and" | "&"] one }            two beside each other mean both
//! one    = "not" one | "(" filter ")" | term
//! term   = field op value { "," value }         priority:high   due<tomorrow   tag:work,home
//!        | "#" tag | "@" project | "+" project | "!" priority
//!        | "overdue" | "today" | "tomorrow" | "week" | "waiting" | "repeating"
//!        | word | "\"" exact words "\""         in title, description, project or a tag (Q5)
//! op     = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
//! ```
//!
//! `not` binds tightest, then `and`, then `or`. What is quoted is a word, whatever it says. A date may
//! be several words (`due<next friday #work`), up to one that joins or begins a question. Nothing is
//! guessed: a field that does not exist, a value that its field does not take and a date that is
//! not understood are refused with the place and what may have been meant.
//!
//! An expression is kept as it was meant and not as it was worked out: `due<tomorrow` in a saved
//! filter is another day each day. What depends on the moment is worked out by `compile`, once a
//! query.

mod compile;
mod cut;
mod field;
mod parse;
mod print;
mod question;
mod term;
mod trouble;
mod when;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::error::TaskError;
use crate::reference::TaskRef;
use crate::task::{Priority, Status};
use crate::words::{Asking, DateOrder, WordsError};

pub use compile::{Condition, is_overdue, is_waiting};
pub(super) use compile::{rest_of_week, texts};

/// Longest expression that is read, in bytes.
pub const TEXT_MAX: usize = 2_000;
/// Most brackets and "not" inside each other.
pub const DEPTH_MAX: usize = 32;
/// Most terms of an expression, those of saved filters that it names included.
pub const TERMS_MAX: usize = 500;

/// What is asked of each task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// What was said.
    pub root: Node,
    /// How 4/1 was read in it.
    pub date_order: Option<DateOrder>,
}

/// A part of an expression. Neither list holds fewer than two, or one of its own kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// All of them.
    And(Vec<Self>),
    /// At least one of them.
    Or(Vec<Self>),
    /// Not this one.
    Not(Box<Self>),
    /// A saved filter by its name, with what it says.
    Saved(Box<str>, Box<Self>),
    /// One condition.
    Term(Term),
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// In one of the texts (Q5); as it was typed.
    Text(Box<str>),
    /// `title:`; as it was typed.
    Title(Box<str>),
    /// `description:`; as it was typed.
    Description(Is<Box<str>>),
    /// One of these.
    Status(Vec<Status>),
    /// One of these.
    Priority(Vec<Priority>),
    /// `priority>=medium`: so much or more, or less, than one.
    Rank(Compare, Priority),
    /// One of these projects, or what lies below it.
    Project(Is<Vec<Box<str>>>),
    /// At least one of these tags.
    Tag(Is<Vec<Box<str>>>),
    /// One of these tasks.
    Id(Vec<IdRange>),
    /// `id>100`.
    IdRank(Compare, u64),
    /// A direct subtask of one of these.
    Parent(Is<Vec<TaskRef>>),
    /// A date, or the lack of one.
    Date(DateField, DateTest),
    /// `urgency>60`.
    Urgency(Compare, i64),
    /// Open, and its due date has passed (Q4).
    Overdue,
    /// Hidden until its start date.
    Waiting,
    /// It holds the baton of a series (R1), or does not.
    Repeating(bool),
    /// It has reminders, or none.
    Reminders(bool),
}

/// A value, or whether there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Is<T> {
    /// `none`.
    None,
    /// `any`.
    Any,
    /// This.
    A(T),
}

/// A date or an instant of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateField {
    /// `due`.
    Due,
    /// `start`.
    Start,
    /// `created`.
    Created,
    /// `updated`.
    Updated,
    /// `completed`.
    Completed,
    /// `cancelled`.
    Cancelled,
}

impl DateField {
    /// Whether it only ever says what has happened.
    pub(super) fn is_past(self) -> bool {
        !matches!(self, Self::Due | Self::Start)
    }
}

/// What is asked of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateTest {
    /// There is none.
    None,
    /// There is one.
    Any,
    /// Today.
    Today,
    /// Tomorrow.
    Tomorrow,
    /// From today to the end of the week (Q3); of what has happened, the whole week.
    Week,
    /// On a day, in words (W2).
    On(Box<str>),
    /// Before or after a day or a moment, in words. The end of a week, month or the like (`eow`) is
    /// its last moment: `due<eow` is due within the week.
    Bound(Compare, Box<str>),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `<`.
    Less,
    /// `<=`.
    AtMost,
    /// `>`.
    More,
    /// `>=`.
    AtLeast,
}

/// Numbers from one to another, or a task by its uid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdRange {
    /// A number or a uid.
    One(TaskRef),
    /// These numbers, both ends included; the first is the smaller one.
    Range(u64, u64),
}

/// Where an expression finds the saved filters that it names.
pub trait SavedFilters {
    /// What a filter says, by its name.
    fn text(&self, name: &str) -> Option<&str>;
    /// Every name.
    fn names(&self) -> Vec<&str>;
}

/// There are none.
impl SavedFilters for () {
    fn text(&self, _: &str) -> Option<&str> {
        None
    }
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Expression {
    /// Reads an expression: all of it, or nothing.
    pub fn parse(
        text: &str,
        asking: &Asking,
        saved: &dyn SavedFilters,
    ) -> Result<Self, WordsError> {
        let root = parse::parse(text, asking, saved, None)?;
        Ok(Self { root, date_order: asking.date_order })
    }

    /// Reads what a saved filter says, as where it is named.
    pub(super) fn read_saved(
        name: &str,
        text: &str,
        asking: &Asking,
        saved: &dyn SavedFilters,
    ) -> Result<Self, TaskError> {
        let root = parse::parse(text, asking, saved, Some(name)).map_err(refused)?;
        Ok(Self { root, date_order: asking.date_order })
    }

    /// The same, with what a surface answers.
    pub fn read(text: &str, asking: &Asking, saved: &dyn SavedFilters) -> Result<Self, TaskError> {
        Self::parse(text, asking, saved).map_err(refused)
    }

    /// Both of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let date_order = self.date_order.or(other.date_order);
        Self { root: Node::all(vec![self.root, other.root]), date_order }
    }

    /// Whether it says which statuses are meant: the default list's then says nothing (Q1).
    pub fn names_status(&self) -> bool {
        self.root.any(&|term| {
            let closing = [DateField::Completed, DateField::Cancelled];
            match term {
                Term::Status(_) => true,
                Term::Date(field, _) => closing.contains(field),
                _ => false,
            }
        })
    }

    /// Whether it says something of start dates: what waits is then not hidden (Q1).
    pub fn names_start(&self) -> bool {
        self.root.any(&|term| matches!(term, Term::Waiting | Term::Date(DateField::Start, _)))
    }
}

impl Node {
    /// All of these; what is `and` already is taken apart.
    pub fn all(nodes: Vec<Self>) -> Self {
        let flat = nodes.into_iter().flat_map(|node| match node {
            Self::And(inner) => inner,
            node => vec![node],
        });
        one_or(flat.collect(), Self::And)
    }

    /// One of these; what is `or` already is taken apart.
    pub fn one_of(nodes: Vec<Self>) -> Self {
        let flat = nodes.into_iter().flat_map(|node| match node {
            Self::Or(inner) => inner,
            node => vec![node],
        });
        one_or(flat.collect(), Self::Or)
    }

    fn any(&self, found: &dyn Fn(&Term) -> bool) -> bool {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().any(|node| node.any(found)),
            Self::Not(node) | Self::Saved(_, node) => node.any(found),
            Self::Term(term) => found(term),
        }
    }
}

fn refused(error: WordsError) -> TaskError {
    TaskError::Words { field: "filter", error: Box::new(error) }
}

fn one_or(mut nodes: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            several(nodes)
        }
    }
}

/// The one written form: what it prints is read as the same expression.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::node(&self.root, f)
    }
}

/// What a cursor remembers of it: saved filters by what they say and not by their names (Q7).
impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let day_first = self.date_order.map(|order| order == DateOrder::DayFirst);
        (print::Opened(&self.root).to_string(), day_first).serialize(serializer)
    }
}
