//! Stores to test with: SQLite in a folder of its own, PostgreSQL in a database of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use todo_core::Owner;
use todo_core::conformance::OWNERS;
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
    Options { connections: 4, patience: Duration::from_secs(30) }
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
/// A PostgreSQL of a test's own, to be ill-treated; gone with this.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts it. The programs are those that `pg_config` tells of, or Debian's.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let server = Self { folder, port: port.expect("a free port").port() };
        if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(server.folder.path()).status();
            assert!(owned.expect("chown runs").success(), "there is a user postgres");
        }
        let made = server.program("initdb").args(["-U", "postgres", "-A", "trust"]).output();
        assert!(made.expect("initdb runs").status.success(), "a cluster is made");
        server.resume();
        server
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// kill -9.
    pub(crate) fn kill(&self) {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("its pid");
        let pid = text.lines().next().expect("its pid");
        let killed = Command::new("kill").args(["-9", pid]).status().expect("kill runs");
        assert!(killed.success(), "it is killed");
    }

    /// Starts it again, and waits until it answers.
    pub(crate) fn resume(&self) {
        let folder = self.folder.path().display();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let log = self.folder.path().join("log");
            let mut start = self.program("pg_ctl");
            eprintln!("starting {:?}", Instant::now());start.args(["-w", "-o", &options, "start", "-l"]).arg(log).stdout(Stdio::null());
            if start.stderr(Stdio::null()).status().expect("pg_ctl runs").success() {
                return;
            }
            // What was killed holds its memory until its last process has noticed.
            assert!(Instant::now() < deadline, "it does not start");
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = programs().join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.data());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already, and the folder goes in any case.
        let _ = self.program("pg_ctl").args(["-m", "immediate", "stop"]).output();
    }
}

fn programs() -> PathBuf {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| {
        let told = Command::new("pg_config").arg("--bindir").output().expect("PostgreSQL is there");
        PathBuf::from(String::from_utf8_lossy(&told.stdout).trim())
    })
}

/// Whether this runs as root, as whom PostgreSQL does not.
pub(crate) fn is_root() -> bool {
    let told = Command::new("id").arg("-u").output().expect("id runs");
    told.stdout.starts_with(b"0\n")
}
