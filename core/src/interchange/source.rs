//! Text from elsewhere, line by line: checked as it comes in, and never held as a whole.

use std::io::{self, BufRead, ErrorKind, Read};

use super::ImportError;

/// Longest line, and longest record, in bytes.
pub(super) const RECORD_MAX: usize = 1 << 20;

/// Lines in UTF-8, whatever ends them: LF, CR LF or a lone CR. Read as bytes, they all end in LF.
pub(super) struct Lines<R> {
    source: R,
    bytes: Vec<u8>,
    number: usize,
    after_cr: bool,
    is_done: bool,
    /// How many of the line's bytes have been given to whoever reads bytes.
    given: usize,
    /// How many bytes have been given since the record began.
    since: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        let (bytes, number, after_cr, is_done) = (Vec::new(), 0, false, false);
        Self { source, bytes, number, after_cr, is_done, given: 0, since: 0 }
    }

    /// The next line without its end, and its number from 1.
    pub(super) fn next(&mut self) -> Result<Option<(usize, &str)>, ImportError> {
        self.bytes.clear();
        self.given = 0;
        self.is_done = !self.fill()?;
        if self.is_done {
            return Ok(None);
        }
        self.number += 1;
        let mut text = self.bytes.as_slice();
        if self.number == 1 {
            if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
                return Err(self.fault(1, "this is UTF-16; save the file in UTF-8"));
            }
            text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        }
        let text = std::str::from_utf8(text).map_err(|error| {
            let good = String::from_utf8_lossy(&text[..error.valid_up_to()]);
            ImportError::Encoding { line: self.number, column: good.chars().count() + 1 }
        })?;
        if let Some(at) = text.chars().position(|c| c == '\0') {
            return Err(self.fault(at + 1, "a NUL, which no text holds; save the file in UTF-8"));
        }
        Ok(Some((self.number, text)))
    }

    /// The next line that is not blank, which is given again to whoever reads bytes.
    pub(super) fn peek(&mut self) -> Result<Option<&str>, ImportError> {
        while let Some((_, line)) = self.next()? {
            if line.trim().is_empty() {
                continue;
            }
            let length = line.len();
            self.give(length);
            let line = &self.bytes[self.given..self.given + length];
            return Ok(std::str::from_utf8(line).ok());
        }
        Ok(None)
    }

    /// Has the line, of so many bytes without a mark before it, given with an LF as its end.
    fn give(&mut self, length: usize) {
        self.given = self.bytes.len() - length;
        self.bytes.push(b'\n');
    }

    /// Whether somebody has asked for more than there is.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whoever reads bytes has come to the end of a record.
    pub(super) fn ends_record(&mut self) {
        self.since = 0;
    }

    pub(super) fn fault(&self, column: usize, what: &str) -> ImportError {
        ImportError::Syntax { line: self.number, column, what: what.to_owned() }
    }

    /// Reads up to the end of a line, and answers whether there was one.
    fn fill(&mut self) -> Result<bool, ImportError> {
        loop {
            let chunk = match self.source.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                return Ok(!self.bytes.is_empty());
            }
            if std::mem::take(&mut self.after_cr) && chunk[0] == b'\n' {
                self.source.consume(1);
                continue;
            }
            let end = chunk.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let line = &chunk[..end.unwrap_or(chunk.len())];
            if self.bytes.len() + line.len() > RECORD_MAX {
                self.number += 1;
                return Err(self.fault(1, "the line is longer than 1 MiB"));
            }
            self.bytes.extend_from_slice(line);
            let used = line.len() + usize::from(end.is_some());
            self.after_cr = end.is_some_and(|end| chunk[end] == b'\r');
            self.source.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

/// For readers of their own, such as that of CSV. What is wrong comes as the error below.
impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.bytes.len() {
            let Some((_, line)) = self.next().map_err(io::Error::other)? else { return Ok(0) };
            let length = line.len();
            self.give(length);
        }
        let rest = &self.bytes[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        self.since += count;
        if self.since > RECORD_MAX {
            let what = "a record that is longer than 1 MiB ends here; is a quote left open?";
            return Err(io::Error::other(self.fault(1, what)));
        }
        Ok(count)
    }
}

/// What a file looks like by its first line, if that is certain.
pub(super) fn looks_like(first: &str) -> Option<&'static str> {
    let line = first.trim();
    let upper = line.to_ascii_uppercase();
    if upper.starts_with("BEGIN:VCALENDAR") {
        return Some("iCalendar");
    }
    if matches!(line, "{" | "[") || ["{\"", "[{", "[]"].iter().any(|start| line.starts_with(start))
    {
        return Some("JSON");
    }
    if ["<?XML", "<!DOCTYPE", "<HTML"].iter().any(|start| upper.starts_with(start)) {
        return Some("XML or HTML");
    }
    let names: Vec<_> = upper.split([',', ';', '\t']).map(|name| name.trim_matches('"')).collect();
    let has = |name| names.contains(&name);
    match () {
        () if has("TYPE") && has("CONTENT") => Some("Todoist's CSV"),
        () if has("TITLE") && names.len() > 1 => Some("CSV"),
        () => None,
    }
}
