//! How a database is, looked at beside its servers and without changing anything: for operators who
//! want to know.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use todo_core::{StoreError, Timestamp};

use crate::DatabaseUrl;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::db::{APPLIED, POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS, connecting};
use crate::derived::{META, pair, versions};
use crate::fault::{Fault, StoreResult, fault};
use crate::limit::Limit;
use crate::sql::Sql;

/// What was seen of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Of which version its tables are. What follows is known of this version's only.
    pub tables: Tables,
    /// What does not agree, all of it.
    pub damage: Option<String>,
    /// Whether what is derived was derived with this program's zones and folding.
    pub derived: bool,
    /// When somebody used it last, by the clock of that moment.
    pub used_at: Option<Timestamp>,
    /// What the database's own clock says.
    pub clock: Option<Timestamp>,
}

/// The version of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// There are none yet.
    Missing,
    /// An older one.
    Older,
    /// This one.
    Current,
    /// A newer one.
    Newer,
}

static INTEGRITY: Sql = Sql::new("PRAGMA integrity_check(1)");
static COUNTERS: Sql = Sql::new(
    "SELECT count(*) FROM owners o \
     WHERE o.tasks <> (SELECT count(*) FROM tasks t WHERE t.owner = o.owner)",
);
/// What is passed over by all who tell of it and hear of it.
static NOBODYS: [(&str, Sql); 3] = [
    ("events", Sql::new("SELECT count(*) FROM events WHERE NOT {whose}")),
    ("outbox", Sql::new("SELECT count(*) FROM outbox WHERE NOT {whose}")),
    ("dead_letters", Sql::new("SELECT count(*) FROM dead_letters WHERE NOT {whose}")),
];
static USED: Sql = Sql::new("SELECT max(last_used_at) FROM sessions");
static CLOCK: Sql =
    Sql::new("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS millis");

impl DatabaseUrl {
    /// Looks at the database. Nothing is made, and no lock is taken: servers go on working.
    pub async fn examine(&self) -> Result<Examined, StoreError> {
        self.look(examine).await
    }

    /// Reads on a connection of its own, beside whoever works on the database.
    pub(crate) async fn look<T>(
        &self,
        read: impl AsyncFnOnce(Conn<'_>) -> StoreResult<T>,
    ) -> Result<T, StoreError> {
        Ok(match self {
            Self::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let conn = options.disable_statement_logging().connect().await;
                let mut conn = conn.map_err(fault)?;
                let found = read(Conn::Sqlite(&mut conn)).await?;
                conn.close().await.map_err(fault)?;
                found
            }
            Self::Postgres(url) => {
                let options = connecting(url).map_err(fault)?;
                let mut conn = PgConnection::connect_with(&options).await.map_err(fault)?;
                let found = read(Conn::Postgres(&mut conn, &Limit::default())).await?;
                conn.close().await.map_err(fault)?;
                found
            }
        })
    }
}

async fn examine(mut conn: Conn<'_>) -> StoreResult<Examined> {
    let (integrity, clock, known) = match conn {
        Conn::Sqlite(_) => (first(&mut conn, &INTEGRITY, said).await?, None, &SQLITE_MIGRATIONS),
        Conn::Postgres(..) => (None, first(&mut conn, &CLOCK, millis).await?, &POSTGRES_MIGRATIONS),
    };
    let mut examined = Examined {
        tables: Tables::Missing,
        damage: integrity.filter(|said| said != "ok"),
        derived: true,
        used_at: None,
        clock: clock.map(Timestamp::from_millis),
    };
    let applied = match conn.rows(&APPLIED, Vec::new(), number).await {
        Ok(applied) => applied,
        // There is no table of migrations.
        Err(Fault::Sql(error)) => match fault(error) {
            StoreError::Backend(_) => return Ok(examined),
            error => return Err(error.into()),
        },
        Err(error) => return Err(error),
    };
    examined.tables = if applied.iter().any(|version| !known.version_exists(*version)) {
        Tables::Newer
    } else if known.iter().all(|migration| applied.contains(&migration.version)) {
        Tables::Current
    } else {
        Tables::Older
    };
    if examined.tables == Tables::Current && examined.damage.is_none() {
        let mut damage = Vec::new();
        let torn = first(&mut conn, &COUNTERS, millis).await?.unwrap_or_default();
        if torn > 0 {
            damage.push(format!("{torn} owners have another number of tasks than counted"));
        }
        for (table, sql) in &NOBODYS {
            let rows = first(&mut conn, sql, millis).await?.unwrap_or_default();
            if rows > 0 {
                damage
                    .push(format!("{rows} rows of {table} have an owner or a number that is none"));
            }
        }
        examined.damage = (!damage.is_empty()).then(|| damage.join("; "));
        let found = conn.rows(&META, Vec::new(), pair).await?;
        examined.derived = versions()
            .iter()
            .all(|(name, version)| found.iter().any(|(n, v)| n == name && v == version));
        examined.used_at = first(&mut conn, &USED, millis).await?.map(Timestamp::from_millis);
    }
    Ok(examined)
}

/// What the first row says, if it says something.
async fn first<T>(
    conn: &mut Conn<'_>,
    sql: &'static Sql,
    read: impl Fn(&dyn Cells) -> StoreResult<Option<T>>,
) -> StoreResult<Option<T>> {
    Ok(conn.rows(sql, Vec::new(), read).await?.into_iter().next().flatten())
}

fn millis(row: &dyn Cells) -> StoreResult<Option<i64>> {
    Ok(row.integer(0)?)
}

fn number(row: &dyn Cells) -> StoreResult<i64> {
    Ok(row.integer(0)?.unwrap_or_default())
}

fn said(row: &dyn Cells) -> StoreResult<Option<String>> {
    Ok(row.text(0)?.map(str::to_owned))
}
