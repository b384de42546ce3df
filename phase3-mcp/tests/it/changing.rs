//! `update_task`, `complete_task`, `reopen_task`, `skip_task`, `delete_task`, `undo`.

use serde_json::json;

use crate::support::{World, ids};

/// Absent is not null: what is not said stays, null takes away.
#[test]
fn what_is_not_said_stays_and_null_takes_away() {
    let world = World::new();
    let said = json!({
        "title": "a", "description": "notes", "due_date": "friday", "project": "home", "tags": ["x"],
    });
    world.done("add_task", said);
    world.done("update_task", json!({ "task_id": 1, "title": "b" }));
    let task = world.task(1);
    assert_eq!((&task["title"], &task["description"]), (&json!("b"), &json!("notes")));
    assert_eq!(task["due_date"], "2026-11-27");
    let nothing = json!({
        "task_id": 1, "due_date": null, "project": "none", "description": "", "remove_tags": ["X"],
    });
    world.done("update_task", nothing);
    let task = world.task(1);
    for field in ["due_date", "project", "description"] {
        assert_eq!(task[field], json!(null), "{field}");
    }
    assert_eq!(task["tags"], json!([]));
}

/// S2, S3: a wished state that already holds changes nothing, and says so; a stale version is refused
/// with the task as it stands.
#[test]
fn versions_guard_a_change() {
    let world = World::new();
    world.add(&["a"]);
    let done = world.done("update_task", json!({ "task_id": 1, "title": "a" }));
    assert_eq!(done.told, json!({ "tasks": [], "unchanged": [1] }));
    assert!(done.text.starts_with("Already so:"), "{}", done.text);
    world.done("update_task", json!({ "task_id": 1, "title": "b", "version": 1 }));
    let error = world.refused("update_task", json!({ "task_id": 1, "title": "c", "version": 1 }));
    assert_eq!(error["code"], "version_conflict");
    assert_eq!(
        (&error["current"]["title"], &error["current"]["version"]),
        (&json!("b"), &json!(2))
    );
    let error = world.refused("complete_task", json!({ "task_id": 1, "version": 1 }));
    assert_eq!(error["code"], "version_conflict");
}

/// There is always something to change.
#[test]
fn nothing_to_change_is_refused() {
    let world = World::new();
    world.add(&["a"]);
    let error = world.refused("update_task", json!({ "task_id": 1 }));
    assert!(error["message"].as_str().is_some_and(|text| text.contains("nothing to change")));
    let error =
        world.refused("update_task", json!({ "task_id": 1, "tags": [], "add_tags": ["x"] }));
    assert_eq!(error["fields"][0]["field"], "tags");
}

/// R5: a repeating task goes on, which the answer says; skipping and undoing do too.
#[test]
fn a_series_goes_on_and_back() {
    let world = World::new();
    world.done("add_task", json!({ "title": "a", "recurrence": "every day", "due_date": "today" }));
    let done = world.done("complete_task", json!({ "task_id": 1 }));
    assert_eq!(ids(&done.told), [1, 2]);
    assert_eq!(done.told["notes"][0]["note"], "spawned");
    assert_eq!(
        done.text,
        "Completed task (step 4):\n\
         1. a | completed | due 2026-11-21 | v2\n\
         Besides:\n\
         2. a | due 2026-11-22 | repeats | v1\n\
         1 repeats: the next one is 2, due Sun 2026-11-22 (tomorrow)."
    );
    let done = world.done("undo", json!({}));
    assert!(done.text.starts_with("Undone; changed back"), "{}", done.text);
    assert_eq!(world.task(1)["status"], "pending");
    let done = world.done("skip_task", json!({ "task_id": 1 }));
    assert_eq!(done.told["notes"][0]["note"], "spawned");
    assert_eq!(world.task(1)["status"], "cancelled");
}

/// S1, S8: what the rules refuse is refused with advice.
#[test]
fn the_rules_refuse_with_advice() {
    let world = World::new();
    world.add(&["a"]);
    world.done("add_task", json!({ "title": "b", "parent": 1 }));
    let error = world.refused("complete_task", json!({ "task_id": 1 }));
    assert_eq!(error["code"], "open_subtasks");
    assert_eq!(error["candidates"], json!([{ "id": 2, "title": "b" }]));
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("cascade")));
    world.done("update_task", json!({ "task_id": 2, "status": "cancelled" }));
    let error = world.refused("complete_task", json!({ "task_id": 2 }));
    assert_eq!(error["code"], "invalid_transition");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("reopen_task")));
    world.done("reopen_task", json!({ "task_id": 2 }));
    assert_eq!(world.task(2)["status"], "pending");
}

/// S7: a named step, redo, and nothing left to undo.
#[test]
fn undo_takes_a_step_and_redo_brings_it_back() {
    let world = World::new();
    world.add(&["a", "b"]);
    let done = world.done("undo", json!({ "step": 1 }));
    assert_eq!(ids(&done.told), [1]);
    world.done("undo", json!({}));
    let error = world.refused("undo", json!({ "step": 77 }));
    assert_eq!(error["code"], "not_found");
    let done = world.done("undo", json!({ "redo": true }));
    assert_eq!(ids(&done.told).len(), 1);
    let error = world.refused("undo", json!({ "redo": true, "step": 1 }));
    assert_eq!(error["fields"][0]["field"], "step");
}

/// The file is the terminal's, and may be written by others between two calls.
#[test]
fn what_others_write_is_seen() {
    let world = World::new();
    world.add(&["a"]);
    let zone = "UTC".parse().expect("a zone");
    let other = todo_mcp::File::open(&world.path(), zone).expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let other = World::on(other, crate::support::runtime(), folder);
    other.done("update_task", json!({ "task_id": 1, "title": "theirs" }));
    assert_eq!(world.task(1)["title"], "theirs");
    other.add(&["b"]);
    world.add(&["c"]);
    assert_eq!(ids(&other.done("list_tasks", json!({ "sort": "id" })).told), [1, 2, 3]);
}
