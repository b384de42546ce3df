//! Confirmations (SPEC 8): a token, the same call, exactly that.

use serde_json::{Value, json};

use crate::support::{World, ids};

fn asked(world: &World, tool: &str, said: &Value) -> String {
    let error = world.refused(tool, said.clone());
    assert_eq!(error["code"], "confirmation_required", "{error}");
    error["confirm"].as_str().expect("a token").to_owned()
}

fn with(said: &Value, token: &str) -> Value {
    let mut said = said.clone();
    said["confirm"] = json!(token);
    said
}

/// Each kind of call that changes several: nothing happens before, exactly that after.
#[test]
fn what_changes_several_is_confirmed_first() {
    for (tool, said, field, value) in [
        ("complete_task", json!({ "task_ids": [1, 2] }), "status", json!("completed")),
        (
            "bulk_update",
            json!({ "filter": "id:1-2", "set": { "priority": "high" } }),
            "priority",
            json!("high"),
        ),
        (
            "bulk_update",
            json!({ "task_ids": [1, 2], "action": "cancel" }),
            "status",
            json!("cancelled"),
        ),
    ] {
        let world = World::new();
        world.add(&["a", "b", "c"]);
        let error = world.refused(tool, said.clone());
        assert_eq!(ids(&error), [1, 2], "{error}");
        assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("confirm")));
        assert_eq!(world.task(1)["version"], 1);
        let token = error["confirm"].as_str().expect("a token");
        let done = world.done(tool, with(&said, token));
        assert_eq!(ids(&done.told), [1, 2]);
        assert_eq!((&world.task(1)[field], &world.task(2)[field]), (&value, &value));
        assert_eq!(world.task(3)["version"], 1);
        // S5: one step takes all of it back.
        assert_eq!(ids(&world.done("undo", json!({})).told), [1, 2]);
    }
}

/// A task with what lies below it is several.
#[test]
fn what_takes_subtasks_along_is_confirmed_first() {
    let world = World::new();
    world.add(&["a"]);
    world.done("add_task", json!({ "title": "b", "parent": 1 }));
    let said = json!({ "task_id": 1 });
    let token = asked(&world, "delete_task", &said);
    world.done("delete_task", with(&said, &token));
    assert_ne!(world.task(2)["deleted_at"], json!(null));
}

/// One task needs none, nor does a dry run; nor does a series that goes on make two of one.
#[test]
fn one_task_is_not_confirmed() {
    let world = World::new();
    world.add(&["a", "b"]);
    world.done("delete_task", json!({ "task_id": 1 }));
    world.done("bulk_update", json!({ "task_ids": [2], "set": { "priority": "low" } }));
    world.done("add_task", json!({ "title": "c", "recurrence": "every day" }));
    world.done("complete_task", json!({ "task_id": 3 }));
    let said = json!({ "filter": "all", "action": "delete", "dry_run": true });
    let done = world.call("bulk_update", said);
    assert!(done.is_ok() || done.is_err_and(|error| error["code"] != "confirmation_required"));
}

/// A token is for one call, in time, and for the tasks as they were.
#[test]
fn a_token_is_for_nothing_else() {
    let world = World::new();
    world.add(&["a", "b", "c"]);
    let said = json!({ "task_ids": [1, 2] });
    let token = asked(&world, "complete_task", &said);
    let refused = |said: Value, tool: &str| {
        let error = world.refused(tool, said);
        assert_eq!(error["code"], "confirmation_required", "{error}");
        assert_eq!(error["confirm"], Value::Null, "a refused token is answered with no other");
        error["message"].as_str().unwrap_or_default().to_owned()
    };
    let foreign = "this confirmation was not given for this call; nothing has changed";
    // Other tasks, another tool, forged, cut short, empty.
    assert_eq!(refused(json!({ "task_ids": [1, 3], "confirm": token }), "complete_task"), foreign);
    assert_eq!(refused(with(&said, &token), "delete_task"), foreign);
    let mut forged = token.clone().into_bytes();
    forged[0] ^= 1;
    let forged = String::from_utf8(forged).expect("text");
    for bad in [forged.as_str(), &token[..20], "", "ägyptisch", &"A".repeat(100_000)] {
        assert_eq!(refused(with(&said, bad), "complete_task"), foreign);
    }
    // Another process, or another server's secret.
    let other = todo_mcp::Secrets::new(&[8; 32]);
    assert_ne!(format!("{other:?}"), format!("{:?}", [8; 32]), "a secret is never shown");
    // Moved meanwhile.
    world.done("update_task", json!({ "task_id": 2, "title": "other" }));
    let moved = "the tasks have changed since this confirmation was given; nothing has changed";
    assert_eq!(refused(with(&said, &token), "complete_task"), moved);
    // Too late.
    let token = asked(&world, "complete_task", &said);
    world.wait(600);
    let late = "this confirmation is older than 10 minutes; nothing has changed";
    assert_eq!(refused(with(&said, &token), "complete_task"), late);
    assert_eq!(world.task(1)["status"], "pending");
}

/// A filter that means another set of tasks meanwhile is not what was confirmed.
#[test]
fn a_filter_that_means_more_by_now_is_asked_again() {
    let world = World::new();
    world.add(&["a", "b"]);
    let said = json!({ "filter": "priority:medium", "action": "delete" });
    let token = asked(&world, "bulk_update", &said);
    world.add(&["c"]);
    let error = world.refused("bulk_update", with(&said, &token));
    assert_eq!(error["code"], "confirmation_required");
    assert_eq!(ids(&world.done("list_tasks", json!({ "sort": "id" })).told), [1, 2, 3]);
}

/// S5: refused items are shown before, and listed after.
#[test]
fn refused_items_are_told_before_and_after() {
    let world = World::new();
    world.add(&["a", "b", "c"]);
    world.done("update_task", json!({ "task_id": 3, "status": "cancelled" }));
    let said = json!({ "task_ids": [3, 1, 2] });
    let error = world.refused("complete_task", said.clone());
    assert_eq!(error["refused"][0]["ref"], "3", "{error}");
    assert_eq!(error["refused"][0]["code"], "invalid_transition");
    let token = error["confirm"].as_str().expect("a token");
    let done = world.done("complete_task", with(&said, token));
    assert_eq!(ids(&done.told), [1, 2]);
    assert_eq!(done.told["refused"][0]["ref"], "3");
    assert!(done.text.contains("Not done for 3: "), "{}", done.text);
}

/// S8: a task and one below it, both named, go along with each other once.
#[test]
fn a_task_and_its_subtask_can_both_be_named() {
    for named in [[1, 2], [2, 1]] {
        let world = World::new();
        world.add(&["a"]);
        world.done("add_task", json!({ "title": "b", "parent": 1 }));
        let said = json!({ "task_ids": named, "cascade": true });
        let token = asked(&world, "complete_task", &said);
        world.done("complete_task", with(&said, &token));
        for id in [1, 2] {
            assert_eq!(
                (&world.task(id)["status"], &world.task(id)["version"]),
                (&json!("completed"), &json!(2))
            );
        }
    }
}

/// S5: a thousand at once, and no more; one command and one step.
#[test]
fn a_thousand_at_once_and_no_more() {
    let world = World::new();
    let task = |id: usize| {
        json!({
            "id": id, "uid": format!("01a1fdfa-4600-7c3b-99d1-{id:012x}"), "title": format!("t{id}"),
            "status": "pending", "priority": "medium", "version": 1,
            "created_at": "2026-11-01T00:00:00.000Z", "updated_at": "2026-11-01T00:00:00.000Z",
        })
    };
    let write = |count: usize| {
        let tasks: Vec<_> = (1..=count).map(task).collect();
        let next = count + 1;
        let file = json!({ "format": 2, "next_id": next, "next_seq": next, "tasks": tasks });
        std::fs::write(world.path(), file.to_string()).expect("a file");
    };
    let said = json!({ "filter": "priority:medium", "action": "complete" });
    write(1_001);
    assert_eq!(world.refused("bulk_update", said.clone())["code"], "limit_exceeded");
    write(1_000);
    let error = world.refused("bulk_update", said.clone());
    assert_eq!((ids(&error).len(), &error["more"]), (50, &json!(950)), "no more than can be read");
    let token = error["confirm"].as_str().expect("a token");
    let done = world.done("bulk_update", with(&said, token));
    assert_eq!((ids(&done.told).len(), &done.told["more"]), (50, &json!(950)));
    assert_eq!(world.done("get_stats", json!({})).told["status"]["completed"], 1_000);
    world.done("undo", json!({}));
    assert_eq!(world.done("get_stats", json!({})).told["status"]["completed"], 0);
}
