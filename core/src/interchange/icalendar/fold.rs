//! Content lines on their way out (RFC 5545 section 3.1): folded, ended with CRLF.

use std::io::{self, Write};

/// Longest line, in bytes, without its end.
const WIDTH: usize = 75;

/// What content lines are written to.
pub(super) struct Fold<'w, W> {
    out: &'w mut W,
    line: String,
}

impl<'w, W: Write> Fold<'w, W> {
    pub(super) fn new(out: &'w mut W) -> Self {
        Self { out, line: String::new() }
    }

    /// Writes `name:value`; the name has its parameters, the value its escapes.
    pub(super) fn line(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.line.clear();
        self.line.extend([name, ":", value]);
        let mut rest = self.line.as_str();
        let mut width = WIDTH;
        while rest.len() > width {
            let end = (0..=width).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(width);
            self.out.write_all(&rest.as_bytes()[..end])?;
            self.out.write_all(b"\r\n ")?;
            rest = &rest[end..];
            width = WIDTH - 1;
        }
        self.out.write_all(rest.as_bytes())?;
        self.out.write_all(b"\r\n")
    }

    /// Writes a value that is a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.line(name, &escaped(text))
    }
}

/// RFC 5545 section 3.3.11.
pub(super) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', c]),
            c => value.push(c),
        }
    }
    value
}

/// The value of a parameter, in quotes if it needs them. None of ours holds a quote itself.
pub(super) fn quoted(value: &str) -> String {
    if value.contains([':', ';', ',']) { format!("\"{value}\"") } else { value.to_owned() }
}
