//! Stores to test with: SQLite in a folder of its own, PostgreSQL in a database of its own.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use todo_core::conformance::OWNERS;
use todo_core::{Owner, Timestamp};
use todo_store::accounts::By;
use todo_store::{DatabaseUrl, Options, Store};

/// Runs a test on a runtime of its own.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}

/// A runtime, for a test that goes in and out of it.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
}

/// Few connections: many tests run at once.
pub(crate) fn options() -> Options {
    let patience = Duration::from_secs(30);
    Options { connections: 4, readers: 4, patience, ..Options::default() }
}

/// An empty store on SQLite that knows the suite's owners.
pub(crate) async fn sqlite() -> (Store, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    (with_owners(open(&url).await).await, folder)
}

/// A store with its tables.
pub(crate) async fn open(url: &DatabaseUrl) -> Store {
    let store = Store::open(url, &options()).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    store
}

/// The suite's owners are there.
pub(crate) async fn with_owners(store: Store) -> Store {
    for owner in OWNERS {
        add_owner(&store, owner).await;
    }
    store
}

/// The user themself, for no request that anybody asks about.
pub(crate) fn by(at: Timestamp) -> By {
    By::user(at, uuid::Uuid::nil())
}

/// One more owner.
pub(crate) async fn add_owner(store: &Store, owner: Owner) {
    store.add_owner(owner, todo_core::conformance::given::ZONE).await.expect("a new owner");
}

/// A database of its own on the server that `TODO_TEST_POSTGRES` names; dropped with this.
pub(crate) struct Database {
    server: String,
    name: String,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// Makes it.
    pub(crate) async fn make() -> Self {
        let server = std::env::var("TODO_TEST_POSTGRES").expect("TODO_TEST_POSTGRES is set");
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("todo_store_{}_{made}", std::process::id());
        let database = Self { server, name };
        database.say(format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    /// Where it is.
    pub(crate) fn text(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{}", self.name)
    }

    /// Where it is, for a store.
    pub(crate) fn url(&self) -> DatabaseUrl {
        self.text().parse().expect("a URL")
    }

    async fn say(&self, sql: String) {
        let mut conn = PgConnection::connect(&self.server).await.expect("the server answers");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect("it obeys");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        std::thread::scope(|scope| {
            scope.spawn(|| run(self.say(sql)));
        });
    }
}

/// An empty store on PostgreSQL that knows the suite's owners.
pub(crate) async fn postgres() -> (Store, Database) {
    let database = Database::make().await;
    (with_owners(open(&database.url()).await).await, database)
}

/// Makes of each `async fn case(store: &Store)` a test on either database.
macro_rules! on_both {
    ($($case:ident)+) => {
        mod sqlite {
            $(#[test]
            fn $case() {
                crate::support::run(async {
                    let (store, _kept) = crate::support::sqlite().await;
                    super::$case(&store).await;
                });
            })+
        }

        mod postgres {
            $(#[test]
            #[ignore = "needs PostgreSQL: tests/run"]
            fn $case() {
                crate::support::run(async {
                    let (store, _kept) = crate::support::postgres().await;
                    super::$case(&store).await;
                });
            })+
        }
    };
}

pub(crate) use on_both;
