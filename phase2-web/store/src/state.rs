//! Whether the database can be asked, and has this version's tables.

use std::collections::BTreeSet;

use sqlx::migrate::Migrator;
use todo_core::StoreError;

use crate::Store;
use crate::db::Db;
use crate::fault::fault;

/// Whether anything was ever migrated here; the table of migrations comes with the first.
const SQLITE_BEGUN: &str =
    "SELECT count(*) > 0 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";
const POSTGRES_BEGUN: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";

const DONE: &str = "SELECT version FROM _sqlx_migrations WHERE success";

impl Store {
    /// Whether the database answers, and has all of this version's tables.
    pub async fn migrated(&self) -> Result<bool, StoreError> {
        let (known, done): (Migrator, Vec<i64>) = match &self.db {
            Db::Sqlite(db) => {
                let begun = sqlx::query_scalar(SQLITE_BEGUN).fetch_one(&db.readers);
                if !begun.await.map_err(fault)? {
                    return Ok(false);
                }
                let done = sqlx::query_scalar(DONE).fetch_all(&db.readers);
                (sqlx::migrate!("migrations/sqlite"), done.await.map_err(fault)?)
            }
            Db::Postgres(pool) => {
                let begun = sqlx::query_scalar(POSTGRES_BEGUN).fetch_one(pool);
                if !begun.await.map_err(fault)? {
                    return Ok(false);
                }
                let done = sqlx::query_scalar(DONE).fetch_all(pool);
                (sqlx::migrate!("migrations/postgres"), done.await.map_err(fault)?)
            }
        };
        let done = BTreeSet::from_iter(done);
        Ok(known.iter().all(|migration| done.contains(&migration.version)))
    }

    /// Closes every connection, after what they are at.
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
