//! Statements carried out one after the other, within a transaction.

use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Arguments, AssertSqlSafe};
use todo_core::Owner;

use super::tables::Table;
use super::write::Op;
use crate::bind::{self, Row, Value};
use crate::fault::StoreResult;
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
    conn: &mut PgConnection,
    owner: Owner,
    ops: Vec<Op>,
) -> StoreResult<()> {
    for op in ops {
        match op {
            Op::Run(sql, values) => {
                let args = bind::postgres(values)?;
                sqlx::query_with(sql.postgres(), args).execute(&mut *conn).await?;
            }
            Op::Insert(table, mut rows) => {
                while !rows.is_empty() {
                    let rest = rows.split_off(rows.len().min(ROWS_MAX));
                    insert(conn, owner, table, std::mem::replace(&mut rows, rest)).await?;
                }
            }
        }
    }
    Ok(())
}

async fn insert(
    conn: &mut PgConnection,
    owner: Owner,
    table: &'static Table,
    rows: Vec<Row>,
) -> StoreResult<()> {
    let text = number(&table.postgres("(SELECT ?::uuid AS owner)"), &mut 0);
    let mut args = PgArguments::default();
    args.add(owner.0).map_err(sqlx::Error::Encode)?;
    bind::columns(&mut args, table.kinds(), rows)?;
    sqlx::query_with(AssertSqlSafe(text), args).execute(conn).await?;
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

    async fn run(&mut self, conn: &mut SqliteConnection) -> StoreResult<()> {
        let Self { text, values } = std::mem::take(self);
        if !text.is_empty() {
            let args = bind::sqlite(values)?;
            // The shapes of large batches are many, and each is seldom met again.
            let kept = text.len() <= KEPT_MAX;
            sqlx::query_with(AssertSqlSafe(text), args).persistent(kept).execute(conn).await?;
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
            Op::Insert(table, rows) => {
                let mut rows = rows.into_iter();
                while rows.len() > 0 {
                    // By powers of two, so that the texts are few and stay prepared.
                    let fits = rows.len().min(ROWS_AT_ONCE);
                    let some = 1 << fits.ilog2();
                    let values = rows.by_ref().take(some).flat_map(|mut row| {
                        row.insert(0, owner.0.into());
                        row
                    });
                    script.add(&table.sqlite(some), values);
                    if script.is_full() {
                        script.run(conn).await?;
                    }
                }
            }
        }
    }
    script.add(last, []);
    script.run(conn).await
}
