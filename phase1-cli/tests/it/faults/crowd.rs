//! Many writers at once (SPEC 6: concurrent writers lose nothing).

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::support::{Answer, Sandbox};

/// How many add, and how many complete, at the same time.
const EACH: u64 = 50;

#[test]
fn fifty_adds_and_fifty_dones_at_once_lose_nothing() {
    (1..=3).for_each(round);
}

#[test]
#[ignore = "takes a minute: tests/run"]
fn fifty_adds_and_fifty_dones_at_once_lose_nothing_in_twenty_rounds() {
    (1..=20).for_each(round);
}

fn round(round: u32) {
    let sandbox = Sandbox::with_tasks(EACH);
    let title = |id| format!("New {id}");
    // All of them stand in line before the first may write.
    let held = hold(&sandbox);
    let mut crowd: Vec<Child> = Vec::new();
    for id in 1..=EACH {
        crowd.push(sandbox.start(&["done", &id.to_string()]));
        crowd.push(sandbox.start(&["add", &title(id)]));
    }
    drop(held);
    for child in crowd {
        let answer = Answer::from(child.wait_with_output().expect("the process ends"));
        assert_eq!(answer.status, 0, "round {round}: {answer:?}");
    }

    let tasks = sandbox.tasks();
    let ids: BTreeSet<_> = tasks.iter().map(|task| task["id"].as_u64()).collect();
    assert_eq!(
        ids,
        (1..=2 * EACH).map(Some).collect(),
        "round {round}: each id once, none left out"
    );
    let titles: BTreeSet<_> = tasks.iter().filter_map(|task| task["title"].as_str()).collect();
    let lost: Vec<_> = (1..=EACH).map(title).filter(|t| !titles.contains(t.as_str())).collect();
    assert_eq!(lost, Vec::<String>::new(), "round {round}: added and lost");
    let completed = tasks.iter().filter(|task| task["status"] == "completed");
    let completed: BTreeSet<_> = completed.filter_map(|task| task["id"].as_u64()).collect();
    assert_eq!(completed, (1..=EACH).collect(), "round {round}: completed and lost");
    // S7: every one of them can be taken back.
    let steps = sandbox.ok(&["log", "--limit", "1000", "--json"]).json();
    assert_eq!(steps["steps"].as_array().map(Vec::len), Some(100), "round {round}: a step each");
    sandbox.ok(&["doctor"]);
}

/// Takes the lock as another program would.
fn hold(sandbox: &Sandbox) -> File {
    let lock = File::create(sandbox.path("tasks.json.lock")).expect("the lock file");
    lock.lock().expect("nobody else has it");
    lock
}

#[test]
fn a_writer_that_waited_too_long_says_who_is_in_the_way() {
    let sandbox = Sandbox::given();
    let held = hold(&sandbox);
    std::fs::write(sandbox.path("tasks.json.lock"), "process 4711 (todo import)").expect("a note");
    let started = Instant::now();
    let answer = sandbox.fails(3, &["done", "1"]);
    assert!(started.elapsed() >= Duration::from_millis(4900), "it waits five seconds");
    assert!(answer.err.contains("in use by process 4711 (todo import)"), "{answer:?}");
    // Readers take no lock, and neither does a dry run, which writes nothing.
    sandbox.ok(&["list"]);
    sandbox.ok(&["done", "1", "--dry-run"]);
    let doctor = sandbox.ok(&["doctor"]);
    assert!(doctor.out.contains("in use by process 4711"), "{doctor:?}");
    drop(held);
    sandbox.ok(&["done", "1"]);
}

#[test]
fn readers_beside_writers_see_whole_files() {
    let sandbox = Sandbox::with_tasks(300);
    let mut writers: Vec<Child> =
        (0..20).map(|at| sandbox.start(&["add", &format!("New {at}")])).collect();
    let mut seen = 300;
    let mut reads = 0;
    while writers.iter_mut().any(|child| child.try_wait().expect("a child").is_none()) || reads == 0
    {
        let count = sandbox.ok(&["count", "--json"]).json()["count"].as_u64().expect("a count");
        assert!((seen..=320).contains(&count), "{count} tasks after {seen}");
        (seen, reads) = (count, reads + 1);
    }
    for child in writers {
        assert_eq!(Answer::from(child.wait_with_output().expect("it ends")).status, 0);
    }
    assert_eq!(sandbox.tasks().len(), 320);
}
