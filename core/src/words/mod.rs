//! What people type: dates, recurrence, reminders, whole lines (W1–W3).

use std::fmt;
use std::ops::Range;

/// Words that are not understood: nothing is guessed, and the place is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordsError {
    /// What was typed, cut to a length that can be shown.
    pub text: String,
    /// Where the trouble lies: characters of what was typed, from 0.
    pub at: Range<usize>,
    /// What is wrong.
    pub problem: String,
    /// What may help.
    pub suggestion: Option<String>,
}

impl fmt::Display for WordsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for WordsError {}
