//! Reading one condition: a word, a mark, or the beginning of a question about a field.

use super::cut::{Kind, is_name};
use super::field::field;
use super::parse::{JOINS, Reader};
use super::question::{project, question, tag};
use super::trouble::{Fault, Trouble};
use super::{DateField, DateTest, Is, Node, Term};
use crate::task::Priority;

/// Conditions of one word.
const KEYWORDS: &[(&str, Term)] = &[
    ("overdue", Term::Overdue),
    ("today", Term::Date(DateField::Due, DateTest::Today)),
    ("tomorrow", Term::Date(DateField::Due, DateTest::Tomorrow)),
    ("week", Term::Date(DateField::Due, DateTest::Week)),
    ("waiting", Term::Waiting),
    ("repeating", Term::Repeating(true)),
];

/// Whether a word by itself is a condition, so that the text has to be quoted.
pub(super) fn is_keyword(word: &str) -> bool {
    let mut known = JOINS.iter().copied().chain(KEYWORDS.iter().map(|(keyword, _)| *keyword));
    known.any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// The word by itself that is this condition.
pub(super) fn keyword(term: &Term) -> Option<&'static str> {
    KEYWORDS.iter().find(|(_, known)| known == term).map(|(word, _)| *word)
}

/// One condition; the reader stands on a word or on something quoted.
pub(super) fn term(r: &mut Reader<'_>) -> Result<Node, Fault> {
    let Some(piece) = r.piece().cloned() else {
        return Err(r.here(Trouble::Expected("a condition", None)));
    };
    if piece.kind == Kind::Word {
        if r.kind(1) == Some(Kind::Op) {
            return question(r, &piece.text);
        }
        if let Some(stem) = piece.text.strip_suffix(':').filter(|stem| is_name(stem)) {
            if field(stem).is_none() {
                return question(r, stem);
            }
            let hint = format!("write {stem}: and the value without a space between");
            let at = piece.at.end..piece.at.end;
            return Err(Fault { at, trouble: Trouble::Expected("a value", Some(hint)) });
        }
        if let Some(marked) = marked(r, &piece.text)? {
            r.at += 1;
            return Ok(Node::Term(marked));
        }
    }
    let known = KEYWORDS.iter().filter(|_| piece.kind == Kind::Word);
    let known = known.clone().find(|(word, _)| word.eq_ignore_ascii_case(&piece.text));
    let term = match known {
        Some((_, term)) => term.clone(),
        None => Term::Text(said(r, &piece.text)?),
    };
    r.at += 1;
    Ok(Node::Term(term))
}

/// A text to look for: not empty, and without what no text can hold.
fn said(r: &Reader<'_>, text: &str) -> Result<Box<str>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(r.here(Trouble::Expected("a word between the quotes", None)));
    }
    Ok(text.into())
}

/// `#tag`, `@project`, `+project`, `!priority`.
fn marked(r: &Reader<'_>, word: &str) -> Result<Option<Term>, Fault> {
    let mut chars = word.chars();
    let mark = chars.next();
    let rest = chars.as_str();
    Ok(match mark {
        Some('#') => Some(Term::Tag(Is::A(vec![tag(r.place(), rest)?]))),
        Some('@' | '+') => Some(Term::Project(Is::A(vec![project(r.place(), rest)?]))),
        Some('!') => {
            let level = match rest {
                "1" => Some(Priority::High),
                "2" => Some(Priority::Medium),
                "3" => Some(Priority::Low),
                word => word.parse().ok(),
            };
            let level = level.ok_or_else(|| r.here(Trouble::Bang(rest.to_owned())))?;
            Some(Term::Priority(vec![level]))
        }
        Some('-') if !rest.is_empty() => return Err(r.here(Trouble::Minus(rest.to_owned()))),
        _ => None,
    })
}
