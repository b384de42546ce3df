//! Over real sockets: many clients at once, clients that leave, and one that does not read.

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use todo_web::{Front, Rate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::{JoinSet, spawn_blocking};

use super::served::{Assistant, Served};

fn unlimited() -> Front {
    Front { rate: Rate::Off, ..Front::default() }
}

/// The bytes of a request.
async fn bytes(assistant: &Assistant, method: &str, params: &Value, last: bool) -> Vec<u8> {
    let (parts, body) = assistant.message(method, params).into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let token = assistant.token.as_deref().expect("a token");
    let mut request = format!("POST /mcp HTTP/1.1\r\nauthorization: Bearer {token}\r\n");
    for (name, value) in &parts.headers {
        request.extend([name.as_str(), ": ", value.to_str().expect("a text"), "\r\n"]);
    }
    let last = if last { "connection: close\r\n" } else { "" };
    let end = format!("{last}content-length: {}\r\n\r\n", body.len());
    [request.as_bytes(), end.as_bytes(), &body].concat()
}

/// Issue 7: 200 clients at the same time, each with its own connection, all answered.
#[tokio::test]
async fn two_hundred_clients_are_answered() {
    let served = Served::with(unlimited()).await;
    let ann = served.register("ann").await;
    let (address, _stop) = served.listen().await;
    let mut clients = JoinSet::new();
    for no in 0..200 {
        let said = json!({ "name": "add_task", "arguments": { "title": format!("task {no}") } });
        let request = bytes(&ann, "tools/call", &said, true).await;
        clients.spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(address).await?;
            stream.write_all(&request).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        });
    }
    while let Some(answer) = clients.join_next().await {
        let answer = answer.expect("no panic").expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("\"isError\":false"), "{answer}");
    }
    let stats = ann.done("get_stats", json!({})).await;
    assert_eq!(ann.done("list_tasks", json!({ "count": true })).await["total"], 200, "{stats}");
}

/// SPEC 8: what is cancelled by leaving is done as a whole, or not at all.
#[tokio::test]
async fn a_client_that_leaves_leaves_nothing_half_done() {
    const TASKS: usize = 20;
    let served = Served::with(unlimited()).await;
    let ann = served.register("ann").await;
    for no in 0..TASKS {
        ann.done("add_task", json!({ "title": format!("task {no}") })).await;
    }
    let (address, _stop) = served.listen().await;
    for round in 0..20 {
        let set = json!({ "project": format!("round {round}") });
        let mut said = json!({ "filter": "all", "set": set });
        let error = ann.refused("bulk_update", said.clone()).await;
        said["confirm"] = error["confirm"].clone();
        let call = json!({ "name": "bulk_update", "arguments": said });
        let request = bytes(&ann, "tools/call", &call, false).await;
        spawn_blocking(move || leave(address, &request)).await.expect("no panic");
        // It may be at work on it still: at every moment all have moved, or none.
        let listed = ann.done("list_tasks", json!({ "limit": 50 })).await;
        let tasks = listed["tasks"].as_array().expect("tasks");
        assert_eq!(tasks.len(), TASKS, "{listed}");
        let first = &tasks[0]["project"];
        assert!(tasks.iter().all(|task| &task["project"] == first), "{listed}");
    }
}

/// Sends, and is gone.
fn leave(address: SocketAddr, request: &[u8]) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request).expect("it reads");
    stream.shutdown(Shutdown::Both).expect("a connection");
}

/// A client that asks and asks and reads nothing waits for itself: others are served meanwhile, and it is
/// hung up on.
#[tokio::test]
async fn a_client_that_does_not_read_holds_nobody_up() {
    let served =
        Served::with(Front { send_timeout: Duration::from_millis(300), ..unlimited() }).await;
    let ann = served.register("ann").await;
    let (address, _stop) = served.listen().await;
    let request = bytes(&ann, "tools/list", &json!({}), false).await;
    let deaf = tokio::spawn(async move {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        // Until it is not listened to any more, and then until it is told so.
        while stream.write_all(&request).await.is_ok() {}
    });
    for _ in 0..20 {
        assert_eq!(ann.ask("tools/list", json!({})).await.status, StatusCode::OK);
    }
    let ended = tokio::time::timeout(Duration::from_mins(1), deaf).await;
    ended.expect("it is hung up on").expect("no panic");
}
