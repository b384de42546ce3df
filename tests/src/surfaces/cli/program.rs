//! The built `todo`, and how to run it.

use std::env;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use todo_core::{Timestamp, Zone};

use crate::built;

/// What one run came to.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The exit status; `None` if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Sees that it succeeded.
    ///
    /// # Panics
    /// If it did not.
    pub fn done(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
    }

    /// The JSON on standard output of a run that succeeded.
    ///
    /// # Panics
    /// If it did not succeed, or wrote something else.
    pub fn json(&self) -> Value {
        self.done();
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// `todo` on a file of its own, in a zone and, unless it goes by the machine's clock, at a moment that the
/// test decides.
#[derive(Debug)]
pub struct Todo {
    folder: TempDir,
    now: Option<Timestamp>,
    zone: Zone,
    /// The server that its tasks are on, if they are on one.
    server: Option<String>,
    /// The certificates that it trusts, where not those of the system.
    trusted: Option<PathBuf>,
    /// What else its environment says.
    set: Vec<(&'static str, String)>,
}

impl Todo {
    /// On a file that is not there yet.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn fresh() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let now = Some(Timestamp::from_millis(0));
        Self { folder, now, zone: Zone::UTC, server: None, trusted: None, set: Vec::new() }
    }

    /// The same by the machine's clock, as servers in processes of their own are.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn by_the_clock() -> Self {
        Self { now: None, ..Self::fresh() }
    }

    /// Logs in to a server with a personal token; its tasks are there from now on.
    ///
    /// # Panics
    /// If it cannot.
    pub fn log_in(&mut self, server: &str, token: &str) {
        self.server = Some(server.to_owned());
        self.run_with(["login", server, "--token"], token).done();
    }

    /// Logs in to a server with a password; its tasks are there from now on.
    ///
    /// # Panics
    /// If it cannot.
    pub fn log_in_as(&mut self, server: &str, email: &str, password: &str) {
        self.server = Some(server.to_owned());
        self.run_with(["login", server, "--email", email], password).done();
    }

    /// From now on it is `now`, in `zone`.
    pub fn travel(&mut self, now: Timestamp, zone: Zone) {
        (self.now, self.zone) = (Some(now), zone);
    }

    /// From now on it trusts these certificates, and no others.
    pub fn trust(&mut self, certificates: &Path) {
        self.trusted = Some(certificates.to_owned());
    }

    /// From now on its environment says this.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.set.push((name, value.to_owned()));
    }

    /// Its folder, for files to be handed over.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it. Nothing of the environment reaches it but what is set here: neither the settings
    /// of whoever runs the tests, nor where their tasks are.
    pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Ran {
        self.run_with(args, "")
    }

    /// The same with something on standard input.
    pub fn run_with<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        args: I,
        input: &str,
    ) -> Ran {
        let ran = self.command(args).spawn().and_then(|mut todo| {
            if let Some(mut stdin) = todo.stdin.take() {
                // Who reads nothing closes it, and that is no fault.
                let _unread = stdin.write_all(input.as_bytes());
            }
            todo.wait_with_output()
        });
        match ran {
            Ok(output) => Ran {
                status: output.status.code(),
                out: String::from_utf8_lossy(&output.stdout).into_owned(),
                err: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
            Err(error) => Ran { status: None, out: String::new(), err: error.to_string() },
        }
    }

    /// What is run, for those that do not wait for it.
    pub fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Command {
        let mut command = Command::new(program());
        self.prepare(command.args(args));
        let place = match &self.server {
            Some(server) => ("TODO_SERVER", server.as_str()),
            None => ("TODO_FILE", "tasks.json"),
        };
        command.envs([place]);
        command
    }

    /// A line of the shell, in which `todo` is known, and nobody says where its tasks are.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        self.prepare(command.args(["-c", line]));
        let mut folders = vec![program().parent().unwrap_or_else(|| Path::new("")).to_owned()];
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        command.envs(env::join_paths(folders).ok().map(|path| ("PATH", path)));
        command
    }

    fn prepare(&self, command: &mut Command) {
        command.env_clear();
        for kept in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            command.envs(env::var_os(kept).map(|value| (kept, value)));
        }
        command
            .env("HOME", self.folder.path())
            .envs(self.now.map(|now| ("TODO_NOW", now.to_string())))
            .envs(self.trusted.as_ref().map(|path| ("SSL_CERT_FILE", path)))
            .envs(self.set.iter().map(|(name, value)| (name, value)))
            .env("TZ", self.zone.name())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }
}

/// Where `todo` is.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        built::program("todo-cli", "todo", &["core/Cargo.toml", "core/src", "phase1-cli"])
    })
}
