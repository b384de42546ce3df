//! What is asked of a store, and what a filter means.
//!
//! The meaning lives here, in [`Matcher`] and [`Order`]; a store may answer in its own way (SQL
//! does) but must answer the same, and the conformance suite holds it to that.

mod condition;
mod cursor;
pub mod expression;
mod fields;
mod filter;
mod order;
mod saved;
mod select;

pub use cursor::{Cursor, CursorKey};
pub use expression::{Condition, Expression, SavedFilters, is_overdue, is_waiting};
pub use fields::TaskFields;
pub use filter::{Bound, DueFilter, Filter, Matcher, Moment, ParentFilter, ProjectFilter};
pub use order::{KeyPart, Order, RowKey, Sort, SortKey};
pub use saved::{FILTERS_MAX, Filters, NAME_MAX};
pub use select::Selection;

use crate::error::{Problem, TaskError};

/// Most tasks on a page (Q7).
pub const PAGE_MAX: u32 = 200;
/// Tasks on a page unless said otherwise (Q7).
pub const PAGE_DEFAULT: u32 = 50;

/// How many tasks to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A page of 1 to [`PAGE_MAX`].
    Page(u32),
    /// Every one: for surfaces that own the store, never for a request from outside.
    All,
}

impl Limit {
    /// A page size as it was asked for.
    pub fn page(size: u64) -> Result<Self, TaskError> {
        match u32::try_from(size) {
            Ok(size @ 1..=PAGE_MAX) => Ok(Self::Page(size)),
            _ => Err(TaskError::field(
                "limit",
                Problem::OutOfRange { min: 1, max: u64::from(PAGE_MAX) },
            )),
        }
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::Page(PAGE_DEFAULT)
    }
}

/// A question to a store.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskQuery {
    /// Which tasks.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// How many.
    pub limit: Limit,
    /// After which row of an earlier page.
    pub after: Option<RowKey>,
    /// Whether to count all that match (Q7: only when asked).
    pub count: bool,
    /// When and where it is asked; frozen by the first page.
    pub moment: Moment,
}

impl TaskQuery {
    /// The default list (Q1) at a moment.
    pub fn new(moment: Moment) -> Self {
        Self {
            filter: Filter::default(),
            order: Order::default(),
            limit: Limit::default(),
            after: None,
            count: false,
            moment,
        }
    }

    /// Whether a task is among the answers.
    pub fn matches(&self, task: &impl TaskFields) -> bool {
        self.filter.matcher(&self.moment).matches(task)
    }

    /// Takes up where an earlier page ended, at that page's moment (Q7).
    pub fn resume(mut self, cursor: &str, key: &CursorKey) -> Result<Self, TaskError> {
        let cursor = Cursor::open(cursor, key)?;
        if cursor.query != Cursor::digest(&self) {
            return Err(TaskError::InvalidCursor);
        }
        self.moment.now = cursor.now;
        self.moment.zone = cursor.zone;
        self.after = Some(cursor.after);
        Ok(self)
    }
}

/// Part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The tasks, in order.
    pub tasks: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<RowKey>,
    /// How many match in all, if that was asked.
    pub total: Option<u64>,
    /// Whether a task of this owner may hold a series that goes by the clock (R5), whatever was
    /// asked for.
    pub by_clock: bool,
}

impl<T> Page<T> {
    /// The cursor of the next page, as it is given out.
    pub fn cursor(&self, query: &TaskQuery, key: &CursorKey) -> Option<String> {
        let after = self.next.clone()?;
        let query_digest = Cursor::digest(query);
        let (now, zone) = (query.moment.now, query.moment.zone);
        Some(Cursor { after, query: query_digest, now, zone }.seal(key))
    }
}
