//! In which order tasks are answered (Q6): always total, so that pages can be cut anywhere.

use std::cmp::Ordering;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fields::TaskFields;
use super::filter::Moment;
use crate::error::{Problem, TaskError, excerpt};
use crate::fold::fold;
use crate::task::TaskNo;
use crate::urgency::urgency;

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    /// The due date; without one, last.
    Due,
    /// High before medium before low.
    Priority,
    /// When it was made.
    Created,
    /// When it was last changed.
    Updated,
    /// By folded title, byte for byte.
    Title,
    /// By urgency (Q8), the least urgent first: `-urgency` begins with what matters most.
    Urgency,
    /// By number.
    Id,
}

impl SortKey {
    /// The words.
    pub const WORDS: &'static [&'static str] =
        &["due", "priority", "created", "updated", "title", "urgency", "id"];
    const ALL: [Self; 7] = [
        Self::Due,
        Self::Priority,
        Self::Created,
        Self::Updated,
        Self::Title,
        Self::Urgency,
        Self::Id,
    ];
}

/// A key and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sort {
    /// What by.
    pub key: SortKey,
    /// `-key`: the other way round, but what has no value stays last.
    pub reversed: bool,
}

/// A total order: the keys that were asked for, then the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Order(Vec<Sort>);

impl Default for Order {
    fn default() -> Self {
        Self(vec![Sort { key: SortKey::Due, reversed: false }])
    }
}

/// `due,-priority`.
impl FromStr for Order {
    type Err = TaskError;

    fn from_str(text: &str) -> Result<Self, TaskError> {
        let keys = text.split(',').map(|word| {
            let word = word.trim();
            let (reversed, name) = match word.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            let place = SortKey::WORDS.iter().position(|key| key.eq_ignore_ascii_case(name));
            place
                .and_then(|at| SortKey::ALL.get(at))
                .map(|key| Sort { key: *key, reversed })
                .ok_or_else(|| {
                    let allowed = SortKey::WORDS;
                    TaskError::field("sort", Problem::NotOneOf { given: excerpt(word), allowed })
                })
        });
        let keys: Vec<Sort> = keys.collect::<Result<_, _>>()?;
        // What is said again decides nothing, and would make every cursor longer.
        let mut order = Self(Vec::new());
        for sort in keys {
            if !order.0.iter().any(|earlier| earlier.key == sort.key) {
                order.0.push(sort);
            }
        }
        Ok(order)
    }
}

/// One value a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyPart {
    /// An instant in milliseconds, a rank, or a number.
    Number(i64),
    /// A folded text.
    Text(Box<str>),
    /// No value: last in both directions.
    Missing,
}

/// Where a row stands in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowKey {
    /// The value of the order's first key; most orders have one, and most comparisons end here.
    pub first: KeyPart,
    /// The values of the others.
    pub rest: Vec<KeyPart>,
    /// The number, which decides at the end.
    pub id: TaskNo,
}

impl Order {
    /// The keys.
    pub fn keys(&self) -> &[Sort] {
        &self.0
    }

    /// Where a task stands at a moment. All-day tasks stand at the end of their day in the owner's
    /// zone.
    pub fn key(&self, task: &impl TaskFields, moment: &Moment) -> RowKey {
        let part = |sort: &Sort| match sort.key {
            SortKey::Due => task.due_date().map_or(KeyPart::Missing, |due| {
                KeyPart::Number(due.order_key(moment.owner_zone).millis())
            }),
            SortKey::Priority => KeyPart::Number(task.priority() as i64),
            SortKey::Created => KeyPart::Number(task.created_at().millis()),
            SortKey::Updated => KeyPart::Number(task.updated_at().millis()),
            SortKey::Title => KeyPart::Text(fold(task.title()).into()),
            SortKey::Urgency => KeyPart::Number(urgency(task, moment)),
            SortKey::Id => KeyPart::Number(i64::try_from(task.id().0).unwrap_or(i64::MAX)),
        };
        let mut keys = self.0.iter();
        let first = keys.next().map_or(KeyPart::Missing, part);
        RowKey { first, rest: keys.map(part).collect(), id: task.id() }
    }

    /// Numbers that stand in the order of the rows, for an order by one key that is a number: they
    /// are compared many times while rows are sorted, and are cheap to.
    pub(super) fn rank(&self, key: &RowKey) -> Option<(bool, i64, TaskNo)> {
        let [sort] = self.0.as_slice() else { return None };
        match key.first {
            // Its complement stands the other way round, to the last one.
            KeyPart::Number(number) => {
                Some((false, if sort.reversed { !number } else { number }, key.id))
            }
            KeyPart::Missing => Some((true, 0, key.id)),
            KeyPart::Text(_) => None,
        }
    }

    /// Which of two rows comes first.
    pub fn compare(&self, a: &RowKey, b: &RowKey) -> Ordering {
        let mut keys = self.0.iter();
        let first =
            keys.next().map_or(Ordering::Equal, |sort| a.first.compare(&b.first, sort.reversed));
        if first.is_ne() {
            return first;
        }
        let mut rest = a.rest.iter().zip(&b.rest).zip(keys);
        rest.find_map(|((a, b), sort)| Some(a.compare(b, sort.reversed)).filter(|o| o.is_ne()))
            .unwrap_or_else(|| a.id.cmp(&b.id))
    }
}

impl KeyPart {
    fn compare(&self, other: &Self, reversed: bool) -> Ordering {
        let ordering = match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => return (*a == Self::Missing).cmp(&(*b == Self::Missing)),
        };
        if reversed { ordering.reverse() } else { ordering }
    }
}
