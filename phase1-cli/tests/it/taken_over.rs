//! What an import tells of what it left and of what came of it, and that it leaves a file that
//! can be read (SPEC 6).

use serde_json::json;

use crate::support::{Answer, Sandbox};

/// Imports a table with one row about a task.
fn import(sandbox: &Sandbox, id: u64, columns: &str, row: &str) -> Answer {
    let tasks = sandbox.tasks();
    let task = tasks.iter().find(|task| task["id"] == id).expect("it is there");
    let uid = task["uid"].as_str().expect("a uid");
    let table = format!("uid,title,{columns}\n{uid},Renamed,{row}\n");
    sandbox.run_with(&["import", "--from", "csv", "-", "--json"], table.as_bytes())
}

#[test]
fn r1_a_table_leaves_no_rule_without_its_due_date() {
    let sandbox = Sandbox::given();
    let before = sandbox.bytes();
    let answer = import(&sandbox, 6, "updated_at,due_date", "2026-12-01,");
    assert_eq!(answer.status, 1, "{answer:?}");
    assert_eq!(sandbox.bytes(), before);
    sandbox.ok(&["list"]);
}

#[test]
fn r5_a_table_that_finishes_a_task_tells_that_its_series_goes_on() {
    let sandbox = Sandbox::given();
    let answer = import(&sandbox, 6, "updated_at,status", "2026-12-01,completed").json();
    let note = json!({
        "field": "series",
        "count": 1,
        "fate": "goes on with the next one",
        "examples": ["Renamed"],
    });
    assert_eq!((&answer["updated"], &answer["notes"]), (&json!(1), &json!([note])), "{answer}");
    let tasks = sandbox.tasks();
    let next = tasks.iter().find(|task| task["id"] == 7).expect("the next one is made");
    assert_eq!((&next["title"], &next["status"]), (&json!("Renamed"), &json!("pending")));
    sandbox.ok(&["undo"]);
    assert_eq!(sandbox.ok(&["show", "6", "--json"]).json()["tasks"][0]["title"], "Stretch");
}

#[test]
fn what_is_left_is_named_with_its_reason() {
    let sandbox = Sandbox::given();
    let answer = import(&sandbox, 6, "updated_at", "2020-01-01T00:00:00Z").json();
    let reason = json!({ "reason": "older", "count": 1, "examples": ["Renamed"] });
    assert_eq!((&answer["left"], &answer["left_because"]), (&json!(1), &json!([reason])));
    sandbox.ok(&["delete", "6"]);
    let answer = import(&sandbox, 6, "updated_at", "2026-12-01T00:00:00Z").json();
    assert_eq!(answer["left_because"][0]["reason"], "trashed", "{answer}");
}
