//! A server that is told to stop while it is busy loses no request (SPEC 7: graceful shutdown).
//!
//! Whoever asks meanwhile is answered, or finds nobody there: a connection that was taken is not hung up
//! on. And what was not answered was not done.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use todo_tests::http::{Asked, Client, nobody_listened};
use todo_tests::services::{Database, TodoWeb, until};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::outage::writers::Account;

/// Those who write at a time: half of them on one connection each, half on a new one for each task.
const WRITERS: usize = 12;
/// Those who ask for next to nothing, each time on a new connection: there is always one whose request has
/// come and was not read yet.
const ASKERS: usize = 48;
/// Tasks that are made before the word to stop.
const SOME: usize = 100;

#[test]
fn a_busy_server_stops_without_losing_a_request_on_sqlite() {
    stopped(None);
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_busy_server_stops_without_losing_a_request_on_postgres() {
    let database = Database::fresh();
    stopped(Some(database.url()));
}

#[derive(Default)]
struct Load {
    begun: AtomicUsize,
    answered: AtomicUsize,
    told_to_stop: AtomicBool,
    /// Answers to what was asked after the word to stop.
    answered_late: AtomicUsize,
}

fn stopped(url: Option<String>) {
    let runtime = Runtime::new().expect("a runtime");
    let mut server = TodoWeb::start_with(&runtime, url, Vec::new());
    let account = runtime.block_on(Account::register(server.address()));
    let load = Arc::new(Load::default());
    let (mut writers, mut askers) = (JoinSet::new(), JoinSet::new());
    for number in 0..WRITERS {
        let writer = writer(account.clone(), number % 2 == 0, Arc::clone(&load), server.address());
        writers.spawn_on(writer, runtime.handle());
    }
    for _ in 0..ASKERS {
        askers.spawn_on(asker(server.address()), runtime.handle());
    }
    until("nothing is written", || {
        let answered = load.answered.load(Ordering::Relaxed);
        if answered >= SOME { Ok(()) } else { Err(answered) }
    });
    load.told_to_stop.store(true, Ordering::SeqCst);
    server.stop();
    let mut written = BTreeMap::new();
    for one in runtime.block_on(writers.join_all()) {
        written.extend(one);
    }
    let asked: usize = runtime.block_on(askers.join_all()).into_iter().sum();
    assert!(asked > ASKERS, "{asked}");
    assert!(load.answered_late.load(Ordering::SeqCst) > 0, "nothing was asked while it stopped");
    let log = server.log();
    assert!(log.contains("every request was answered"), "{log}");
    assert!(!log.contains("the client went away") && !log.contains("\"failed\""), "{log}");

    server.start_ready(&runtime);
    runtime.block_on(account.holds_exactly(&written));
}

/// Makes one task after the other until nobody is there; answers those that were acknowledged.
async fn writer(
    account: Account,
    stays: bool,
    load: Arc<Load>,
    address: SocketAddr,
) -> BTreeMap<String, Value> {
    let mut written = BTreeMap::new();
    loop {
        let title = format!("task {}", load.begun.fetch_add(1, Ordering::Relaxed));
        let late = load.told_to_stop.load(Ordering::SeqCst);
        let client = if stays { account.client.clone() } else { Client::new(address) };
        let asked = Asked::new(Method::POST, "/api/tasks")
            .bearer(&account.token)
            .json(&json!({ "title": title }));
        let answer = match client.ask(asked).await {
            Ok(answer) => answer,
            Err(error) => {
                assert!(nobody_listened(&error), "a request was lost: {error:?}");
                return written;
            }
        };
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let told: Value = answer.json().expect("JSON");
        written.insert(title, told["task"].clone());
        load.answered.fetch_add(1, Ordering::Relaxed);
        if late {
            load.answered_late.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Asks until nobody is there; answers how often it was told something.
async fn asker(address: SocketAddr) -> usize {
    for told in 0.. {
        match Client::new(address).ask(Asked::new(Method::GET, "/health")).await {
            Ok(answer) => assert_eq!(answer.status, StatusCode::OK, "{answer:?}"),
            Err(error) => {
                assert!(nobody_listened(&error), "a request was lost: {error:?}");
                return told;
            }
        }
    }
    usize::MAX
}
