//! Which database, how it is opened, and how its tables come to be.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use todo_core::StoreError;

use crate::conn::{Pooled, Tx};
use crate::fault::{StoreResult, fault};

/// Where the database is. May hold a password: `Debug` shows none.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A server.
    Postgres(String),
}

/// `sqlite://todo.db`, `postgres://user:password@host/database`.
impl FromStr for DatabaseUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err(BadUrl) } else { Ok(Self::Sqlite(path.into())) };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(BadUrl)
    }
}

/// A database URL that says neither of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a database URL: write sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE")]
pub struct BadUrl;

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Most connections to PostgreSQL, and most readers of SQLite.
    pub connections: u32,
    /// How long to wait for a connection, and for a lock.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 16, patience: Duration::from_secs(5) }
    }
}

/// Tasks and accounts in a database. Cheap to clone; all clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Db,
}

/// The connections.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// A file has one writer at a time, and any number of readers that it does not disturb.
#[derive(Debug, Clone)]
pub(crate) struct Sqlite {
    /// One connection. Begin with `BEGIN IMMEDIATE`.
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Store {
    /// Opens the database. A file that is not there is made; tables are made by
    /// [`Store::migrate`].
    pub async fn open(url: &DatabaseUrl, options: &Options) -> Result<Self, StoreError> {
        let db = match url {
            DatabaseUrl::Sqlite(path) => {
                let connect = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(options.patience);
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(options.patience)
                    .connect_with(connect.clone())
                    .await
                    .map_err(fault)?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(options.connections)
                    .acquire_timeout(options.patience)
                    .connect_lazy_with(connect.read_only(true));
                Db::Sqlite(Sqlite { writer, readers })
            }
            DatabaseUrl::Postgres(url) => {
                let connect: PgConnectOptions = url.parse().map_err(fault)?;
                let pool = PgPoolOptions::new()
                    .max_connections(options.connections)
                    .acquire_timeout(options.patience)
                    .connect_lazy_with(connect);
                Db::Postgres(pool)
            }
        };
        Ok(Self { db })
    }

    /// Brings the tables to this version's form. Forward only; safe to run twice, and by two.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let done = match &self.db {
            Db::Sqlite(db) => sqlx::migrate!("migrations/sqlite").run(&db.writer).await,
            Db::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await,
        };
        done.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => fault(error),
            error => StoreError::Backend(error.into()),
        })
    }

    /// A connection to read with.
    pub(crate) async fn reader(&self) -> StoreResult<Pooled> {
        Ok(match &self.db {
            Db::Sqlite(db) => Pooled::Sqlite(db.readers.acquire().await?),
            Db::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
        })
    }

    /// A transaction to write in: on SQLite that of the one writer.
    pub(crate) async fn writing(&self) -> StoreResult<Tx> {
        Ok(match &self.db {
            Db::Sqlite(db) => Tx::Sqlite(db.writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }
}
