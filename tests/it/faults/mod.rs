//! The fault matrix (SPEC 9, SPEC 11): whoever dies, and wherever, the writes that were accepted are the
//! effects. None is lost and none is there twice; what was not answered is there wholly or not at all.
//!
//! `todo-server` runs as a child process that ends at a named place, as a crash would end it, while
//! writers go on; then it is started again, to end at the next. A cell is repeated `TODO_FAULT_RUNS` times
//! with passings drawn from `TODO_FAULT_SEED`; the [`oracle`] looks at what all of them left behind.
//! `docs/faults.md` has the table of the cells, with those that are tested where they happen.

mod kill;
pub(crate) mod listener;
mod load;
mod oracle;
mod outages;
mod poison;
mod replicas;

use std::collections::BTreeMap;

use todo_tests::http::Asked;
use todo_tests::services::{TodoServer, until};
use tokio::runtime::Runtime;

use axum::http::Method;
use serde_json::Value;

use crate::outage::writers::Account;
use listener::Listener;
use load::{Load, Task, Written};
use oracle::Database;

/// Deaths a cell, where nobody asks for another number.
const RUNS: u32 = 3;
const SEED: u64 = 0x70d0;
/// Of the one owner there is.
const LAST: &str = "SELECT max(seq) FROM events";
/// The place is passed at most so often before the end.
const PASSINGS: u64 = 8;

fn runs() -> u32 {
    asked("TODO_FAULT_RUNS").unwrap_or(RUNS)
}

fn asked<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// The same numbers each time, for each cell its own.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn of(cell: &str) -> Self {
        let seed = asked("TODO_FAULT_SEED").unwrap_or(SEED);
        Self(
            cell.bytes()
                .fold(seed, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    /// `SplitMix64`, from 1 to `most`.
    fn up_to(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        1 + (mixed ^ (mixed >> 31)) % most
    }

    /// A passing of a place at which a process is to end.
    fn passing(&mut self, point: &str) -> String {
        format!("{point}:{}", self.up_to(PASSINGS))
    }
}

/// Somebody whose tasks are written while servers die.
#[derive(Debug)]
struct Stage {
    runtime: Runtime,
    account: Account,
    load: Load,
    listener: Listener,
    database: Database,
}

impl Stage {
    /// Begins to write by a server that is ready, once consumers are, and to listen to it.
    fn begin(runtime: Runtime, api: &TodoServer, database: Database) -> Self {
        Self::begin_listening(runtime, api, &[api], database)
    }

    /// The same, and to listen to these, one after the other.
    fn begin_listening(
        runtime: Runtime,
        api: &TodoServer,
        live: &[&TodoServer],
        database: Database,
    ) -> Self {
        database.has_consumers(&runtime);
        let account = runtime.block_on(Account::register(api.address()));
        let load = Load::start(&runtime, &account);
        let live = live.iter().map(|server| server.address()).collect();
        let listener = Listener::start(&runtime, live, account.token.clone());
        Self { runtime, account, load, listener, database }
    }

    /// Ends the writing; all servers that it takes are running. What was accepted is there, with all that
    /// follows from it, and nothing else.
    fn end(self, servers: &[&TodoServer]) {
        let Self { runtime, account, load, listener, database } = self;
        let written = load.stop(&runtime);
        database.settles(&runtime);
        let last = runtime.block_on(database.number(LAST)).expect("a number");
        listener.has_seen(&runtime, last.unsigned_abs());
        let found = runtime.block_on(tasks(&account));
        compare(&written, &found);
        for server in servers {
            let log = server.log();
            assert!(!log.contains("panicked"), "{log}");
        }
    }
}

/// Waits until one of the servers has ended at its place, and answers which.
fn died(servers: &mut [TodoServer]) -> usize {
    until("nobody comes to the place", || {
        let dead = servers.iter_mut().position(TodoServer::has_died);
        dead.ok_or_else(|| servers.iter().map(TodoServer::log).collect::<String>())
    })
}

/// Every task there is, by its title; of a series, the oldest.
async fn tasks(account: &Account) -> BTreeMap<String, Task> {
    let mut found = BTreeMap::<String, Task>::new();
    let mut path = "/api/tasks?limit=200&sort=id&status=all&waiting=true".to_owned();
    loop {
        let asked = Asked::new(Method::GET, path.as_str()).bearer(&account.token);
        let answer = account.client.ask(asked).await.expect("an answer");
        let page: Value = answer.json().expect("a page");
        let items = page["items"].as_array().unwrap_or_else(|| panic!("no page: {page}"));
        for item in items {
            let task: Task = serde_json::from_value(item.clone()).expect("a task");
            if item["series"].is_null() {
                let twice = found.insert(task.title.clone(), task);
                assert!(twice.is_none(), "twice: {twice:?}");
            } else {
                found.entry(task.title.clone()).or_insert(task);
            }
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        path = format!("/api/tasks?limit=200&sort=id&status=all&waiting=true&cursor={cursor}");
    }
}

fn compare(written: &Written, found: &BTreeMap<String, Task>) {
    for (title, task) in &written.accepted {
        let there = found.get(title).unwrap_or_else(|| panic!("lost: {task:?}"));
        assert_eq!((there.id, &there.uid), (task.id, &task.uid), "{title}");
        // Of a request that was not answered more may have come.
        assert!(there.version >= task.version, "older than it was: {there:?} {task:?}");
        assert!(task.status == "pending" || there.status == task.status, "{there:?} {task:?}");
    }
    let unasked = |title: &&String| {
        !written.accepted.contains_key(*title) && !written.unknown.contains(*title)
    };
    let unasked: Vec<_> = found.keys().filter(unasked).collect();
    assert!(unasked.is_empty(), "nobody asked for {unasked:?}");
}
