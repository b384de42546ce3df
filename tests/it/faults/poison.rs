//! Events that nobody can understand (SPEC 9): they are parked or passed over, and hold up nobody else.

use axum::http::Method;
use serde_json::json;
use todo_tests::http::Asked;
use todo_tests::services::{TodoServer, until};
use tokio::runtime::Runtime;

use super::died;
use super::oracle::Database;
use crate::outage::writers::{Account, passes};

macro_rules! poison {
    ($change:literal) => {
        concat!(
            "UPDATE events SET ",
            $change,
            " WHERE event_type = 'task.created' AND EXISTS (SELECT 1 FROM outbox x \
             WHERE x.owner = events.owner AND x.seq = events.seq AND x.position IS NULL)"
        )
    };
}

/// What was made of an event before it was told; how many of two events of its owner are then parked by
/// who must understand them, and how many are counted.
const POISONS: &[(&str, i64, i64)] = &[
    (poison!("data = '{'"), 2, 0),
    (poison!("data = '[1, 2]'"), 2, 0),
    (poison!("schema_version = 99"), 2, 0),
    (poison!("data = json_set(data, '$.task.title', hex(zeroblob(2000000)))"), 2, 0),
    (poison!("event_type = 'task.exploded'"), 0, 1),
];

/// What can be made good again.
const REMEDIES: [&str; 2] = [
    "UPDATE events SET schema_version = 1 WHERE schema_version = 99",
    "UPDATE events SET data = json_set(data, '$.task.title', 'healed') WHERE length(data) > 1000000",
];
/// Of each of these, two events.
const HEALED: i64 = 4;

const PARKED: &str = "SELECT count(*) FROM dead_letters";
const COUNTED: &str = "SELECT COALESCE(sum(created), 0) FROM activity";
/// The audit understands of an event that it was.
const UNAUDITED: &str = "SELECT count(*) FROM events e WHERE NOT EXISTS \
                         (SELECT 1 FROM audit a WHERE a.owner = e.owner AND a.seq = e.seq)";

/// Makes a task; whether that was answered is another question.
fn write(runtime: &Runtime, account: &Account, title: &str) {
    let asked = Asked::new(Method::POST, "/api/tasks").bearer(&account.token);
    let asked = asked.json(&json!({ "title": title }));
    let answer = runtime.block_on(account.client.ask(asked));
    let made = answer.as_ref().is_ok_and(|answer| answer.status.is_success());
    assert!(made || passes(&answer), "{answer:?}");
}

#[test]
fn what_nobody_understands_holds_up_nobody_else() {
    let runtime = Runtime::new().expect("a runtime");
    let mut servers = [TodoServer::alone()];
    servers[0].start_ready(&runtime);
    let database = Database::Sqlite(servers[0].folder().join("todo.db"));
    let address = servers[0].address();
    let bob = runtime.block_on(Account::register(address));
    let (mut parked, mut counted) = (0, 0);
    for (no, (poison, parks, counts)) in (1..).zip(POISONS) {
        let email = format!("ann-{no}@example.org");
        let ann = runtime.block_on(Account::register_as(address, &email));
        servers[0].stop();
        // It is written, and dies with what it is about to tell.
        servers[0].start_armed(&runtime, "relay.chosen");
        write(&runtime, &ann, "poison");
        died(&mut servers);
        let changed = runtime.block_on(database.change(poison)).expect("a change");
        assert_eq!(changed, 1, "{poison}");
        servers[0].start_ready(&runtime);
        write(&runtime, &ann, "after it");
        write(&runtime, &bob, "somebody else's");
        parked += parks;
        counted += counts + 1;
        comes_to(&runtime, &database, [parked, counted, 0], poison);
    }
    servers[0].stop();
    for remedy in REMEDIES {
        let healed = runtime.block_on(database.change(remedy)).expect("a change");
        assert_eq!(healed, 1, "{remedy}");
    }
    // Some of it stays, which it says.
    let said = servers[0].run(&["dead-letters", "redrive", "stats"]).expect_err("some stay");
    assert!(said.contains("stay parked"), "{said}");
    comes_to(&runtime, &database, [parked - HEALED, counted + HEALED, 0], "redrive");
    let log = servers[0].log();
    assert!(!log.contains("panicked"), "{log}");
}

/// Waits until so many are parked and counted, and every one is in the audit.
fn comes_to(runtime: &Runtime, database: &Database, expected: [i64; 3], what: &str) {
    until(what, || {
        let ask = |sql| runtime.block_on(database.number(sql)).expect("a number");
        let found = [PARKED, COUNTED, UNAUDITED].map(ask);
        if found == expected { Ok(()) } else { Err(format!("{found:?}, not {expected:?}")) }
    });
}
