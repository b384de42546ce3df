//! `todo-mcp --http`: all that `todo-web` is, and the tools.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::served::PASSWORD;
use crate::client::{folder, modern};

fn post(address: &str, head: &str, body: &Value) -> Value {
    let (mut stream, body) = (TcpStream::connect(address).expect("it listens"), body.to_string());
    let head = format!("{head}\r\nHost: {address}\r\nConnection: close");
    let head = format!("POST {head}\r\nContent-Type: application/json");
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// SPEC 7, 8: it serves accounts and their tools, and its log says what was asked and never what stands in
/// tasks or tokens, whatever is to be logged.
#[test]
fn the_program_serves_accounts_and_their_tools() {
    let folder = folder();
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-mcp"));
    command.env_clear().env("LOG", "trace").env("METRICS_ADDR", "off").current_dir(folder.path());
    command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|value| ("LLVM_PROFILE_FILE", value)));
    command.args(["--http", "--port", "0"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut log = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut told = String::new();
    let address = loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).expect("a log"), 0, "it ended: {told}");
        told += &line;
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        if line["message"].as_str().is_some_and(|text| text.starts_with("open http://")) {
            break line["address"].as_str().expect("an address").to_owned();
        }
    };
    // Nobody else empties its log.
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        log.read_to_string(&mut rest).map(|_| rest)
    });
    let account = json!({ "email": "ann@example.org", "password": PASSWORD });
    let registered = post(&address, "/api/auth/register HTTP/1.1", &account);
    let token = registered["access_token"].as_str().expect("a token");
    let call = json!({ "name": "add_task", "arguments": { "title": "Buy aubergines" } });
    let head = format!(
        "/mcp HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\
         Accept: application/json, text/event-stream\r\n\
         MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: add_task"
    );
    let message =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": modern(call) });
    let answer = post(&address, &head, &message);
    let title = &answer["result"]["structuredContent"]["tasks"][0]["title"];
    assert_eq!(title, "Buy aubergines", "{answer}");
    let id = child.id().to_string();
    assert!(Command::new("kill").arg(id).status().expect("it runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    told += &rest.join().expect("no panic").expect("a log");
    assert!(told.contains("\"route\":\"/mcp\""), "{told}");
    for hidden in ["aubergines", token, PASSWORD] {
        assert!(!told.contains(hidden), "{hidden} stands in the log: {told}");
    }
}

/// What is said after `--http` is said to the server; nothing else goes with it.
#[test]
fn a_wrong_command_line_is_refused() {
    for (args, told) in [
        (&["--http", "--prot", "0"][..], "--port"),
        (&["--http", "--rate-limit", "many"], "rate_limit"),
        (&["--check", "--http"], "cannot be used with"),
    ] {
        let folder = folder();
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo-mcp"));
        let output = command.env_clear().current_dir(folder.path()).args(args).output();
        let output = output.expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(told), "{error}");
    }
}
