//! kill -9 at any moment: what was acknowledged is there, and nothing is there by half.
//!
//! A child process, this binary again, commits in a loop and says what was acknowledged.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::Weekday;
use todo_core::conformance::OWNERS;
use todo_core::conformance::given::{ZONE, go, instant, rename};
use todo_core::query::{Moment, TaskQuery};
use todo_core::reference::TaskRef;
use todo_core::{AsyncTaskStore, ErrorCode, Needs, Status, TaskId, command};
use todo_store::{DatabaseUrl, Options, Store};
use uuid::Uuid;

use crate::server::Server;
use crate::{audit, support, writers};

const URL: &str = "TODO_STORE_TEST_CHILD";
const FIRST: &str = "TODO_STORE_TEST_FIRST";
/// After so many acknowledgements the child is killed, round after round.
const ROUNDS: [usize; 4] = [1, 7, 23, 60];
const WRITERS: u32 = 4;

/// What the rounds run; by itself it has nothing to do.
#[test]
#[ignore = "run by the others"]
fn child() {
    let (Ok(url), Ok(first)) = (std::env::var(URL), std::env::var(FIRST)) else { return };
    let url: DatabaseUrl = url.parse().expect("a URL");
    let first: u32 = first.parse().expect("a number");
    support::run(async {
        let store = Store::open(&url, &support::options()).await.expect("it opens");
        let writers: Vec<_> =
            (0..WRITERS).map(|k| tokio::spawn(write(store.clone(), first + k))).collect();
        for writer in writers {
            writer.await.expect("it writes until it is killed");
        }
    });
}

async fn write(store: Store, mut k: u32) {
    loop {
        writers::insist(&store, OWNERS[0], &writers::addition(k)).await;
        say(k);
        let task = TaskId(uid(k));
        let more = if k.is_multiple_of(2) { go(Status::Completed) } else { rename("changed") };
        let more = command::Command::One(command::Item::act(task, more));
        writers::insist(&store, OWNERS[0], &more).await;
        k += WRITERS;
    }
}

fn say(k: u32) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nmade {k}").and_then(|()| out.flush()).expect("the parent listens");
}

fn uid(k: u32) -> Uuid {
    Uuid::from_u128(0x7000_8000_0000_0000_0000 + u128::from(k))
}

/// Runs a child until it has acknowledged so many, does something dreadful, and answers which.
fn round(url: &str, first: u32, acks: usize, dreadful: impl FnOnce()) -> Vec<u32> {
    let mut child = Command::new(std::env::current_exe().expect("this binary"))
        .args(["crash::child", "--exact", "--ignored", "--nocapture"])
        .env(URL, url)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = out.lines().map_while(Result::ok);
    let made = |line: String| line.strip_prefix("made ")?.parse::<u32>().ok();
    let mut acknowledged: Vec<_> = lines.by_ref().filter_map(made).take(acks).collect();
    assert_eq!(acknowledged.len(), acks, "the child ended by itself");
    dreadful();
    child.kill().expect("it is killed");
    // What it said before it died.
    acknowledged.extend(lines.filter_map(made));
    child.wait().expect("it is gone");
    acknowledged
}

async fn all_there(store: &Store, acknowledged: &[u32]) {
    let tasks = acknowledged.iter().map(|k| TaskRef::Uid(TaskId(uid(*k)))).collect();
    let needs = Needs { tasks, ..Needs::default() };
    let facts = store.load(OWNERS[0], &needs).await.expect("it loads");
    for k in acknowledged {
        assert!(facts.tasks.contains_key(&TaskId(uid(*k))), "task {k} was acknowledged");
    }
}

#[test]
fn sqlite_survives_the_death_of_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("todo.db");
    let url = format!("sqlite://{}", path.display());
    let open = async || support::open(&url.parse().expect("a URL")).await;
    support::run(async { support::with_owners(open().await).await.close().await });
    let mut all = Vec::new();
    for (at, acks) in (0..).zip(ROUNDS) {
        all.extend(round(&url, at * 100_000 + 1, acks, || {}));
        support::run(async {
            // Opened as it was left: the lock of the dead is nobody's.
            let store = open().await;
            all_there(&store, &all).await;
            store.close().await;
            audit::sqlite(&path).await;
        });
    }
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_survives_the_death_of_the_server() {
    let database = support::run(async { support::postgres().await.1 });
    let mut all = Vec::new();
    for (at, acks) in (0..).zip(ROUNDS) {
        all.extend(round(&database.text(), at * 100_000 + 1, acks, || {}));
        support::run(async {
            all_there(&support::open(&database.url()).await, &all).await;
            audit::postgres(&database.text()).await;
        });
    }
}

fn moment() -> Moment {
    let now = instant("2026-11-21T12:00:00Z");
    Moment { now, zone: ZONE, owner_zone: ZONE, week_start: Weekday::Mon }
}

/// What is answered once the last process of the database is gone.
async fn down(store: &Store) -> ErrorCode {
    loop {
        if let Err(error) = store.load(OWNERS[0], &Needs::default()).await {
            return error.code();
        }
    }
}

/// And that of the database: a store that was open meanwhile goes on by itself.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_dies_and_comes_back() {
    let server = Server::start();
    let url: DatabaseUrl = server.url().parse().expect("a URL");
    support::run(async {
        support::with_owners(support::open(&url).await).await;
        let patience = Duration::from_millis(500);
        let options = Options { patience, ..support::options() };
        let store = Store::open(&url, &options).await.expect("it opens");
        let mut all = Vec::new();
        for (at, acks) in (0..).zip(ROUNDS) {
            let first = at * 100_000 + 1;
            all.extend(round(&server.url(), first, acks, || server.kill()));
            assert_eq!(down(&store).await, ErrorCode::StorageUnavailable);
            server.resume();
            // Every connection of the pool died with the old server.
            store.ready().await.expect("it answers");
            // Whatever was acknowledged may be completed by now, and so on no default list.
            store.find(OWNERS[0], &TaskQuery::new(moment())).await.expect("it answers");
            all_there(&store, &all).await;
            writers::insist(&store, OWNERS[0], &writers::addition(first + 99_999)).await;
            audit::postgres(&server.url()).await;
        }
    });
}
