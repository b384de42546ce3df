//! A client of `todo-mcp`: one process at a moment and in a zone that the test decides.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;
use todo_core::{Timestamp, Zone};

use crate::built;

/// A running server. It ends when its input does.
struct Running {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    asked: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.to.take());
        // It may have ended before; nobody waits for what it says of that.
        let _ended = self.child.wait();
    }
}

/// Where the tasks are.
#[derive(Debug)]
pub enum Tasks {
    /// In a file of its own.
    File,
    /// In this file, which others may use.
    At(PathBuf),
    /// In an account's part of a database.
    Account {
        /// The database.
        database: String,
        /// The account's address.
        email: String,
    },
    /// On a server, for which there is a token.
    Server {
        /// Its address.
        url: String,
        /// The token.
        token: String,
    },
    /// On a server that the terminal has logged in to.
    LoggedIn {
        /// Its address.
        url: String,
        /// The home of the terminal.
        home: PathBuf,
    },
}

/// A client with a file or an account of its own.
pub struct Client {
    running: Option<Running>,
    tasks: Tasks,
    now: Timestamp,
    zone: Zone,
    folder: TempDir,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Client {
    /// On a file that is not there yet, or an account.
    ///
    /// # Panics
    /// If no temporary folder can be made.
    pub fn fresh(tasks: Tasks) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { running: None, tasks, now: Timestamp::from_millis(0), zone: Zone::UTC, folder }
    }

    /// From now on it is `now`, in `zone`: another process.
    pub fn travel(&mut self, now: Timestamp, zone: Zone) {
        if (self.now, self.zone) != (now, zone) {
            (self.now, self.zone) = (now, zone);
            self.running = None;
        }
    }

    /// Calls a tool; what is answered, as the protocol has it.
    ///
    /// # Errors
    /// If that is an error of the protocol, or there is no answer.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        let running = match &mut self.running {
            Some(running) => running,
            none => none.insert(start(&self.tasks, self.folder.path(), self.now, self.zone)?),
        };
        running.ask("tools/call", &json!({ "name": tool, "arguments": arguments }))
    }
}

/// The refusal that a call was answered with.
///
/// # Panics
/// If it was none.
pub fn refusal(answer: &Value) -> Value {
    assert_eq!(answer["isError"], true, "{answer}");
    let text = answer["content"][0]["text"].as_str().unwrap_or_default();
    let told: Value = serde_json::from_str(text).expect("a refusal is JSON");
    told["error"].clone()
}

impl Running {
    fn ask(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        self.asked += 1;
        let asked =
            json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params });
        self.write(&asked)?;
        let mut line = String::new();
        self.from.read_line(&mut line).map_err(|error| error.to_string())?;
        let mut answer: Value =
            serde_json::from_str(&line).map_err(|error| format!("{error}: {line:?}"))?;
        if answer["id"] != self.asked || !answer["result"].is_object() {
            return Err(answer.to_string());
        }
        Ok(answer["result"].take())
    }

    fn write(&mut self, message: &Value) -> Result<(), String> {
        let to = self.to.as_mut().ok_or("it was left")?;
        writeln!(to, "{message}").and_then(|()| to.flush()).map_err(|error| error.to_string())
    }
}

/// Nothing of the environment reaches it but what is set here.
fn start(tasks: &Tasks, folder: &Path, now: Timestamp, zone: Zone) -> Result<Running, String> {
    let mut command = Command::new(program());
    command.env_clear();
    for kept in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
        command.envs(std::env::var_os(kept).map(|value| (kept, value)));
    }
    command
        .env("HOME", folder)
        .env("TODO_NOW", now.to_string())
        .env("TZ", zone.name())
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    match tasks {
        Tasks::File => command.args(["--file", "tasks.json"]),
        Tasks::At(path) => command.arg("--file").arg(path),
        Tasks::Account { database, email } => {
            command.args(["--user", email]).env("DATABASE_URL", database)
        }
        Tasks::Server { url, token } => command.args(["--server", url]).env("TODO_TOKEN", token),
        Tasks::LoggedIn { url, home } => command.args(["--server", url]).env("HOME", home),
    };
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (to, from) = (child.stdin.take(), child.stdout.take().ok_or("no output")?);
    let mut running = Running { child, to, from: BufReader::new(from), asked: 0 };
    let hello = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "todo-tests", "version": "1" },
    });
    running.ask("initialize", &hello)?;
    running.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
    Ok(running)
}

/// Where `todo-mcp` is.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let sources = ["core/Cargo.toml", "core/src", "phase1-cli", "phase2-web", "phase3-mcp"];
        built::program("todo-mcp", "todo-mcp", &sources)
    })
}
