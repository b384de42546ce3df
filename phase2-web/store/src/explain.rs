//! How the database goes about a question: for whoever looks after its indexes.

use todo_core::event::Seq;
use todo_core::query::TaskQuery;
use todo_core::stats::StatsQuery;
use todo_core::{Owner, StoreError, TaskId};

use crate::Store;
use crate::cells::Cells;
use crate::statement::{Dialect, Statement};
use crate::tasks::{ask_changes, ask_count, ask_history, ask_labels, ask_page, ask_stats};

/// How SQLite goes about a statement, line by line.
#[cfg(test)]
pub(crate) async fn plan(
    store: &Store,
    sql: &'static crate::sql::Sql,
    values: Vec<crate::bind::Value>,
) -> Vec<String> {
    use sqlx::Row;

    let crate::db::Db::Sqlite(db) = &store.db else { panic!("a file") };
    let mut conn = db.readers.lend().await.expect("a connection");
    let text = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.sqlite()));
    let args = crate::bind::sqlite(values).expect("values");
    let rows = sqlx::query_with(text, args).fetch_all(&mut *conn).await.expect("a plan");
    rows.iter().map(|row| row.get(3)).collect()
}

/// What may be asked.
#[derive(Debug, Clone, Copy)]
pub enum Question<'q> {
    /// [`Store::find`](todo_core::AsyncTaskStore::find).
    Find(&'q TaskQuery),
    /// How many there are.
    Count(&'q TaskQuery),
    /// [`Store::stats`](todo_core::AsyncTaskStore::stats), its first piece.
    Stats(&'q StatsQuery),
    /// [`Store::labels`].
    Labels,
    /// [`Store::history`], its first page.
    History(TaskId),
    /// [`Store::changes`].
    Changes(Seq),
}

/// Rows that are asked for where the question does not say how many.
const ROWS: u32 = 50;

impl Store {
    /// The database's own words for how it answers, line by line. PostgreSQL answers indeed, and
    /// says how long it took.
    pub async fn explain(
        &self,
        owner: Owner,
        question: Question<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let mut statement = Statement::of(&self.db, owner);
        let detail = match statement.dialect {
            Dialect::Sqlite => {
                statement.add("EXPLAIN QUERY PLAN ", []);
                3
            }
            Dialect::Postgres => {
                statement.add("EXPLAIN (ANALYZE, COSTS OFF) ", []);
                0
            }
        };
        match question {
            Question::Find(query) => {
                ask_page(query, &mut statement);
            }
            Question::Count(query) => ask_count(query, &mut statement),
            Question::Stats(query) => {
                ask_stats(query, &mut statement);
            }
            Question::Labels => ask_labels(&mut statement),
            Question::History(task) => ask_history(task, None, ROWS, &mut statement),
            Question::Changes(since) => ask_changes(since, ROWS, &mut statement),
        }
        let line = |row: &dyn Cells| Ok(row.text(detail)?.unwrap_or_default().to_owned());
        Ok(self.db.all(statement, line).await?)
    }
}
