//! `todo-web` itself, as it is built.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use axum::http::{Method, StatusCode};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::watcher::Watcher;
use super::{free_port, signal, until};
use crate::built;
use crate::http::{Asked, Client};

/// A server of its own, that can be killed and started again on the same port and database.
#[derive(Debug)]
pub struct TodoWeb {
    folder: TempDir,
    url: String,
    settings: Vec<(&'static str, String)>,
    port: u16,
    running: Option<(Watcher, Child)>,
}

impl TodoWeb {
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
        server.start(runtime);
        server
    }

    /// The same without a start: for what an operator does.
    ///
    /// # Panics
    /// If there is no place for its files.
    pub fn stopped(url: Option<String>, settings: Vec<(&'static str, String)>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let url = url.unwrap_or_else(|| "sqlite://todo.db".to_owned());
        Self { folder, url, settings, port: free_port(), running: None }
    }

    /// Starts it, where it was before.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start(&mut self, runtime: &Runtime) {
        self.start_saying(runtime, &["--migrate"]);
    }

    /// The same on tables that are there.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_as_it_is(&mut self, runtime: &Runtime) {
        self.start_saying(runtime, &[]);
    }

    fn start_saying(&mut self, runtime: &Runtime, words: &[&str]) {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let log = log.expect("a log file");
        let server = self
            .command()
            .args(words)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log file"))
            .stderr(log)
            .spawn()
            .expect("todo-web can be run");
        self.running = Some((Watcher::over(server.id()), server));
        let client = Client::new(self.address());
        until("todo-web does not get ready", || {
            let asked = Asked::new(Method::GET, "/ready");
            match runtime.block_on(client.ask(asked)) {
                Ok(answer) if answer.status == StatusCode::OK => Ok(()),
                Ok(answer) => Err(format!("{}; {}", answer.status, self.log())),
                Err(error) => Err(format!("{error}; {}", self.log())),
            }
        });
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
            .envs(self.settings.iter().map(|(name, text)| (name, text)))
            .current_dir(self.folder.path());
        command
    }

    /// Runs a subcommand on its database, with its settings: what that told, or complained of.
    ///
    /// # Errors
    /// If it failed.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn run(&self, words: &[&str]) -> Result<String, String> {
        let ran = self.command().args(words).output().expect("todo-web can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if ran.status.success() { Ok(text(&ran.stdout)) } else { Err(text(&ran.stderr)) }
    }

    /// Tells it to stop, and waits until it has.
    ///
    /// # Panics
    /// If it does not stop, or says that it failed.
    pub fn stop(&mut self) {
        let Some((watcher, mut server)) = self.running.take() else { return };
        drop(watcher);
        signal("TERM", server.id());
        let status = until("todo-web does not stop", || match server.try_wait() {
            Ok(Some(status)) => Ok(status),
            _ => Err("it is still running"),
        });
        assert!(status.success(), "{status}; {}", self.log());
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

impl Drop for TodoWeb {
    fn drop(&mut self) {
        self.kill();
    }
}

fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let sources = ["core/Cargo.toml", "core/src", "phase2-web"];
        built::program("todo-web", "todo-web", &sources)
    })
}
