//! Answers to queries.
//!
//! The ordinary list is one statement. What the database cannot tell ([`conditions`]) is looked at
//! by the core: of a page in pieces, until it is full; of an order by urgency, and to count, row by
//! row through all that may match.

use todo_core::query::{KeyPart, Limit, Moment, Page, RowKey, Selection, SortKey, TaskQuery};
use todo_core::{Order, Owner, Task};

use super::conditions;
use super::order::{Place, Sorted};
use super::row::{COLUMNS, WIDTH, task};
use super::values::NO_DUE_KEY;
use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::fault::{Fault, StoreResult};
use crate::statement::Statement;

/// Whether one of the owner's tasks may hold a series that goes by the clock (R5).
const BY_CLOCK: &str = "EXISTS (SELECT 1 FROM tasks AS clocks WHERE clocks.owner = $1 \
     AND clocks.scheduled AND clocks.deleted_at IS NULL)";
/// Fewest rows that are fetched to look for those that match, and most.
const PIECE: (usize, usize) = (200, 5_000);

/// Rows in order, and whether a series goes by the clock: nobody knows if no row came.
#[derive(Default)]
struct Rows {
    tasks: Vec<Found>,
    by_clock: Option<bool>,
}

/// A task, and the place by its due date at which the database sorted it. That place was reckoned
/// in the owner's stored zone, which may be another one by now than the one who asks knows of.
struct Found {
    task: Task,
    due_key: i64,
}

impl Found {
    /// Where it stands: by what it was sorted by.
    fn key(&self, order: &Order, moment: &Moment) -> RowKey {
        let mut key = order.key(&self.task, moment);
        let parts = std::iter::once(&mut key.first).chain(&mut key.rest);
        for (sort, part) in order.keys().iter().zip(parts) {
            if sort.key == SortKey::Due && *part != KeyPart::Missing {
                *part = KeyPart::Number(self.due_key);
            }
        }
        key
    }
}

/// Writes `SELECT … FROM tasks WHERE …`, and answers whether that says all that was asked.
fn list(query: &TaskQuery, columns: &str, statement: &mut Statement) -> bool {
    statement.add(&format!("SELECT {columns} FROM tasks WHERE owner = $1 AND "), []);
    conditions::add(statement, &query.filter.condition(&query.moment), &query.moment)
}

/// The same, in order and from a place on, for so many rows.
fn rows(
    query: &TaskQuery,
    (sorted, place): (&Sorted, Option<&Place>),
    limit: Option<usize>,
    statement: &mut Statement,
) -> bool {
    let exact = list(query, &format!("{COLUMNS}, {BY_CLOCK}, due_key"), statement);
    if let Some(place) = place {
        sorted.after(place, statement);
    }
    sorted.order(statement);
    if let Some(limit) = limit.and_then(|limit| i64::try_from(limit).ok()) {
        statement.add(" LIMIT ?", [Value::from(limit)]);
    }
    exact
}

/// The order in columns and the place that is asked from, if the database can tell them.
fn sorted(query: &TaskQuery) -> Option<(Sorted, Option<Place>)> {
    let sorted = Sorted::of(&query.order)?;
    let place = match &query.after {
        Some(after) => Some(sorted.place(after)?),
        None => None,
    };
    Some((sorted, place))
}

/// A page, and one row more, which tells that there is a next one.
fn one_more(query: &TaskQuery) -> Option<usize> {
    match query.limit {
        Limit::Page(size) => Some((size as usize).saturating_add(1)),
        Limit::All => None,
    }
}

/// How many tasks a query means, if the rows that came are all of them: a search that few tasks fit
/// looks through all tasks once, and not twice.
fn all_of(query: &TaskQuery, came: usize) -> Option<u64> {
    let all = query.after.is_none() && one_more(query).is_none_or(|asked| came < asked);
    all.then_some(came as u64)
}

/// Writes what a query asks, and answers whether that is all of it.
pub(crate) fn ask_page(query: &TaskQuery, statement: &mut Statement) -> bool {
    if let Some((sorted, place)) = sorted(query) {
        return rows(query, (&sorted, place.as_ref()), one_more(query), statement);
    }
    list(query, COLUMNS, statement);
    false
}

/// Writes how many tasks a query means.
pub(crate) fn ask_count(query: &TaskQuery, statement: &mut Statement) {
    list(query, "count(*)", statement);
}

impl Store {
    pub(super) async fn answer(&self, owner: Owner, query: &TaskQuery) -> StoreResult<Page<Task>> {
        let mut statement = Statement::of(&self.db, owner);
        if ask_page(query, &mut statement) {
            return self.page(owner, query, statement).await;
        }
        match (sorted(query), query.limit) {
            (Some((sorted, place)), Limit::Page(size)) if !query.count => {
                self.pieces(owner, query, &sorted, place, size as usize).await
            }
            _ => self.ranked(owner, query).await,
        }
    }

    async fn rows(&self, statement: Statement) -> StoreResult<Rows> {
        let mut rows = Rows::default();
        let read = |row: &dyn Cells| {
            if rows.by_clock.is_none() {
                rows.by_clock = row.truth(WIDTH)?;
            }
            let due_key = row.integer(WIDTH + 1)?.unwrap_or(NO_DUE_KEY);
            rows.tasks.push(Found { task: task(row)?, due_key });
            Ok(())
        };
        self.db.each(statement, read).await?;
        Ok(rows)
    }

    /// What the database answers is the answer.
    async fn page(
        &self,
        owner: Owner,
        query: &TaskQuery,
        statement: Statement,
    ) -> StoreResult<Page<Task>> {
        let rows = self.rows(statement).await?;
        let total = match (query.count, all_of(query, rows.tasks.len())) {
            (false, _) => None,
            (true, Some(all)) => Some(all),
            (true, None) => Some(self.count(owner, query).await?),
        };
        let page = self.cut(owner, query, rows).await?;
        Ok(Page { total, ..page })
    }

    /// The core looks at each row, and more are fetched until there are enough.
    async fn pieces(
        &self,
        owner: Owner,
        query: &TaskQuery,
        sorted: &Sorted,
        mut place: Option<Place>,
        size: usize,
    ) -> StoreResult<Page<Task>> {
        let matcher = query.filter.matcher(&query.moment);
        let mut found = Rows::default();
        let mut piece = size.saturating_mul(4).clamp(PIECE.0, PIECE.1);
        while found.tasks.len() <= size {
            let mut statement = Statement::of(&self.db, owner);
            rows(query, (sorted, place.as_ref()), Some(piece), &mut statement);
            let rows = self.rows(statement).await?;
            let came = rows.tasks.len();
            let last = rows.tasks.last().map(|found| found.key(&query.order, &query.moment));
            found.by_clock = found.by_clock.or(rows.by_clock);
            found.tasks.extend(rows.tasks.into_iter().filter(|row| matcher.matches(&row.task)));
            place = last.and_then(|last| sorted.place(&last));
            if came < piece || place.is_none() {
                break;
            }
            piece = piece.saturating_mul(2).min(PIECE.1);
        }
        self.cut(owner, query, found).await
    }

    /// A page out of rows in order, which may be one or more too many.
    async fn cut(
        &self,
        owner: Owner,
        query: &TaskQuery,
        Rows { mut tasks, by_clock }: Rows,
    ) -> StoreResult<Page<Task>> {
        let next = one_more(query).filter(|needed| tasks.len() >= *needed).and_then(|needed| {
            tasks.truncate(needed - 1);
            tasks.last().map(|found| found.key(&query.order, &query.moment))
        });
        let by_clock = match by_clock {
            Some(known) => known,
            None => self.by_clock(owner).await?,
        };
        let tasks = tasks.into_iter().map(|found| found.task).collect();
        Ok(Page { tasks, next, total: None, by_clock })
    }

    /// The core counts them and puts them in order, and keeps no more than a page.
    async fn ranked(&self, owner: Owner, query: &TaskQuery) -> StoreResult<Page<Task>> {
        let mut statement = Statement::of(&self.db, owner);
        list(query, COLUMNS, &mut statement);
        let mut selection = Selection::new(query);
        let offer = |row: &dyn Cells| selection.offer(task(row)?, Ok::<_, Fault>);
        self.db.each(statement, offer).await?;
        let by_clock = self.by_clock(owner).await?;
        Ok(Page { by_clock, ..selection.finish() })
    }

    async fn count(&self, owner: Owner, query: &TaskQuery) -> StoreResult<u64> {
        let mut statement = Statement::of(&self.db, owner);
        ask_count(query, &mut statement);
        let count = self.db.all(statement, |row| Ok(row.integer(0)?)).await?;
        Ok(count.first().copied().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or_default())
    }

    async fn by_clock(&self, owner: Owner) -> StoreResult<bool> {
        let mut statement = Statement::of(&self.db, owner);
        statement.add(&format!("SELECT {BY_CLOCK}"), []);
        let answer = self.db.all(statement, |row| Ok(row.truth(0)?)).await?;
        Ok(answer.contains(&Some(true)))
    }
}
