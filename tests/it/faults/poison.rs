//! Events that nobody can understand, or that cannot be read at all (SPEC 9): they are parked or passed over,
//! and hold up nobody else.

use axum::http::Method;
use serde_json::{Value, json};
use todo_tests::http::Asked;
use todo_tests::services::{self, TodoServer, until};
use tokio::runtime::Runtime;

use super::oracle::Database;
use super::{Random, died, runs};
use crate::outage::writers::{Account, passes};

/// An event is made this before it was told. On PostgreSQL it may be said otherwise, or not at all.
#[derive(Debug)]
struct Poison {
    sqlite: &'static str,
    postgres: Option<&'static str>,
    /// How many consumers park it, and all that comes after it.
    parked_by: i64,
    /// Whether the statistics count what comes after it; the poison itself they never count.
    counts: bool,
    /// Whether it is in the audit, which understands of an event that it was.
    audited: bool,
    /// What makes it good again, if something does.
    remedy: Option<[&'static str; 2]>,
}

macro_rules! change {
    ($change:literal) => {
        concat!(
            "UPDATE events SET ",
            $change,
            " WHERE event_type = 'task.created' AND EXISTS (SELECT 1 FROM outbox x \
             WHERE x.owner = events.owner AND x.seq = events.seq AND x.position IS NULL)"
        )
    };
}

macro_rules! poison {
    ($change:literal, $($rest:tt)+) => {
        poison!(@ change!($change), Some(change!($change)), $($rest)+)
    };
    ([$sqlite:literal, $postgres:literal], $($rest:tt)+) => {
        poison!(@ change!($sqlite), Some(change!($postgres)), $($rest)+)
    };
    ([$sqlite:literal], $($rest:tt)+) => { poison!(@ change!($sqlite), None, $($rest)+) };
    (@ $sqlite:expr, $postgres:expr, $parked:literal, $counts:literal, $audited:literal, $remedy:expr) => {
        Poison {
            sqlite: $sqlite,
            postgres: $postgres,
            parked_by: $parked,
            counts: $counts,
            audited: $audited,
            remedy: $remedy,
        }
    };
}

const VERSION: Option<[&str; 2]> =
    Some(["UPDATE events SET schema_version = 1 WHERE schema_version <> 1"; 2]);
const TITLE: Option<[&str; 2]> = Some([
    "UPDATE events SET data = json_set(data, '$.task.title', 'healed') WHERE length(data) > 1000000",
    "UPDATE events SET data = jsonb_set(data::jsonb, '{task,title}', '\"healed\"')::text \
     WHERE length(data) > 1000000",
]);

const POISONS: &[Poison] = &[
    // The statistics must understand a task that is made.
    poison!("data = '{'", 1, false, true, None),
    poison!("data = '[1, 2]'", 1, false, true, None),
    poison!("schema_version = 99", 1, false, true, VERSION),
    poison!(
        [
            "data = json_set(data, '$.task.title', hex(zeroblob(2000000)))",
            "data = jsonb_set(data::jsonb, '{task,title}', to_jsonb(repeat('0', 4000000)))::text"
        ],
        1,
        false,
        true,
        TITLE
    ),
    // Nobody has anything to do with it.
    poison!("event_type = 'task.exploded'", 0, true, true, None),
    // Notifications must understand a reminder.
    poison!("event_type = 'reminder.triggered', data = '[1, 2]'", 1, true, true, None),
    // Nobody can read it.
    poison!("schema_version = -1", 3, false, false, VERSION),
    poison!("aggregate_version = -1", 3, false, false, None),
    poison!(["data = CAST(x'ff' AS TEXT)"], 3, false, false, None),
    poison!(["event_type = CAST(x'ff' AS TEXT)"], 3, false, false, None),
    poison!(["actor_id = x'ff'"], 3, false, false, None),
];

const PARKED: &str = "SELECT count(*) FROM dead_letters";
const COUNTED: &str = "SELECT CAST(COALESCE(sum(created), 0) AS BIGINT) FROM activity";
const UNAUDITED: &str = "SELECT count(*) FROM events e WHERE NOT EXISTS \
                         (SELECT 1 FROM audit a WHERE a.owner = e.owner AND a.seq = e.seq)";

/// Most events that come after a poison.
const AFTER_MAX: u64 = 3;

/// Makes a task; whether that was answered is another question.
fn write(runtime: &Runtime, account: &Account, title: &str) {
    let asked = Asked::new(Method::POST, "/api/tasks").bearer(&account.token);
    let asked = asked.json(&json!({ "title": title }));
    let answer = runtime.block_on(account.client.ask(asked));
    let made = answer.as_ref().is_ok_and(|answer| answer.status.is_success());
    assert!(made || passes(&answer), "{answer:?}");
}

/// How much is parked, counted, and not in the audit.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Made {
    parked: i64,
    counted: i64,
    unaudited: i64,
}

impl Made {
    /// Waits until it is so.
    fn comes(self, runtime: &Runtime, database: &Database, what: &str) {
        until(what, || {
            let ask = |sql| runtime.block_on(database.number(sql)).expect("a number");
            let [parked, counted, unaudited] = [PARKED, COUNTED, UNAUDITED].map(ask);
            let found = Self { parked, counted, unaudited };
            if found == self { Ok(()) } else { Err(format!("{found:?}, not {self:?}")) }
        });
    }
}

/// Each poison once, and as many more as are asked for, with some events after each.
fn poisoned(mut servers: [TodoServer; 1], database: &Database) {
    let runtime = Runtime::new().expect("a runtime");
    let mut random = Random::of("poison");
    let here = |poison: &Poison| match database {
        Database::Sqlite(_) => Some(poison.sqlite),
        Database::Postgres(_) => poison.postgres,
    };
    let known: Vec<_> = POISONS.iter().filter_map(|poison| Some((poison, here(poison)?))).collect();
    let drawn = (0..runs()).map(|_| {
        let at = random.up_to(known.len() as u64) - 1;
        known[usize::try_from(at).expect("a place in a table")]
    });
    let all: Vec<_> = known.iter().copied().chain(drawn).collect();
    servers[0].start_ready(&runtime);
    let address = servers[0].address();
    let bob = runtime.block_on(Account::register(address));
    let (mut made, mut healed) = (Made::default(), Made::default());
    for (no, (poison, change)) in (1..).zip(all) {
        let after = i64::try_from(random.up_to(AFTER_MAX)).expect("a few");
        let email = format!("ann-{no}@example.org");
        let ann = runtime.block_on(Account::register_as(address, &email));
        servers[0].stop();
        // It is written, and dies with what it is about to tell.
        servers[0].start_armed(&runtime, "relay.chosen");
        write(&runtime, &ann, "poison");
        died(&mut servers);
        let changed = runtime.block_on(database.change(change)).expect("a change");
        assert_eq!(changed, 1, "{change}");
        servers[0].start_ready(&runtime);
        for _ in 0..after {
            write(&runtime, &ann, "after it");
        }
        write(&runtime, &bob, "somebody else's");
        let parked = poison.parked_by * (1 + after);
        let unaudited = if poison.audited { 0 } else { 1 + after };
        made.parked += parked;
        made.counted += 1 + if poison.counts { after } else { 0 };
        made.unaudited += unaudited;
        if poison.remedy.is_some() {
            healed.parked += parked;
            healed.counted += 1 + after;
            healed.unaudited += unaudited;
        }
        made.comes(&runtime, database, change);
    }
    servers[0].stop();
    shows_what_cannot_be_read(&servers[0]);
    for remedy in [VERSION, TITLE].into_iter().flatten() {
        let remedy = remedy[usize::from(matches!(database, Database::Postgres(_)))];
        runtime.block_on(database.change(remedy)).expect("a change");
    }
    // Some of it stays, which it says.
    let said = servers[0].run(&["dead-letters", "redrive"]).expect_err("some stay");
    assert!(said.contains("stay parked"), "{said}");
    made.parked -= healed.parked;
    made.counted += healed.counted;
    made.unaudited -= healed.unaudited;
    made.comes(&runtime, database, "redrive");
    let log = servers[0].log();
    assert!(!log.contains("panicked"), "{log}");
}

/// An operator sees which event it is, and what of it is damaged.
fn shows_what_cannot_be_read(server: &TodoServer) {
    let list = server.run(&["dead-letters", "list"]).expect("a list");
    let mut damaged = list.lines().filter(|line| line.contains("its row is damaged"));
    let line = damaged.next().unwrap_or_else(|| panic!("none is damaged: {list}"));
    let words: Vec<_> = line.split(' ').collect();
    let [consumer, owner, seq] = [words[0], words[1], words[2]];
    let letter = server.run(&["dead-letters", "show", consumer, owner, seq]).expect("a letter");
    let letter: Value = serde_json::from_str(&letter).expect("JSON");
    assert!(line.ends_with(letter["reason"].as_str().expect("a reason")), "{letter}");
    assert_eq!(letter["event"]["user_id"], owner, "{letter}");
    assert_eq!(letter["event"]["seq"].to_string(), seq, "{letter}");
}

#[test]
fn what_nobody_understands_holds_up_nobody_else() {
    let server = TodoServer::alone();
    let database = Database::Sqlite(server.folder().join("todo.db"));
    poisoned([server], &database);
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_what_nobody_understands_holds_up_nobody_else() {
    let database = services::Database::fresh();
    let server = TodoServer::with("all", database.url());
    poisoned([server], &Database::Postgres(database.url()));
}
