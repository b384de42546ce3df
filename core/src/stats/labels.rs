//! Which labels are in use, and how often.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::fold::fold;
use crate::time::Timestamp;

/// How many labels [`Labels::top`] has at most.
pub const LABELS_MAX: usize = 10;

/// The labels that open tasks have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Labels {
    /// How many different ones there are.
    pub in_use: u64,
    /// How many tasks have none.
    pub without: u64,
    /// The [`LABELS_MAX`] that most tasks have, the most frequent first; among equals by name.
    pub top: Vec<LabelCount>,
}

/// A label, and how many tasks have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelCount {
    /// Its newest spelling.
    pub name: String,
    /// How many tasks.
    pub count: u64,
}

/// Labels in use, compared folded and in the order of their folded names.
#[derive(Debug, Clone, Default)]
pub struct Uses(BTreeMap<Box<str>, Use>);

#[derive(Debug, Clone)]
struct Use {
    spelling: String,
    /// When the task that spells it so was last changed.
    at: Timestamp,
    count: u64,
}

impl Uses {
    /// Counts a label of a task that was last changed `at` that time. The newest spelling stays;
    /// of two that are as new, the first in the order of bytes, whichever comes first.
    pub fn add(&mut self, spelling: &str, at: Timestamp) {
        self.add_many(spelling, at, 1);
    }

    /// Counts a label of so many tasks that spell it so, the newest of which was changed `at` that
    /// time.
    fn add_many(&mut self, spelling: &str, at: Timestamp, count: u64) {
        let used = self.0.entry(fold(spelling).into());
        let used = used.or_insert_with(|| Use { spelling: spelling.to_owned(), at, count: 0 });
        used.count += count;
        if at > used.at || (at == used.at && spelling < used.spelling.as_str()) {
            spelling.clone_into(&mut used.spelling);
            used.at = at;
        }
    }

    /// Each label's newest spelling, and how many tasks have it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> + Clone {
        self.0.values().map(|used| (used.spelling.as_str(), used.count))
    }

    /// Fills in what there is, the most frequent first.
    pub(super) fn rank(self, labels: &mut Labels) {
        labels.in_use = self.0.len() as u64;
        let uses = self.0.into_values();
        labels.top =
            uses.map(|used| LabelCount { name: used.spelling, count: used.count }).collect();
        // Stable: equals stay in the order of their names.
        labels.top.sort_by_key(|label| std::cmp::Reverse(label.count));
        labels.top.truncate(LABELS_MAX);
    }
}

/// Labels by how they are spelt. Tasks have few spellings between them, so that each is folded once
/// and not for each task.
#[derive(Debug, Default)]
pub(super) struct Spellings(HashMap<Box<str>, Spelling>);

#[derive(Debug)]
struct Spelling {
    /// When the newest task that spells it so was last changed.
    at: Timestamp,
    count: u64,
}

impl Spellings {
    /// See [`Uses::add`].
    pub(super) fn add(&mut self, spelling: &str, at: Timestamp) {
        match self.0.get_mut(spelling) {
            Some(known) => {
                known.count += 1;
                known.at = known.at.max(at);
            }
            None => drop(self.0.insert(spelling.into(), Spelling { at, count: 1 })),
        }
    }

    /// The labels that they spell.
    pub(super) fn uses(self) -> Uses {
        let mut uses = Uses::default();
        for (spelling, Spelling { at, count }) in self.0 {
            uses.add_many(&spelling, at, count);
        }
        uses
    }
}
