//! Deleting an account leaves no row of it, in any table there is or will be (SPEC 9).

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
use todo_core::conformance::OWNERS;
use todo_core::{Owner, Timestamp};
use todo_store::accounts::{Email, NewUser, PasswordHash, Profile};
use todo_store::{DatabaseUrl, Store};

use crate::backup::until_free;
use crate::{support, writers};

/// Tables that are nobody's.
const NOBODYS: [&str; 3] = ["_sqlx_migrations", "meta", "spent_invitations"];

/// A column: its name, its type, and whether it must hold something.
type Column = (String, String, bool);

/// The same with its table's name before it.
type Told = (String, String, String, bool);

/// Either database, asked directly.
enum Asked {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Asked {
    async fn of(url: &DatabaseUrl) -> Self {
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

    async fn run(&mut self, sql: String) {
        let done = match self {
            Self::Sqlite(conn) => {
                sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(conn).await.map(drop)
            }
            Self::Postgres(conn) => {
                sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(conn).await.map(drop)
            }
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn count(&mut self, table: &str, owner: Owner) -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE owner = {}", self.quoted(owner));
        let sql = AssertSqlSafe(sql);
        let counted = match self {
            Self::Sqlite(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
            Self::Postgres(conn) => sqlx::query_scalar(sql).fetch_one(conn).await,
        };
        counted.unwrap_or_else(|error| panic!("{table}: {error}"))
    }

    fn quoted(&self, owner: Owner) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{}'", owner.0.simple()),
            Self::Postgres(_) => format!("'{}'", owner.0),
        }
    }

    /// Every table with its columns.
    async fn tables(&mut self) -> BTreeMap<String, Vec<Column>> {
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
    fn value(&self, owner: Owner, name: &str, kind: &str) -> String {
        match (name, kind) {
            ("owner", _) => self.quoted(owner),
            ("session", _) => {
                format!("(SELECT id FROM sessions WHERE owner = {})", self.quoted(owner))
            }
            (_, "blob") => "randomblob(16)".to_owned(),
            (_, "uuid") => "gen_random_uuid()".to_owned(),
            (_, "bytea") => "decode(md5(random()::text), 'hex')".to_owned(),
            (_, "text") => "'x'".to_owned(),
            (_, "boolean") => "true".to_owned(),
            _ => "1".to_owned(),
        }
    }

    /// A row of this owner in every table that has none yet.
    async fn fill(&mut self, tables: &BTreeMap<String, Vec<Column>>, owner: Owner) {
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

async fn register(store: &Store, owner: Owner, email: &str) {
    let user = NewUser {
        owner,
        email: Email::new(email).expect("an address"),
        password: PasswordHash::new("x".to_owned()),
        profile: Profile::default(),
    };
    store.create_user(&user, Timestamp::from_millis(0)).await.expect("a new user");
    writers::insist(store, owner, &writers::addition(1)).await;
}

async fn leaves_nothing(url: &DatabaseUrl) {
    let store = support::open(url).await;
    let [gone, stays] = [OWNERS[0], OWNERS[1]];
    register(&store, gone, "gone@example.org").await;
    register(&store, stays, "stays@example.org").await;
    let mut asked = Asked::of(url).await;
    let tables = asked.tables().await;
    let nobodys: Vec<_> = tables
        .iter()
        .filter(|(_, columns)| columns.iter().all(|(name, ..)| name != "owner"))
        .map(|(table, _)| table.as_str())
        .collect();
    assert_eq!(nobodys, NOBODYS, "a table without an owner holds nothing of anybody");
    for owner in [gone, stays] {
        asked.fill(&tables, owner).await;
    }
    store.delete_user(gone).await.expect("deleted");
    for table in tables.keys().filter(|table| !NOBODYS.contains(&table.as_str())) {
        assert_eq!(asked.count(table, gone).await, 0, "{table} holds something yet");
        assert!(asked.count(table, stays).await > 0, "{table} lost what is another's");
    }
    // Twice does no harm, and nothing can be written behind it.
    store.delete_user(gone).await.expect("nothing to do");
    writers::try_once(&store, gone, &writers::addition(2)).await.expect_err("nobody");
    // The address is free again.
    let email = Email::new("gone@example.org").expect("an address");
    assert!(store.credentials(&email).await.expect("answered").is_none());
}

#[test]
fn sqlite_deletion_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(leaves_nothing(&url));
}

/// Nor is it to be found where the rows were.
#[test]
fn sqlite_deletion_leaves_no_trace_in_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("todo.db");
    let holds = |text: &str| {
        let file = std::fs::read(&path).expect("read");
        file.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    };
    support::run(async {
        let url = DatabaseUrl::Sqlite(path.clone());
        for delete in [false, true] {
            let store = support::open(&url).await;
            if delete {
                store.delete_user(OWNERS[0]).await.expect("deleted");
            } else {
                register(&store, OWNERS[0], "gone@example.org").await;
                register(&store, OWNERS[1], "stays@example.org").await;
            }
            // All that was written is brought into the file.
            store.close().await;
            drop(store);
            until_free(folder.path()).await;
            assert_eq!((holds("gone@example.org"), holds("stays@example.org")), (!delete, true));
        }
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_deletion_leaves_nothing() {
    support::run(async {
        let database = support::Database::make().await;
        leaves_nothing(&database.url()).await;
    });
}
