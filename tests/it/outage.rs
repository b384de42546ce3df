//! What is promised when a process dies under load: what was acknowledged is there, and nothing is
//! there twice (SPEC 7, SPEC 11).
//!
//! Writers send tasks over HTTP, each with an `Idempotency-Key`, and send the same request again
//! until it is answered. Meanwhile `todo-web` or its database is stopped, killed and started again.

pub(super) mod writers;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use todo_tests::http::Asked;
use todo_tests::services::{Database, Postgres, TodoWeb, until};
use tokio::runtime::Runtime;

use writers::{Account, Writers};

/// Writers at a time.
const WRITERS: usize = 8;
/// Tasks that are acknowledged before, during and after what happens.
const SOME: usize = 40;

#[test]
fn todo_web_is_killed_on_sqlite() {
    let runtime = Runtime::new().expect("a runtime");
    let server = TodoWeb::start_new(&runtime, None);
    kill_twice(&runtime, server);
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn todo_web_is_killed_on_postgres() {
    let runtime = Runtime::new().expect("a runtime");
    let database = Database::fresh();
    let server = TodoWeb::start_new(&runtime, Some(database.url()));
    kill_twice(&runtime, server);
}

fn kill_twice(runtime: &Runtime, mut server: TodoWeb) {
    let account = runtime.block_on(Account::register(server.address()));
    let writers = Writers::start(runtime, &account, WRITERS);
    for round in 1..=2 {
        writers.wait_for(SOME * round);
        server.kill();
        server.start_ready(runtime);
    }
    writers.wait_for(SOME * 3);
    let written = writers.stop(runtime);
    runtime.block_on(account.holds_exactly(&written));
}

/// In an outage it says so, and how long to wait; afterwards it goes on without being started again.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_is_stopped_and_killed() {
    let runtime = Runtime::new().expect("a runtime");
    let mut postgres = Postgres::start_new();
    let database = postgres.database();
    let server = TodoWeb::start_new(&runtime, Some(database.url()));
    let account = runtime.block_on(Account::register(server.address()));
    let writers = Writers::start(&runtime, &account, WRITERS);
    for (round, stop) in
        [Postgres::stop_fast as fn(&mut Postgres), Postgres::kill].iter().enumerate()
    {
        writers.wait_for(SOME * (2 * round + 1));
        stop(&mut postgres);
        tells_of_the_outage(&runtime, &account);
        postgres.start();
        until("todo-web does not find its database again", || {
            let asked = Asked::new(Method::GET, "/ready");
            match runtime.block_on(account.client.ask(asked)) {
                Ok(answer) if answer.status == StatusCode::OK => Ok(()),
                Ok(answer) => Err(answer.status.to_string()),
                Err(error) => Err(error.to_string()),
            }
        });
        writers.wait_for(SOME * (2 * round + 2));
    }
    let written = writers.stop(&runtime);
    runtime.block_on(account.holds_exactly(&written));
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
}

fn tells_of_the_outage(runtime: &Runtime, account: &Account) {
    for asked in [
        Asked::new(Method::GET, "/api/tasks/1"),
        Asked::new(Method::GET, "/api/tasks?limit=1"),
        Asked::new(Method::POST, "/api/tasks").json(&json!({ "title": "lost" })),
    ] {
        let what = format!("{asked:?}");
        let answer = runtime.block_on(account.client.ask(asked.bearer(&account.token)));
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}: {answer:?}");
        assert_eq!(answer.header("retry-after"), Some("5"), "{what}");
        let problem: Value = answer.json().expect("a problem");
        assert_eq!(problem["code"], "storage_unavailable", "{what}: {problem}");
        // Nothing of what is behind it: no addresses, no users, no SQL.
        let told = problem.to_string();
        for hidden in ["postgres", "127.0.0.1", "refused", "SELECT", "INSERT"] {
            assert!(!told.contains(hidden), "{what}: {told}");
        }
    }
    let ready = runtime.block_on(account.client.ask(Asked::new(Method::GET, "/ready")));
    assert_eq!(ready.expect("an answer").status, StatusCode::SERVICE_UNAVAILABLE);
    let live = runtime.block_on(account.client.ask(Asked::new(Method::GET, "/health")));
    assert_eq!(live.expect("an answer").status, StatusCode::OK);
}
