//! The values of a JSON text, one by one: a file of a hundred thousand tasks is never held beside
//! the tasks.
//!
//! A value is cut out of the stream as it stands and parsed on its own, so that a record borrows its
//! texts from one small buffer. The reader counts lines and columns, and moves to the whole text
//! what a parser says about a part.

use std::io::BufRead;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::source::{self, Looks, Opened, RECORD_MAX, characters, too_long};
use super::{Format, ImportError};
use crate::error::{FieldError, excerpt};

/// A place in a text: lines, and characters of the line, that stand before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Spot {
    lines: usize,
    columns: usize,
}

impl Spot {
    fn pass(&mut self, bytes: &[u8]) {
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            None => self.columns += characters(bytes),
            Some(last) => {
                self.lines += bytes.split(|byte| *byte == b'\n').count() - 1;
                self.columns = characters(&bytes[last + 1..]);
            }
        }
    }

    /// An error about the character that comes next.
    fn refuse(self, what: impl Into<String>) -> ImportError {
        let (line, column) = (self.lines + 1, self.columns + 1);
        ImportError::Syntax { line, column, what: what.into() }
    }

    /// An error about the end of the text.
    fn ends(self, inside: &str) -> ImportError {
        let what = format!("EOF while parsing {inside}");
        ImportError::Syntax { line: self.lines + 1, column: self.columns, what }
    }
}

/// Reads values from a stream.
pub(super) struct Records<R> {
    source: Opened<R>,
    looks: Looks,
    at: Spot,
    /// The value that was read last, and where it begins.
    text: Vec<u8>,
    begins: Spot,
    /// How many records there were.
    count: usize,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(source: R) -> Result<Self, ImportError> {
        let (source, looks) = source::open(source)?;
        let (at, begins) = <(Spot, Spot)>::default();
        Ok(Self { source, looks, at, text: Vec::new(), begins, count: 0 })
    }

    /// What was wrong, unless it is that the text is something else than `what` of a format.
    pub(super) fn fault(&self, error: ImportError, format: Format, what: &str) -> ImportError {
        if !self.looks.is_other_than(format) || matches!(error, ImportError::Read(_)) {
            return error;
        }
        Spot::default().refuse(self.looks.expected(format, what))
    }

    /// What comes next but white space.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let bytes = self.source.fill_buf()?;
            let Some(length) = Some(bytes.len()).filter(|length| *length > 0) else {
                return Ok(None);
            };
            let found = bytes.iter().position(|byte| !is_white(*byte));
            let passed = found.unwrap_or(length);
            self.at.pass(&bytes[..passed]);
            let next = found.map(|at| bytes[at]);
            self.source.consume(passed);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Goes past the byte that [`Self::peek`] saw.
    pub(super) fn advance(&mut self) {
        self.source.consume(1);
        self.at.columns += 1;
    }

    /// An error about what comes next.
    pub(super) fn refuse(&self, what: impl Into<String>) -> ImportError {
        self.at.refuse(what)
    }

    /// Goes past the bracket with which something begins.
    pub(super) fn open(&mut self, bracket: u8, expected: &str) -> Result<(), ImportError> {
        match self.peek()? {
            Some(byte) if byte == bracket => self.advance(),
            Some(_) => return Err(self.refuse(expected)),
            None => return Err(self.at.ends("a value")),
        }
        Ok(())
    }

    /// Goes to the next item of what ends with `close`, or past its end.
    pub(super) fn next_item(&mut self, first: bool, close: u8) -> Result<bool, ImportError> {
        let (inside, expected) = match close {
            b']' => ("a list", "expected `,` or `]`"),
            _ => ("an object", "expected `,` or `}`"),
        };
        match self.peek()?.ok_or_else(|| self.at.ends(inside))? {
            byte if byte == close => {
                self.advance();
                Ok(false)
            }
            _ if first => Ok(true),
            b',' => {
                self.advance();
                match self.peek()?.ok_or_else(|| self.at.ends("a value"))? {
                    byte if byte == close => Err(self.refuse("trailing comma")),
                    _ => Ok(true),
                }
            }
            _ => Err(self.refuse(expected)),
        }
    }

    /// The name of the next entry of an object.
    pub(super) fn name(&mut self) -> Result<String, ImportError> {
        if self.peek()? != Some(b'"') {
            return Err(self.refuse("key must be a string"));
        }
        let name = self.value()?;
        match self.peek()? {
            Some(b':') => self.advance(),
            Some(_) => return Err(self.refuse("expected `:`")),
            None => return Err(self.at.ends("an object")),
        }
        Ok(name)
    }

    /// The next value, which must be of a type.
    pub(super) fn value<T: DeserializeOwned>(&mut self) -> Result<T, ImportError> {
        self.cut()?;
        let place = Place { text: self.text()?, begins: self.begins, record: None };
        serde_json::from_str(place.text).map_err(|error| place.syntax(&error))
    }

    /// The next value, which is a record.
    pub(super) fn record(&mut self) -> Result<Place<'_>, ImportError> {
        self.cut()?;
        self.count += 1;
        Ok(Place { text: self.text()?, begins: self.begins, record: Some(self.count) })
    }

    /// Goes past the next value: where it ends is all that matters of it.
    pub(super) fn skip(&mut self) -> Result<(), ImportError> {
        if self.walk(|_| true)? { Ok(()) } else { Err(self.at.ends("a value")) }
    }

    /// There must be nothing more.
    pub(super) fn finish(&mut self) -> Result<(), ImportError> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.refuse("trailing characters")),
        }
    }

    fn text(&self) -> Result<&str, ImportError> {
        source::text(&self.text, |at| {
            let mut spot = self.begins;
            spot.pass(&self.text[..at]);
            (spot.lines + 1, spot.columns + 1)
        })
    }

    /// Takes the next value into the buffer.
    fn cut(&mut self) -> Result<(), ImportError> {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let ended = self.walk(|part| {
            text.extend_from_slice(part);
            text.len() <= RECORD_MAX
        });
        self.text = text;
        if ended? {
            return Ok(());
        }
        // Without its end the fault may lie further ahead, such as in a quote that is missing.
        let place = Place { text: self.text()?, begins: self.begins, record: None };
        match serde_json::from_str::<IgnoredAny>(place.text) {
            Err(error) if !error.is_eof() => Err(place.syntax(&error)),
            _ if self.text.len() > RECORD_MAX => Err(self.begins.refuse(too_long("record"))),
            Err(error) => Err(place.syntax(&error)),
            Ok(_) => Ok(()),
        }
    }

    /// Goes past the next value, and shows it piece by piece as long as that is wanted. Answers
    /// whether it came to the value's end.
    fn walk(&mut self, mut show: impl FnMut(&[u8]) -> bool) -> Result<bool, ImportError> {
        match self.peek()? {
            None => return Err(self.at.ends("a value")),
            Some(b',' | b':' | b']' | b'}') => return Err(self.refuse("expected value")),
            Some(_) => self.begins = self.at,
        }
        let mut end = End::default();
        loop {
            let bytes = self.source.fill_buf()?;
            if bytes.is_empty() {
                // A number ends where the text does.
                return Ok(end == End::default());
            }
            let ended = end.find(bytes);
            let part = &bytes[..ended.unwrap_or(bytes.len())];
            self.at.pass(part);
            let wanted = show(part);
            let passed = part.len();
            self.source.consume(passed);
            if ended.is_some() || !wanted {
                return Ok(wanted);
            }
        }
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Finds where a value ends. Whether it is one is the parser's to say.
#[derive(Default, PartialEq, Eq)]
struct End {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl End {
    /// How many of these bytes still belong to the value, if it ends among them.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => continue,
                }
                if !self.in_string && self.depth == 0 {
                    return Some(at + 1);
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'}' | b']' | b',' if self.depth == 0 => return Some(at),
                _ if self.depth == 0 && is_white(*byte) => return Some(at),
                _ => {}
            }
        }
        None
    }
}

/// A value as it stands in the text.
pub(super) struct Place<'t> {
    /// The value.
    pub(super) text: &'t str,
    begins: Spot,
    /// The place of the record among the others, from 1.
    record: Option<usize>,
}

impl Place<'_> {
    /// The line on which it begins, from 1.
    pub(super) fn line(&self) -> usize {
        self.begins.lines + 1
    }

    /// What a parser says of the value, said of the whole text.
    pub(super) fn syntax(&self, error: &serde_json::Error) -> ImportError {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let what = match self.record {
            Some(record) => format!("record {record}: {what}"),
            None => what.to_owned(),
        };
        // The parser counts bytes, people count characters.
        let line = self.text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let before = line.as_bytes().get(..error.column()).unwrap_or(line.as_bytes());
        let mut at = if error.line() > 1 { Spot::default() } else { self.begins };
        at.pass(before);
        let line = self.begins.lines + error.line().max(1);
        ImportError::Syntax { line, column: at.columns, what }
    }

    /// An error about what the value means.
    pub(super) fn refuse(&self, title: &str, error: FieldError) -> ImportError {
        let (line, record) = (self.line(), self.record.unwrap_or_default());
        ImportError::Record { line, record, title: excerpt(title), error }
    }
}
