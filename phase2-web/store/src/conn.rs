//! A connection to either database, for what is asked of both in the same words.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Postgres, Sqlite, Transaction};

use crate::bind::{self, Value};
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::lender::{Begun, Lent};
use crate::spans::{POSTGRES, SQLITE, asked};
use crate::sql::Sql;

/// A connection that is in somebody's hands, within a transaction or not.
#[derive(Debug)]
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// A connection to read on.
#[derive(Debug)]
pub(crate) enum Reader {
    Sqlite(Lent<Sqlite>),
    Postgres(Lent<Postgres>),
}

impl Reader {
    pub(crate) fn lend(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(conn) => Conn::Sqlite(conn),
            Self::Postgres(conn) => Conn::Postgres(conn),
        }
    }

    /// See [`Lent::done`].
    pub(crate) fn done(self) {
        match self {
            Self::Sqlite(conn) => conn.done(),
            Self::Postgres(conn) => conn.done(),
        }
    }
}

/// A transaction. Dropped before it is committed, it leaves nothing behind.
#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Begun<Postgres>),
}

impl Tx {
    pub(crate) fn lend(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(tx) => Conn::Sqlite(tx),
            Self::Postgres(tx) => Conn::Postgres(tx),
        }
    }

    pub(crate) async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(tx) => asked(SQLITE, "COMMIT", tx.commit()).await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

impl Conn<'_> {
    /// Carries out a statement; answers how many rows it touched.
    pub(crate) async fn run(&mut self, sql: &'static Sql, values: Vec<Value>) -> StoreResult<u64> {
        match self {
            Conn::Sqlite(conn) => {
                let (text, args) = (sql.sqlite(), bind::sqlite(values)?);
                let done = sqlx::query_with(text, args).execute(&mut **conn);
                Ok(asked(SQLITE, text, done).await?.rows_affected())
            }
            Conn::Postgres(conn) => {
                let (text, args) = (sql.postgres(), bind::postgres(values)?);
                let done = sqlx::query_with(text, args).execute(&mut **conn);
                Ok(asked(POSTGRES, text, done).await?.rows_affected())
            }
        }
    }

    /// What `read` makes of each row that a statement answers.
    pub(crate) async fn rows<T, F>(
        &mut self,
        sql: &'static Sql,
        values: Vec<Value>,
        read: F,
    ) -> StoreResult<Vec<T>>
    where
        F: Fn(&dyn Cells) -> StoreResult<T>,
    {
        match self {
            Conn::Sqlite(conn) => {
                let (text, args) = (sql.sqlite(), bind::sqlite(values)?);
                let rows = sqlx::query_with(text, args).fetch_all(&mut **conn);
                let rows = asked(SQLITE, text, rows).await?;
                rows.iter().map(|row| read(row)).collect()
            }
            Conn::Postgres(conn) => {
                let (text, args) = (sql.postgres(), bind::postgres(values)?);
                let rows = sqlx::query_with(text, args).fetch_all(&mut **conn);
                let rows = asked(POSTGRES, text, rows).await?;
                rows.iter().map(|row| read(row)).collect()
            }
        }
    }
}
