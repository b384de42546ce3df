//! `todo-server` as a program.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use todo_events::roles::{Role, Roles};
use todo_events::server::{Asked, Refused, read};
use todo_web::Clock;

use crate::support::until;

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
        self.line(begin)["address"].as_str().unwrap().to_owned()
    }

    /// The next line whose message begins so.
    pub(crate) fn line(&mut self, begin: &str) -> Value {
        for line in self.log.by_ref().lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if line["message"].as_str().unwrap().starts_with(begin) {
                return line;
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

/// Posts JSON with a token, and answers what is answered.
fn post(address: &str, path: &str, token: &str, body: &Value) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

/// What the audit has of somebody.
fn audit(address: &str, token: &str) -> Vec<Value> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /api/audit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    )
    .unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    body["items"].as_array().unwrap().clone()
}

/// The names that SPEC 9 and the pages of docs/ give them; each counts.
const FIGURES: [&str; 22] = [
    "active_connections",
    "active_users",
    "consumer_lag{consumer=\"audit\"}",
    "consumer_lag{consumer=\"stats\"}",
    "db_pool_connections{",
    "event_processing_lag_seconds_count{consumer=\"audit\"}",
    "events_handled_total{consumer=\"notifications\",outcome=\"done\"}",
    "events_told_total",
    "http_request_duration_seconds_count{",
    "http_requests_total{",
    "leader{part=\"relay\"} 1",
    "leader{part=\"scheduler\"} 1",
    "live_lag_seconds_count",
    "live_queue_overflows_total",
    "live_sockets",
    "notifications_total 1",
    "outbox_unpublished",
    "reminder_lateness_seconds_count 1",
    "scheduler_backlog",
    "todo_processing_seconds_count{consumer=\"notifications\"}",
    "todos_completed_total",
    "todos_created_total 3",
];

/// SPEC 9: what an operator watches, and what the audit knows of where something was asked from.
#[tokio::test]
async fn it_counts_what_it_does_and_the_audit_knows_from_where() {
    let folder = TempDir::new().unwrap();
    let mut program = Program::start(&folder);
    let metrics = program.address("metrics are at");
    let address = program.address("open http://");
    let ann = json!({"email": "ann@example.org", "password": "correct horse battery"});
    let token = post(&address, "/api/auth/register", "", &ann)["access_token"].clone();
    let token = token.as_str().unwrap();
    let soon = Clock::of_the_machine().now().plus_millis(5_000);
    let tea = json!({"title": "Tea", "reminders": [{"at": soon}]});
    assert_eq!(post(&address, "/api/tasks", token, &tea)["task"]["title"], "Tea");
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "add_task", "arguments": {"title": "Milk"}},
    });
    let added = post(&address, "/mcp", token, &call);
    assert_eq!(added["result"]["isError"], false, "{added}");
    let file = json!([{
        "uuid": "0195a1f0-0000-7000-8000-000000000001", "description": "Bread",
        "status": "pending", "entry": "20261121T120000Z",
    }]);
    let taken = post(&address, "/api/import?format=taskwarrior", token, &file);
    assert_eq!(taken["added"], 1, "{taken}");
    let mut told = String::new();
    for figure in FIGURES {
        until(figure, async || {
            told = get(&metrics, "/metrics");
            told.contains(&format!("\n{figure}"))
        })
        .await;
    }
    until("the audit knows", async || {
        let audit = audit(&address, token);
        let of = |one: &&Value| one["event_type"] == "task.created";
        let created: Vec<_> = audit.iter().filter(of).map(|one| &one["address"]).collect();
        created == ["127.0.0.1"; 3]
    })
    .await;
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
