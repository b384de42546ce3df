//! The program as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(super) struct Program {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Program {
    /// One that leaves the port of metrics to others.
    pub(super) fn start(folder: &Path, words: &[&str]) -> Self {
        Self::start_with(folder, words, &[("METRICS_ADDR", "off")])
    }

    /// One with these variables and no others.
    pub(super) fn start_with(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo-web"));
        command.env_clear().envs(variables.iter().copied()).current_dir(folder).args(words);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// The address it listens at, from the line in which it says where to go.
    pub(super) fn address(&mut self) -> String {
        self.address_in("open http://", "/docs; reminders fire only under todo-server")
    }

    /// The address in the next line that begins and ends so.
    pub(super) fn address_in(&mut self, begin: &str, end: &str) -> String {
        let line = self.line(begin);
        assert!(line["message"].as_str().unwrap().ends_with(end), "{line}");
        line["address"].as_str().unwrap().to_owned()
    }

    /// The next line whose message begins so.
    fn line(&mut self, begin: &str) -> Value {
        for line in self.log.by_ref().lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if line["message"].as_str().unwrap().starts_with(begin) {
                return line;
            }
        }
        panic!("it ended without a word");
    }

    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Its status, and what was left of its log.
    pub(super) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
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
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The status and the JSON of an answer.
pub(super) fn post(address: &str, path: &str, body: &Value) -> (u16, Value) {
    let (mut stream, body) = (TcpStream::connect(address).unwrap(), body.to_string());
    let head = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json";
    write!(stream, "POST {path} {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn it_needs_nothing_and_ends_well() {
    let folder = TempDir::new().unwrap();
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(folder.path(), &["--port", "0"]);
        let address = program.address();
        assert!(get(&address, "/ready").starts_with("HTTP/1.1 200 OK"));
        assert!(
            folder.path().join("todo.db").exists() && folder.path().join("todo.secret").exists()
        );

        // Two servers on one file would not know of each other.
        let (status, told) = Program::start(folder.path(), &["--port", "0"]).end();
        assert_eq!(status, Some(1), "{told}");
        assert!(
            told.starts_with("todo-web: ") && told.contains("in use by another server"),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");

        // Nor can two listen at one port.
        let port = address.rsplit(':').next().unwrap();
        let words = ["--port", port, "--database-url", "sqlite://other.db"];
        let (status, told) = Program::start(folder.path(), &words).end();
        assert_eq!(status, Some(1), "{told}");
        assert!(told.contains(&format!("port {port} cannot be listened at")), "{told}");

        program.signal(signal);
        let (status, log) = program.end();
        assert_eq!(status, Some(0), "{log}");
        assert!(log.contains("every request was answered"), "{log}");
    }
}

/// SPEC 7: metrics are on a listener of their own.
#[test]
fn metrics_are_served_where_they_are_asked_for() {
    let folder = TempDir::new().unwrap();
    let mut program =
        Program::start(folder.path(), &["--port", "0", "--metrics-addr", "127.0.0.1:0"]);
    let metrics = program.address_in("metrics are at http://", "/metrics");
    let address = program.address();
    assert!(get(&address, "/metrics").starts_with("HTTP/1.1 404"));
    let told = get(&metrics, "/metrics");
    assert!(told.contains("http_requests_total{method=\"GET\",route=\"-\",status=\"404\"} 1\n"));
    // An address that is taken is said before anything is served.
    let words = ["--port", "0", "--metrics-addr", &metrics, "--database-url", "sqlite://other.db"];
    let (status, log) = Program::start(folder.path(), &words).end();
    assert_eq!(status, Some(1), "{log}");
    assert!(log.contains("cannot be listened at") && !log.contains("open http"), "{log}");
    program.signal("TERM");
    assert_eq!(program.end().0, Some(0));
}

/// SPEC 13: they have an address where nobody says one, and a second server goes without.
#[test]
fn a_default_that_is_taken_stops_nobody() {
    // If this fails, another has it: just as well.
    let _taken = TcpListener::bind("127.0.0.1:9000");
    let folder = TempDir::new().unwrap();
    let mut program = Program::start_with(folder.path(), &["--port", "0"], &[]);
    let told = program.line("metrics are served nowhere");
    assert_eq!(told["address"], "127.0.0.1:9000");
    assert!(get(&program.address(), "/health").starts_with("HTTP/1.1 200"));
    program.signal("TERM");
    assert_eq!(program.end().0, Some(0));
    // Who asks for them there is told.
    let words = ["--port", "0", "--metrics-addr", "127.0.0.1:9000"];
    let (status, log) = Program::start(folder.path(), &words).end();
    assert_eq!(status, Some(1), "{log}");
    assert!(log.contains("port 9000 cannot be listened at"), "{log}");
}

#[test]
fn the_log_names_requests_and_holds_no_secret() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::start(folder.path(), &["--port", "0"]);
    let address = program.address();
    get(&address, "/api/tasks?search=private-words");
    get(&address, "/private-path");
    // That address is a secret itself.
    assert!(get(&address, "/api/calendar/private.ics").starts_with("HTTP/1.1 404"));
    program.signal("TERM");
    let (_, log) = program.end();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    assert_eq!(answered.len(), 3, "{log}");
    assert_eq!(
        (&answered[0]["route"], &answered[0]["status"]),
        (&"/api/tasks".into(), &401.into())
    );
    assert_eq!((&answered[1]["route"], &answered[1]["method"]), (&"-".into(), &"GET".into()));
    assert_eq!(answered[2]["route"], "/api/calendar/{secret}");
    assert!(answered[0]["request_id"].is_string() && answered[0]["ms"].is_number(), "{log}");
    assert!(!log.contains("private"), "{log}");
}

#[test]
fn what_it_cannot_do_it_says_in_one_line() {
    let folder = TempDir::new().unwrap();
    for (words, status, message) in [
        (&["--database-url", "sqlite://none/todo.db"][..], 1, "none"),
        (&["--database-url", "mysql://x"], 2, "is not a database URL"),
        (&["--host", "not a host"], 1, "cannot be listened at"),
    ] {
        let (ended, told) = Program::start(folder.path(), words).end();
        assert_eq!(ended, Some(status), "{told}");
        let last = told.lines().last().unwrap();
        assert!(last.starts_with("todo-web: ") && last.contains(message), "{told}");
    }
    let (ended, told) = Program::start(folder.path(), &["--nonsense"]).end();
    assert_eq!(ended, Some(2), "{told}");
}

#[test]
fn tables_are_made_on_demand() {
    let folder = TempDir::new().unwrap();
    assert_eq!(Program::start(folder.path(), &["migrate"]).end().0, Some(0));
    assert!(folder.path().join("todo.db").exists());
}

/// SPEC 13: a status of 0 says that the tables are there. Whoever stops a `migrate` that waits for a
/// server has none.
#[test]
fn tables_that_were_not_made_are_not_reported_as_made() {
    let folder = TempDir::new().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://x@{}/x", silent.local_addr().unwrap());
    let program = Program::start(folder.path(), &["migrate", "--database-url", &url]);
    // By then it listens for signals, and is kept waiting.
    drop(silent.accept().unwrap());
    program.signal("TERM");
    let (status, log) = program.end();
    assert_eq!(status, Some(1), "{log}");
    let last = log.lines().last().unwrap();
    assert!(last.contains("interrupted") && last.contains("run `migrate` again"), "{log}");
}
