//! `todo-mcp` on a server with a token (SPEC 8): who may, who may no longer, and who is not there. That
//! the tools do there what they do on a file is told by the scenarios.

use std::net::TcpStream;
use std::process::Command;

use serde_json::{Value, json};
use todo_core::{Timestamp, Zone};
use todo_tests::built;
use todo_tests::services::until;
use todo_tests::surfaces::Surface as _;
use todo_tests::surfaces::cli::program::Todo;
use todo_tests::surfaces::mcp::{Client, Tasks, refusal_of};
use todo_tests::surfaces::rest::{Rest, Sqlite};

fn now() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().expect("an instant")
}

fn server() -> Rest<Sqlite> {
    let mut server = Rest::fresh();
    server.travel(now(), Zone::UTC);
    server
}

fn assistant(tasks: Tasks) -> Client {
    let mut client = Client::fresh(tasks);
    client.travel(now(), Zone::UTC);
    client
}

fn with_token(server: &Rest<Sqlite>, token: &str) -> Client {
    assistant(Tasks::Server { url: server.url(), token: token.to_owned() })
}

fn done(client: &mut Client, tool: &str, arguments: &Value) -> Value {
    let answer = client.call(tool, arguments).expect("an answer");
    assert_ne!(answer["isError"], true, "{answer}");
    answer["structuredContent"].clone()
}

fn refused(client: &mut Client, tool: &str, arguments: &Value) -> Value {
    refusal_of(&client.call(tool, arguments).expect("an answer"))
}

#[test]
fn a_wrong_token_is_told_of_and_not_shown() {
    let server = server();
    let mut client = with_token(&server, "todo_pat_wrong");
    let error = refused(&mut client, "list_tasks", &json!({}));
    assert_eq!(error["code"], "unauthorized", "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("TODO_TOKEN")), "{error}");
    assert!(!error.to_string().contains("todo_pat_wrong"), "{error}");
}

#[test]
fn a_token_that_may_only_read_does_not_write() {
    let mut server = server();
    let token = server.token("read");
    let mut client = with_token(&server, &token);
    let listed = done(&mut client, "list_tasks", &json!({}));
    assert_eq!(listed["tasks"], json!([]));
    let error = refused(&mut client, "add_task", &json!({ "title": "mine" }));
    assert_eq!(error["code"], "forbidden", "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("read")), "{error}");
    assert_eq!(done(&mut client, "list_tasks", &json!({}))["tasks"], json!([]));
}

/// Issue 7: what ends in mid-use ends with words, and the copy does not answer in its place.
#[test]
fn a_token_taken_back_in_mid_use_is_not_served_from_the_copy() {
    let mut server = server();
    let token = server.token("write");
    let mut client = with_token(&server, &token);
    done(&mut client, "add_task", &json!({ "title": "mine" }));
    server.revoke_tokens();
    // The server may remember for a few seconds that it is good.
    server.travel(now().plus_millis(60_000), Zone::UTC);
    for (tool, arguments) in
        [("list_tasks", json!({})), ("add_task", json!({ "title": "another" }))]
    {
        let error = refused(&mut client, tool, &arguments);
        assert_eq!(error["code"], "unauthorized", "{tool}: {error}");
    }
}

#[test]
fn a_server_that_is_gone_is_told_of_and_nothing_is_queued() {
    let mut server = server();
    let token = server.token("write");
    let mut client = with_token(&server, &token);
    let url = server.url();
    let at = url.strip_prefix("http://").expect("an address").to_owned();
    drop(server);
    // It finishes what it has begun first, and may still answer meanwhile.
    until("nobody listens there", || match TcpStream::connect(&at) {
        Ok(_) => Err("somebody does"),
        Err(_) => Ok(()),
    });
    for (tool, arguments) in [
        ("list_tasks", json!({})),
        ("add_task", json!({ "title": "another" })),
        ("undo", json!({})),
    ] {
        let error = refused(&mut client, tool, &arguments);
        assert_eq!(error["code"], "storage_unavailable", "{tool}: {error}");
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains("cannot reach"), "{tool}: {error}");
    }
}

/// What the terminal has logged in to: one sees what the other did, and what a person did on the page.
#[test]
fn what_the_terminal_keeps_of_a_log_in_is_enough() {
    let mut server = server();
    let (email, password) = server.account();
    let mut todo = Todo::fresh();
    todo.travel(now(), Zone::UTC);
    todo.log_in_as(&server.url(), &email, password);
    let mut client =
        assistant(Tasks::LoggedIn { url: server.url(), home: todo.folder().to_owned() });
    done(&mut client, "add_task", &json!({ "text": "Buy milk #shop" }));
    todo.run(["add", "Pay rent"]).done();
    let listed = todo.run(["list", "--json"]).json();
    assert_eq!(listed["tasks"].as_array().map(Vec::len), Some(2), "{listed}");
    let told = done(&mut client, "complete_task", &json!({ "task_id": 2 }));
    assert_eq!(told["tasks"][0]["title"], "Pay rent");
    // The session's token has run out: it is renewed, and the terminal finds the new one.
    server.travel(now().plus_millis(20 * 60_000), Zone::UTC);
    done(&mut client, "reopen_task", &json!({ "task_id": 2 }));
    assert_eq!(todo.run(["count"]).out, "2\n");
}

#[test]
fn who_has_not_logged_in_is_told_how() {
    let folder = tempfile::tempdir().expect("a folder");
    let sources = ["core/src", "phase1-cli", "phase2-web/store", "phase3-mcp"];
    let program = built::program("todo-mcp", "todo-mcp", &sources);
    let run = |address: &str, token: Option<&str>| {
        let mut command = Command::new(&program);
        command.env_clear().env("HOME", folder.path()).args(["--server", address]);
        command.envs(token.map(|token| ("TODO_TOKEN", token)));
        let ran = command.output().expect("it runs");
        assert_eq!((ran.status.code(), ran.stdout.as_slice()), (Some(1), &b""[..]));
        String::from_utf8_lossy(&ran.stderr).into_owned()
    };
    let told = run("https://todo.example.org", None);
    assert!(told.contains("todo login https://todo.example.org"), "{told}");
    // Whoever is on the way could read the token.
    let told = run("http://todo.example.org", Some("todo_pat_secret"));
    assert!(told.contains("not encrypted") && !told.contains("todo_pat_secret"), "{told}");
}
