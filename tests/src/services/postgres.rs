//! PostgreSQL, as it is installed here.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use super::watcher::Watcher;
use super::{free_port, signal, until};

/// Names the server that tests may use: the URL of a superuser on an otherwise empty one.
pub const POSTGRES: &str = "TODO_TEST_POSTGRES";

/// It refuses to run as root.
const USER: &str = "postgres";

/// A server of its own, that can be stopped, killed and started again.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    port: u16,
    running: Option<Running>,
}

/// Dropped in this order.
#[derive(Debug)]
struct Running {
    watcher: Watcher,
    server: Child,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Panics
    /// If PostgreSQL is not installed, or does not come up.
    pub fn start_new() -> Self {
        let folder = tempfile::Builder::new().prefix("todo-postgres-").tempdir();
        let folder = folder.expect("a temporary folder");
        if let Some((user, group)) = other_user() {
            chown(folder.path(), Some(user), Some(group)).expect("root gives a folder away");
        }
        let mut postgres = Self { port: free_port(), folder, running: None };
        let made = as_user("initdb")
            .arg("--pgdata")
            .arg(postgres.data())
            // A crash of the machine while the cluster is made is nobody's concern. Texts compare
            // as people expect unless SQL says otherwise: an order that forgot to say so shows.
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"])
            .args(["--locale=C", "--locale-provider=icu", "--icu-locale=en"])
            .output()
            .expect("initdb can be run");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.start();
        postgres
    }

    /// Starts it, on the port and the data that it had.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start(&mut self) {
        until("PostgreSQL does not start", || {
            if !self.is_running() {
                self.spawn();
            }
            self.ready()
        });
    }

    fn spawn(&mut self) {
        self.running = None;
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let server = as_user("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories=", "-c", "fsync=on"])
            .args(["-c", "max_connections=200"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.expect("a log file"))
            .spawn()
            .expect("postgres can be run");
        self.running = Some(Running { watcher: Watcher::over(server.id()), server });
    }

    /// Right after a kill it may give up again: what it left behind must go first.
    fn is_running(&mut self) -> bool {
        let Some(running) = &mut self.running else { return false };
        running.server.try_wait().expect("a child of ours").is_none()
    }

    /// Whether it answers: it takes connections before it can serve them.
    fn ready(&self) -> Result<(), String> {
        let asked = program("pg_isready")
            .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .status()
            .expect("pg_isready can be run");
        if asked.success() {
            return Ok(());
        }
        Err(fs::read_to_string(self.folder.path().join("log")).unwrap_or_default())
    }

    /// Stops it in order but at once: what runs is rolled back, connections are closed.
    ///
    /// # Panics
    /// If it does not stop.
    pub fn stop_fast(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        drop(running.watcher);
        signal("INT", running.server.id());
        until("PostgreSQL does not stop", || match running.server.try_wait() {
            Ok(Some(_)) => Ok(()),
            _ => Err("it is still running"),
        });
    }

    /// Kills it as a power cut would.
    ///
    /// # Panics
    /// If it cannot be killed.
    pub fn kill(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        drop(running.watcher);
        running.server.kill().expect("a child of ours");
        running.server.wait().expect("a child of ours");
    }

    /// The number of its first process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.server.id())
    }

    /// Where it is, as a superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A new database.
    ///
    /// # Panics
    /// If none can be made.
    pub fn database(&self) -> Database {
        Database::on(&self.url())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its folder goes next; nobody needs what is in it.
        self.kill();
    }
}

/// Each table with a sum over its rows, whatever order they lie in.
const SUMS: &str = "SELECT tablename || '|' || (xpath('//s/text()', query_to_xml(format($$ \
    SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') AS s \
    FROM %I r $$, tablename), false, true, '')))[1] \
    FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";

/// A database of its own on a server, dropped in the end.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// One on the server that the environment names ([`POSTGRES`]).
    ///
    /// # Panics
    /// If it names none, or none can be made.
    pub fn fresh() -> Self {
        let url = std::env::var(POSTGRES);
        Self::on(&url.unwrap_or_else(|_| panic!("{POSTGRES} names no server: use tests/run")))
    }

    fn on(server: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("todo_tests_{}_{made}", std::process::id());
        let database = Self { server: server.to_owned(), name };
        database.ask(&format!("CREATE DATABASE {}", database.name)).expect("a new database");
        database
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{server}/{}", self.name)
    }

    /// As it was when it was new.
    ///
    /// # Panics
    /// If the server refuses that.
    pub fn empty(&self) {
        for sql in ["DROP DATABASE {} WITH (FORCE)", "CREATE DATABASE {}"] {
            self.ask(&sql.replace("{}", &self.name)).expect("a new database");
        }
    }

    /// The rows of each table in one number.
    ///
    /// # Panics
    /// If the server does not answer.
    pub fn sums(&self) -> Vec<(String, String)> {
        let told = program("psql")
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set=ON_ERROR_STOP=1", "--command", SUMS, &self.url()])
            .output()
            .expect("psql can be run");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let pairs = told.lines().filter_map(|line| line.split_once('|'));
        pairs.map(|(table, sum)| (table.to_owned(), sum.to_owned())).collect()
    }

    /// Its name, and where its server listens.
    pub(super) fn place(&self) -> (&str, &str) {
        let (_, server) = self.server.rsplit_once('@').unwrap_or(("", &self.server));
        let (server, _) = server.split_once('/').unwrap_or((server, ""));
        (&self.name, server)
    }

    fn ask(&self, sql: &str) -> Result<(), String> {
        let asked = program("psql")
            .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", sql])
            .arg(&self.server)
            .output()
            .expect("psql can be run");
        if asked.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&asked.stderr).into_owned())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server may be gone already, and the database with it.
        let _ = self.ask(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// One of PostgreSQL's programs; Debian keeps them out of the path.
fn program(name: &str) -> Command {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = debian.map(|entry| entry.path().join("bin").join(name)).collect();
    versions.retain(|path| path.is_file());
    let newest = versions.into_iter().max_by_key(|path| version(path));
    newest.map_or_else(|| Command::new(name), Command::new)
}

/// Of `/usr/lib/postgresql/15/bin/psql`: 15.
fn version(program: &Path) -> Option<u32> {
    program.ancestors().nth(2)?.file_name()?.to_str()?.parse().ok()
}

/// The same, not as root.
fn as_user(name: &str) -> Command {
    unprivileged(program(name))
}

/// A program of a service that refuses to run as root.
pub(super) fn unprivileged(server: Command) -> Command {
    let Some((user, group)) = other_user() else { return server };
    let mut command = Command::new("setpriv");
    command
        .args([format!("--reuid={user}"), format!("--regid={group}")])
        .args([OsStr::new("--clear-groups"), OsStr::new("--"), server.get_program()])
        .args(server.get_args())
        // Its own folder: the one we are in may be closed to it.
        .current_dir("/");
    command
}

/// The numbers of the user and the group that it runs as, if we are root.
pub(super) fn other_user() -> Option<(u32, u32)> {
    (id("-u", None)? == 0).then_some(())?;
    Some((id("-u", Some(USER))?, id("-g", Some(USER))?))
}

fn id(what: &str, user: Option<&str>) -> Option<u32> {
    let told = Command::new("id").arg(what).args(user).output().ok()?;
    String::from_utf8(told.stdout).ok()?.trim().parse().ok()
}
