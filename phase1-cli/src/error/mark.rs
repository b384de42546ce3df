//! Where in the command line it is that an error is about.

use std::borrow::Cow;
use std::ops::Range;

use crate::view::screen::{columns, visible};

/// The command line as typed, with a line that marks an argument in it, or a part of one. An
/// argument may be spread over several words, as a title is.
pub(super) fn mark_argument(
    argument: &str,
    part: Option<Range<usize>>,
) -> Option<(String, String)> {
    const LONGEST: usize = 200;
    // A path need not be Unicode.
    let typed: Vec<_> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let (words, behind) = find_argument(&typed, argument, part.is_some())?;
    let mut line = "todo".to_owned();
    let mut places = Vec::new();
    for (at, word) in typed[..words.end].iter().enumerate() {
        line.push(' ');
        let start = columns(&line);
        let (shown, lead) = quoted(word);
        line.push_str(&shown);
        if words.contains(&at) {
            places.push(Place { word, start, lead, end: columns(&line) });
        }
    }
    if line.chars().count() > LONGEST {
        return None;
    }
    let (first, last) = (places.first()?, places.last()?);
    // Of a blank one every part is as good as the whole.
    let part = part.filter(|_| !argument.trim().is_empty());
    let (from, to) = match part {
        // Of `--due=DATE` the date.
        None if behind > 0 => (column(&places, behind, true), last.end),
        None => (first.start, last.end),
        Some(part) if part.is_empty() => {
            let at = column(&places, behind + part.start, false);
            (at, at + 1)
        }
        Some(part) => {
            (column(&places, behind + part.start, true), column(&places, behind + part.end, false))
        }
    };
    let under = format!("{}{}", " ".repeat(from), "^".repeat(to.saturating_sub(from).max(1)));
    Some((line, under))
}

/// Which words an argument is, and how much of the first one, as in `--due=DATE`, stands before
/// it. Ids come before the words that say something of them.
fn find_argument(
    typed: &[String],
    argument: &str,
    from_the_end: bool,
) -> Option<(Range<usize>, usize)> {
    let begins_at = |from: usize| {
        let mut joined = String::new();
        typed[from..].iter().enumerate().find_map(|(count, word)| {
            joined.push_str(if count == 0 { "" } else { " " });
            joined.push_str(word);
            (joined == argument).then_some(from..from + count + 1)
        })
    };
    let words = if from_the_end {
        (0..typed.len()).rev().find_map(begins_at)
    } else {
        (0..typed.len()).find_map(begins_at)
    };
    let behind = || {
        let at = typed.iter().position(|word| word.ends_with(&format!("={argument}")))?;
        Some((at..at + 1, typed[at].chars().count() - argument.chars().count()))
    };
    words.map(|words| (words, 0)).or_else(behind)
}

/// A word on the line that is shown.
struct Place<'w> {
    word: &'w str,
    /// The column it begins in, its quotes included.
    start: usize,
    /// Columns of the quote before it.
    lead: usize,
    /// The column behind it.
    end: usize,
}

/// Where a character of the words, which a space joins, is shown: where it begins, or where the one
/// before it ends.
fn column(places: &[Place<'_>], character: usize, begins: bool) -> usize {
    let mut left = character;
    for place in places {
        let length = place.word.chars().count();
        if left < length || (left == length && !begins) {
            let before: String = place.word.chars().take(left).collect();
            return place.start + place.lead + columns(&visible(&before));
        }
        left = left.saturating_sub(length + 1);
    }
    places.last().map_or(0, |place| place.end)
}

/// A word as it may be shown, in quotes where it needs them, and how wide the first quote is.
fn quoted(word: &str) -> (Cow<'_, str>, usize) {
    let shown = visible(word);
    if shown.contains(char::is_whitespace) || shown.is_empty() {
        (Cow::Owned(format!("'{shown}'")), 1)
    } else {
        (shown, 0)
    }
}
