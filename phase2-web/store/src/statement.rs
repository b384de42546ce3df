//! A statement with its values, put together once for both databases.
//!
//! Its text is made of what stands in this crate, and values are bound: nothing that came from
//! outside is ever part of it.

use std::fmt::Write;
use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Postgres};
use todo_core::Owner;

use crate::bind::{self, Value};
use crate::cells::Cells;
use crate::db::Db;
use crate::fault::StoreResult;
use crate::lender::Lender;
use crate::spans::{POSTGRES, SQLITE, asked};

/// Longest text that is worth keeping prepared: a longer one is one person's own filter.
pub(crate) const KEPT_MAX: usize = 4_000;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement in the making.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) dialect: Dialect,
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    /// A statement whose `$1` is the owner: it is in each of them.
    pub(crate) fn of(db: &Db, owner: Owner) -> Self {
        let dialect = match db {
            Db::Sqlite(_) => Dialect::Sqlite,
            Db::Postgres(_) => Dialect::Postgres,
        };
        Self { dialect, sql: String::with_capacity(1_000), values: vec![owner.0.into()] }
    }

    /// Goes on with a text. Each `?` in it stands for the next of `values`.
    pub(crate) fn add<const N: usize>(&mut self, text: &str, values: [Value; N]) -> &mut Self {
        let mut values = values.into_iter();
        for (place, piece) in text.split('?').enumerate() {
            if place > 0 {
                let number = values.next().map(|value| self.bind(value)).unwrap_or_default();
                self.place(number);
            }
            self.sql.push_str(piece);
        }
        self
    }

    /// Adds a value and answers its number, for a text that names it more than once.
    pub(crate) fn bind(&mut self, value: Value) -> usize {
        self.values.push(value);
        self.values.len()
    }

    /// Names a value.
    pub(crate) fn place(&mut self, number: usize) -> &mut Self {
        // Writing to a text does not fail.
        let _ = write!(self.sql, "${number}");
        self
    }

    /// How many values are bound.
    pub(crate) fn bound(&self) -> usize {
        self.values.len()
    }

    /// The text, and whether it is worth keeping prepared.
    fn prepared(self) -> (Arc<String>, bool, Vec<Value>) {
        let kept = self.sql.len() <= KEPT_MAX;
        (Arc::new(self.sql), kept, self.values)
    }
}

impl Db {
    /// Reads each row that a statement answers, as it comes. It is asked once more if its
    /// connection turns out to be no more before any row came.
    pub(crate) async fn each(
        &self,
        statement: Statement,
        mut read: impl FnMut(&dyn Cells) -> StoreResult<()> + Send,
    ) -> StoreResult<()> {
        let lender = match self {
            Self::Sqlite(db) => {
                let (text, kept, values) = statement.prepared();
                let args = bind::sqlite(values)?;
                let mut conn = db.readers.lend().await?;
                let answer = async {
                    let text = AssertSqlSafe(Arc::clone(&text));
                    let query = sqlx::query_with(text, args).persistent(kept);
                    let mut rows = query.fetch(&mut *conn);
                    while let Some(row) = rows.try_next().await? {
                        read(&row)?;
                    }
                    StoreResult::Ok(())
                };
                asked(SQLITE, &text, answer).await?;
                conn.done();
                return Ok(());
            }
            Self::Postgres(lender) => lender,
        };
        let mut came = false;
        match ask(lender, statement.clone(), &mut read, &mut came).await {
            Err(fault) if fault.is_broken() && !came => {
                self.mend().await;
                ask(lender, statement, &mut read, &mut came).await
            }
            asked => asked,
        }
    }

    /// What `read` makes of the rows that a statement answers.
    pub(crate) async fn all<T: Send>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&dyn Cells) -> StoreResult<T> + Send,
    ) -> StoreResult<Vec<T>> {
        let mut all = Vec::new();
        let keep = |row: &dyn Cells| {
            all.push(read(row)?);
            Ok(())
        };
        self.each(statement, keep).await?;
        Ok(all)
    }
}

async fn ask(
    lender: &Lender<Postgres>,
    statement: Statement,
    read: &mut (impl FnMut(&dyn Cells) -> StoreResult<()> + Send),
    came: &mut bool,
) -> StoreResult<()> {
    let (text, kept, values) = statement.prepared();
    // A statement without a name is prepared and asked for in two steps, between which a pooler may
    // change the connection; of those with a name it keeps count.
    let kept = kept || lender.is_pooled();
    let args = bind::postgres(values)?;
    let mut lent = lender.lend().await?;
    let (conn, limit) = lent.parts();
    let answer = async {
        let query = sqlx::query_with(AssertSqlSafe(Arc::clone(&text)), args).persistent(kept);
        let mut rows = query.fetch(conn);
        while let Some(row) = rows.try_next().await? {
            *came = true;
            read(&row)?;
        }
        StoreResult::Ok(())
    };
    asked(POSTGRES, &text, limit.on(answer)).await?;
    lent.done();
    Ok(())
}
