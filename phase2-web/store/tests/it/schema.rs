//! Every table there is, as the database itself tells of it: so that a new one cannot escape.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
use todo_core::{Owner, Timestamp};
use todo_store::accounts::{Email, NewUser, PasswordHash, Profile};
use todo_store::{DatabaseUrl, Store};

use crate::{support, writers};

/// Tables that are nobody's.
pub(crate) const NOBODYS: [&str; 5] =
    ["_sqlx_migrations", "leaders", "meta", "spent_invitations", "spent_tickets"];

/// The last event of an owner, if it is still to be told.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct LastEvent {
    pub(crate) seq: i64,
    pub(crate) event_type: String,
    pub(crate) actor_kind: String,
    pub(crate) aggregate_type: String,
    pub(crate) at: i64,
    pub(crate) data: String,
}

/// A column: its name, its type, and whether it must hold something.
pub(crate) type Column = (String, String, bool);

/// The same with its table's name before it.
pub(crate) type Told = (String, String, String, bool);

/// Either database, asked directly.
pub(crate) enum Asked {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Asked {
    pub(crate) async fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let conn = SqliteConnectOptions::new().filename(path).connect().await;
                Self::Sqlite(conn.expect("it opens"))
            }
            DatabaseUrl::Postgres(url) => {
                Self::Postgres(PgConnection::connect(url).await.expect("it connects"))
            }
        }
    }

    pub(crate) async fn run(&mut self, sql: String) {
        self.try_run(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The same for what may be refused.
    pub(crate) async fn try_run(&mut self, sql: &str) -> Result<(), String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Sqlite(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
            Self::Postgres(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
        };
        done.map_err(|error| error.to_string())
    }

    pub(crate) async fn count(&mut self, table: &str, owner: Owner) -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE owner = {}", self.quoted(owner));
        let sql = AssertSqlSafe(sql);
        let counted = match self {
            Self::Sqlite(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
            Self::Postgres(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
        };
        counted.unwrap_or_else(|error| panic!("{table}: {error}"))
    }

    /// How many rows name somebody, in whichever column and form.
    pub(crate) async fn mentions(&mut self, table: &str, columns: &[Column], owner: Owner) -> i64 {
        let (plain, packed) = (owner.0.hyphenated(), owner.0.simple());
        let named: Vec<_> = columns
            .iter()
            .map(|(name, ..)| match self {
                Self::Sqlite(_) => format!(
                    "{name} = x'{packed}' OR instr(lower(CAST({name} AS TEXT)), '{plain}') > 0"
                ),
                Self::Postgres(_) => {
                    format!("{name}::text ILIKE '%{plain}%' OR {name}::text LIKE '%{packed}%'")
                }
            })
            .collect();
        let sql = format!("SELECT count(*) FROM {table} WHERE {}", named.join(" OR "));
        let sql = AssertSqlSafe(sql);
        let counted = match self {
            Self::Sqlite(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
            Self::Postgres(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
        };
        counted.unwrap_or_else(|error| panic!("{table}: {error}"))
    }

    pub(crate) async fn last_event(&mut self, owner: Owner) -> Option<LastEvent> {
        let sql = format!(
            "SELECT e.seq, e.event_type, e.actor_kind, e.aggregate_type, e.at, e.data \
             FROM events e JOIN outbox x ON x.owner = e.owner AND x.seq = e.seq \
             WHERE e.owner = {} AND x.position IS NULL AND e.schema_version = 1 \
             ORDER BY e.seq DESC LIMIT 1",
            self.quoted(owner)
        );
        let sql = AssertSqlSafe(sql);
        let found = match self {
            Self::Sqlite(conn) => sqlx::query_as(sql).fetch_optional(conn).await,
            Self::Postgres(conn) => sqlx::query_as(sql).fetch_optional(conn).await,
        };
        found.expect("answered")
    }

    /// An identity made of a number.
    pub(crate) fn id(&self, no: u128) -> String {
        self.quoted(Owner(uuid::Uuid::from_u128(no)))
    }

    pub(crate) fn quoted(&self, owner: Owner) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", owner.0.simple()),
            Self::Postgres(_) => format!("'{}'", owner.0),
        }
    }

    /// Every table with its columns.
    pub(crate) async fn tables(&mut self) -> BTreeMap<String, Vec<Column>> {
        let (sqlite, postgres) = (
            "SELECT t.name, c.name, lower(c.type), c.\"notnull\" FROM sqlite_schema t \
             JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'NO' \
             FROM information_schema.columns WHERE table_schema = 'public'",
        );
        let told: Vec<Told> = match self {
            Self::Sqlite(conn) => sqlx::query_as(sqlite).fetch_all(conn).await.expect("told"),
            Self::Postgres(conn) => sqlx::query_as(postgres).fetch_all(conn).await.expect("told"),
        };
        let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
        for (table, name, kind, needed) in told {
            tables.entry(table).or_default().push((name, kind, needed));
        }
        tables
    }

    /// Something for a column to hold.
    pub(crate) fn value(&self, owner: Owner, name: &str, kind: &str) -> String {
        match (name, kind) {
            ("owner", _) => self.quoted(owner),
            ("session", _) => {
                format!("(SELECT id FROM sessions WHERE owner = {})", self.quoted(owner))
            }
            (_, "blob") => "randomblob(16)".to_owned(),
            (_, "uuid") => "gen_random_uuid()".to_owned(),
            (_, "bytea") => "decode(md5(random()::text), 'hex')".to_owned(),
            ("content", _) => "'[]'".to_owned(),
            (_, "text") => "'x'".to_owned(),
            (_, "boolean") => "true".to_owned(),
            _ => "1".to_owned(),
        }
    }

    /// A row of this owner in every table that has none yet.
    pub(crate) async fn fill(&mut self, tables: &BTreeMap<String, Vec<Column>>, owner: Owner) {
        let mut names: Vec<_> = tables.keys().collect();
        // What others refer to comes first.
        names.sort_by_key(|name| (name.as_str() != "sessions", *name));
        for table in names {
            if NOBODYS.contains(&table.as_str()) || self.count(table, owner).await > 0 {
                continue;
            }
            let needed = tables[table].iter().filter(|(_, _, needed)| *needed);
            let (columns, values): (Vec<_>, Vec<_>) = needed
                .map(|(name, kind, _)| (name.as_str(), self.value(owner, name, kind)))
                .unzip();
            let (columns, values) = (columns.join(", "), values.join(", "));
            self.run(format!("INSERT INTO {table} ({columns}) VALUES ({values})")).await;
        }
    }
}

pub(crate) async fn register(store: &Store, owner: Owner, email: &str) {
    let user = NewUser {
        owner,
        email: Email::new(email).expect("an address"),
        password: PasswordHash::new("x".to_owned()),
        profile: Profile::default(),
    };
    store.create_user(&user, &support::by(Timestamp::from_millis(0))).await.expect("a new user");
    writers::insist(store, owner, &writers::addition(1)).await;
}
