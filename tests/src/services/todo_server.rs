//! `todo-server` itself, as it is built: to be killed, at any moment or at a named place.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use axum::http::{Method, StatusCode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::watcher::Watcher;
use super::{free_port, signal, until};
use crate::built;
use crate::http::{Asked, Client};

/// What a process ends of that ends itself at once.
const ABORTED: i32 = 6;

/// A process of its own, that can be started again on the same port and database.
#[derive(Debug)]
pub struct TodoServer {
    folder: TempDir,
    url: String,
    roles: &'static str,
    settings: Vec<(&'static str, String)>,
    port: u16,
    running: Option<(Watcher, Child)>,
}

impl TodoServer {
    /// One that is everything, on a file of its own.
    ///
    /// # Panics
    /// If there is no place for its files.
    pub fn alone() -> Self {
        Self::with("all", "sqlite://todo.db".to_owned())
    }

    /// One with some roles, on a database.
    ///
    /// # Panics
    /// If there is no place for its files.
    pub fn with(roles: &'static str, url: String) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        Self { folder, url, roles, settings: Vec::new(), port: free_port(), running: None }
    }

    /// The same with settings more.
    #[must_use]
    pub fn set(mut self, settings: Vec<(&'static str, String)>) -> Self {
        self.settings = settings;
        self
    }

    /// Starts it, and does not wait. At a place with a name (`relay.placed:3`, the third time that it
    /// comes there) it ends as in a crash.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn start(&mut self, failpoint: Option<&str>) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let log = log.expect("a log file");
        let server = self
            .command()
            .args(["--migrate", "--role", self.roles])
            .envs(failpoint.map(|point| ("TODO_FAILPOINT", point)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("todo-server can be run");
        self.running = Some((Watcher::over(server.id()), server));
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_ready(&mut self, runtime: &Runtime) {
        self.start(None);
        self.get_ready(runtime);
    }

    /// The same, to end at a place that it does not come to by itself.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_armed(&mut self, runtime: &Runtime, failpoint: &str) {
        self.start(Some(failpoint));
        self.get_ready(runtime);
    }

    fn get_ready(&self, runtime: &Runtime) {
        let client = Client::new(self.address());
        until("todo-server does not get ready", || {
            let asked = Asked::new(Method::GET, "/ready");
            match runtime.block_on(client.ask(asked)) {
                Ok(answer) if answer.status == StatusCode::OK => Ok(()),
                Ok(answer) => Err(format!("{}; {}", answer.status, self.log())),
                Err(error) => Err(format!("{error}; {}", self.log())),
            }
        });
    }

    /// Whether it came to its place and ended there.
    ///
    /// # Panics
    /// If it ended otherwise.
    pub fn has_died(&mut self) -> bool {
        let Some((_, server)) = &mut self.running else { return true };
        let Some(status) = server.try_wait().expect("a child of ours") else { return false };
        assert!(is_abort(status), "it ended by itself: {status}; {}", self.log());
        self.running = None;
        true
    }

    /// Kills it.
    ///
    /// # Panics
    /// If it cannot be killed.
    pub fn kill(&mut self) {
        let Some((watcher, mut server)) = self.running.take() else { return };
        drop(watcher);
        server.kill().expect("a child of ours");
        server.wait().expect("a child of ours");
    }

    /// Tells it to stop, and waits until it has.
    ///
    /// # Panics
    /// If it does not stop, or says that it failed.
    pub fn stop(&mut self) {
        let Some((watcher, mut server)) = self.running.take() else { return };
        drop(watcher);
        signal("TERM", server.id());
        let status = until("todo-server does not stop", || match server.try_wait() {
            Ok(Some(status)) => Ok(status),
            _ => Err("it is still running"),
        });
        assert!(status.success(), "{status}; {}", self.log());
    }

    /// Runs a subcommand on its database: what that told, or complained of.
    ///
    /// # Errors
    /// If it failed.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn run(&self, words: &[&str]) -> Result<String, String> {
        let ran = self.command().args(words).output().expect("todo-server can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if ran.status.success() { Ok(text(&ran.stdout)) } else { Err(text(&ran.stderr)) }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program());
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("DATABASE_URL", &self.url)
            .env("JWT_SECRET", "a secret of the tests, long enough for all databases")
            .env("PORT", self.port.to_string())
            .env("RATE_LIMIT", "off")
            .env("METRICS_ADDR", "off")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path());
        command
    }

    /// Where it works, and where its file lies if it has one.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for TodoServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn is_abort(status: ExitStatus) -> bool {
    status.signal() == Some(ABORTED)
}

/// With the places that have names, which a release has not.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let sources = ["core/Cargo.toml", "core/src", "phase2-web", "phase3-mcp", "phase4-events"];
        built::program("todo-events", "todo-server", &sources)
    })
}
