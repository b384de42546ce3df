//! Content lines (RFC 5545 section 3.1), unfolded, each with its place in the file.

use std::io::BufRead;

use crate::interchange::ImportError;

/// Longest content line, and largest component, in bytes.
pub(super) const LINE_MAX: usize = 1 << 20;

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
    let begins = |byte: &&u8| **byte & 0xC0 != 0x80;
    let before = bytes[start..at].iter().filter(begins).count();
    (number, before + 1 + usize::from(part > 0))
}

/// The content lines of a file.
pub(super) struct Lines<R> {
    source: R,
    /// How many lines of the file have been begun.
    number: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, number: 0 }
    }

    /// Where the file ends, once it has.
    pub(super) fn end(&self, what: impl Into<String>) -> ImportError {
        ImportError::Syntax { line: self.number + 1, column: 1, what: what.into() }
    }

    /// The next content line; empty lines are nothing.
    pub(super) fn next(&mut self) -> Result<Option<Line>, ImportError> {
        let mut bytes = Vec::new();
        let mut parts = Vec::new();
        while bytes.is_empty() {
            if self.peek()?.is_none() {
                return Ok(None);
            }
            self.number += 1;
            parts = vec![(0, self.number)];
            self.rest_of_line(&mut bytes, &parts)?;
            if self.number == 1 {
                bytes = without_mark(bytes)?;
            }
        }
        while let Some(next) = self.peek()? {
            match next {
                b' ' | b'\t' => {
                    self.source.consume(1);
                    self.number += 1;
                    parts.push((bytes.len(), self.number));
                    self.rest_of_line(&mut bytes, &parts)?;
                }
                // Some programs leave an empty line inside a folded one.
                b'\r' | b'\n' => {
                    self.number += 1;
                    self.rest_of_line(&mut bytes, &parts)?;
                }
                _ => break,
            }
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let (line, column) = place(error.as_bytes(), &parts, at);
            ImportError::Encoding { line, column }
        })?;
        Ok(Some(Line { text, parts }))
    }

    fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        Ok(self.source.fill_buf()?.first().copied())
    }

    /// Adds what comes up to the end of the line: LF, CRLF or CR.
    fn rest_of_line(
        &mut self,
        bytes: &mut Vec<u8>,
        parts: &[(usize, usize)],
    ) -> Result<(), ImportError> {
        loop {
            let there = self.source.fill_buf()?;
            let end = there.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let found = end.map(|end| there[end]);
            let taken = end.unwrap_or(there.len());
            if bytes.len() + taken > LINE_MAX {
                let line = parts.first().map_or(1, |(_, number)| *number);
                let what = "this line is longer than 1 MiB".to_owned();
                return Err(ImportError::Syntax { line, column: 1, what });
            }
            bytes.extend_from_slice(&there[..taken]);
            let at_end = there.is_empty();
            self.source.consume(taken + usize::from(found.is_some()));
            if found == Some(b'\r') && self.peek()? == Some(b'\n') {
                self.source.consume(1);
            }
            if found.is_some() || at_end {
                return Ok(());
            }
        }
    }
}

/// The first line without a byte order mark; one of another encoding is refused.
fn without_mark(mut bytes: Vec<u8>) -> Result<Vec<u8>, ImportError> {
    let wide = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    if wide || bytes.iter().take(4).any(|byte| *byte == 0) {
        let what = "this looks like UTF-16; save the file in UTF-8".to_owned();
        return Err(ImportError::Syntax { line: 1, column: 1, what });
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    Ok(bytes)
}
