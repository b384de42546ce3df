//! Processes of one part each, and several of the same: what is written at one is told at another.

use std::net::SocketAddr;

use axum::http::{Method, StatusCode};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use todo_core::Timestamp;
use todo_tests::http::Asked;
use todo_tests::services::{self, PATIENCE, TodoServer, until};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::load::now;
use super::oracle::Database;
use super::{Stage, runs};
use crate::outage::writers::Account;

/// Tasks that are accepted between two deaths: what is told of them is under way.
const SOME: usize = 8;

/// How long after it was set a reminder comes, in milliseconds: more than it takes to set it.
const SOON: i64 = 5_000;

/// Whoever listens loses the server that tells him, and goes on at the other one: nothing is missing, and
/// nothing comes twice.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_listener_goes_on_at_another_replica_on_postgres() {
    let runtime = Runtime::new().expect("a runtime");
    let database = services::Database::fresh();
    let mut all = TodoServer::with("all", database.url());
    all.start_ready(&runtime);
    let mut replicas = [(); 2].map(|()| TodoServer::with("api,live", database.url()));
    for replica in &mut replicas {
        replica.start_ready(&runtime);
    }
    let [one, other] = &replicas;
    let kept = Database::Postgres(database.url());
    let stage = Stage::begin_listening(runtime, &all, &[one, other], kept);
    let mut at = stage.listener.sits_elsewhere(None);
    for _ in 0..runs() {
        stage.load.wait_for_more(SOME);
        let dies = replicas.iter_mut().find(|replica| replica.address() == at);
        let dies = dies.expect("one of them");
        dies.kill();
        at = stage.listener.sits_elsewhere(Some(at));
        stage.load.wait_for_more(SOME);
        dies.start_ready(&stage.runtime);
    }
    let [one, other] = &replicas;
    stage.end(&[&all, one, other]);
}

/// SPEC 9: each role alone in a process of its own, and all of them are the server. What is written by one
/// of them is done, shown and told by the others.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn five_processes_of_one_role_each_are_one_server_on_postgres() {
    let runtime = Runtime::new().expect("a runtime");
    let database = services::Database::fresh();
    let roles = ["api", "live", "relay", "worker", "scheduler"];
    let mut servers = roles.map(|role| TodoServer::with(role, database.url()));
    for server in &mut servers {
        server.start_ready(&runtime);
    }
    let [api, live, ..] = &servers;
    Database::Postgres(database.url()).has_consumers(&runtime);
    let account = runtime.block_on(Account::register(api.address()));
    let mut socket = runtime.block_on(listen(live.address(), &account.token));

    let ask = |asked: Asked| {
        let answer = runtime.block_on(account.client.ask(asked.bearer(&account.token)));
        answer.expect("an answer")
    };
    let at = Timestamp::from_millis(now() + SOON).to_string();
    let tea = json!({ "title": "Tea", "reminders": [{ "at": at }] });
    let made = ask(Asked::new(Method::POST, "/api/tasks").json(&tea));
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made: Value = made.json().expect("a task");

    let created = runtime.block_on(told(&mut socket));
    assert_eq!(created["type"], "task.created", "{created}");
    let reminder = runtime.block_on(told(&mut socket));
    assert_eq!(
        (&reminder["type"], &reminder["data"]["title"]),
        (&json!("reminder"), &json!("Tea"))
    );
    for message in [&created, &reminder] {
        assert_eq!(message["data"]["uid"], made["task"]["uid"], "{message}");
    }
    // The newest first.
    let shown = |path: &str, what: [&str; 2], first: [&str; 2]| {
        until("it does not show", || {
            let told: Value = ask(Asked::new(Method::GET, path)).json()?;
            let newest = what.map(|at| told.pointer(at).and_then(Value::as_str));
            if newest == first.map(Some) { Ok(()) } else { Err(told.to_string()) }
        });
    };
    shown(
        "/api/audit",
        ["/items/0/event_type", "/items/1/event_type"],
        ["reminder.triggered", "task.created"],
    );
    shown("/api/notifications", ["/items/0/kind", "/items/0/task/title"], ["reminder", "Tea"]);
}

type Socket = WebSocketStream<TcpStream>;

/// Listens to a server from now on.
async fn listen(server: SocketAddr, token: &str) -> Socket {
    let stream = TcpStream::connect(server).await.expect("it listens");
    let opened = client_async(format!("ws://{server}/ws"), stream).await;
    let (mut socket, _) = opened.expect("it opens");
    let auth = json!({ "type": "auth", "token": token });
    socket.send(Message::text(auth.to_string())).await.expect("it listens");
    assert_eq!(told(&mut socket).await["type"], "hello");
    socket
}

async fn told(socket: &mut Socket) -> Value {
    let message = async {
        loop {
            match socket.next().await.expect("it is open").expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, message).await.expect("in time")
}
