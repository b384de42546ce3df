//! Content lines (RFC 5545 section 3.1), unfolded, each with its place in the file.

use std::io::BufRead;

use crate::interchange::ImportError;
use crate::interchange::source::{self, Looks, RawLines, characters};

/// A content line as one, and where its parts stand in the file.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    /// The byte at which a line of the file begins, and that line's number.
    parts: Vec<(usize, usize)>,
}

impl Line {
    /// The line of the file on which it begins, from 1.
    pub(super) fn number(&self) -> usize {
        self.parts.first().map_or(1, |(_, number)| *number)
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        place(self.text.as_bytes(), &self.parts, at)
    }

    /// What is wrong at a byte.
    pub(super) fn refuse(&self, at: usize, what: impl Into<String>) -> ImportError {
        let (line, column) = self.place(at);
        ImportError::Syntax { line, column, what: what.into() }
    }

    /// What a `BEGIN` or an `END` names, in upper case.
    pub(super) fn marks(&self, mark: &str) -> Option<String> {
        let (name, value) = self.text.split_once(':')?;
        name.eq_ignore_ascii_case(mark).then(|| value.trim().to_ascii_uppercase())
    }
}

fn place(bytes: &[u8], parts: &[(usize, usize)], at: usize) -> (usize, usize) {
    let at = at.min(bytes.len());
    let part = parts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
    let (start, number) = parts.get(part).copied().unwrap_or((0, 1));
    // A fold may lie inside a character: what counts is where characters begin.
    (number, characters(&bytes[start..at]) + 1 + usize::from(part > 0))
}

/// The content lines of a file.
pub(super) struct Lines<R> {
    raw: RawLines<R>,
    bytes: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Result<Self, ImportError> {
        Ok(Self { raw: RawLines::new(source)?, bytes: Vec::new() })
    }

    /// What the whole file looks like.
    pub(super) fn looks(&self) -> Looks {
        self.raw.looks()
    }

    /// Where the file ends, once it has.
    pub(super) fn end(&self, what: impl Into<String>) -> ImportError {
        ImportError::Syntax { line: self.raw.number() + 1, column: 1, what: what.into() }
    }

    /// The next content line; empty lines are nothing.
    pub(super) fn next(&mut self) -> Result<Option<Line>, ImportError> {
        let Self { raw, bytes } = self;
        bytes.clear();
        while bytes.is_empty() {
            if !raw.add_next(bytes, raw.number() + 1)? {
                return Ok(None);
            }
        }
        let begun = raw.number();
        let mut parts = vec![(0, begun)];
        while let Some(next) = raw.peek()? {
            match next {
                b' ' | b'\t' => {
                    raw.pass();
                    parts.push((bytes.len(), raw.number() + 1));
                }
                // Some programs leave an empty line inside a folded one.
                b'\r' | b'\n' => {}
                _ => break,
            }
            raw.add_next(bytes, begun)?;
        }
        let text = source::text(bytes, |at| place(bytes, &parts, at))?.to_owned();
        Ok(Some(Line { text, parts }))
    }
}
