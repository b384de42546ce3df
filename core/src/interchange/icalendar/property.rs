//! A content line's name, parameters and value.

use super::lines::{Line, Lines};
use crate::error::{FieldError, excerpt};
use crate::interchange::ImportError;
use crate::interchange::source::{RECORD_MAX, too_long};

use std::io::BufRead;

/// Deepest nesting of components.
const DEPTH_MAX: usize = 8;

/// `NAME;PARAM=value:value`.
#[derive(Debug, Clone)]
pub(super) struct Property {
    /// In upper case.
    pub(super) name: String,
    /// In upper case, with the value as it is meant; of several values, each with the name.
    params: Vec<(String, String)>,
    line: Line,
    /// Where the value begins.
    at: usize,
}

impl Property {
    pub(super) fn parse(line: Line) -> Result<Self, ImportError> {
        let text = line.text.as_str();
        let end = text.find([':', ';']).ok_or_else(|| line.refuse(text.len(), SHAPE))?;
        let name = &text[..end];
        if name.is_empty() || !name.bytes().all(is_of_name) {
            let at = name.find(|c: char| !c.is_ascii() || !is_of_name(c as u8)).unwrap_or(0);
            return Err(line.refuse(at, SHAPE));
        }
        let name = name.to_ascii_uppercase();
        let mut params = Vec::new();
        let mut at = end;
        while text[at..].starts_with(';') {
            at = param(&line, at + 1, &mut params)?;
        }
        if !text[at..].starts_with(':') {
            return Err(line.refuse(at, "expected : or ; here"));
        }
        Ok(Self { name, params, at: at + 1, line })
    }

    /// The value as it is written.
    pub(super) fn value(&self) -> &str {
        &self.line.text[self.at..]
    }

    /// The value of a parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value as one text.
    pub(super) fn text(&self) -> String {
        unescape(self.value())
    }

    /// The value as texts between commas.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut escaped = false;
        for c in self.value().chars() {
            if c == ',' && !escaped {
                texts.push(String::new());
            } else if let Some(text) = texts.last_mut() {
                text.push(c);
            }
            escaped = c == '\\' && !escaped;
        }
        texts.iter().map(|text| unescape(text)).collect()
    }

    /// The line of the file on which it begins.
    pub(super) fn number(&self) -> usize {
        self.line.number()
    }

    /// What is wrong with the value.
    pub(super) fn refuse(&self, what: impl Into<String>) -> ImportError {
        self.line.refuse(self.at, what)
    }

    /// A value of another shape than its property has.
    pub(super) fn expected(&self, what: &str) -> ImportError {
        self.refuse(format!("{} cannot be {:?}; {what}", self.name, excerpt(self.value())))
    }
}

const SHAPE: &str = "expected NAME:VALUE here";

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Reads one parameter, from behind its semicolon; answers where it ends.
fn param(
    line: &Line,
    start: usize,
    params: &mut Vec<(String, String)>,
) -> Result<usize, ImportError> {
    let text = line.text.as_str();
    let equals = text[start..].find(['=', ':', ';']).map(|at| start + at);
    let equals = equals.filter(|at| text[*at..].starts_with('=') && *at > start);
    let equals = equals.ok_or_else(|| line.refuse(start, "expected PARAMETER=VALUE here"))?;
    let name = text[start..equals].to_ascii_uppercase();
    let mut at = equals;
    loop {
        at += 1;
        let (value, end) = if let Some(rest) = text[at..].strip_prefix('"') {
            let end = rest.find('"');
            let end = end.ok_or_else(|| line.refuse(at, "this quote is not closed"))?;
            (&rest[..end], at + end + 2)
        } else {
            let end = text[at..].find([',', ';', ':']).map_or(text.len(), |end| at + end);
            (&text[at..end], end)
        };
        params.push((name.clone(), plain(value)));
        at = end;
        if !text[at..].starts_with(',') {
            return Ok(at);
        }
    }
}

/// RFC 6868: a line break, a caret or a quote in a parameter.
fn plain(value: &str) -> String {
    if !value.contains('^') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        let mut ahead = rest.clone();
        let meant = match (c, ahead.next()) {
            ('^', Some('n')) => Some('\n'),
            ('^', Some('^')) => Some('^'),
            ('^', Some('\'')) => Some('"'),
            _ => None,
        };
        if meant.is_some() {
            rest = ahead;
        }
        text.push(meant.unwrap_or(c));
    }
    text
}

/// RFC 5545 section 3.3.11. A backslash before anything else is a backslash.
fn unescape(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value.chars().peekable();
    while let Some(c) = rest.next() {
        let meant = match (c, rest.peek()) {
            ('\\', Some('n' | 'N')) => Some('\n'),
            ('\\', Some(c @ ('\\' | ';' | ',' | ':' | '"'))) => Some(*c),
            _ => None,
        };
        if meant.is_some() {
            rest.next();
        }
        text.push(meant.unwrap_or(c));
    }
    text
}

/// A component that is read whole.
#[derive(Debug)]
pub(super) struct Component {
    /// In upper case.
    pub(super) name: String,
    /// The line of its `BEGIN`.
    pub(super) number: usize,
    pub(super) properties: Vec<Property>,
    pub(super) inner: Vec<Self>,
}

impl Component {
    /// Reads on to the `END` of a component whose `BEGIN` was read.
    pub(super) fn read(
        lines: &mut Lines<impl BufRead>,
        name: String,
        number: usize,
    ) -> Result<Self, ImportError> {
        let mut left = RECORD_MAX;
        Self::nested(lines, name, number, 0, &mut left)
    }

    fn nested(
        lines: &mut Lines<impl BufRead>,
        name: String,
        number: usize,
        depth: usize,
        left: &mut usize,
    ) -> Result<Self, ImportError> {
        let mut component = Self { name, number, properties: Vec::new(), inner: Vec::new() };
        while let Some(line) = lines.next()? {
            let more = left.checked_sub(line.text.len());
            let large = || line.refuse(0, too_long(&component.name));
            *left = more.ok_or_else(large)?;
            if let Some(inner) = line.marks("BEGIN") {
                if depth == DEPTH_MAX {
                    return Err(line.refuse(0, "components nest too deep here"));
                }
                let inner = Self::nested(lines, inner, line.number(), depth + 1, left)?;
                component.inner.push(inner);
            } else if let Some(end) = line.marks("END") {
                if end == component.name {
                    return Ok(component);
                }
                let (name, number) = (&component.name, component.number);
                return Err(line.refuse(0, format!("expected END:{name}, begun on line {number}")));
            } else {
                component.properties.push(Property::parse(line)?);
            }
        }
        Err(lines.end(cut_off(&component.name, component.number)))
    }

    /// The first property of a name.
    pub(super) fn one(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// All properties of a name.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// What is wrong with a field of the task that it is, given where that stands.
    pub(super) fn refuse(&self, number: usize, record: usize, error: FieldError) -> ImportError {
        let title = self.one("SUMMARY").map(Property::text).unwrap_or_default();
        ImportError::Record { line: number, record, title: excerpt(title.trim()), error }
    }
}

/// What is said of a component without its end.
pub(super) fn cut_off(name: &str, number: usize) -> String {
    format!("the file ends inside {}, begun on line {number}: it is cut off", excerpt(name))
}
