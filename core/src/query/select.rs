//! Answering a query over rows in memory: what the file and the memory store share.

use super::{Limit, Matcher, Page, RowKey, TaskFields, TaskQuery};

/// An answer in the making: rows are offered one by one, in any order.
///
/// Each row is looked at once; those that match are made into what is answered as they come, so
/// that no second copy of the rows is held, and a page keeps no more than it can use.
#[derive(Debug)]
pub struct Selection<'q, U> {
    query: &'q TaskQuery,
    matcher: Matcher<'q>,
    total: u64,
    rows: Vec<U>,
    /// Where each row belongs, and its place in `rows`: sorting moves these and not the rows,
    /// which are large.
    keys: Vec<(RowKey, usize)>,
    /// No row behind this one can be on the page.
    worst: Option<RowKey>,
}

impl<'q, U> Selection<'q, U> {
    /// Nothing has been offered yet.
    pub fn new(query: &'q TaskQuery) -> Self {
        let matcher = query.filter.matcher(&query.moment);
        Self { query, matcher, total: 0, rows: Vec::new(), keys: Vec::new(), worst: None }
    }

    /// Looks at a row, and keeps what `keep` makes of it if it is among the answers.
    pub fn offer<T: TaskFields, E>(
        &mut self,
        row: T,
        keep: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<(), E> {
        if !self.matcher.matches(&row) {
            return Ok(());
        }
        self.total += 1;
        let key = self.query.order.key(&row, &self.query.moment);
        if self.wants(&key) {
            self.keys.push((key, self.rows.len()));
            self.rows.push(keep(row)?);
            self.prune();
        }
        Ok(())
    }

    /// The answer.
    pub fn finish(mut self) -> Page<U> {
        self.sort();
        let mut next = None;
        if let Limit::Page(size) = self.query.limit {
            let size = size as usize;
            if self.rows.len() > size {
                next = self.keys.get(size - 1).map(|(key, _)| key.clone());
                self.rows.truncate(size);
            }
        }
        // Nobody has looked at those that were not offered.
        let by_clock = true;
        Page { tasks: self.rows, next, total: self.query.count.then_some(self.total), by_clock }
    }

    fn wants(&self, key: &RowKey) -> bool {
        let order = &self.query.order;
        let after = self.query.after.as_ref().is_none_or(|at| order.compare(key, at).is_gt());
        after && self.worst.as_ref().is_none_or(|worst| order.compare(key, worst).is_lt())
    }

    /// Cuts to a page and one row more, which tells that there is a next page. Waiting until
    /// there are twice as many makes the sorting cheap.
    fn prune(&mut self) {
        let Limit::Page(size) = self.query.limit else { return };
        let needed = size as usize + 1;
        if self.rows.len() >= 2 * needed {
            self.sort();
            self.rows.truncate(needed);
            self.keys.truncate(needed);
            self.worst = self.keys.last().map(|(key, _)| key.clone());
        }
    }

    /// Puts the rows in order, and the keys beside them.
    fn sort(&mut self) {
        let order = &self.query.order;
        if self.keys.first().is_some_and(|(key, _)| order.rank(key).is_some()) {
            self.keys.sort_by_cached_key(|(key, _)| order.rank(key));
        } else {
            // No two keys are equal, so an unstable sort changes nothing.
            self.keys.sort_unstable_by(|(a, _), (b, _)| order.compare(a, b));
        }
        for at in 0..self.rows.len() {
            // The row that belongs here may have been swapped away for an earlier place; its key
            // says where it went.
            let mut from = self.keys[at].1;
            while from < at {
                from = self.keys[from].1;
            }
            self.rows.swap(at, from);
            self.keys[at].1 = from;
        }
        for (at, (_, place)) in self.keys.iter_mut().enumerate() {
            *place = at;
        }
    }
}
