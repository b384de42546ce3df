//! Connections out of the pool that are alive.
//!
//! PostgreSQL may have been started anew, and then every connection that waits in the pool is dead.
//! Testing each before its use would cost a round trip each time; so it is used untested, and if
//! it turns out to be no more, the dead are let go of and what was asked is asked once more. That
//! is done where nothing can have happened: for what reads, and for the beginning of what writes.

use std::time::Duration;

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

/// How a transaction begins that is going to write to a file. Each says whether its end waits for the
/// disk, for one connection serves both.
pub(crate) const WRITING: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
const WRITING_REDOABLE: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";

impl Db {
    /// See [`Lender::mend`]. A file does not go away.
    pub(crate) async fn mend(&self) {
        if let Self::Postgres(lender) = self {
            lender.mend().await;
        }
    }
}

/// How a transaction of PostgreSQL begins that waits for a lock as long as [`IN_PASSING`] and no longer.
const WRITING_IN_PASSING: &str = "BEGIN; SET LOCAL lock_timeout = 50";
/// How long somebody's row is waited for by who has others to see to: as long as a few small writes of its owner's
/// take, one after the other.
pub(crate) const IN_PASSING: Duration = Duration::from_millis(50);

/// Begins to write on PostgreSQL; `in_passing`, locks are waited for briefly.
pub(crate) async fn begin(
    lender: &Lender<Postgres>,
    in_passing: bool,
) -> StoreResult<Begun<Postgres>> {
    let words = in_passing.then_some(WRITING_IN_PASSING);
    match lender.begin(words).await {
        Err(fault) if fault.is_broken() => {
            lender.mend().await;
            lender.begin(words).await
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
        self.writing_by(WRITING).await
    }

    /// A transaction for what follows from something that is on the disk, and is done again if it is not
    /// there: on SQLite its end does not wait for the disk. A power cut takes the end of what was
    /// written, so what stands on this is gone with it, and so is every process that has seen it. The next
    /// write that does wait has the disk take this too. On PostgreSQL, which may die alone, it waits.
    pub(crate) async fn writing_redoable(&self) -> StoreResult<Tx> {
        self.writing_by(WRITING_REDOABLE).await
    }

    async fn writing_by(&self, words: &'static str) -> StoreResult<Tx> {
        Ok(match &self.db {
            Db::Sqlite(db) => Tx::Sqlite(asked(SQLITE, words, db.writer.begin_with(words)).await?),
            Db::Postgres(lender) => Tx::Postgres(begin(lender, false).await?),
        })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{DatabaseUrl, Options};

    /// What was acknowledged waits for the disk, whatever the connection was used for before.
    #[tokio::test]
    async fn only_what_is_done_again_does_not_wait_for_the_disk() {
        static SYNCHRONOUS: Sql = Sql::new("PRAGMA synchronous");
        async fn of(mut tx: Tx) -> Vec<Option<i64>> {
            let read = |row: &dyn Cells| Ok(row.integer(0)?);
            let found = tx.lend().rows(&SYNCHRONOUS, Vec::new(), read).await.expect("a row");
            tx.commit().await.expect("it ends");
            found
        }
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        let (full, normal) = ([Some(2)], [Some(1)]);
        for _ in 0..2 {
            assert_eq!(of(store.writing().await.expect("it begins")).await, full);
            assert_eq!(of(store.writing_redoable().await.expect("it begins")).await, normal);
        }
        let Db::Sqlite(db) = &store.db else { panic!("a file") };
        let tx = db.writer.begin_with(WRITING).await.expect("it begins");
        assert_eq!(of(Tx::Sqlite(tx)).await, full, "as tasks are written");
    }
}
