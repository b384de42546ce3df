//! A connection to either database, for what is asked of both in the same words.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Postgres, Sqlite, Transaction};

use crate::bind::{self, Value};
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::lender::{Begun, Lent};
use crate::limit::Limit;
use crate::spans::{POSTGRES, SQLITE, asked};
use crate::sql::Sql;

/// A connection that is in somebody's hands, within a transaction or not.
#[derive(Debug)]
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    /// With how long it may take to answer.
    Postgres(&'c mut PgConnection, &'c Limit),
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
            Self::Postgres(conn) => {
                let (conn, limit) = conn.parts();
                Conn::Postgres(conn, limit)
            }
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

static NO_HURRY: Sql = Sql::new("SET LOCAL statement_timeout = 0");
static BRIEFLY: Sql = Sql::new("SET LOCAL lock_timeout = 1000");

impl Tx {
    pub(crate) fn lend(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(tx) => Conn::Sqlite(tx),
            Self::Postgres(tx) => tx.lend(),
        }
    }

    /// PostgreSQL ends what takes longer than a request may: this may. A file has no such limit.
    pub(crate) async fn take_time(&mut self) -> StoreResult<()> {
        if let Self::Postgres(tx) = self {
            tx.lend().run(&NO_HURRY, Vec::new()).await?;
            tx.lift();
        }
        Ok(())
    }

    /// From now on whoever's rows somebody holds is waited for no longer than a second. A file has no such rows.
    pub(crate) async fn wait_briefly(&mut self) -> StoreResult<()> {
        if let Self::Postgres(tx) = self {
            tx.lend().run(&BRIEFLY, Vec::new()).await?;
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(tx) => asked(SQLITE, "COMMIT", tx.commit()).await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

impl Begun<Postgres> {
    pub(crate) fn lend(&mut self) -> Conn<'_> {
        let (conn, limit) = self.parts();
        Conn::Postgres(conn, limit)
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
            Conn::Postgres(conn, limit) => {
                let (text, args) = (sql.postgres(), bind::postgres(values)?);
                let done = sqlx::query_with(text, args).execute(&mut **conn);
                Ok(asked(POSTGRES, text, limit.on(done)).await?.rows_affected())
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
            Conn::Postgres(conn, limit) => {
                let (text, args) = (sql.postgres(), bind::postgres(values)?);
                let rows = sqlx::query_with(text, args).fetch_all(&mut **conn);
                let rows = asked(POSTGRES, text, limit.on(rows)).await?;
                rows.iter().map(|row| read(row)).collect()
            }
        }
    }
}
