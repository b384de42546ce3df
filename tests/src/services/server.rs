//! The servers of this workspace, as they are built: to be killed, at any moment or at a named place.

use std::fmt::Debug;
use std::fs::File;
use std::marker::PhantomData;
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

/// Which of them it is.
pub trait Program: Debug {
    /// Where it lies; built if need be.
    fn place() -> &'static Path;
}

/// `todo-web`, as a process.
pub type TodoWeb = Served<Web>;
/// `todo-server`, as a process.
pub type TodoServer = Served<Whole>;

/// The API alone.
#[derive(Debug)]
pub enum Web {}

/// Everything, or some of it.
#[derive(Debug)]
pub enum Whole {}

impl Program for Web {
    fn place() -> &'static Path {
        static PLACE: OnceLock<PathBuf> = OnceLock::new();
        PLACE.get_or_init(|| {
            let sources = ["core/Cargo.toml", "core/src", "phase2-web"];
            built::program("todo-web", "todo-web", &sources)
        })
    }
}

/// With the places that have names, which a release has not.
impl Program for Whole {
    fn place() -> &'static Path {
        static PLACE: OnceLock<PathBuf> = OnceLock::new();
        PLACE.get_or_init(|| {
            let sources =
                ["core/Cargo.toml", "core/src", "phase2-web", "phase3-mcp", "phase4-events"];
            built::program("todo-events", "todo-server", &sources)
        })
    }
}

/// A server in a process of its own, that can be killed and started again on the same port and database.
#[derive(Debug)]
pub struct Served<P: Program> {
    folder: TempDir,
    url: String,
    settings: Vec<(&'static str, String)>,
    words: Vec<&'static str>,
    port: u16,
    running: Option<(Watcher, Child)>,
    program: PhantomData<P>,
}

impl TodoServer {
    /// One that is everything, on a file of its own.
    ///
    /// # Panics
    /// If there is no place for its files.
    pub fn alone() -> Self {
        Self::stopped(None, Vec::new())
    }

    /// One with some roles, on a database.
    ///
    /// # Panics
    /// If there is no place for its files.
    pub fn with(roles: &'static str, url: String) -> Self {
        let mut server = Self::stopped(Some(url), Vec::new());
        server.words.extend(["--role", roles]);
        server
    }
}

impl<P: Program> Served<P> {
    /// Starts it on a database, or on a file of its own.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_new(runtime: &Runtime, url: Option<String>) -> Self {
        Self::start_with(runtime, url, Vec::new())
    }

    /// The same with settings, as the environment names them.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_with(
        runtime: &Runtime,
        url: Option<String>,
        settings: Vec<(&'static str, String)>,
    ) -> Self {
        let mut server = Self::stopped(url, settings);
        server.start_ready(runtime);
        server
    }

    /// The same without a start: for what an operator does.
    ///
    /// # Panics
    /// If there is no place for its files.
    pub fn stopped(url: Option<String>, settings: Vec<(&'static str, String)>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = url.unwrap_or_else(|| "sqlite://todo.db".to_owned());
        Self {
            folder,
            url,
            settings,
            words: Vec::new(),
            port: free_port(),
            running: None,
            program: PhantomData,
        }
    }

    /// The same with settings more.
    #[must_use]
    pub fn set(mut self, settings: Vec<(&'static str, String)>) -> Self {
        self.settings.extend(settings);
        self
    }

    /// Starts it, and does not wait. At a place with a name (`relay.placed:3`, the third time that it
    /// comes there) it ends as in a crash.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn start(&mut self, failpoint: Option<&str>) {
        self.start_saying(&["--migrate"], failpoint);
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_ready(&mut self, runtime: &Runtime) {
        self.start(None);
        self.get_ready(runtime);
    }

    /// The same on tables that are there.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_as_it_is(&mut self, runtime: &Runtime) {
        self.start_saying(&[], None);
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

    fn start_saying(&mut self, words: &[&str], failpoint: Option<&str>) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let log = log.expect("a log file");
        let server = self
            .command()
            .args(words)
            .args(&self.words)
            .envs(failpoint.map(|point| ("TODO_FAILPOINT", point)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("a server can be run");
        self.running = Some((Watcher::over(server.id()), server));
    }

    fn get_ready(&self, runtime: &Runtime) {
        let client = Client::new(self.address());
        until("a server does not get ready", || {
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
    /// If a server does not stop, or says that it failed.
    pub fn stop(&mut self) {
        let Some((watcher, mut server)) = self.running.take() else { return };
        drop(watcher);
        signal("TERM", server.id());
        let status = until("a server does not stop", || match server.try_wait() {
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
        let ran = self.command().args(words).output().expect("a server can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if ran.status.success() { Ok(text(&ran.stdout)) } else { Err(text(&ran.stderr)) }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(P::place());
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("DATABASE_URL", &self.url)
            .env("JWT_SECRET", "a secret of the tests, long enough for all databases")
            .env("PORT", self.port.to_string())
            .env("RATE_LIMIT", "off")
            .env("METRICS_ADDR", "off")
            .envs(self.settings.iter().map(|(name, text)| (name, text)))
            .current_dir(self.folder.path());
        command
    }

    /// The number of its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|(_, server)| server.id())
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

impl<P: Program> Drop for Served<P> {
    fn drop(&mut self) {
        self.kill();
    }
}

fn is_abort(status: ExitStatus) -> bool {
    status.signal() == Some(ABORTED)
}
