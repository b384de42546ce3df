//! One text of SQL for both databases: values go in and come out as the few kinds of column that
//! accounts have.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Postgres, Sqlite, Transaction, Type};
use uuid::Uuid;

use crate::db::Db;

/// A value for a placeholder.
#[derive(Clone, Copy)]
pub(super) enum Arg<'a> {
    Id(Uuid),
    Number(i64),
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Bytes(&'a [u8]),
}

/// A row of either database.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A type that both databases have.
pub(super) trait Common:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Common for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The value of a column, counted from 0.
    pub(super) fn at<T: Common>(&self, column: usize) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(row) => sqlx::Row::try_get(row, column),
            Self::Postgres(row) => sqlx::Row::try_get(row, column),
        }
    }
}

/// A transaction that may write. Dropped before [`Tx::commit`], it leaves nothing behind.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Begins to write: on SQLite as the one writer.
    pub(super) async fn begin(db: &Db) -> sqlx::Result<Self> {
        Ok(match db {
            Db::Sqlite(db) => Self::Sqlite(db.writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Self::Postgres(pool.begin().await?),
        })
    }

    /// How many rows a statement changed.
    pub(super) async fn run(&mut self, sql: &'static str, args: &[Arg<'_>]) -> sqlx::Result<u64> {
        Ok(match self {
            Self::Sqlite(tx) => sqlite(sql, args).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => postgres(sql, args).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// The row that a statement answers, if it does.
    pub(super) async fn row(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> sqlx::Result<Option<Row>> {
        Ok(match self {
            Self::Sqlite(tx) => sqlite(sql, args).fetch_optional(&mut **tx).await?.map(Row::Sqlite),
            Self::Postgres(tx) => {
                postgres(sql, args).fetch_optional(&mut **tx).await?.map(Row::Postgres)
            }
        })
    }

    pub(super) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// The row that a query answers, if it does; outside of any transaction.
pub(super) async fn row(db: &Db, sql: &'static str, args: &[Arg<'_>]) -> sqlx::Result<Option<Row>> {
    Ok(match db {
        Db::Sqlite(db) => sqlite(sql, args).fetch_optional(&db.readers).await?.map(Row::Sqlite),
        Db::Postgres(pool) => postgres(sql, args).fetch_optional(pool).await?.map(Row::Postgres),
    })
}

fn sqlite(sql: &'static str, args: &[Arg<'_>]) -> Query<'static, Sqlite, SqliteArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Id(id) => query.bind(id),
        Arg::Number(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::MaybeText(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
    })
}

fn postgres(sql: &'static str, args: &[Arg<'_>]) -> Query<'static, Postgres, PgArguments> {
    args.iter().fold(sqlx::query(sql), |query, arg| match *arg {
        Arg::Id(id) => query.bind(id),
        Arg::Number(number) => query.bind(number),
        Arg::Text(text) => query.bind(text),
        Arg::MaybeText(text) => query.bind(text),
        Arg::Bytes(bytes) => query.bind(bytes),
    })
}
