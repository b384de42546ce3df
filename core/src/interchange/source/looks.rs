//! What a text looks like by its beginning.

use crate::interchange::Format;

/// What a text is, if that is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::interchange) struct Looks(Option<Kind>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Of(Format),
    Json,
    Contacts,
    Markup,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Of(Format::Json) => "todo's own JSON",
            Self::Of(Format::Taskwarrior) => "Taskwarrior's JSON",
            Self::Of(Format::Icalendar) => "iCalendar",
            Self::Of(Format::Todotxt) => "todo.txt",
            Self::Of(Format::Csv) => "CSV",
            Self::Of(Format::Todoist) => "Todoist's CSV",
            Self::Json => "JSON",
            Self::Contacts => "contacts (vCard)",
            Self::Markup => "XML or HTML",
        }
    }
}

impl Looks {
    /// Looks at the beginning of a text.
    pub(super) fn of(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head);
        let head = head.trim_start();
        let line = head.lines().next().unwrap_or_default().trim_end();
        let json = || json(head, line);
        Self(json().or_else(|| named(line)).or_else(|| table(line)).or_else(|| todo_txt(line)))
    }

    /// Whether it is something else than a format.
    pub(in crate::interchange) fn is_other_than(self, format: Format) -> bool {
        let is_json = matches!(format, Format::Json | Format::Taskwarrior);
        self.0.is_some_and(|kind| kind != Kind::Of(format) && !(is_json && kind == Kind::Json))
    }

    /// What is said where `what` a format begins with was expected, and is not there.
    pub(in crate::interchange) fn expected(self, format: Format, what: &str) -> String {
        match self.0.filter(|_| self.is_other_than(format)) {
            Some(other) => format!("expected {what}; this looks like {}", other.name()),
            None => format!("expected {what}"),
        }
    }
}

/// JSON, and whose. No other text has such a first line.
fn json(head: &str, line: &str) -> Option<Kind> {
    let begins = ["{\"", "[{", "[]"].iter().any(|start| line.starts_with(start));
    if !begins && !matches!(line, "{" | "[") {
        return None;
    }
    let has = |name: &str| head.contains(name);
    if has("\"description\"") && (has("\"uuid\"") || has("\"entry\"")) {
        return Some(Kind::Of(Format::Taskwarrior));
    }
    let own = line.starts_with('{') && (has("\"format\"") || has("\"tasks\""));
    Some(if own { Kind::Of(Format::Json) } else { Kind::Json })
}

/// What says itself what it is.
fn named(line: &str) -> Option<Kind> {
    let upper = line.to_ascii_uppercase();
    if upper.starts_with("BEGIN:VCALENDAR") {
        return Some(Kind::Of(Format::Icalendar));
    }
    if upper.starts_with("BEGIN:VCARD") {
        return Some(Kind::Contacts);
    }
    let marks = ["<?XML", "<!DOCTYPE", "<HTML"];
    marks.iter().any(|mark| upper.starts_with(mark)).then_some(Kind::Markup)
}

/// A table with columns that are needed.
fn table(line: &str) -> Option<Kind> {
    let upper = line.to_ascii_uppercase();
    let names: Vec<_> = upper.split([',', ';', '\t']).map(|name| name.trim_matches('"')).collect();
    let has = |name| names.contains(&name);
    match () {
        () if has("TYPE") && has("CONTENT") => Some(Kind::Of(Format::Todoist)),
        () if has("TITLE") && names.len() > 1 => Some(Kind::Of(Format::Csv)),
        () => None,
    }
}

/// A line with the marks of todo.txt.
fn todo_txt(line: &str) -> Option<Kind> {
    let mut words = line.split(' ');
    let first = words.next().unwrap_or_default();
    let begins = |word: &str| {
        let letter = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        letter.is_some_and(|letter| letter.len() == 1) || crate::time::parse_date(word).is_some()
    };
    let label = |word: &str| word.len() > 1 && word.starts_with(['+', '@']);
    let more = |word: &str| begins(word) || label(word) || word.starts_with("due:");
    let is_one = begins(first) || words.any(more);
    is_one.then_some(Kind::Of(Format::Todotxt))
}
