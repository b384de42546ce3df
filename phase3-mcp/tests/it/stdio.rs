//! The program over its standard streams, as clients start it.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, folder, modern, program};

/// The revision with a handshake: our own name, our own words.
#[test]
fn the_revision_with_a_handshake_is_served() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    let info = client.shake_hands();
    assert_eq!(info["protocolVersion"], "2025-11-25");
    assert_eq!(info["serverInfo"]["name"], "todo-mcp");
    assert_eq!(info["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    assert!(info["instructions"].as_str().is_some_and(|text| text.contains("never instructions")));
    let done = client.call("add_task", &json!({ "text": "Buy milk tomorrow #shop" }));
    assert_eq!(done["isError"], false);
    assert_eq!(done["structuredContent"]["tasks"][0]["due_date"], "2026-11-22");
    assert_eq!(done["resultType"], Value::Null, "that is of the later revision");
    assert_eq!(client.leave(), (String::new(), Some(0)));
}

/// The revision without one: each request stands for itself.
#[test]
fn the_revision_without_a_handshake_is_served() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    let info = client.ask("server/discover", &modern(json!({})));
    let versions = info["result"]["supportedVersions"].as_array().cloned().unwrap_or_default();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")));
    let listed = client.ask("tools/list", &modern(json!({})));
    assert_eq!(listed["result"]["tools"].as_array().map(Vec::len), Some(12));
    let call = modern(json!({ "name": "list_tasks", "arguments": {} }));
    let done = client.ask("tools/call", &call);
    assert_eq!(done["result"]["resultType"], "complete");
    assert_eq!(done["result"]["structuredContent"], json!({ "tasks": [] }));
    assert_eq!(client.leave(), (String::new(), Some(0)));
}

/// An unknown tool is a fault of the request; arguments of a wrong type are for the model to mend.
#[test]
fn bad_requests_are_answered() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    client.shake_hands();
    let answer = client.ask("tools/call", &json!({ "name": "add_taks", "arguments": {} }));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("did you mean add_task?"), "{message}");
    let done = client.call("complete_task", &json!({ "task_id": { "id": 1 } }));
    assert_eq!(done["isError"], true);
    let told = done["content"][0]["text"].as_str().unwrap_or_default();
    let told: Value = serde_json::from_str(told).expect("JSON");
    assert_eq!(told["error"]["code"], "validation_error");
    let answer = client.ask("no/such/method", &json!({}));
    assert_eq!(answer["error"]["code"], -32601, "{answer}");
    assert_eq!(client.leave(), (String::new(), Some(0)));
}

/// What is no message is passed over, and what follows is answered.
#[test]
fn junk_is_survived() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    client.write("hello?");
    client.shake_hands();
    for junk in ["", "{", "\u{0}\u{1}", "{}}", &"[".repeat(100_000)] {
        client.write(junk);
    }
    let done = client.call("list_tasks", &json!({}));
    assert_eq!(done["isError"], false);
    // More than any call: passed over as a whole, and one that is merely too long is answered.
    client.write(&"x".repeat(17 * 1024 * 1024));
    let long = json!({ "title": "x", "description": "y".repeat(1024 * 1024) });
    let done = client.call("add_task", &long);
    let told = done["content"][0]["text"].as_str().unwrap_or_default();
    assert!(told.contains("payload_too_large"), "{told}");
    assert_eq!(client.leave(), (String::new(), Some(0)));
}

/// A client that looks in and leaves.
#[test]
fn the_end_of_input_is_the_end() {
    let folder = folder();
    assert_eq!(Client::start(folder.path()).leave(), (String::new(), Some(0)));
}

/// What was asked before the client left is done, and answered.
#[test]
fn what_was_begun_is_finished() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    client.shake_hands();
    for id in 10..20 {
        let title = format!("task {id}");
        let params = json!({ "name": "add_task", "arguments": { "title": title } });
        client.write(
            &json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
                .to_string(),
        );
    }
    let (rest, status) = client.leave();
    assert_eq!((rest.lines().count(), status), (10, Some(0)), "{rest}");
    let text = std::fs::read_to_string(folder.path().join("tasks.json")).expect("a file");
    assert_eq!(text.matches("\"title\"").count(), 10);
}

/// A cancelled call is not answered, and the file is whole either way.
#[test]
fn a_cancelled_call_is_not_answered() {
    let folder = folder();
    let mut client = Client::start(folder.path());
    client.shake_hands();
    let call = json!({
        "jsonrpc": "2.0", "id": "long", "method": "tools/call",
        "params": { "name": "list_tasks", "arguments": {} },
    });
    let cancel = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "long" },
    });
    // In one write, so that both are there before the work begins.
    client.write(&format!("{call}\n{cancel}"));
    let done = client.call("add_task", &json!({ "title": "after" }));
    assert_eq!(done["isError"], false);
    assert_eq!(client.leave().1, Some(0));
}

/// Logs go to standard error, whatever is asked for; no task is in them.
#[test]
fn logs_are_no_part_of_the_protocol() {
    let folder = folder();
    let mut command = program(folder.path());
    command.env("LOG", "trace");
    let mut client = Client::of(command);
    client.shake_hands();
    client.call("add_task", &json!({ "title": "a secret" }));
    let mut child_err = client.child.stderr.take().expect("a pipe");
    assert_eq!(client.leave(), (String::new(), Some(0)));
    let mut logged = String::new();
    child_err.read_to_string(&mut logged).expect("text");
    assert!(!logged.contains("a secret"), "{logged}");
}

/// Two servers on one file, both writing at once: nothing is lost, no number is given twice.
#[test]
fn two_servers_share_a_file() {
    let folder = folder();
    let mut clients = [Client::start(folder.path()), Client::start(folder.path())];
    for client in &mut clients {
        client.shake_hands();
    }
    std::thread::scope(|scope| {
        for client in &mut clients {
            scope.spawn(|| {
                for at in 0..10 {
                    let done = client.call("add_task", &json!({ "title": format!("t{at}") }));
                    assert_eq!(done["isError"], false, "{done}");
                }
            });
        }
    });
    let [mut one, two] = clients;
    let done = one.call("list_tasks", &json!({ "sort": "id" }));
    let ids: Vec<_> = done["structuredContent"]["tasks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|task| task["id"].as_u64())
        .collect();
    assert_eq!(ids, (1..=20).collect::<Vec<_>>());
    assert_eq!((one.leave().1, two.leave().1), (Some(0), Some(0)));
}

/// A file that cannot be read is refused in words, and left as it is.
#[test]
fn a_damaged_file_is_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("tasks.json");
    std::fs::write(&path, "{ not tasks").expect("a file");
    let mut client = Client::start(folder.path());
    client.shake_hands();
    for (tool, arguments) in
        [("list_tasks", json!({})), ("add_task", json!({ "title": "a" })), ("undo", json!({}))]
    {
        let done = client.call(tool, &arguments);
        let told = done["content"][0]["text"].as_str().unwrap_or_default();
        assert!(told.contains("storage_corrupt") && told.contains("todo doctor"), "{tool}: {told}");
    }
    assert_eq!(client.leave().1, Some(0));
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "{ not tasks");
}

/// What cannot start says why, in one line, on standard error.
#[test]
fn what_cannot_start_says_why() {
    let folder = folder();
    for (args, why) in [
        (vec!["--user", "ann@example.org"], "DATABASE_URL"),
        (
            vec!["--user", "ann@example.org", "--database", "sqlite://no/such/folder/t.db"],
            "database",
        ),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todo-mcp"));
        command.env_clear().current_dir(folder.path()).args(args).stdin(Stdio::null());
        let output = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{said}");
        assert!(said.starts_with("todo-mcp: ") && said.contains(why), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// `--check` says what a client will see, and where nothing but refusals would be, why.
#[test]
fn a_check_says_what_a_client_will_see() {
    let folder = folder();
    let check = || {
        let output = program(folder.path()).arg("--check").output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (status, told, _) = check();
    assert_eq!(status, Some(0), "{told}");
    for part in [
        "2025-11-25, 2026-07-28",
        "tasks.json, 0 open",
        "read in Asia/Karachi",
        "tools      12 in ",
        "  delete_task    destroys  Delete tasks",
        "todo://today, todo://overdue, todo://tasks/{id}",
        "plan_my_day, weekly_review, capture",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    std::fs::write(folder.path().join("tasks.json"), "{").expect("a file");
    let (status, told, why) = check();
    assert_eq!((status, told.as_str()), (Some(1), ""), "{why}");
    assert!(why.contains("damaged") && why.contains("todo doctor"), "{why}");
}

/// A client that asks on and on and does not read: all of it is answered once it does.
#[test]
fn a_client_that_stops_reading_is_waited_for() {
    const CALLS: u64 = 500;
    let folder = folder();
    let mut client = Client::start(folder.path());
    client.shake_hands();
    client.call("add_task", &json!({ "title": "x".repeat(500) }));
    for id in 1_000..1_000 + CALLS {
        let params = json!({ "name": "list_tasks", "arguments": {} });
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        client.write(&call.to_string());
    }
    let mut answered: Vec<_> = (0..CALLS).filter_map(|_| client.read()["id"].as_u64()).collect();
    answered.sort_unstable();
    assert_eq!(answered, (1_000..1_000 + CALLS).collect::<Vec<_>>());
    assert_eq!(client.leave(), (String::new(), Some(0)));
}
