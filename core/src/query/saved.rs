//! Saved filters (Q9): expressions by name, the owner's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

use super::expression::{Expression, SavedFilters, TEXT_MAX};
use crate::error::{Problem, TaskError, similar};
use crate::fold::nfc;
use crate::words::Asking;

/// Most filters of one owner.
pub const FILTERS_MAX: usize = 200;
/// Longest name, in characters.
pub const NAME_MAX: usize = 50;

/// An owner's filters, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filters(BTreeMap<String, String>);

impl SavedFilters for Filters {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(&Self::name(name)).map(String::as_str)
    }
    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

impl Filters {
    /// A name in the form in which it is kept: it is looked up in any case, composed or not.
    pub fn name(typed: &str) -> String {
        nfc(&nfc(typed.trim()).to_lowercase()).into_owned()
    }

    /// Saves an expression under a name, over one that is there, and answers the name and the
    /// expression as they are kept. It has to be understood now, and must not name itself.
    pub fn save(
        &mut self,
        name: &str,
        text: &str,
        asking: &Asking,
    ) -> Result<(String, String), TaskError> {
        let name = checked(name)?;
        if !self.0.contains_key(&name) && self.0.len() >= FILTERS_MAX {
            let limit = FILTERS_MAX as u64;
            return Err(TaskError::LimitExceeded { what: "saved filters", limit });
        }
        let mut then = self.clone();
        then.0.insert(name.clone(), text.to_owned());
        let text = Expression::read_saved(&name, text, asking, &then)?.to_string();
        // What was typed may be shorter than its written form, which has to be read again.
        if text.len() > TEXT_MAX {
            let what = "bytes in the written form of a filter";
            return Err(TaskError::LimitExceeded { what, limit: TEXT_MAX as u64 });
        }
        self.0.insert(name.clone(), text.clone());
        Ok((name, text))
    }

    /// Removes a filter that no other one names.
    pub fn remove(&mut self, name: &str, asking: &Asking) -> Result<(), TaskError> {
        let mut then = self.clone();
        if then.0.remove(&Self::name(name)).is_none() {
            return Err(self.unknown(name));
        }
        let reads = |filters: &Self, name: &str| filters.expression(name, asking).is_ok();
        if let Some(by) = then.names().into_iter().find(|by| reads(self, by) && !reads(&then, by)) {
            return Err(TaskError::field("name", Problem::FilterInUse(by.to_owned())));
        }
        *self = then;
        Ok(())
    }

    /// The expression of a name.
    pub fn expression(&self, name: &str, asking: &Asking) -> Result<Expression, TaskError> {
        let text = self.text(name).ok_or_else(|| self.unknown(name))?;
        Expression::read_saved(&Self::name(name), text, asking, self)
    }

    /// Every filter, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    fn unknown(&self, name: &str) -> TaskError {
        let like = similar(name, self.names().into_iter()).map(ToOwned::to_owned);
        TaskError::NoSuchFilter { name: crate::error::excerpt(name), like }
    }
}

/// Names with their texts, as they are kept.
impl FromIterator<(String, String)> for Filters {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        // One written by hand may have any case; it is found in each.
        Self(pairs.into_iter().map(|(name, text)| (Self::name(&name), text)).collect())
    }
}

/// A name as it is kept: letters with their marks, digits, `-` and `_`.
fn checked(name: &str) -> Result<String, TaskError> {
    let name = Filters::name(name);
    let plain = |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '_');
    let problem = match name.chars().count() {
        0 => Problem::Blank,
        got if got > NAME_MAX => Problem::TooLong { max: NAME_MAX, got },
        _ if !name.chars().all(plain) => Problem::NotAName(crate::error::excerpt(&name)),
        // It would be taken for the lack of one.
        _ if name == "none" => Problem::NotAName(name),
        _ => return Ok(name),
    };
    Err(TaskError::field("name", problem))
}
