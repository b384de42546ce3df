//! Statements carried out one after the other, within a transaction.

use std::iter::once;
use std::sync::Arc;

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Arguments, AssertSqlSafe, Postgres};
use todo_core::{Owner, StoreError};

use super::tables::Table;
use super::write::Op;
use crate::bind::{self, Kind, Row, Value};
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::lender::Begun;
use crate::spans::{POSTGRES, SQLITE, asked};
use crate::sql::number;
use crate::statement::KEPT_MAX;

/// Most rows that one statement writes on PostgreSQL: a message of a few megabytes.
const ROWS_MAX: usize = 2_000;
/// Most values that one trip to SQLite's thread takes along.
const VALUES_MAX: usize = 4_000;
/// Most rows that one statement writes on SQLite.
const ROWS_AT_ONCE: usize = 64;

/// On PostgreSQL: a round trip each.
pub(crate) async fn postgres(
    tx: &mut Begun<Postgres>,
    owner: Owner,
    ops: Vec<Op>,
) -> StoreResult<()> {
    for op in ops {
        match op {
            Op::Run(sql, values) => {
                tx.lend().run(sql, values).await?;
            }
            Op::Insert(table, rows) => {
                let text = table.inserted(OWNED, true);
                in_pieces(tx, owner, (table, &text), rows).await?;
            }
            Op::Update(table, rows) => {
                let text = table.updated(OWNED, true);
                in_pieces(tx, owner, (table, &text), rows).await?;
            }
        }
    }
    Ok(())
}

const OWNED: &str = "(SELECT ?::uuid AS owner)";

async fn in_pieces(
    tx: &mut Begun<Postgres>,
    owner: Owner,
    (table, text): (&'static Table, &str),
    mut rows: Vec<Row>,
) -> StoreResult<()> {
    let text: Arc<str> = number(text, &mut 0).into();
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS_MAX));
        let rows = std::mem::replace(&mut rows, rest);
        let many = rows.len() as u64;
        let mut args = PgArguments::default();
        args.add(owner.0).map_err(sqlx::Error::Encode)?;
        bind::columns(&mut args, table.kinds(), rows)?;
        let (conn, limit) = tx.parts();
        let done = sqlx::query_with(AssertSqlSafe(Arc::clone(&text)), args).execute(conn);
        let done = asked(POSTGRES, &text, limit.on(done)).await?;
        // A row that was to be there is not: nothing of this may be kept.
        if done.rows_affected() != many {
            return Err(StoreError::Conflict.into());
        }
    }
    Ok(())
}

/// Several statements for SQLite in one text, so that its thread is woken once for all of them.
/// Values are numbered through.
#[derive(Debug, Default)]
struct Script {
    text: String,
    values: Vec<Value>,
}

impl Script {
    fn add(&mut self, statement: &str, values: impl IntoIterator<Item = Value>) {
        self.text.push_str(statement);
        self.text.push_str(";\n");
        self.values.extend(values);
    }

    fn is_full(&self) -> bool {
        self.values.len() > VALUES_MAX
    }

    /// Adds rows, and carries out what is too much for one trip.
    async fn rows(
        &mut self,
        conn: &mut SqliteConnection,
        owner: Owner,
        (table, renew): (&'static Table, bool),
        rows: Vec<Row>,
    ) -> StoreResult<()> {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            // By powers of two, so that the texts are few and stay prepared.
            let fits = rows.len().min(ROWS_AT_ONCE);
            let some = 1 << fits.ilog2();
            let values = rows.by_ref().take(some).flat_map(|mut row| {
                row.insert(0, owner.0.into());
                row
            });
            self.add(&table.sqlite(some, renew), values);
            if self.is_full() {
                self.run(conn).await?;
            }
        }
        Ok(())
    }

    async fn run(&mut self, conn: &mut SqliteConnection) -> StoreResult<()> {
        let Self { text, values } = std::mem::take(self);
        if !text.is_empty() {
            let (text, args) = (Arc::new(text), bind::sqlite(values)?);
            // The shapes of large batches are many, and each is seldom met again.
            let kept = text.len() <= KEPT_MAX;
            let query = sqlx::query_with(AssertSqlSafe(Arc::clone(&text)), args).persistent(kept);
            asked(SQLITE, &text, query.execute(conn)).await?;
        }
        Ok(())
    }
}

/// On SQLite: a trip to its thread for all of a small batch. `last` is carried out with them.
pub(crate) async fn sqlite(
    conn: &mut SqliteConnection,
    owner: Owner,
    ops: Vec<Op>,
    last: &str,
) -> StoreResult<()> {
    let mut script = Script::default();
    for op in ops {
        match op {
            Op::Run(sql, values) => script.add(sql.sqlite(), values),
            Op::Insert(table, rows) => script.rows(conn, owner, (table, false), rows).await?,
            Op::Update(table, rows) => script.rows(conn, owner, (table, true), rows).await?,
        }
    }
    script.add(last, []);
    script.run(conn).await
}

/// What becomes of a row whose key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clash {
    /// It is passed over.
    Passed,
    /// Its numbers are added to those that are there.
    Added,
}

/// Writes new rows of many owners, who are the first value of each. No two have one key.
pub(crate) async fn gather(
    conn: &mut Conn<'_>,
    table: &'static Table,
    mut rows: Vec<Row>,
    clash: Clash,
) -> StoreResult<()> {
    let clash = match clash {
        Clash::Passed => " ON CONFLICT DO NOTHING".to_owned(),
        Clash::Added => table.added(),
    };
    match conn {
        Conn::Sqlite(conn) => {
            let mut script = Script::default();
            while !rows.is_empty() {
                let fits = 1 << rows.len().min(ROWS_AT_ONCE).ilog2();
                let rest = rows.split_off(fits);
                let values = std::mem::replace(&mut rows, rest).into_iter().flatten();
                script.add(&format!("{}{clash}", table.sqlite(fits, false)), values);
                if script.is_full() {
                    script.run(conn).await?;
                }
            }
            script.run(conn).await
        }
        Conn::Postgres(conn, limit) => {
            let text: Arc<str> = number(&(table.gathered() + &clash), &mut 0).into();
            while !rows.is_empty() {
                let rest = rows.split_off(rows.len().min(ROWS_MAX));
                let rows = std::mem::replace(&mut rows, rest);
                let mut args = PgArguments::default();
                bind::columns(&mut args, once(Kind::Uuid).chain(table.kinds()), rows)?;
                let text = AssertSqlSafe(Arc::clone(&text));
                let done = sqlx::query_with(text, args).execute(&mut **conn);
                asked(POSTGRES, "INSERT", limit.on(done)).await?;
            }
            Ok(())
        }
    }
}
