//! The marked parts of a line (W1): `#tag`, `@project`, `!high`, quotes and backslashes.

use std::ops::Range;

use super::lexicon::Sense;
use super::quick::PartKind;
use super::token::{Chunk, Kind, Token, chunks, cut};
use crate::task::Priority;

/// What ends a sentence or a part of one, and so belongs to no mark.
const PUNCTUATION: [char; 6] = [',', ';', ':', '.', '!', '?'];

/// A stretch of the line that was understood as something.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) kind: PartKind,
    pub(super) bytes: Range<usize>,
    pub(super) chars: Range<usize>,
}

/// A line without its marks.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// What may be dates and the like.
    pub(super) tokens: Vec<Token>,
    /// The marks; a backslash is one too.
    pub(super) marks: Vec<Taken>,
}

/// Takes a line apart.
pub(super) fn line(text: &str) -> Line {
    let mut line = Line::default();
    let mut quoted_to = 0;
    let mut may_quote = true;
    for (number, chunk) in chunks(text).iter().enumerate() {
        if chunk.from < quoted_to {
            line.wall(chunk, number);
            continue;
        }
        if may_quote && let Some(open) = opens_quote(text, chunk) {
            match end_of_quote(text, open) {
                Some(end) => {
                    quoted_to = end;
                    line.wall(chunk, number);
                    continue;
                }
                // There is none further on either.
                None => may_quote = false,
            }
        }
        if line.escape(text, chunk) {
            line.wall(chunk, number);
        } else if !line.mark(text, chunk) {
            cut(text, chunk, number, &mut line.tokens);
        }
    }
    line
}

/// Where the text of a quote begins, if a chunk begins with one.
fn opens_quote(text: &str, chunk: &Chunk) -> Option<usize> {
    let first = text[chunk.from..].chars().next()?;
    matches!(first, '"' | '“').then(|| chunk.from + first.len_utf8())
}

/// The end of a quote: a quotation mark behind which a word ends.
fn end_of_quote(text: &str, open: usize) -> Option<usize> {
    let inside = text.get(open..)?;
    let ends = |(byte, c): &(usize, char)| {
        let after = inside[byte + c.len_utf8()..].chars().next();
        matches!(c, '"' | '”') && after.is_none_or(|c| !c.is_alphanumeric())
    };
    inside.char_indices().find(ends).map(|(byte, c)| open + byte + c.len_utf8())
}

impl Line {
    /// Puts up a wall: nothing is understood across this chunk.
    fn wall(&mut self, chunk: &Chunk, number: usize) {
        let Chunk { from, to, start, end } = *chunk;
        self.tokens.push(Token { kind: Kind::Wall, from, to, start, end, chunk: number });
    }

    fn take(&mut self, kind: PartKind, chunk: &Chunk, text: &str, bytes: Range<usize>) {
        let chars = |range: Range<usize>| text.get(range).map_or(0, |text| text.chars().count());
        let start = chunk.start + chars(chunk.from..bytes.start);
        let chars = start..start + chars(bytes.clone());
        self.marks.push(Taken { kind, bytes, chars });
    }

    /// Whether a backslash makes this chunk plain text.
    fn escape(&mut self, text: &str, chunk: &Chunk) -> bool {
        let inside = &text[chunk.from..chunk.to];
        let Some(rest) = inside.strip_prefix('\\') else { return false };
        let marked = rest.starts_with(['#', '@', '+', '!', '"', '“']);
        if !marked && !begins_with_a_known_word(text, chunk) {
            return false;
        }
        self.take(PartKind::Escape, chunk, text, chunk.from..chunk.from + 1);
        true
    }

    /// Takes a chunk that is a mark, all but the punctuation behind it.
    fn mark(&mut self, text: &str, chunk: &Chunk) -> bool {
        let inside = &text[chunk.from..chunk.to];
        let body = inside.trim_end_matches(PUNCTUATION);
        let lettered = body.chars().nth(1).is_some_and(char::is_alphabetic);
        let kind = match body.chars().next() {
            Some('#') if lettered => return self.tags(text, chunk, body),
            Some('@' | '+') if lettered && !body[1..].contains('@') => PartKind::Project,
            Some('!') if priority(&body[1..]).is_some() => PartKind::Priority,
            _ => return false,
        };
        self.take(kind, chunk, text, chunk.from..chunk.from + body.len());
        true
    }

    /// `#one`, also `#one#two` and `#one,#two`.
    fn tags(&mut self, text: &str, chunk: &Chunk, body: &str) -> bool {
        let tags = || body.split('#').skip(1).map(|tag| tag.strip_suffix(',').unwrap_or(tag));
        let fits = |tag: &str| tag.starts_with(char::is_alphabetic) && !tag.contains([',', '@']);
        if !tags().all(fits) {
            return false;
        }
        let mut from = chunk.from;
        for tag in tags() {
            let to = from + 1 + tag.len();
            // A comma between two of them belongs to the first, as nothing else is left of it.
            let to = to + usize::from(text[to..chunk.to].starts_with(",#"));
            self.take(PartKind::Tag, chunk, text, from..to);
            from = to;
        }
        true
    }
}

/// The priority that a mark names.
pub(super) fn priority(word: &str) -> Option<Priority> {
    match word {
        "1" => Some(Priority::High),
        "2" => Some(Priority::Medium),
        "3" => Some(Priority::Low),
        word => word.parse().ok(),
    }
}

/// `\tomorrow`, `\3d`; not `\server`.
fn begins_with_a_known_word(text: &str, chunk: &Chunk) -> bool {
    let mut tokens = Vec::new();
    cut(text, chunk, 0, &mut tokens);
    let kind = |place: usize| tokens.get(place).map(|token| token.kind);
    match (kind(1), kind(2)) {
        // "\a" is more often a path or a formula.
        (Some(Kind::Word(Some(Sense::A))), Some(_)) => false,
        (Some(Kind::Word(Some(_))), _) => true,
        (Some(Kind::Number(..)), next) => {
            matches!(next, Some(Kind::Word(Some(_)) | Kind::Mark(':' | '/' | '.' | '-')))
        }
        _ => false,
    }
}
