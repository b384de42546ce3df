//! Ways in and out. Each format is a file; all of them answer tasks and a list of what had no
//! home, so that nothing is lost without a word.

pub mod json;
pub mod taskwarrior;

use serde_json::value::RawValue;

use crate::error::{FieldError, excerpt};
use crate::task::Task;

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
pub struct Losses(Vec<Loss>);

impl Losses {
    /// Notes one.
    pub fn add(&mut self, field: &str, fate: &'static str, title: &str) {
        let at = self.0.iter().position(|loss| loss.field == field && loss.fate == fate);
        let at = at.unwrap_or_else(|| {
            let field = field.to_owned();
            self.0.push(Loss { field, fate, count: 0, examples: Vec::new() });
            self.0.len() - 1
        });
        let loss = &mut self.0[at];
        loss.count += 1;
        if loss.examples.len() < EXAMPLES {
            loss.examples.push(excerpt(title));
        }
    }

    /// All of them, in the order in which they first appeared.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.0.iter()
    }

    /// Whether everything fitted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What was read from another program's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// The tasks, as far as they fit.
    pub tasks: Vec<Task>,
    /// What did not.
    pub losses: Losses,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not JSON, or not of the shape that was expected.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
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

impl From<serde_json::Error> for ImportError {
    fn from(error: serde_json::Error) -> Self {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        Self::Syntax { line: error.line(), column: error.column(), what }
    }
}

/// Finds a record's line, and the line of a fault inside it.
struct Place<'t> {
    text: &'t str,
    start: usize,
    record: usize,
}

impl<'t> Place<'t> {
    /// `raw` must be a part of `text`.
    fn new(text: &'t str, raw: &RawValue, index: usize) -> Self {
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        Self { text, start, record: index + 1 }
    }

    fn line(&self) -> usize {
        let before = self.text.get(..self.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    fn syntax(&self, error: &serde_json::Error) -> ImportError {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let what = format!("record {}: {what}", self.record);
        ImportError::Syntax { line: self.line() + error.line() - 1, column: error.column(), what }
    }

    fn refuse(&self, title: &str, error: FieldError) -> ImportError {
        let title = excerpt(title);
        ImportError::Record { line: self.line(), record: self.record, title, error }
    }
}
