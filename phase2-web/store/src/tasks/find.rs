//! Answers to queries.
//!
//! The ordinary list is one statement. What the database cannot tell ([`conditions`](super::conditions)) is looked
//! at by the core: of a page in pieces, until it is full; of an order by urgency, and to count,
//! row by row through all that may match.

use todo_core::query::{Limit, Page, RowKey, Selection, TaskQuery};
use todo_core::{Owner, Task};

use super::conditions;
use super::order::{Place, Sorted};
use super::row::{COLUMNS, WIDTH, task};
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
    tasks: Vec<Task>,
    by_clock: Option<bool>,
}

impl Store {
    pub(super) async fn answer(&self, owner: Owner, query: &TaskQuery) -> StoreResult<Page<Task>> {
        let sorted = Sorted::of(&query.order);
        let place = match (&sorted, &query.after) {
            (Some(sorted), Some(after)) => sorted.place(after).map(Some),
            (Some(_), None) => Some(None),
            (None, _) => None,
        };
        let (Some(sorted), Some(place)) = (sorted, place) else {
            return self.ranked(owner, query).await;
        };
        let exact = self.list(owner, query, "").1;
        match query.limit {
            _ if exact => self.page(owner, query, &sorted, place).await,
            Limit::Page(size) if !query.count => {
                self.pieces(owner, query, &sorted, place, size as usize).await
            }
            _ => self.ranked(owner, query).await,
        }
    }

    /// `SELECT … FROM tasks WHERE …`, and whether it says all that was asked.
    fn list(&self, owner: Owner, query: &TaskQuery, columns: &str) -> (Statement, bool) {
        let mut statement = Statement::of(&self.db, owner);
        statement.add(&format!("SELECT {columns} FROM tasks WHERE owner = $1 AND "), []);
        let condition = query.filter.condition(&query.moment);
        let exact = conditions::add(&mut statement, &condition, &query.moment);
        (statement, exact)
    }

    async fn rows(
        &self,
        owner: Owner,
        query: &TaskQuery,
        sorted: &Sorted,
        place: Option<&Place>,
        limit: Option<usize>,
    ) -> StoreResult<Rows> {
        let mut statement = self.list(owner, query, &format!("{COLUMNS}, {BY_CLOCK}")).0;
        if let Some(place) = place {
            sorted.after(place, &mut statement);
        }
        sorted.order(&mut statement);
        if let Some(limit) = limit.and_then(|limit| i64::try_from(limit).ok()) {
            statement.add(" LIMIT ?", [Value::from(limit)]);
        }
        let mut rows = Rows::default();
        let read = |row: &dyn Cells| {
            if rows.by_clock.is_none() {
                rows.by_clock = row.truth(WIDTH)?;
            }
            rows.tasks.push(task(row)?);
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
        sorted: &Sorted,
        place: Option<Place>,
    ) -> StoreResult<Page<Task>> {
        let size = match query.limit {
            Limit::Page(size) => Some(size as usize),
            Limit::All => None,
        };
        let one_more = size.map(|size| size.saturating_add(1));
        let rows = self.rows(owner, query, sorted, place.as_ref(), one_more).await?;
        let total = if query.count { Some(self.count(owner, query).await?) } else { None };
        let page = self.cut(owner, query, rows, size).await?;
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
            let rows = self.rows(owner, query, sorted, place.as_ref(), Some(piece)).await?;
            let came = rows.tasks.len();
            let last = rows.tasks.last().map(|task| key(task, query));
            found.by_clock = found.by_clock.or(rows.by_clock);
            found.tasks.extend(rows.tasks.into_iter().filter(|task| matcher.matches(task)));
            place = last.and_then(|last| sorted.place(&last));
            if came < piece || place.is_none() {
                break;
            }
            piece = piece.saturating_mul(2).min(PIECE.1);
        }
        self.cut(owner, query, found, Some(size)).await
    }

    /// A page out of rows in order, which may be one or more too many.
    async fn cut(
        &self,
        owner: Owner,
        query: &TaskQuery,
        rows: Rows,
        size: Option<usize>,
    ) -> StoreResult<Page<Task>> {
        let Rows { mut tasks, by_clock } = rows;
        let size = size.filter(|size| tasks.len() > *size);
        let next = size.and_then(|size| {
            tasks.truncate(size);
            tasks.last().map(|task| key(task, query))
        });
        let by_clock = match by_clock {
            Some(known) => known,
            None => self.by_clock(owner).await?,
        };
        Ok(Page { tasks, next, total: None, by_clock })
    }

    /// The core counts them and puts them in order, and keeps no more than a page.
    async fn ranked(&self, owner: Owner, query: &TaskQuery) -> StoreResult<Page<Task>> {
        let (statement, _) = self.list(owner, query, COLUMNS);
        let mut selection = Selection::new(query);
        let offer = |row: &dyn Cells| selection.offer(task(row)?, Ok::<_, Fault>);
        self.db.each(statement, offer).await?;
        let by_clock = self.by_clock(owner).await?;
        Ok(Page { by_clock, ..selection.finish() })
    }

    async fn count(&self, owner: Owner, query: &TaskQuery) -> StoreResult<u64> {
        let (statement, _) = self.list(owner, query, "count(*)");
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

fn key(task: &Task, query: &TaskQuery) -> RowKey {
    query.order.key(task, &query.moment)
}
