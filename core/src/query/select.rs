//! Answering a query over rows in memory: what the file and the memory store share.

use std::borrow::Borrow;

use super::{Limit, Page, RowKey, TaskFields, TaskQuery};

/// Filters, sorts and cuts.
///
/// Each row is looked at once; those that match are made into what is
/// answered (`keep`) as they come, so that no second copy of the rows is held, and a page keeps no
/// more than it can use.
pub fn select<F: TaskFields, T: Borrow<F>, U, E>(
    rows: impl Iterator<Item = Result<T, E>>,
    query: &TaskQuery,
    mut keep: impl FnMut(T) -> Result<U, E>,
) -> Result<Page<U>, E> {
    let matcher = query.filter.matcher(&query.moment);
    let zone = query.moment.owner_zone;
    let mut total = 0;
    let mut found = Found { query, rows: Vec::new(), worst: None };
    for row in rows {
        let row = row?;
        if !matcher.matches(row.borrow()) {
            continue;
        }
        total += 1;
        let key = query.order.key(row.borrow(), zone);
        if found.wants(&key) {
            found.rows.push((key, keep(row)?));
            found.prune();
        }
    }
    found.sort();
    let mut rows = found.rows;
    let mut next = None;
    if let Limit::Page(size) = query.limit {
        let size = size as usize;
        if rows.len() > size {
            next = rows.get(size - 1).map(|(key, _)| key.clone());
            rows.truncate(size);
        }
    }
    let tasks = rows.into_iter().map(|(_, row)| row).collect();
    Ok(Page { tasks, next, total: query.count.then_some(total) })
}

struct Found<'q, U> {
    query: &'q TaskQuery,
    rows: Vec<(RowKey, U)>,
    /// No row behind this one can be on the page.
    worst: Option<RowKey>,
}

impl<U> Found<'_, U> {
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
            self.worst = self.rows.last().map(|(key, _)| key.clone());
        }
    }

    fn sort(&mut self) {
        // No two keys are equal, so an unstable sort changes nothing.
        self.rows.sort_unstable_by(|(a, _), (b, _)| self.query.order.compare(a, b));
    }
}
