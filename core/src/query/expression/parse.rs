//! Reading by recursive descent: `or`, `and`, `not`, brackets, saved filters.

use std::cell::Cell;
use std::ops::Range;

use super::cut::{Kind, Piece, cut};
use super::term::term;
use super::trouble::{Fault, Trouble};
use super::{DEPTH_MAX, Node, SavedFilters, TERMS_MAX, TEXT_MAX};
use crate::error::{Problem, similar};
use crate::query::Filters;
use crate::text::no_control;
use crate::words::{Asking, WordsError};

/// Most saved filters that name each other in a row.
pub(super) const CHAIN_MAX: usize = 8;

/// Where a reading stands.
pub(super) struct Reader<'r> {
    pub(super) pieces: Vec<Piece>,
    pub(super) at: usize,
    pub(super) asking: &'r Asking,
    saved: &'r dyn SavedFilters,
    /// The saved filters that are being read, the outermost first.
    chain: Vec<String>,
    depth: usize,
    /// Conditions that were read so far, those of saved filters included.
    terms: &'r Cell<usize>,
}

/// Words that join; quoted ones do not.
pub(super) const JOINS: &[&str] = &["and", "or", "not"];

/// Reads all of a text, which may be what a saved filter says.
pub(super) fn parse(
    text: &str,
    asking: &Asking,
    saved: &dyn SavedFilters,
    name: Option<&str>,
) -> Result<Node, WordsError> {
    let chain = name.map(ToOwned::to_owned).into_iter().collect();
    read(text, asking, saved, chain, &Cell::new(0)).map_err(|fault| fault.error(text))
}

fn read(
    text: &str,
    asking: &Asking,
    saved: &dyn SavedFilters,
    chain: Vec<String>,
    terms: &Cell<usize>,
) -> Result<Node, Fault> {
    let whole = |trouble| Fault { at: 0..text.chars().count(), trouble };
    if text.len() > TEXT_MAX {
        return Err(whole(Trouble::TooLong));
    }
    if let Err(Problem::Control { code, position }) = no_control(text) {
        return Err(Fault { at: position - 1..position, trouble: Trouble::Control(code) });
    }
    let pieces = cut(text)?;
    if pieces.is_empty() {
        return Err(whole(Trouble::Empty));
    }
    let mut reader = Reader { pieces, at: 0, asking, saved, chain, depth: 0, terms };
    let root = reader.either()?;
    if let Some(piece) = reader.piece() {
        let trouble = match piece.kind {
            Kind::Close => Trouble::Unopened,
            _ => Trouble::Expected("\"and\", \"or\" or another condition", None),
        };
        return Err(reader.here(trouble));
    }
    Ok(root)
}

impl Reader<'_> {
    pub(super) fn piece(&self) -> Option<&Piece> {
        self.pieces.get(self.at)
    }

    pub(super) fn kind(&self, ahead: usize) -> Option<Kind> {
        self.pieces.get(self.at + ahead).map(|piece| piece.kind)
    }

    /// The characters of the piece here; behind the last one, where it ends.
    pub(super) fn place(&self) -> Range<usize> {
        let end = self.pieces.last().map_or(0, |piece| piece.at.end);
        self.piece().map_or(end..end, |piece| piece.at.clone())
    }

    pub(super) fn here(&self, trouble: Trouble) -> Fault {
        Fault { at: self.place(), trouble }
    }

    /// A word that joins, unless it is quoted.
    fn joins(&self, word: &str) -> bool {
        self.piece().is_some_and(|p| p.kind == Kind::Word && p.text.eq_ignore_ascii_case(word))
    }

    fn either(&mut self) -> Result<Node, Fault> {
        let mut nodes = vec![self.all()?];
        while self.joins("or") || self.kind(0) == Some(Kind::Or) {
            self.at += 1;
            nodes.push(self.all()?);
        }
        Ok(Node::one_of(nodes))
    }

    fn all(&mut self) -> Result<Node, Fault> {
        let mut nodes = vec![self.one()?];
        loop {
            if self.joins("and") || self.kind(0) == Some(Kind::And) {
                self.at += 1;
            } else if self.joins("or")
                || matches!(self.kind(0), None | Some(Kind::Or | Kind::Close))
            {
                return Ok(Node::all(nodes));
            }
            nodes.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Node, Fault> {
        if self.joins("not") {
            return self.deeper(|reader| {
                reader.at += 1;
                reader.one().map(|node| Node::Not(Box::new(node)))
            });
        }
        match self.kind(0) {
            Some(Kind::Open) => self.deeper(Self::bracket),
            Some(Kind::Word | Kind::Quoted) if !self.joins("and") && !self.joins("or") => {
                self.count()?;
                term(self)
            }
            _ => {
                let hint = self.joins("and") || self.joins("or");
                let hint = hint.then(|| "put it in quotes to look for the word".to_owned());
                Err(self.here(Trouble::Expected("a condition", hint)))
            }
        }
    }

    /// One condition more. Counted as they are read, so that saved filters that name each other many
    /// times over are refused before they have cost anything.
    fn count(&self) -> Result<(), Fault> {
        self.terms.set(self.terms.get() + 1);
        if self.terms.get() > TERMS_MAX { Err(self.here(Trouble::TooMany)) } else { Ok(()) }
    }

    fn bracket(&mut self) -> Result<Node, Fault> {
        let open = self.place();
        self.at += 1;
        let inner = self.either()?;
        if self.kind(0) != Some(Kind::Close) {
            return Err(Fault { at: open, trouble: Trouble::Unclosed("this bracket", ")") });
        }
        self.at += 1;
        Ok(inner)
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Node, Fault>,
    ) -> Result<Node, Fault> {
        if self.depth == DEPTH_MAX {
            return Err(self.here(Trouble::TooDeep));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    /// What a saved filter says.
    pub(super) fn saved(&self, name: &str, at: Range<usize>) -> Result<Node, Fault> {
        let fault = |trouble| Fault { at: at.clone(), trouble };
        let name = &*name.to_lowercase();
        let Some(text) = self.saved.text(name) else {
            let names = self.saved.names();
            let like = similar(name, names.into_iter()).map(ToOwned::to_owned);
            return Err(fault(Trouble::NoFilter(name.to_owned(), like)));
        };
        let name = Filters::name(name);
        if self.chain.contains(&name) {
            return Err(fault(Trouble::Circle(name)));
        }
        if self.chain.len() == CHAIN_MAX {
            return Err(fault(Trouble::TooLongChain));
        }
        // What it says counts, and not its name.
        self.terms.set(self.terms.get().saturating_sub(1));
        let chain = self.chain.iter().cloned().chain([name.clone()]).collect();
        let node = read(text, self.asking, self.saved, chain, self.terms);
        let node = node.map_err(|inner| match inner.trouble {
            all @ (Trouble::Circle(_) | Trouble::TooLongChain | Trouble::TooMany) => fault(all),
            _ => fault(Trouble::Broken(name.clone(), Box::new(inner.error(text)))),
        })?;
        Ok(Node::Saved(name.into(), Box::new(node)))
    }
}
