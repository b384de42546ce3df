//! Connections out of the pool that are alive.
//!
//! PostgreSQL may have been started anew, and then every connection that waits in the pool is dead.
//! Testing each before its use would cost a round trip each time; so it is used untested, and if
//! it turns out to be no more, the dead are let go of and what was asked is asked once more. That
//! is done where nothing can have happened: for what reads, and for the beginning of what writes.

use sqlx::{Connection, PgPool, Postgres, Transaction};

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::{Pooled, Tx};
use crate::db::Db;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;

impl Db {
    /// Lets go of connections that have broken: where one has, others may have too.
    pub(crate) async fn mend(&self) {
        let Self::Postgres(pool) = self else { return };
        for _ in 0..pool.num_idle() {
            let Some(mut conn) = pool.try_acquire() else { break };
            if conn.ping().await.is_err() {
                drop(conn.detach());
            }
        }
    }

    /// Begins to write on PostgreSQL.
    pub(crate) async fn begin(&self, pool: &PgPool) -> StoreResult<Transaction<'static, Postgres>> {
        match pool.begin().await.map_err(Fault::from) {
            Err(fault) if fault.is_broken() => {
                self.mend().await;
                Ok(pool.begin().await?)
            }
            begun => begun,
        }
    }
}

impl Store {
    /// A connection to read on, which may turn out to be no more.
    pub(crate) async fn reader(&self) -> StoreResult<Pooled> {
        Ok(match &self.db {
            Db::Sqlite(db) => Pooled::Sqlite(db.readers.acquire().await?),
            Db::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
        })
    }

    /// What `read` makes of each row that a reading statement answers.
    pub(crate) async fn asked<T>(
        &self,
        sql: &'static Sql,
        values: Vec<Value>,
        read: impl Fn(&dyn Cells) -> StoreResult<T> + Copy,
    ) -> StoreResult<Vec<T>> {
        match self.reader().await?.lend().rows(sql, values.clone(), read).await {
            Err(fault) if fault.is_broken() => {
                self.db.mend().await;
                self.reader().await?.lend().rows(sql, values, read).await
            }
            found => found,
        }
    }

    /// A transaction to write in: on SQLite that of the one writer.
    pub(crate) async fn writing(&self) -> StoreResult<Tx> {
        Ok(match &self.db {
            Db::Sqlite(db) => Tx::Sqlite(db.writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Tx::Postgres(self.db.begin(pool).await?),
        })
    }
}
