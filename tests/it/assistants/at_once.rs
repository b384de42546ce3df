//! Two assistants and the terminal on one file, all writing at once (issue 7): nothing is lost, no
//! number is given twice, and what each was told is what the file holds.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use serde_json::{Value, json};
use todo_core::{Timestamp, Zone};
use todo_tests::surfaces::cli::program::Todo;
use todo_tests::surfaces::mcp::{Client, Tasks};

/// Writes of each.
const EACH: usize = 12;

#[test]
fn two_assistants_and_the_terminal_lose_nothing() {
    let now: Timestamp = "2026-11-21T09:00:00Z".parse().expect("an instant");
    let mut todo = Todo::fresh();
    todo.travel(now, Zone::UTC);
    let path = todo.folder().join("tasks.json");
    let told: Vec<(u64, String)> = thread::scope(|scope| {
        let assistant = |name: &'static str| {
            let path = path.clone();
            scope.spawn(move || {
                let mut client = Client::fresh(Tasks::At(path));
                client.travel(now, Zone::UTC);
                let add = |at| added(&mut client, &format!("{name} {at}"));
                (0..EACH).map(add).collect::<Vec<_>>()
            })
        };
        let assistants = [assistant("one"), assistant("two")];
        let todo = &todo;
        let terminal = scope.spawn(move || {
            let add = |at| {
                let title = format!("terminal {at}");
                let ran = loop {
                    let ran = todo.run(["add", "--json", &title]);
                    // Status 3: its turn did not come in time.
                    if ran.status != Some(3) {
                        break ran;
                    }
                };
                (ran.json()["tasks"][0]["id"].as_u64().expect("a number"), title)
            };
            (0..EACH).map(add).collect::<Vec<_>>()
        });
        let everybody = assistants.into_iter().chain([terminal]);
        everybody.flat_map(|one| one.join().expect("no panic")).collect()
    });
    let numbers: BTreeSet<_> = told.iter().map(|(id, _)| *id).collect();
    assert_eq!(numbers, (1..=3 * EACH as u64).collect());
    let file: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
    let held = file["tasks"].as_array().expect("tasks").iter();
    let held = held.map(|task| (task["id"].as_u64(), task["title"].as_str().map(str::to_owned)));
    let expected = told.into_iter().map(|(id, title)| (Some(id), Some(title)));
    assert_eq!(held.collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
}

/// Adds a task; another's turn is waited for, and one that took too long is said to have done nothing.
fn added(client: &mut Client, title: &str) -> (u64, String) {
    loop {
        let answer = client.call("add_task", &json!({ "title": title })).expect("an answer");
        if answer["isError"] != true {
            let id = answer["structuredContent"]["tasks"][0]["id"].as_u64();
            return (id.expect("a number"), title.to_owned());
        }
        let text = answer["content"][0]["text"].as_str().unwrap_or_default();
        assert!(text.contains("storage_unavailable"), "{answer}");
    }
}
