//! Connections out of the pool that are alive.
//!
//! PostgreSQL may have been started anew, and then every connection that waits in the pool is dead.
//! Testing each before its use would cost a round trip each time; so it is used untested, and if
//! it turns out to be no more, the dead are let go of and what was asked is asked once more. That
//! is done where nothing can have happened: for what reads, and for the beginning of what writes.

use sqlx::Postgres;

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::{Reader, Tx};
use crate::db::Db;
use crate::fault::StoreResult;
use crate::lender::{Begun, Lender};
use crate::spans::{SQLITE, asked};
use crate::sql::Sql;

/// How a transaction begins that is going to write.
const WRITING: &str = "BEGIN IMMEDIATE";

impl Db {
    /// See [`Lender::mend`]. A file does not go away.
    pub(crate) async fn mend(&self) {
        if let Self::Postgres(lender) = self {
            lender.mend().await;
        }
    }
}

/// Begins to write on PostgreSQL.
pub(crate) async fn begin(lender: &Lender<Postgres>) -> StoreResult<Begun<Postgres>> {
    match lender.begin(None).await {
        Err(fault) if fault.is_broken() => {
            lender.mend().await;
            lender.begin(None).await
        }
        begun => begun,
    }
}

impl Store {
    /// A connection to read on, which may turn out to be no more.
    pub(crate) async fn reader(&self) -> StoreResult<Reader> {
        Ok(match &self.db {
            Db::Sqlite(db) => Reader::Sqlite(db.readers.lend().await?),
            Db::Postgres(lender) => Reader::Postgres(lender.lend().await?),
        })
    }

    /// What `read` makes of each row that a reading statement answers.
    pub(crate) async fn asked<T>(
        &self,
        sql: &'static Sql,
        values: Vec<Value>,
        read: impl Fn(&dyn Cells) -> StoreResult<T> + Copy,
    ) -> StoreResult<Vec<T>> {
        match self.asked_once(sql, values.clone(), read).await {
            Err(fault) if fault.is_broken() => {
                self.db.mend().await;
                self.asked_once(sql, values, read).await
            }
            found => found,
        }
    }

    async fn asked_once<T>(
        &self,
        sql: &'static Sql,
        values: Vec<Value>,
        read: impl Fn(&dyn Cells) -> StoreResult<T>,
    ) -> StoreResult<Vec<T>> {
        let mut reader = self.reader().await?;
        let found = reader.lend().rows(sql, values, read).await?;
        reader.done();
        Ok(found)
    }

    /// A transaction to write in: on SQLite that of the one writer.
    pub(crate) async fn writing(&self) -> StoreResult<Tx> {
        Ok(match &self.db {
            Db::Sqlite(db) => {
                Tx::Sqlite(asked(SQLITE, WRITING, db.writer.begin_with(WRITING)).await?)
            }
            Db::Postgres(lender) => Tx::Postgres(begin(lender).await?),
        })
    }
}
