//! Which database, how it is opened, and how its tables come to be.

use std::fmt;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, SqlitePool};
use todo_core::StoreError;
use tokio::time::timeout;

use crate::direct::{Misdirected, same};
use crate::fault::Fault;
use crate::lender::Lender;
use crate::lock_file::LockFile;
use crate::log::{Bells, Circle, Posts, Standby};
use crate::measures::Tally;
use crate::origin::Origin;
use crate::sql::Sql;
use crate::turns::Turns;
use crate::writer::Writer;
use crate::zones::Zones;

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
            // What follows a `?` would be settings, of which there are none: not a part of the name.
            let bad = path.is_empty() || path.contains('?');
            return if bad { Err(BadUrl) } else { Ok(Self::Sqlite(path.into())) };
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
    /// Most connections to PostgreSQL.
    pub connections: u32,
    /// Most readers of SQLite. Each is a thread: more than there are cores only change places.
    pub readers: u32,
    /// How long to wait for a connection, and for a lock.
    pub patience: Duration,
    /// How long an answer of PostgreSQL is waited for: longer than a statement may take. After that its
    /// connection is held to be broken.
    pub answer: Duration,
    /// How long a transaction may stand still before PostgreSQL ends it: nobody waits for what a machine held
    /// that stopped in the middle. Longer than from one statement to the next of any that goes on.
    pub pause: Duration,
    /// Where the same database of PostgreSQL is reached without a pooler in between: what holds for
    /// longer than a transaction is done there.
    pub direct: Option<DatabaseUrl>,
    /// Tells where the present request comes from; what happens is marked with it.
    pub origin: Option<fn() -> Origin>,
}

/// So that a long search does not hold everybody up.
const READERS_MIN: u32 = 4;

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let readers = u32::try_from(cores).unwrap_or(u32::MAX).clamp(READERS_MIN, 16);
        Self {
            connections: 16,
            readers,
            patience: Duration::from_secs(5),
            answer: Duration::from_millis(STATEMENT_MILLIS.into()) + Duration::from_secs(5),
            pause: Duration::from_secs(20),
            direct: None,
            origin: None,
        }
    }
}

/// Tasks and accounts in a database. Cheap to clone; all clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) db: Db,
    /// How the database is reached past a pooler, where there is one.
    direct: Option<Arc<PgConnectOptions>>,
    pub(crate) zones: Arc<Zones>,
    pub(crate) turns: Arc<Turns>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) origin: Option<fn() -> Origin>,
    /// Whether an owner's row is not waited for as long as any lock is: see [`Store::in_passing`].
    pub(crate) in_passing: bool,
    pub(crate) bells: Arc<Bells>,
    pub(crate) posts: Arc<Posts>,
    pub(crate) standby: Arc<Standby>,
    pub(crate) circle: Arc<Circle>,
}

/// The connections.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    Sqlite(Sqlite),
    Postgres(Lender<Postgres>),
}

/// A file has one writer at a time, and any number of readers that it does not disturb.
#[derive(Debug, Clone)]
pub(crate) struct Sqlite {
    /// One connection. Begin with [`crate::pool::WRITING`].
    pub(crate) writer: SqlitePool,
    pub(crate) readers: Lender<sqlx::Sqlite>,
    /// Takes turns on `writer` with everybody else; nobody may wait for it while he holds that.
    pub(crate) commits: Writer,
}

impl Store {
    /// Opens the database. A file that is not there is made, for its owner's eyes only; tables are
    /// made by [`Store::migrate`]. A file belongs to one server at a time: while it is open
    /// elsewhere, this is `Unavailable`.
    pub async fn open(url: &DatabaseUrl, options: &Options) -> Result<Self, StoreError> {
        let db = match url {
            DatabaseUrl::Sqlite(path) => Db::Sqlite(Sqlite::open(path, options).await?),
            DatabaseUrl::Postgres(url) => {
                let pooled = options.direct.is_some();
                Db::Postgres(Lender::new(postgres(url, options)?, pooled, Some(options.answer)))
            }
        };
        let direct = match (&options.direct, url) {
            (None, _) => None,
            (Some(DatabaseUrl::Postgres(direct)), DatabaseUrl::Postgres(_)) => {
                Some(Arc::new(connecting(direct).map_err(Fault::from)?))
            }
            (Some(_), _) => return Err(StoreError::Backend(Misdirected.into())),
        };
        let (zones, turns, tally) = (Arc::default(), Arc::default(), Arc::default());
        let (bells, posts, circle) = (Arc::default(), Arc::default(), Arc::default());
        let standby = Arc::default();
        let origin = options.origin;
        let in_passing = false;
        Ok(Self {
            db,
            direct,
            zones,
            turns,
            tally,
            origin,
            in_passing,
            bells,
            posts,
            standby,
            circle,
        })
    }

    /// The same store, for who has many owners to see to: an owner's row that somebody holds is waited for as
    /// long as a few small writes take, and then it is `Unavailable`. A file has no locks of rows, and is
    /// waited for as by everybody.
    #[must_use]
    pub fn in_passing(&self) -> Self {
        Self { in_passing: true, ..self.clone() }
    }

    /// Refuses a direct way that leads to another database. Where there is none, or the database is a
    /// file, nothing can be wrong.
    pub async fn check_direct(&self) -> Result<(), StoreError> {
        match (&self.db, &self.direct) {
            (Db::Postgres(lender), Some(direct)) => {
                same(&lender.pool().connect_options(), direct).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Where the present request comes from.
    pub(crate) fn origin(&self) -> Origin {
        self.origin.map(|origin| origin()).unwrap_or_default()
    }

    /// How a connection is made that stays the same from one transaction to the next.
    pub(crate) fn direct(&self, lender: &Lender<Postgres>) -> Arc<PgConnectOptions> {
        self.direct.clone().unwrap_or_else(|| lender.pool().connect_options())
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.seen(&READY).await.map(|_| ())
    }

    /// Whether the tables are in this version's form.
    pub async fn migrated(&self) -> Result<bool, StoreError> {
        let migrations = match &self.db {
            Db::Sqlite(_) => &SQLITE_MIGRATIONS,
            Db::Postgres(_) => &POSTGRES_MIGRATIONS,
        };
        let wanted: Vec<_> = migrations.iter().map(|migration| migration.version).collect();
        match self.seen(&APPLIED).await {
            Ok(applied) => Ok(wanted.iter().all(|version| applied.contains(version))),
            // There is no table of migrations yet; a database that is down says so next.
            Err(StoreError::Backend(_)) => self.ready().await.map(|()| false),
            Err(error) => Err(error),
        }
    }

    /// Ends all connections, once what is being done is done. What is asked later is
    /// `Unavailable`.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite(db) => {
                db.readers.close().await;
                db.writer.close().await;
            }
            Db::Postgres(lender) => {
                self.standby.leave();
                lender.close().await;
            }
        }
    }

    /// Brings the tables to this version's form, and what is derived in them to this version's
    /// zones and folding; gives it the identity of a history if it has none. Forward only; safe to run twice,
    /// and by two.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // Before anything is written where it does not belong.
        self.check_direct().await?;
        let done = match &self.db {
            Db::Sqlite(db) => SQLITE_MIGRATIONS.run(&db.writer).await,
            Db::Postgres(lender) => {
                // On a connection of its own: an index may take longer to make than a request may.
                let options = self.direct(lender);
                let mut conn = PgConnection::connect_with(&options).await.map_err(Fault::from)?;
                let done = POSTGRES_MIGRATIONS.run(&mut conn).await;
                // It is done with either way.
                let _ = conn.close().await;
                done
            }
        };
        done.map_err(|error| match error {
            MigrateError::Execute(error) => Fault::from(error).into(),
            error => StoreError::Backend(error.into()),
        })?;
        crate::derived::renew(self).await?;
        Ok(crate::history::give(self).await?)
    }

    async fn seen(&self, sql: &'static Sql) -> Result<Vec<i64>, StoreError> {
        Ok(self.asked(sql, Vec::new(), |row| Ok(row.integer(0)?.unwrap_or_default())).await?)
    }
}

pub(crate) static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
pub(crate) static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");
static READY: Sql = Sql::new("SELECT 1");
pub(crate) static APPLIED: Sql = Sql::new("SELECT version FROM _sqlx_migrations WHERE success");

impl Sqlite {
    async fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let lock = LockFile::take(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(options.patience)
            .statement_cache_capacity(STATEMENTS_KEPT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.patience)
            .test_before_acquire(false)
            .max_lifetime(None)
            .idle_timeout(None)
            // A full disk may end a transaction behind the back of who counts them: such a
            // connection could not begin another.
            .after_release(|conn, _| {
                Box::pin(async move {
                    conn.ping().await?;
                    Ok(!conn.is_in_transaction())
                })
            })
            .connect_with(connect.clone().statement_cache_capacity(WRITES_KEPT))
            .await
            .map_err(Fault::from)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers)
            .acquire_timeout(options.patience)
            .test_before_acquire(false)
            .connect_lazy_with(connect.read_only(true).pragma("mmap_size", MAPPED));
        let commits = Writer::start(writer.clone(), Arc::new(lock));
        Ok(Self { writer, readers: Lender::new(readers, false, None), commits })
    }
}

/// How much of the file readers see in the system's own cache: an owner of many tasks is gone
/// through several times as fast as when each page is copied to each reader.
const MAPPED: &str = "1073741824";
/// How many statements a connection keeps prepared: the shapes of filters are many.
const STATEMENTS_KEPT: usize = 512;
/// How many the writer of a file keeps prepared: the small writes come in so many shapes at most.
const WRITES_KEPT: usize = 64;

/// How a server is connected to, pooler or not.
pub(crate) fn connecting(url: &str) -> sqlx::Result<PgConnectOptions> {
    // No number is kept that this would round, and PgBouncer knows no such parameter.
    Ok(url.parse::<PgConnectOptions>()?.extra_float_digits(None))
}

fn postgres(url: &str, options: &Options) -> Result<PgPool, StoreError> {
    let connect = connecting(url).map_err(Fault::from)?;
    let (lock, pause) = (options.patience.as_millis(), options.pause.as_millis());
    // Compiling a statement takes longer than any of these takes to run. So does planning it anew
    // for each value: the owner leads every question, and it finds the same index whoever asks.
    let set = format!(
        "SET lock_timeout = {lock}; SET statement_timeout = {STATEMENT_MILLIS}; SET jit = off; \
         SET plan_cache_mode = force_generic_plan; \
         SET idle_in_transaction_session_timeout = {pause}"
    );
    let alive = KEPT_ALIVE.map(|(name, value)| format!("; SET {name} = {value}"));
    let set: Arc<str> = (set + &alive.concat()).into();
    let answer = options.answer;
    Ok(PgPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.patience)
        // A round trip for each use. A connection that has broken shows when it is used.
        .test_before_acquire(false)
        .after_connect(move |conn, _| {
            let set = Arc::clone(&set);
            Box::pin(async move {
                sqlx::raw_sql(AssertSqlSafe(set)).execute(conn).await?;
                Ok(())
            })
        })
        // The pool waits for whoever comes back as long as it takes.
        .after_release(move |conn, _| {
            Box::pin(async move {
                timeout(answer, conn.ping()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
                Ok(true)
            })
        })
        .connect_lazy_with(connect.statement_cache_capacity(STATEMENTS_KEPT)))
}

/// A server gives up a connection of which it hears nothing, in as many seconds as these make: a machine
/// that vanished leads nothing after that, and holds no lock.
pub(crate) const KEPT_ALIVE: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];
/// How long PostgreSQL may take for one statement. A request may take 30 seconds: it must see that nothing was
/// answered, and ask on another connection, before it is given up itself.
const STATEMENT_MILLIS: u32 = 20_000;
