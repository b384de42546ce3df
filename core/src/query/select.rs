//! Answering a query over rows in memory: what the file and the memory store share.

use super::{Limit, Page, TaskFields, TaskQuery};

/// Filters, sorts and cuts. Rows are looked at once and only those that match are kept.
pub fn select<T: TaskFields, E>(
    rows: impl Iterator<Item = Result<T, E>>,
    query: &TaskQuery,
) -> Result<Page<T>, E> {
    let matcher = query.filter.matcher(&query.moment);
    let zone = query.moment.owner_zone;
    let mut total = 0;
    let mut found = Vec::new();
    for row in rows {
        let row = row?;
        if !matcher.matches(&row) {
            continue;
        }
        total += 1;
        let key = query.order.key(&row, zone);
        if query.after.as_ref().is_none_or(|after| query.order.compare(&key, after).is_gt()) {
            found.push((key, row));
        }
    }
    // No two keys are equal, so an unstable sort changes nothing.
    found.sort_unstable_by(|(a, _), (b, _)| query.order.compare(a, b));
    let mut next = None;
    if let Limit::Page(size) = query.limit {
        let size = size as usize;
        if found.len() > size {
            next = found.get(size - 1).map(|(key, _)| key.clone());
            found.truncate(size);
        }
    }
    let tasks = found.into_iter().map(|(_, row)| row).collect();
    Ok(Page { tasks, next, total: query.count.then_some(total) })
}
