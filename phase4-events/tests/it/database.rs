//! Where the data of a test lies: in a folder, or on the server that `TODO_TEST_POSTGRES` names. Nothing
//! of it is left when the test ends.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use todo_store::DatabaseUrl;

/// What lives as long as the data.
pub(crate) enum Kept {
    Folder { _folder: TempDir },
    Database { _database: Database },
}

/// A file of its own.
pub(crate) fn sqlite() -> (DatabaseUrl, Kept) {
    let folder = TempDir::new().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    (url, Kept::Folder { _folder: folder })
}

/// A database of its own.
pub(crate) async fn postgres() -> (DatabaseUrl, Kept) {
    let database = Database::make().await;
    (database.url(), Kept::Database { _database: database })
}

/// A database on the server; dropped with this.
pub(crate) struct Database {
    server: String,
    name: String,
}

static MADE: AtomicU32 = AtomicU32::new(0);

impl Database {
    pub(crate) async fn make() -> Self {
        let server = std::env::var("TODO_TEST_POSTGRES").expect("TODO_TEST_POSTGRES is set");
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("todo_events_{}_{made}", std::process::id());
        let database = Self { server, name };
        database.say(format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        let (server, _) = self.server.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{}", self.name).parse().expect("a URL")
    }

    /// Says something to the server.
    pub(crate) async fn say(&self, sql: String) {
        let mut conn = PgConnection::connect(&self.server).await.expect("the server answers");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.expect("it obeys");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build();
        std::thread::scope(|scope| {
            scope.spawn(|| runtime().expect("a runtime").block_on(self.say(sql)));
        });
    }
}
