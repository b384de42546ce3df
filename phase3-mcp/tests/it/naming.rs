//! How tasks are named, and what is answered to a name that fits none (SPEC 8, §5).

use serde_json::json;

use crate::support::World;

/// The id that people say, the uid, and the start of it.
#[test]
fn a_task_is_named_by_id_or_uid() {
    let world = World::new();
    world.add(&["a"]);
    let uid = world.task(1)["uid"].as_str().expect("a uid").to_owned();
    for named in [json!(1), json!("1"), json!(1.0), json!("#1"), json!(uid), json!(uid[..13])] {
        let done = world.done("get_task", json!({ "task_id": named }));
        assert_eq!(done.told["task"]["id"], 1, "{named}");
    }
}

/// A number that is nobody's: the nearest, and nothing is done.
#[test]
fn an_unknown_number_is_answered_with_the_nearest() {
    let world = World::new();
    world.add(&["one", "two", "three"]);
    for tool in
        ["complete_task", "delete_task", "reopen_task", "skip_task", "update_task", "get_task"]
    {
        let mut said = json!({ "task_id": 33 });
        if tool == "update_task" {
            said["title"] = json!("x");
        }
        let error = world.refused(tool, said);
        assert_eq!(error["code"], "not_found", "{tool}: {error}");
        assert_eq!(error["candidates"], json!([{ "id": 3, "title": "three" }]), "{tool}");
        assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("list_tasks")), "{tool}");
    }
}

/// Words where an id belongs: the tasks that may be meant, the likeliest first; never a guess.
#[test]
fn words_are_answered_with_candidates() {
    let world = World::new();
    world.add(&["Buy milk", "Buy bread", "Call the plumber"]);
    let error = world.refused("complete_task", json!({ "task_id": "plumber" }));
    assert_eq!(error["candidates"], json!([{ "id": 3, "title": "Call the plumber" }]));
    let error = world.refused("delete_task", json!({ "task_id": "buy" }));
    assert_eq!(error["candidates"].as_array().map(Vec::len), Some(2), "{error}");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("ask the user")), "{error}");
    // A slip of the pen.
    let error = world.refused("complete_task", json!({ "task_id": "plumer" }));
    assert_eq!(error["candidates"][0]["id"], 3, "{error}");
    assert_eq!(world.done("list_tasks", json!({})).told["tasks"].as_array().map(Vec::len), Some(3));
}

/// The start of a uid that several have.
#[test]
fn an_ambiguous_start_is_answered_with_all_it_fits() {
    let world = World::new();
    world.add(&["a", "b"]);
    // Made in one moment, both begin with it.
    let start = world.task(1)["uid"].as_str().expect("a uid")[..8].to_owned();
    let error = world.refused("complete_task", json!({ "task_id": start }));
    assert_eq!(error["code"], "ambiguous_reference", "{error}");
    assert_eq!(error["candidates"].as_array().map(Vec::len), Some(2), "{error}");
}

/// S4: what lies in the trash is not found, and the answer says how to bring it back.
#[test]
fn what_was_deleted_is_said_to_be_in_the_trash() {
    let world = World::new();
    world.add(&["a"]);
    world.done("delete_task", json!({ "task_id": 1 }));
    let error = world.refused("update_task", json!({ "task_id": 1, "title": "b" }));
    assert_eq!(error["code"], "not_found");
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("restore")), "{error}");
    world.done("bulk_update", json!({ "task_ids": [1], "action": "restore" }));
    assert_eq!(world.task(1)["deleted_at"], json!(null));
}

/// One unknown name among several stops the call: it is more likely a slip than a wish.
#[test]
fn one_unknown_name_stops_all() {
    let world = World::new();
    world.add(&["a"]);
    let error = world.refused("complete_task", json!({ "task_ids": [1, 9] }));
    assert_eq!(error["code"], "not_found");
    assert_eq!(world.task(1)["status"], "pending");
}
