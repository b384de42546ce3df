//! A statement with its values, put together once for both databases.
//!
//! Its text is made of what stands in this crate, and values are bound: nothing that came from
//! outside is ever part of it.

use std::fmt::Write;

use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;
use todo_core::{Owner, StoreError};
use uuid::Uuid;

use crate::cells::Cells;
use crate::db::Db;
use crate::fault::fault;

/// Longest text that is worth keeping prepared: a longer one is one person's own filter.
const KEPT_MAX: usize = 4_000;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A value to bind. Lists are one value, so that the text does not change with their length.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Uuid(Uuid),
    Number(i64),
    Text(String),
    Uuids(Vec<Uuid>),
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

/// A statement in the making.
#[derive(Debug)]
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
        Self { dialect, sql: String::with_capacity(1_000), values: vec![Value::Uuid(owner.0)] }
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

    /// The text, to be looked at.
    pub(crate) fn text(&self) -> &str {
        &self.sql
    }
}

/// Binds the values one by one; what a list is, each database says in its own way.
macro_rules! bound {
    ($statement:expr, $list:ident) => {{
        let Statement { sql, values, .. } = $statement;
        let kept = sql.len() <= KEPT_MAX;
        let query = sqlx::query(AssertSqlSafe(sql)).persistent(kept);
        values.into_iter().fold(query, |query, value| match value {
            Value::Uuid(uuid) => query.bind(uuid),
            Value::Number(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Uuids(list) => query.bind($list::uuids(list)),
            Value::Numbers(list) => query.bind($list::numbers(list)),
            Value::Texts(list) => query.bind($list::texts(list)),
        })
    }};
}

/// PostgreSQL has arrays.
mod arrays {
    use uuid::Uuid;

    pub(super) fn uuids(list: Vec<Uuid>) -> Vec<Uuid> {
        list
    }
    pub(super) fn numbers(list: Vec<i64>) -> Vec<i64> {
        list
    }
    pub(super) fn texts(list: Vec<String>) -> Vec<String> {
        list
    }
}

/// SQLite reads lists out of JSON, where identities are hexadecimal.
mod json {
    use serde_json::Value;
    use uuid::Uuid;

    pub(super) fn uuids(list: Vec<Uuid>) -> String {
        let hex = list.iter().map(|uuid| uuid.as_simple().to_string());
        Value::from_iter(hex).to_string()
    }
    pub(super) fn numbers(list: Vec<i64>) -> String {
        Value::from_iter(list).to_string()
    }
    pub(super) fn texts(list: Vec<String>) -> String {
        Value::from_iter(list).to_string()
    }
}

impl Db {
    /// Reads each row that a statement answers, as it comes.
    pub(crate) async fn each(
        &self,
        statement: Statement,
        mut read: impl FnMut(&dyn Cells) -> Result<(), StoreError> + Send,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(db) => {
                let mut rows = bound!(statement, json).fetch(&db.readers);
                while let Some(row) = rows.try_next().await.map_err(fault)? {
                    read(&row)?;
                }
            }
            Self::Postgres(pool) => {
                let mut rows = bound!(statement, arrays).fetch(pool);
                while let Some(row) = rows.try_next().await.map_err(fault)? {
                    read(&row)?;
                }
            }
        }
        Ok(())
    }

    /// What `read` makes of the rows that a statement answers.
    pub(crate) async fn all<T: Send>(
        &self,
        statement: Statement,
        mut read: impl FnMut(&dyn Cells) -> Result<T, StoreError> + Send,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        let keep = |row: &dyn Cells| {
            all.push(read(row)?);
            Ok(())
        };
        self.each(statement, keep).await?;
        Ok(all)
    }
}
