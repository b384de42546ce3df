//! `todo-server` as a program.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use todo_events::roles::{Role, Roles};
use todo_events::server::{Asked, Refused, read};

fn asked(words: &[&str]) -> Result<Asked, Refused> {
    let folder = TempDir::new().unwrap();
    let words = ["todo-server"].iter().chain(words).map(OsString::from);
    read(words, |_| None, folder.path())
}

#[test]
fn roles_are_read_as_they_are_written() {
    let some: Roles = "live, api".parse().unwrap();
    assert_eq!(some.to_string(), "api,live");
    assert!(some.has(Role::Live) && !some.has(Role::Relay) && !some.are_all());
    assert!("all".parse::<Roles>().unwrap().are_all());
    assert!("api,relay,live,worker,scheduler".parse::<Roles>().unwrap().are_all());
    for wrong in ["", "api,", "cook", "API"] {
        assert!(wrong.parse::<Roles>().is_err(), "{wrong:?}");
    }
}

/// SPEC 9: on SQLite there is one process, and it is everything.
#[test]
fn a_role_alone_needs_a_server() {
    assert!(matches!(asked(&["--role", "relay"]), Err(Refused::OneFile)));
    assert!(matches!(asked(&["--role", "chef"]), Err(Refused::NoRole(_))));
    assert!(asked(&["--role", "all"]).is_ok());
    let postgres = ["--role", "relay", "--database-url", "postgres://x@localhost/x"];
    assert!(asked(&postgres).is_ok());
}

/// A server in a process of its own.
pub(crate) struct Program {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Program {
    pub(crate) fn start(folder: &TempDir) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo-server"));
        command.env_clear().current_dir(folder.path()).args(["--port", "0"]);
        command.args(["--metrics-addr", "127.0.0.1:0"]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// The address in the next line whose message begins so.
    pub(crate) fn address(&mut self, begin: &str) -> String {
        for line in self.log.by_ref().lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if line["message"].as_str().unwrap().starts_with(begin) {
                return line["address"].as_str().unwrap().to_owned();
            }
        }
        panic!("it ended without a word");
    }

    /// Tells it to stop, waits until it has ended well, and answers the rest of its log.
    pub(crate) fn stop(&mut self) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{rest}");
        rest
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already gone, as a rule.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    std::io::read_to_string(stream).unwrap()
}

#[test]
fn it_needs_nothing_tells_how_it_is_and_ends_well() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::start(&folder);
    let metrics = program.address("metrics are at");
    let address = program.address("open http://");
    assert!(get(&address, "/ready").starts_with("HTTP/1.1 200 OK"));
    assert!(get(&metrics, "/metrics").contains("outbox_unpublished 0"));
    let rest = program.stop();
    assert!(rest.contains("stopped; every request was answered"), "{rest}");
}
