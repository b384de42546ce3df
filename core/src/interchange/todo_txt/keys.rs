//! The words of a line that say something beside the text, and how values are written in them.
//!
//! A value holds no space and, where we write it, no colon: the format knows one colon a key.

use std::fmt::Display;

/// A key that is understood here. Others are words like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// The day it is due.
    Due,
    /// The time of day it is due, with its offset where the time comes twice.
    Time,
    /// The zone of its times.
    Zone,
    /// The day before which it is hidden ("threshold").
    Start,
    /// The time of that day.
    StartTime,
    /// How it repeats: `1w` from completion, `+1w` by schedule.
    Rec,
    /// How it repeats, where `rec` cannot say it.
    Rule,
    /// What else there is of a series.
    Series,
    /// A reminder.
    Remind,
    /// The priority of what is done, whose line begins otherwise.
    Priority,
    /// Where it stands, if it was begun.
    Status,
    /// The instant of completion; the line has its day.
    Completed,
    /// The instant at which it was cancelled.
    Cancelled,
    /// The identity.
    Uid,
    /// The identity, or a name for it in this file.
    Id,
    /// The identity or the name of the task above.
    Parent,
    /// Hidden, in programs that hide.
    Hidden,
}

impl Key {
    const ALL: [(Self, &str); 17] = [
        (Self::Due, "due"),
        (Self::Time, "time"),
        (Self::Zone, "tz"),
        (Self::Start, "t"),
        (Self::StartTime, "t-time"),
        (Self::Rec, "rec"),
        (Self::Rule, "rrule"),
        (Self::Series, "series"),
        (Self::Remind, "remind"),
        (Self::Priority, "pri"),
        (Self::Status, "status"),
        (Self::Completed, "completed"),
        (Self::Cancelled, "cancelled"),
        (Self::Uid, "uid"),
        (Self::Id, "id"),
        (Self::Parent, "p"),
        (Self::Hidden, "h"),
    ];

    /// As it is written.
    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(key, _)| *key == self).map_or("", |(_, name)| name)
    }
}

/// A key that is understood, and its value.
pub(super) fn key(word: &str) -> Option<(Key, &str)> {
    let (name, value) = word.split_once(':')?;
    // Keys are written small, and a URL is none of them.
    let (key, _) = Key::ALL.iter().find(|(_, known)| *known == name)?;
    (!value.is_empty()).then_some((*key, value))
}

/// Whether a word says something of its own, apart from being part of the text.
fn is_marked(word: &str) -> bool {
    word.len() > 1 && word.starts_with(['+', '@']) || key(word).is_some()
}

/// The word as it is written in a line. One that would be taken for something else gets a backslash
/// in front, as in quick add; one that has backslashes there, one more.
pub(super) fn escaped(word: &str) -> Option<String> {
    is_marked(word.trim_start_matches('\\')).then(|| format!("\\{word}"))
}

/// The word that was meant, if it was escaped.
pub(super) fn unescaped(word: &str) -> Option<&str> {
    let rest = word.strip_prefix('\\')?;
    is_marked(rest.trim_start_matches('\\')).then_some(rest)
}

/// A text as one word: spaces as `%20`.
pub(super) fn one_word(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20")
}

/// The text that one word stands for.
pub(super) fn many_words(word: &str) -> String {
    word.replace("%20", " ").replace("%25", "%")
}

/// A time without its colons: `170000`, `2026-11-21T170000+0500[Asia/Karachi]`.
pub(super) fn compact(value: impl Display) -> String {
    value.to_string().replace(':', "")
}

/// The colons of a time again: its digits in pairs, apart from those of a date and of parts of a
/// second.
pub(super) fn spread(text: &str) -> String {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (Some(date), time),
        None if text.len() == 10 && text.matches('-').count() == 2 => return text.to_owned(),
        None => (None, text),
    };
    let mut spread = date.map(|date| format!("{date}T")).unwrap_or_default();
    let (mut digits, mut whole) = (0, true);
    for c in time.chars() {
        if c.is_ascii_digit() {
            if whole && digits > 0 && digits % 2 == 0 {
                spread.push(':');
            }
            digits += 1;
        } else {
            (digits, whole) = (0, c != '.');
        }
        spread.push(c);
    }
    spread
}
