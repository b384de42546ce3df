//! Writing an expression in its one form, which is read as the same expression.

use std::fmt::{self, Display, Write};

use super::term::{is_keyword, keyword};
use super::{Compare, DateField, DateTest, IdRange, Is, Node, Term};

/// Writes a part of an expression.
pub(super) fn node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write_node(node, f, false)
}

/// An expression with what its saved filters say in the place of their names.
pub(super) struct Opened<'n>(pub(super) &'n Node);

impl Display for Opened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_node(self.0, f, true)
    }
}

fn write_node(node: &Node, f: &mut fmt::Formatter<'_>, opened: bool) -> fmt::Result {
    match node {
        Node::And(nodes) => joined(nodes, f, " and ", opened),
        Node::Or(nodes) => joined(nodes, f, " or ", opened),
        Node::Not(inner) => {
            f.write_str("not ")?;
            part(inner, f, opened)
        }
        Node::Saved(_, inner) if opened => bracketed(inner, f, opened),
        Node::Saved(name, _) => write!(f, "filter:{}", Value(name)),
        Node::Term(term) => write_term(term, f),
    }
}

fn joined(nodes: &[Node], f: &mut fmt::Formatter<'_>, by: &str, opened: bool) -> fmt::Result {
    for (at, node) in nodes.iter().enumerate() {
        if at > 0 {
            f.write_str(by)?;
        }
        // "and" binds tighter than "or", so it needs no brackets inside it.
        if by == " or " && matches!(node, Node::And(_)) {
            write_node(node, f, opened)?;
        } else {
            part(node, f, opened)?;
        }
    }
    Ok(())
}

/// With brackets where it is more than one.
fn part(node: &Node, f: &mut fmt::Formatter<'_>, opened: bool) -> fmt::Result {
    match node {
        Node::And(_) | Node::Or(_) => bracketed(node, f, opened),
        _ => write_node(node, f, opened),
    }
}

fn bracketed(node: &Node, f: &mut fmt::Formatter<'_>, opened: bool) -> fmt::Result {
    f.write_char('(')?;
    write_node(node, f, opened)?;
    f.write_char(')')
}

fn write_term(term: &Term, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(word) = keyword(term) {
        return f.write_str(word);
    }
    match term {
        Term::Text(text) => Word(text).fmt(f),
        Term::Title(text) => write!(f, "title:{}", Value(text)),
        Term::Description(is) => {
            f.write_str("description:")?;
            write_is(is, f, |text, f| Value(text).fmt(f))
        }
        Term::Status(any) => write!(f, "status:{}", List(any)),
        Term::Priority(any) => write!(f, "priority:{}", List(any)),
        Term::Rank(compare, level) => write!(f, "priority{compare}{level}"),
        Term::Project(is) => {
            f.write_str("project:")?;
            write_is(is, f, |names, f| List(&values(names)).fmt(f))
        }
        Term::Tag(is) => {
            f.write_str("tag:")?;
            write_is(is, f, |names, f| List(&values(names)).fmt(f))
        }
        Term::Id(any) => write!(f, "id:{}", List(any)),
        Term::IdRank(compare, number) => write!(f, "id{compare}{number}"),
        Term::Parent(is) => {
            f.write_str("parent:")?;
            write_is(is, f, |any, f| List(any).fmt(f))
        }
        Term::Date(field, test) => write_date(*field, test, f),
        Term::Urgency(compare, number) => write!(f, "urgency{compare}{number}"),
        Term::Repeating(_) => f.write_str("repeat:none"),
        Term::Reminders(has) => f.write_str(if *has { "reminder:any" } else { "reminder:none" }),
        // These are words of their own.
        Term::Overdue | Term::Waiting => Ok(()),
    }
}

fn write_date(field: DateField, test: &DateTest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match field {
        DateField::Due => "due",
        DateField::Start => "start",
        DateField::Created => "created",
        DateField::Updated => "updated",
        DateField::Completed => "completed",
        DateField::Cancelled => "cancelled",
    })?;
    match test {
        DateTest::None => f.write_str(":none"),
        DateTest::Any => f.write_str(":any"),
        DateTest::Today => f.write_str(":today"),
        DateTest::Tomorrow => f.write_str(":tomorrow"),
        DateTest::Week => f.write_str(":week"),
        DateTest::On(text) => write!(f, ":{}", Value(text)),
        DateTest::Bound(compare, text) => write!(f, "{compare}{}", Value(text)),
    }
}

fn write_is<T>(
    is: &Is<T>,
    f: &mut fmt::Formatter<'_>,
    write: impl FnOnce(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    match is {
        Is::None => f.write_str("none"),
        Is::Any => f.write_str("any"),
        Is::A(value) => write(value, f),
    }
}

impl Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        })
    }
}

impl Display for IdRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(task) => task.fmt(f),
            Self::Range(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

/// Values, separated by commas.
struct List<'v, T>(&'v [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, value) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_char(',')?;
            }
            value.fmt(f)?;
        }
        Ok(())
    }
}

fn values(names: &[Box<str>]) -> Vec<Value<'_>> {
    names.iter().map(|name| Value(name)).collect()
}

/// A text that is looked for, in quotes where it could be anything else.
struct Word<'t>(&'t str);

impl Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’' | '.' | '-' | '/');
        let bare = self.0.chars().all(plain) && !self.0.starts_with('-') && !is_keyword(self.0);
        if bare { f.write_str(self.0) } else { quoted(self.0, f) }
    }
}

/// A value of a field, in quotes where it could be anything else.
struct Value<'t>(&'t str);

impl Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '’' | '.' | '-' | '/' | '+');
        // A time of day, and no other question.
        let time = self.0.starts_with(|c: char| c.is_ascii_digit());
        let bare = self.0.chars().all(|c| plain(c) || (c == ':' && time))
            && !self.0.starts_with('+')
            && !["none", "any"].iter().any(|word| word.eq_ignore_ascii_case(self.0));
        if bare { f.write_str(self.0) } else { quoted(self.0, f) }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
