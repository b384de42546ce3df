//! Several things at once (S5).

use serde_json::{Value, json};

use super::{added, alone, faults, titles};

#[tokio::test]
async fn what_is_accepted_is_one_step_and_what_is_refused_is_listed() {
    let (_app, ann) = alone().await;
    added(&ann, "a").await;
    added(&ann, "b").await;
    let items = json!([
        {"op": "complete", "id": 1},
        {"op": "update", "id": 2, "patch": {"priority": "high", "recurrence": "every monday"}},
        {"op": "complete", "id": 9},
        {"op": "create", "task": {"title": "c"}},
        {"op": "start", "id": 2, "version": 7},
        {"op": "COMPLETE", "id": 1},
    ]);
    let reply = ann.post("/api/tasks/bulk", json!({"items": items})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.at("/tasks").as_array().unwrap().len(), 3, "{reply:?}");
    assert_eq!(reply.at("/unchanged/0/id"), 1);
    assert_eq!(
        (reply.at("/refused/0/ref"), reply.at("/refused/0/code")),
        (json!("9"), json!("not_found"))
    );
    assert_eq!(
        (reply.at("/refused/1/ref"), reply.at("/refused/1/code")),
        (json!("2"), json!("version_conflict"))
    );
    assert_eq!(reply.at("/refused/1/current/version"), 2);
    assert_eq!(ann.get("/api/tasks/2").await.at("/due_date"), "2026-11-23");
    let undone = ann.post("/api/undo", json!({})).await;
    assert_eq!(
        (undone.at("/step"), undone.at("/tasks").as_array().unwrap().len()),
        (reply.at("/step"), 3)
    );
    assert_eq!(titles(&ann.get("/api/tasks?sort=id").await), ["a", "b"]);
}

#[tokio::test]
async fn atomic_refuses_all() {
    let (_app, ann) = alone().await;
    added(&ann, "a").await;
    let items = json!([{"op": "complete", "id": 1}, {"op": "delete", "id": 9}]);
    let reply = ann.post("/api/tasks/bulk", json!({"items": items, "atomic": true})).await;
    reply.refused(404, "not_found");
    assert!(reply.text("/detail").contains("item 2"), "{reply:?}");
    assert_eq!(ann.get("/api/tasks/1").await.at("/status"), "pending");
    let dry = ann
        .post("/api/tasks/bulk?dry_run=true", json!({"items": [{"op": "delete", "id": 1}]}))
        .await;
    assert_eq!(
        (dry.at("/dry_run"), dry.at("/step"), dry.at("/tasks/0/id")),
        (json!(true), Value::Null, json!(1))
    );
    assert_eq!(ann.get("/api/tasks/1").await.at("/deleted_at"), Value::Null);
}

#[tokio::test]
async fn faults_of_items_say_which() {
    let (_app, ann) = alone().await;
    let items = json!([
        {"op": "explode", "id": 1},
        {"op": "update", "id": 1, "patch": {"title": " "}},
        {"op": "create", "task": {"titel": "x"}},
        {"op": "complete"},
        {"op": "delete", "id": 1, "cascade": true},
        7,
    ]);
    let reply = ann.post("/api/tasks/bulk", json!({"items": items})).await;
    reply.refused(422, "validation_error");
    let found = faults(&reply);
    for expected in [
        ("/items/0/op", "not_one_of"),
        ("/items/1/patch/title", "blank"),
        ("/items/2/task/title", "missing"),
        ("/items/2/task/titel", "unknown"),
        ("/items/3/id", "missing"),
        ("/items/4/cascade", "unknown"),
        ("/items/5", "wrong_type"),
    ] {
        let expected = (expected.0.to_owned(), expected.1.to_owned());
        assert!(found.contains(&expected), "{expected:?} {found:?}");
    }
    let many: Vec<_> = (0..1001).map(|_| json!({"op": "delete", "id": 1})).collect();
    ann.post("/api/tasks/bulk", json!({"items": many})).await.refused(422, "limit_exceeded");
    ann.post("/api/tasks/bulk", json!({})).await.refused(422, "validation_error");
}

#[tokio::test]
async fn items_that_are_null_are_a_fault_of_theirs() {
    let (_app, ann) = alone().await;
    let reply = ann.post("/api/tasks/bulk", json!({"items": null})).await;
    reply.refused(422, "validation_error");
    assert_eq!(faults(&reply), [("/items".to_owned(), "wrong_type".to_owned())]);
}

#[tokio::test]
async fn a_fault_that_only_the_task_shows_refuses_its_item_alone() {
    let (_app, ann) = alone().await;
    added(&ann, "a").await;
    added(&ann, "b").await;
    let items = json!([
        {"op": "complete", "id": 1},
        {"op": "update", "id": 2, "patch": {"timezone": "Asia/Karachi"}},
        {"op": "create", "task": {"title": "c", "recurrence": "FREQ=DAILY"}},
    ]);
    let reply = ann.post("/api/tasks/bulk", json!({"items": items})).await;
    assert_eq!((reply.status.as_u16(), reply.at("/tasks/0/id")), (200, json!(1)), "{reply:?}");
    let refused = |no: usize, name: &str| reply.at(&format!("/refused/{no}/{name}"));
    assert_eq!((refused(0, "ref"), refused(0, "code")), (json!("2"), json!("validation_error")));
    assert_eq!(refused(0, "errors/0/pointer"), "/items/1/patch/timezone");
    assert_eq!(refused(1, "errors/0/pointer"), "/items/2/task/due_date");
    for (item, at, code) in [
        (
            json!({"op": "update", "id": 2, "patch": {"timezone": "Asia/Karachi"}}),
            "/items/1/patch/timezone",
            "validation_error",
        ),
        (
            json!({"op": "create", "task": {"title": "c", "recurrence": "FREQ=DAILY"}}),
            "/items/1/task/due_date",
            "due_required",
        ),
        (
            json!({"op": "create", "task": {"title": "c", "parent": 9}}),
            "/items/1/task/parent",
            "validation_error",
        ),
    ] {
        let items = json!([{"op": "reopen", "id": 1}, item]);
        let all = ann.post("/api/tasks/bulk", json!({"items": items, "atomic": true})).await;
        all.refused(422, code);
        assert_eq!(faults(&all)[0].0, at, "{all:?}");
        assert_eq!(ann.get("/api/tasks/1").await.at("/status"), "completed");
    }
}
