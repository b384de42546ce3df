//! Answers to queries.

use sqlx::AssertSqlSafe;
use todo_core::query::{Page, Selection, TaskQuery};
use todo_core::{Owner, StoreError, Task};

use super::row::{COLUMNS, task};
use crate::Store;
use crate::cells::Cells;
use crate::db::Db;
use crate::fault::fault;

impl Store {
    /// Every task of the owner is looked at by the core itself.
    pub(super) async fn answer(
        &self,
        owner: Owner,
        query: &TaskQuery,
    ) -> Result<Page<Task>, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT {COLUMNS} FROM tasks WHERE owner = $1"));
        match &self.db {
            Db::Sqlite(db) => {
                let rows = sqlx::query(sql).bind(owner.0).fetch_all(&db.readers).await;
                select(query, &rows.map_err(fault)?)
            }
            Db::Postgres(pool) => {
                let rows = sqlx::query(sql).bind(owner.0).fetch_all(pool).await;
                select(query, &rows.map_err(fault)?)
            }
        }
    }
}

fn select<R: Cells>(query: &TaskQuery, rows: &[R]) -> Result<Page<Task>, StoreError> {
    let mut selection = Selection::new(query);
    for row in rows {
        selection.offer(task(row)?, Ok::<_, StoreError>)?;
    }
    Ok(selection.finish())
}
