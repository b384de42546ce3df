//! A backup that is put back behind the backs of those who listen and keep copies: when they come back
//! others have gone on from it, as far as they had seen and further. The numbers fit, and nothing else.

use serde_json::{Value, json};
use todo_tests::services::{Database, TodoServer, signal};
use todo_tests::surfaces::cli::program::Todo;
use tokio::runtime::Runtime;

use super::{EMAIL, PASSWORD, Watch, begin_at, url, wait_for};

/// How many tasks are added after the backup.
const LOST: u64 = 3;

fn titles(todo: &Todo) -> Vec<String> {
    let listed = todo.run(["list", "--sort", "id", "--json"]).json();
    let tasks = listed["tasks"].as_array().expect("tasks");
    tasks.iter().filter_map(|task| task["title"].as_str().map(str::to_owned)).collect()
}

fn add(todo: &Todo, name: &str, count: u64) {
    for number in 1..=count {
        todo.run(["add", "--literal", &format!("{name} {number}")]).done();
    }
}

fn walk(server: TodoServer) {
    let runtime = Runtime::new().expect("a runtime");
    let (mut server, _account, todo) = begin_at(&runtime, server);
    todo.run(["add", "Kept"]).done();
    server.run(&["backup", "copy"]).expect("a backup");
    let raw = Watch::begin_raw(&todo);
    let lines = Watch::begin(&todo, &[]);
    lines.listens_to(&todo);
    add(&todo, "Lost", LOST);
    let seen = raw.told("task.created", &format!("Lost {LOST}"));
    lines.shown("added", &format!("Lost {LOST}"));
    assert!(titles(&todo).contains(&"Lost 1".to_owned()));

    server.stop();
    for watch in [&raw, &lines] {
        wait_for(&watch.err, "complaint", |line| line.starts_with("waiting: "));
        // It comes back when others were faster.
        signal("STOP", watch.todo.id());
    }
    server.run(&["restore", "copy", "--force"]).expect("it is put back");
    server.start_ready(&runtime);
    let mut other = Todo::by_the_clock();
    other.log_in_as(&url(&server), EMAIL, PASSWORD);
    // With the numbers that were seen, and further.
    let anew = seen["seq"].as_u64().expect("a number");
    add(&other, "Anew", anew);
    let mut told = vec!["Kept".to_owned()];
    told.extend((1..=anew).map(|number| format!("Anew {number}")));

    assert_eq!(titles(&other), told);
    assert_eq!(titles(&todo), told, "by a copy that goes further than the backup");
    for watch in [&raw, &lines] {
        signal("CONT", watch.todo.id());
    }
    let hello = raw.told("hello", "");
    assert_eq!(hello["data"]["resumed"], json!(false), "{hello}");
    let refetch = raw.told("refetch", "");
    assert_eq!((&refetch["data"], &refetch["seq"]), (&json!({"reason": "unknown"}), &hello["seq"]));
    wait_for(&lines.out, "word", |line| line == "much has changed");
    // And from there it goes on.
    add(&other, "Afterwards", 1);
    let told: Value = raw.told("task.created", "Afterwards 1");
    assert_eq!(told["seq"].as_u64(), hello["seq"].as_u64().map(|seq| seq + 1), "{told}");
    lines.shown("added", "Afterwards 1");
}

/// SPEC 9: who comes back is given what they have missed, or is told to fetch everything anew.
#[test]
fn who_has_seen_what_is_no_more_begins_anew() {
    walk(TodoServer::alone());
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_has_seen_what_is_no_more_begins_anew_on_postgres() {
    let database = Database::fresh();
    walk(TodoServer::stopped(Some(database.url()), Vec::new()));
}
