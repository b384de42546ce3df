//! The tools on a file and over HTTP, asked by clients that nobody here wrote: the Python SDK, both
//! TypeScript SDKs, and the inspector. Each holds what it is answered against the schemas that it was told.
//!
//! What several of them do at once on one file, the protocol's own suite, and a transcript are in files of
//! their own.
//!
//! `TODO_TEST_MCP_PYTHON` names a Python that has the package `mcp`, `TODO_TEST_MCP_NODE` a Node, and
//! `TODO_TEST_MCP_MODULES` the folder with its modules; `tests/run` makes all of them.

mod at_once;
mod conformance;
#[cfg(unix)]
mod transcript;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use todo_core::Zone;
use todo_tests::built::{self, workspace};
use todo_tests::surfaces::Surface as _;
use todo_tests::surfaces::rest::{Rest, Sqlite};

fn named(variable: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} names nothing: use tests/run"))
}

/// What `todo-mcp` is made of.
fn sources() -> [&'static str; 4] {
    ["core/src", "phase1-cli", "phase2-web", "phase3-mcp"]
}

fn script(name: &str) -> PathBuf {
    workspace().join("tests/fixtures/mcp").join(name)
}

/// `todo-mcp` on a file of its own.
struct Server {
    program: PathBuf,
    folder: TempDir,
}

impl Server {
    fn new() -> Self {
        let program = built::program("todo-mcp", "todo-mcp", &sources());
        Self { program, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Hands its command to a client.
    fn asked_by(&self, client: &mut Command) -> Output {
        let file = self.folder.path().join("tasks.json");
        let client = client.arg(&self.program).arg("--file").arg(file);
        client.env_remove("TODO_NOW").output().expect("the client runs")
    }
}

/// A server on a real socket, and somebody's account there.
struct Online(Rest<Sqlite>);

impl Online {
    fn new() -> Self {
        let mut server = Rest::fresh();
        server.travel("2026-11-21T12:00:00Z".parse().expect("an instant"), Zone::UTC);
        Self(server)
    }

    fn url(&self) -> String {
        format!("{}/mcp", self.0.url())
    }

    /// Hands its address, and a token that may write, to a client.
    fn asked_by(&mut self, client: &mut Command) -> Output {
        let (url, token) = (self.url(), self.0.token("write"));
        client.arg(url).env("TODO_TOKEN", token).output().expect("the client runs")
    }
}

fn succeeded(output: &Output) {
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Without any argument it is the terminal's own file: what one adds, the other shows.
#[test]
fn assistants_share_the_file_of_the_terminal() {
    let server = Server::new();
    let run = |program: &Path, args: &[&str], input: &str| {
        let mut command = Command::new(program);
        command.args(args).env_clear().env("HOME", server.folder.path()).env("TZ", "UTC");
        command.current_dir(server.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut to = child.stdin.take().expect("a pipe");
        // The terminal reads nothing of it, and may be gone already.
        let _read = to.write_all(input.as_bytes());
        drop(to);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let call = |tool: &str, arguments: Value| {
        let hello = json!({
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "todo-tests", "version": "1" },
        });
        let call = json!({ "name": tool, "arguments": arguments });
        let lines = [
            json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello }),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call }),
        ];
        let input = lines.map(|line| line.to_string()).join("\n");
        run(&server.program, &[], &(input + "\n"))
    };
    let todo = built::program("todo-cli", "todo", &["core/src", "phase1-cli"]);
    call("add_task", json!({ "text": "Buy milk #shop" }));
    let listed = run(&todo, &["list"], "");
    assert!(listed.contains("Buy milk"), "{listed}");
    run(&todo, &["add", "Pay rent"], "");
    let listed = call("list_tasks", json!({}));
    assert!(listed.contains("2. Pay rent"), "{listed}");
}

#[test]
#[ignore = "needs the Python package mcp: tests/run"]
fn assistants_by_python_are_served() {
    for mode in ["auto", "legacy"] {
        let mut client = Command::new(named("TODO_TEST_MCP_PYTHON"));
        succeeded(&Server::new().asked_by(client.arg(script("client.py")).arg(mode)));
    }
}

#[test]
#[ignore = "needs the Python package mcp: tests/run"]
fn assistants_by_python_are_served_over_http() {
    for mode in ["auto", "legacy"] {
        let mut client = Command::new(named("TODO_TEST_MCP_PYTHON"));
        succeeded(&Online::new().asked_by(client.arg(script("client.py")).arg(mode)));
    }
}

#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_are_served_over_http() {
    for sdk in ["sdk", "client"] {
        let mut client = Command::new(named("TODO_TEST_MCP_NODE"));
        client.current_dir(named("TODO_TEST_MCP_MODULES"));
        succeeded(&Online::new().asked_by(client.arg(script("client.mjs")).arg(sdk)));
    }
}

/// The inspector with a token that may only read, and with none.
#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_are_told_what_a_token_may() {
    let mut online = Online::new();
    let (url, token) = (online.url(), online.0.token("read"));
    let ask = |bearer: Option<&str>| {
        let mut client = Command::new(named("TODO_TEST_MCP_NODE"));
        client.current_dir(named("TODO_TEST_MCP_MODULES"));
        client.args(["node_modules/.bin/mcp-inspector", "--cli", &url, "--transport", "http"]);
        client.args(["--strict", "--method", "tools/list"]);
        let header = bearer.map(|bearer| format!("Authorization: Bearer {bearer}"));
        client.args(header.iter().flat_map(|header| ["--header", header]));
        client.output().expect("the inspector runs")
    };
    let listed = ask(Some(&token));
    succeeded(&listed);
    let told: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(told["tools"].as_array().map(Vec::len), Some(4), "{told}");
    let refused = ask(None);
    assert!(!refused.status.success(), "{refused:?}");
}

#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_are_served() {
    for sdk in ["sdk", "client"] {
        let mut client = Command::new(named("TODO_TEST_MCP_NODE"));
        client.current_dir(named("TODO_TEST_MCP_MODULES"));
        succeeded(&Server::new().asked_by(client.arg(script("client.mjs")).arg(sdk)));
    }
}

/// The inspector also says which schemas are hard to pass on to some models: none may be.
#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_find_no_fault_with_the_schemas() {
    let server = Server::new();
    let inspector = || {
        let mut client = Command::new(named("TODO_TEST_MCP_NODE"));
        client.current_dir(named("TODO_TEST_MCP_MODULES"));
        client.args(["node_modules/.bin/mcp-inspector", "--cli"]);
        client
    };
    let ask = |more: &[&str]| {
        let mut client = inspector();
        let file = server.folder.path().join("tasks.json");
        client.arg(&server.program).arg("--file").arg(file).args(more);
        client.output().expect("the inspector runs")
    };
    let listed = ask(&["--strict", "--method", "tools/list"]);
    succeeded(&listed);
    assert_eq!(String::from_utf8_lossy(&listed.stderr), "");
    let added =
        ask(&["--method", "tools/call", "--tool-name", "add_task", "--tool-arg", "text=Buy milk"]);
    succeeded(&added);
    let told: Value = serde_json::from_slice(&added.stdout).expect("JSON");
    assert_eq!(told["structuredContent"]["tasks"][0]["title"], "Buy milk");
    // A refusal has a status of its own.
    let refused =
        ask(&["--method", "tools/call", "--tool-name", "get_task", "--tool-arg", "task_id=9"]);
    assert_eq!(refused.status.code(), Some(5));
}
