//! A text line by line: checked as it comes in, and never held as a whole.

use std::io::{self, BufRead, ErrorKind, Read};

use super::{Looks, Opened, RECORD_MAX, characters, open, text, too_long};
use crate::interchange::ImportError;

/// Lines as bytes, whatever ends them: LF, CR LF or a lone CR.
pub(in crate::interchange) struct RawLines<R> {
    source: Opened<R>,
    looks: Looks,
    number: usize,
    after_cr: bool,
}

impl<R: BufRead> RawLines<R> {
    pub(in crate::interchange) fn new(source: R) -> Result<Self, ImportError> {
        let (source, looks) = open(source)?;
        Ok(Self { source, looks, number: 0, after_cr: false })
    }

    /// The number of the line that was read last, from 1.
    pub(in crate::interchange) fn number(&self) -> usize {
        self.number
    }

    /// What the whole text looks like.
    pub(in crate::interchange) fn looks(&self) -> Looks {
        self.looks
    }

    /// The first byte of the next line: that of its end, if it is empty.
    pub(in crate::interchange) fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let next = match self.source.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                there => there?.first().copied(),
            };
            if !(std::mem::take(&mut self.after_cr) && next == Some(b'\n')) {
                return Ok(next);
            }
            self.source.consume(1);
        }
    }

    /// Goes past the byte that [`Self::peek`] saw, which begins a line and is no part of it.
    pub(in crate::interchange) fn pass(&mut self) {
        self.source.consume(1);
    }

    /// Adds the next line, without its end, to what began on line `begun`. Answers whether there was
    /// one.
    pub(in crate::interchange) fn add_next(
        &mut self,
        bytes: &mut Vec<u8>,
        begun: usize,
    ) -> Result<bool, ImportError> {
        if self.peek()?.is_none() {
            return Ok(false);
        }
        self.number += 1;
        while self.peek()?.is_some() {
            let there = self.source.fill_buf()?;
            let end = there.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &there[..end.unwrap_or(there.len())];
            if bytes.len() + part.len() > RECORD_MAX {
                let what = too_long("line");
                return Err(ImportError::Syntax { line: begun, column: 1, what });
            }
            bytes.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.after_cr = end.is_some_and(|end| there[end] == b'\r');
            self.source.consume(used);
            if end.is_some() {
                break;
            }
        }
        Ok(true)
    }
}

/// Lines as text. Read as bytes, they all end in LF.
pub(in crate::interchange) struct Lines<R> {
    raw: RawLines<R>,
    bytes: Vec<u8>,
    is_done: bool,
    /// How many of the line's bytes have been given to whoever reads bytes.
    given: usize,
    /// How many bytes have been given since the record began.
    since: usize,
}

impl<R: BufRead> Lines<R> {
    pub(in crate::interchange) fn new(source: R) -> Result<Self, ImportError> {
        let raw = RawLines::new(source)?;
        Ok(Self { raw, bytes: Vec::new(), is_done: false, given: 0, since: 0 })
    }

    /// What the whole text looks like.
    pub(in crate::interchange) fn looks(&self) -> Looks {
        self.raw.looks()
    }

    /// The next line without its end, and its number from 1.
    pub(in crate::interchange) fn next(&mut self) -> Result<Option<(usize, &str)>, ImportError> {
        self.bytes.clear();
        self.given = 0;
        let number = self.raw.number() + 1;
        self.is_done = !self.raw.add_next(&mut self.bytes, number)?;
        if self.is_done {
            return Ok(None);
        }
        let bytes = self.bytes.as_slice();
        let line = text(bytes, |at| (number, characters(&bytes[..at]) + 1))?;
        Ok(Some((number, line)))
    }

    /// The next line that is not blank, which is given again to whoever reads bytes.
    pub(in crate::interchange) fn peek(&mut self) -> Result<Option<&str>, ImportError> {
        while let Some((_, line)) = self.next()? {
            if line.trim().is_empty() {
                continue;
            }
            let length = line.len();
            self.bytes.push(b'\n');
            return Ok(std::str::from_utf8(&self.bytes[..length]).ok());
        }
        Ok(None)
    }

    /// Whether somebody has asked for more than there is.
    pub(in crate::interchange) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whoever reads bytes has come to the end of a record.
    pub(in crate::interchange) fn ends_record(&mut self) {
        self.since = 0;
    }

    /// What is wrong with the line that was read last.
    pub(in crate::interchange) fn fault(&self, what: String) -> ImportError {
        ImportError::Syntax { line: self.raw.number().max(1), column: 1, what }
    }
}

/// For readers of their own, such as that of CSV. What is wrong comes as the error below.
impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.bytes.len() {
            if self.next().map_err(io::Error::other)?.is_none() {
                return Ok(0);
            }
            self.bytes.push(b'\n');
        }
        let rest = &self.bytes[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        self.since += count;
        if self.since > RECORD_MAX {
            let what = format!("{}; is a quote left open?", too_long("record"));
            return Err(io::Error::other(self.fault(what)));
        }
        Ok(count)
    }
}
