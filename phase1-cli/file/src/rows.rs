//! What is done with the rows of the file while it is read.

use todo_core::query::{Matcher, Selection};
use todo_core::stats::{Stats, StatsQuery, Tally};
use todo_core::wire::TaskRecord;
use todo_core::{Page, StoreError, Task, TaskQuery};

/// Who looks at each row: as it stands in the file, or made into a task already.
pub(crate) trait Rows {
    /// A row.
    fn see(&mut self, row: TaskRecord<'_>) -> Result<(), String>;
    /// A task whose row says too little by itself.
    fn see_task(&mut self, task: Task) -> Result<(), StoreError>;
}

/// Those that a query means.
pub(crate) struct Found<'q>(Selection<'q, Task>);

impl<'q> Found<'q> {
    pub(crate) fn new(query: &'q TaskQuery) -> Self {
        Self(Selection::new(query))
    }

    pub(crate) fn page(self) -> Page<Task> {
        self.0.finish()
    }
}

impl Rows for Found<'_> {
    fn see(&mut self, row: TaskRecord<'_>) -> Result<(), String> {
        self.0.offer(row, |row| row.into_task().map_err(|error| error.to_string()))
    }

    fn see_task(&mut self, task: Task) -> Result<(), StoreError> {
        self.0.offer(task, Ok)
    }
}

/// Their numbers. The file is read once for those outside the trash and in it.
pub(crate) struct Counting<'q> {
    parts: Vec<Matcher<'q>>,
    tally: Tally,
}

impl<'q> Counting<'q> {
    pub(crate) fn new(query: &'q StatsQuery) -> Self {
        let parts = query.parts().map(|part| part.filter.matcher(&part.moment)).collect();
        Self { parts, tally: Tally::new(*query.moment()) }
    }

    pub(crate) fn stats(self) -> Stats {
        self.tally.finish()
    }
}

impl Rows for Counting<'_> {
    /// A row that is counted passes the rules first, as one that is listed does.
    fn see(&mut self, row: TaskRecord<'_>) -> Result<(), String> {
        if self.parts.iter().any(|part| part.matches(&row)) {
            self.tally.offer(&row.into_task().map_err(|error| error.to_string())?);
        }
        Ok(())
    }

    fn see_task(&mut self, task: Task) -> Result<(), StoreError> {
        if self.parts.iter().any(|part| part.matches(&task)) {
            self.tally.offer(&task);
        }
        Ok(())
    }
}
