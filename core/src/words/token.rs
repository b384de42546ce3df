//! Text cut into words, numbers and marks, each with its place.

use super::lexicon::{Sense, sense};

/// What stands between two white spaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    /// Bytes of the text.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Characters of the text.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// White space, and what is seen as such: people paste from pages that are full of it.
pub(super) fn is_white(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The chunks of a text.
pub(super) fn chunks(text: &str) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut open = false;
    for (place, (byte, c)) in text.char_indices().enumerate() {
        if is_white(c) {
            open = false;
            continue;
        }
        let (to, end) = (byte + c.len_utf8(), place + 1);
        match chunks.last_mut() {
            Some(chunk) if open => (chunk.to, chunk.end) = (to, end),
            _ => chunks.push(Chunk { from: byte, to, start: place, end }),
        }
        open = true;
    }
    chunks
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, and what they mean if it is known.
    Word(Option<Sense>),
    /// ASCII digits: their value, cut to what fits, and how many they are.
    Number(u32, usize),
    /// Any other character.
    Mark(char),
    /// Text that nothing reaches across.
    Wall,
}

/// The least part that the grammar looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Bytes of the text.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Characters of the text.
    pub(super) start: usize,
    pub(super) end: usize,
    /// The number of its chunk: tokens of one chunk stand close together.
    pub(super) chunk: usize,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Letter,
    Digit,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii_digit() {
        Class::Digit
    } else if c.is_alphabetic() || matches!(c, '\'' | '’') {
        // "monday's" is not "monday".
        Class::Letter
    } else {
        Class::Other
    }
}

/// Adds the tokens of one chunk.
pub(super) fn cut(text: &str, chunk: &Chunk, number: usize, tokens: &mut Vec<Token>) {
    let first = tokens.len();
    let mut before = Class::Other;
    let inside = text.get(chunk.from..chunk.to).unwrap_or_default();
    for (place, (byte, c)) in inside.char_indices().enumerate() {
        let (from, start) = (chunk.from + byte, chunk.start + place);
        let (to, end) = (from + c.len_utf8(), start + 1);
        let class = class(c);
        let goes_on = class != Class::Other && class == before && tokens.len() > first;
        match tokens.last_mut() {
            Some(token) if goes_on => (token.to, token.end) = (to, end),
            _ => {
                tokens.push(Token { kind: Kind::Mark(c), from, to, start, end, chunk: number });
            }
        }
        before = class;
    }
    for token in &mut tokens[first..] {
        let shown = &text[token.from..token.to];
        match shown.chars().next().map(class) {
            Some(Class::Letter) => token.kind = Kind::Word(sense(shown)),
            Some(Class::Digit) => {
                token.kind = Kind::Number(shown.parse().unwrap_or(u32::MAX), shown.len());
            }
            _ => {}
        }
    }
}

/// The tokens of a whole text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, chunk) in chunks(text).iter().enumerate() {
        cut(text, chunk, number, &mut tokens);
    }
    tokens
}
