//! Whether the database can be asked.

use todo_core::StoreError;

use crate::Store;
use crate::db::Db;
use crate::fault::fault;

impl Store {
    /// Whether the database has this version's tables.
    pub async fn migrated(&self) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM _sqlx_migrations WHERE success";
        let done: i64 = match &self.db {
            Db::Sqlite(db) => {
                sqlx::query_scalar(sql).fetch_one(&db.readers).await.map_err(fault)?
            }
            Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.map_err(fault)?,
        };
        Ok(done > 0)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(db) => {
                db.readers.close().await;
                db.writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}
