//! Ways in and out. Each format is a file; all of them answer tasks and a list of what had no
//! home, so that nothing is lost without a word.
//!
//! An import reads from anything that can be read, and understands all of it before one task is
//! taken over; an export writes task by task. Neither holds the text and the tasks at once where
//! the format lets it.

pub mod csv;
mod fit;
pub mod icalendar;
mod identity;
pub mod json;
mod records;
mod sheet;
mod source;
pub mod taskwarrior;
pub mod todo_txt;
pub mod todoist;
mod together;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, Write};

use chrono::Weekday;

use crate::batch::NUMBER_MAX;
use crate::command::Keeps;
use crate::error::{FieldError, excerpt};
use crate::macros::word_enum;
use crate::query::Moment;
use crate::task::Task;
use crate::time::{Timestamp, Zone};
use crate::words::Asking;

word_enum!(
    /// A format that tasks come and go in.
    Format {
        /// Our own JSON: nothing is lost.
        Json = "json",
        /// What `task export` writes and `task import` reads.
        Taskwarrior = "taskwarrior",
        /// To-dos of calendar programs (RFC 5545 `VTODO`).
        Icalendar = "icalendar",
        /// One task a line, as todotxt.org has it.
        Todotxt = "todotxt",
        /// A table for spreadsheets: nothing is lost.
        Csv = "csv",
        /// The table that a project in Todoist is exported to.
        Todoist = "todoist",
    }
);

/// What a file alone does not say.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Who reads it, when and where: the zone in which its dates are meant if it names none, and
    /// how its words are read.
    pub asking: Asking,
    /// When it was last changed, as far as is known: the time of a change for which the file gives
    /// none.
    pub at: Timestamp,
}

impl Reading {
    /// Where dates without a zone are meant.
    pub fn zone(&self) -> Zone {
        self.asking.moment.zone
    }
}

/// For whom a file is written.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    /// The present.
    pub now: Timestamp,
    /// Where dates are meant that have no zone.
    pub zone: Zone,
}

impl Writing {
    /// How the words that are written would be read.
    fn asking(&self) -> Asking {
        let Self { now, zone } = *self;
        let moment = Moment { now, zone, owner_zone: zone, week_start: Weekday::Mon };
        Asking { moment, date_order: None }
    }
}

/// Reads a file: all of it, or nothing.
pub fn import(
    format: Format,
    source: impl BufRead,
    reading: &Reading,
) -> Result<Imported, ImportError> {
    match format {
        Format::Json => json::import(source),
        Format::Taskwarrior => taskwarrior::import(source, reading.zone()),
        Format::Icalendar => icalendar::import(source, reading),
        Format::Todotxt => todo_txt::import(source, reading),
        Format::Csv => csv::import(source, reading),
        Format::Todoist => todoist::import(source, reading),
    }
}

/// Writes tasks, and answers what the format cannot say of them.
pub fn export(
    format: Format,
    tasks: &[Task],
    writing: &Writing,
    out: &mut impl Write,
) -> io::Result<Losses> {
    match format {
        Format::Json => json::export(tasks, out).map(|()| Losses::default()),
        Format::Taskwarrior => taskwarrior::export(tasks, writing, out),
        Format::Icalendar => icalendar::export(tasks, writing, out),
        Format::Todotxt => todo_txt::export(tasks, writing, out),
        Format::Csv => csv::export(tasks, out),
        Format::Todoist => todoist::export(tasks, writing, out),
    }
}

/// Largest version taken over: versions must still be able to rise (S3).
const VERSION_MAX: u64 = NUMBER_MAX / 2;
/// Most losses that are named one by one.
const NAMED_MAX: usize = 100;
/// What the others are called.
const OTHERS: &str = "other fields";
/// How many examples of a loss are named.
const EXAMPLES: usize = 3;

/// Something of the other format that this one cannot hold, or holds otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The other format's name for it.
    pub field: String,
    /// What became of it.
    pub fate: &'static str,
    /// In how many tasks.
    pub count: usize,
    /// The titles of some of them.
    pub examples: Vec<String>,
}

/// Everything that did not fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    all: Vec<Loss>,
    /// Where each stands among all, by its fate and its field.
    places: BTreeMap<&'static str, HashMap<String, usize>>,
    left_out: usize,
}

impl Losses {
    /// Notes one.
    pub fn add(&mut self, field: &str, fate: &'static str, title: &str) {
        let loss = self.of(field, fate);
        loss.count += 1;
        if loss.examples.len() < EXAMPLES {
            loss.examples.push(excerpt(title));
        }
    }

    /// Those of one field and fate. A file can make up names without end: of very many, the last
    /// are counted together.
    fn of(&mut self, field: &str, fate: &'static str) -> &mut Loss {
        let places = self.places.entry(fate).or_default();
        let known = places.contains_key(field) || self.all.len() < NAMED_MAX;
        let field = if known { field } else { OTHERS };
        let at = places.get(field).copied().unwrap_or_else(|| {
            let at = self.all.len();
            places.insert(field.to_owned(), at);
            let field = excerpt(field);
            self.all.push(Loss { field, fate, count: 0, examples: Vec::new() });
            at
        });
        &mut self.all[at]
    }

    /// Notes what was lost of one task, each thing once.
    pub(super) fn settle(&mut self, of_one: &Self, title: &str) {
        of_one.iter().for_each(|loss| self.add(&loss.field, loss.fate, title));
    }

    /// Notes those of another part of the file behind these.
    pub(super) fn append(&mut self, more: Self) {
        for mut loss in more.all {
            let known = self.of(&loss.field, loss.fate);
            known.count += loss.count;
            let room = EXAMPLES.saturating_sub(known.examples.len());
            known.examples.extend(loss.examples.drain(..).take(room));
        }
        self.left_out += more.left_out;
    }

    /// Notes a task that did not go at all.
    fn leave_out(&mut self, field: &str, fate: &'static str, title: &str) {
        self.left_out += 1;
        self.add(field, fate, title);
    }

    /// How many tasks did not go at all.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// All of them, in the order in which they first appeared.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.all.iter()
    }

    /// Whether everything fitted.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// What was read from another program's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// The tasks, as far as they fit.
    pub tasks: Vec<Task>,
    /// What did not.
    pub losses: Losses,
    /// What the format says nothing of: a task that is here already keeps its own.
    pub keeps: Keeps,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It could not be read to its end.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Not text in UTF-8.
    #[error("line {line}, column {column}: this is not UTF-8; save the file in that encoding")]
    Encoding {
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
    /// Not of the shape that was expected.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
        what: String,
    },
    /// A cell of a table that cannot be read.
    #[error("line {line}, column {column}: {what}")]
    Cell {
        /// The line on which its record begins, from 1.
        line: usize,
        /// The column's name.
        column: String,
        /// What is wrong with it.
        what: String,
    },
    /// A record that cannot be a task.
    #[error("line {line}, record {record}{}: {error}", named(.title))]
    Record {
        /// The line on which it begins, from 1.
        line: usize,
        /// Its place in the file, from 1.
        record: usize,
        /// Enough of its text to find it by.
        title: String,
        /// What is wrong with it.
        error: FieldError,
    },
}

fn named(title: &str) -> String {
    if title.is_empty() { String::new() } else { format!(" ({title:?})") }
}
