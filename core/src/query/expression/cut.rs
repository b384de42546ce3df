//! An expression cut into marks, operators and words, each with its place.

use std::ops::Range;

use super::trouble::{Fault, Trouble};

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `|` or `||`.
    Or,
    /// `&` or `&&`.
    And,
    /// `,`.
    Comma,
    /// `:`, `=`, `!=`, `<`, `<=`, `>`, `>=`.
    Op,
    /// What stands between such signs.
    Word,
    /// What stands between quotes.
    Quoted,
}

/// The least part that the grammar looks at.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    /// Its text; of a quoted one, what the quotes hold.
    pub(super) text: String,
    /// Characters of what was typed.
    pub(super) at: Range<usize>,
}

/// Signs that end a word.
fn ends_word(c: char) -> bool {
    matches!(c, '(' | ')' | '|' | '&' | ',' | '<' | '>' | '=' | '"' | '“' | '”')
}

/// A field may be asked; a time of day (17:00) and a URL are no questions.
fn is_question(before: &str, behind: Option<char>) -> bool {
    is_name(before) && behind.is_some_and(|c| !c.is_whitespace())
}

/// Whether a word could be the name of a field, here or in another program: what looks like a
/// question and is none we know has to be refused, for `not` of an unknown word is everything.
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(char::is_alphabetic)
        && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Cuts a text.
pub(super) fn cut(text: &str) -> Result<Vec<Piece>, Fault> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let next = chars.get(at + 1).copied();
        let start = at;
        let behind_word =
            pieces.last().is_some_and(|last| last.at.end == start && last.kind == Kind::Word);
        let (kind, text) = match (c, next) {
            ('(', _) => (Kind::Open, sign(&chars, &mut at, 1)),
            (')', _) => (Kind::Close, sign(&chars, &mut at, 1)),
            (',', _) => (Kind::Comma, sign(&chars, &mut at, 1)),
            ('|' | '&', _) => {
                let kind = if c == '|' { Kind::Or } else { Kind::And };
                let doubled = 1 + usize::from(next == Some(c));
                (kind, sign(&chars, &mut at, doubled))
            }
            ('<' | '>' | '!', Some('=')) => (Kind::Op, sign(&chars, &mut at, 2)),
            ('<' | '>' | '=', _) => (Kind::Op, sign(&chars, &mut at, 1)),
            (':', _) if behind_word => (Kind::Op, sign(&chars, &mut at, 1)),
            ('"' | '“' | '”', _) => (Kind::Quoted, quoted(&chars, &mut at)?),
            _ => (Kind::Word, word(&chars, &mut at)),
        };
        pieces.push(Piece { kind, text, at: start..at });
    }
    Ok(pieces)
}

fn sign(chars: &[char], at: &mut usize, length: usize) -> String {
    let text = chars.iter().skip(*at).take(length).collect();
    *at += length;
    text
}

/// What stands between quotes; `\"` and `\\` stand for the signs themselves. A straight one is closed
/// by a straight one only, so that “ and ” can be looked for.
fn quoted(chars: &[char], at: &mut usize) -> Result<String, Fault> {
    let start = *at;
    let straight = chars.get(start) == Some(&'"');
    let mut text = String::new();
    *at += 1;
    while let Some(&c) = chars.get(*at) {
        *at += 1;
        match c {
            '"' => return Ok(text),
            '“' | '”' if !straight => return Ok(text),
            '\\' if matches!(chars.get(*at), Some('"' | '\\')) => {
                text.extend(chars.get(*at));
                *at += 1;
            }
            c => text.push(c),
        }
    }
    Err(Fault { at: start..*at, trouble: Trouble::Unclosed("a quote", "\"") })
}

/// A word goes on to white space or a sign; to a colon, if that makes a question of it.
fn word(chars: &[char], at: &mut usize) -> String {
    let mut text = String::new();
    while let Some(&c) = chars.get(*at) {
        let next = chars.get(*at + 1).copied();
        let stops = c.is_whitespace() || ends_word(c) || (c == '!' && next == Some('='));
        if stops && !text.is_empty() || c == ':' && is_question(&text, next) {
            break;
        }
        text.push(c);
        *at += 1;
    }
    text
}
