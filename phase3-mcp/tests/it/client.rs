//! A client of the program, over its standard streams.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::NOW;

/// A running program and its client.
pub(crate) struct Client {
    pub(crate) child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: u64,
}

pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-mcp"));
    command.env_clear().env("HOME", folder).env("TODO_NOW", NOW).env("TZ", "Asia/Karachi");
    command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|value| ("LLVM_PROFILE_FILE", value)));
    command.current_dir(folder).args(["--file", "tasks.json"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Client {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::of(program(folder))
    }

    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let (to, from) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        Self { child, to, from: BufReader::new(from), next: 0 }
    }

    pub(crate) fn write(&mut self, text: &str) {
        let to = self.to.as_mut().expect("not left yet");
        to.write_all(text.as_bytes()).and_then(|()| to.write_all(b"\n")).expect("it reads");
        to.flush().expect("it reads");
    }

    /// The next line of its output: there is nothing else there than the protocol.
    pub(crate) fn read(&mut self) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it writes");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let (id, version) = (self.next, "2.0");
        let asked = json!({ "jsonrpc": version, "id": id, "method": method, "params": params });
        self.write(&asked.to_string());
        loop {
            let answer = self.read();
            // What cannot be matched to a request has no id.
            if !answer["id"].is_null() {
                assert_eq!(answer["id"], id, "{answer}");
                return answer;
            }
        }
    }

    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        let told = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.write(&told.to_string());
    }

    /// The handshake of 2025-11-25.
    pub(crate) fn shake_hands(&mut self) -> Value {
        let hello = json!({
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = self.ask("initialize", &hello);
        self.tell("notifications/initialized", &json!({}));
        answer["result"].clone()
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }))["result"].clone()
    }

    /// Closes its input; what it had written besides, and how it ended.
    pub(crate) fn leave(mut self) -> (String, Option<i32>) {
        drop(self.to.take());
        let mut rest = String::new();
        self.from.read_to_string(&mut rest).expect("it writes");
        (rest, self.child.wait().expect("it ends").code())
    }
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What 2026-07-28 has in each request.
pub(crate) fn modern(mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    params
}

/// The same, of a client that can ask its user.
pub(crate) fn asking(params: Value) -> Value {
    let mut params = modern(params);
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
        json!({ "elicitation": { "form": {} } });
    params
}
