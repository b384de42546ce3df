//! An application whose parts are started and ended by the test, at a time that the test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::given::{self, ctx};
use todo_core::{Owner, TaskId, Timestamp, Zone};
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{
    App, Clock, Keys, Parts, PasswordCost, Passwords, Registration, Secret, SessionCache,
};
use tokio::time::Instant;
use uuid::Uuid;

/// When tests begin.
pub(crate) const START: i64 = 1_795_262_400_000;

pub(crate) const ANN: Owner = Owner(Uuid::from_u128(0xa));
pub(crate) const BOB: Owner = Owner(Uuid::from_u128(0xb));

/// Hashes that take no time: never for real passwords.
const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };

pub(crate) struct TestApp {
    pub(crate) app: App,
    _folder: Option<TempDir>,
    /// Dropped last: the application is connected to it.
    _database: Option<Database>,
}

impl TestApp {
    /// On SQLite, with two owners.
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let test = Self::on(&url, Some(folder)).await;
        for owner in [ANN, BOB] {
            test.app.store.add_owner(owner, Zone::UTC).await.unwrap();
        }
        test
    }

    /// On PostgreSQL, in a database of its own that is named so.
    pub(crate) async fn postgres(name: &str) -> Self {
        let database = Database::make(name).await;
        let test = Self::on(&database.url(), None).await;
        Self { _database: Some(database), ..test }
    }

    /// A process of its own, as far as the database can tell.
    pub(crate) async fn on(url: &DatabaseUrl, folder: Option<TempDir>) -> Self {
        let store = Store::open(url, &Options::default()).await.unwrap();
        store.migrate().await.unwrap();
        let keys = Keys::new(&Secret::new(&[7; 32]).unwrap(), None);
        let clock = Arc::new(AtomicI64::new(START));
        let parts = Parts {
            store,
            clock: Clock::new(move || Timestamp::from_millis(clock.load(Ordering::SeqCst))),
            cursors: keys.cursors(),
            keys,
            passwords: Passwords::new(CHEAP).unwrap(),
            registration: Registration::Open,
            sessions: SessionCache::default(),
            scheduled: true,
        };
        Self { app: App::new(parts), _folder: folder, _database: None }
    }

    /// Makes a task; that is one event.
    pub(crate) async fn add(&self, owner: Owner, title: &str) {
        let now = self.app.clock.now();
        let uid = TaskId(Uuid::new_v5(&owner.0, title.as_bytes()));
        let new = NewTask::new(uid, given::title(title));
        let command = Command::One(Item::Create(Box::new(new)));
        let ctx = ctx(owner, now);
        self.app.server().execute(&command, &ctx).await.unwrap();
    }
}

/// Waits until something is so; a machine may be slow.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !holds().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A database of its own on the server that `TODO_TEST_POSTGRES` names; dropped with this.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Makes it, named so among those of this process.
    pub(crate) async fn make(name: &str) -> Self {
        let server = std::env::var("TODO_TEST_POSTGRES").expect("TODO_TEST_POSTGRES is set");
        let database = Self { server, name: format!("todo_events_{}_{name}", std::process::id()) };
        database.say(format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name).parse().unwrap()
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
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(self.say(sql));
            });
        });
    }
}
