//! Steps, undo and redo (S7), history, and what changed since one looked last.

use serde_json::{Value, json};

use super::{added, alone};

#[tokio::test]
async fn a_step_is_taken_back_and_done_again() {
    let (_app, ann) = alone().await;
    ann.post("/api/undo", json!({})).await.refused(409, "nothing_to_undo");
    added(&ann, "t").await;
    let changed = ann.patch("/api/tasks/1", json!({"title": "u"})).await;
    let undone = ann.post("/api/undo", json!({})).await;
    assert_eq!(
        (undone.at("/step"), undone.at("/tasks/0/title")),
        (changed.at("/step"), json!("t")),
        "{undone:?}"
    );
    let steps = ann.get("/api/steps").await;
    assert_eq!(steps.at("/steps/0/no"), changed.at("/step"));
    assert!(steps.at("/steps/0/undone").is_u64(), "{steps:?}");
    assert_eq!(ann.get("/api/steps?limit=1").await.at("/steps").as_array().unwrap().len(), 1);
    ann.get("/api/steps?limit=101").await.refused(400, "validation_error");
    let redone = ann.post("/api/redo", json!({})).await;
    assert_eq!(redone.at("/tasks/0/title"), "u");
    ann.post("/api/redo", json!({})).await.refused(409, "nothing_to_undo");
    ann.post("/api/undo", json!({"step": 999})).await.refused(404, "not_found");
    // A later change touched what the step would write.
    let first = ann.patch("/api/tasks/1", json!({"title": "v"})).await.at("/step");
    ann.patch("/api/tasks/1", json!({"title": "w"})).await;
    let conflict = ann.post("/api/undo", json!({"step": first})).await;
    conflict.refused(409, "version_conflict");
    assert!(conflict.text("/detail").contains("title"), "{conflict:?}");
}

#[tokio::test]
async fn the_history_of_a_task_is_told_page_by_page() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    added(&ann, "other").await;
    for title in ["u", "v"] {
        ann.patch("/api/tasks/1", json!({"title": title})).await;
    }
    let newest = ann.get("/api/tasks/1/history?limit=2").await;
    assert_eq!(newest.at("/items/0/event_type"), "task.updated", "{newest:?}");
    assert_eq!(newest.at("/items/0/data/changes/0/new"), "v");
    let before = newest.at("/next_before");
    let oldest = ann.get(&format!("/api/tasks/1/history?limit=2&before={before}")).await;
    assert_eq!(oldest.at("/items").as_array().unwrap().len(), 1);
    assert_eq!(
        (oldest.at("/items/0/event_type"), oldest.at("/next_before")),
        (json!("task.created"), Value::Null)
    );
    ann.get("/api/tasks/9/history").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_copy_is_kept_up_by_what_changed() {
    let (app, ann) = alone().await;
    for title in ["a", "b", "c"] {
        added(&ann, title).await;
    }
    // She was registered and logged in before: that counts, and is no task.
    let all = ann.get("/api/sync?since=0&limit=4").await;
    assert_eq!(
        (all.at("/more"), all.at("/items/1/task/title")),
        (json!(true), json!("b")),
        "{all:?}"
    );
    let rest = ann.get(&format!("/api/sync?since={}", all.at("/seq"))).await;
    assert_eq!((rest.at("/more"), rest.at("/items/0/task/title")), (json!(false), json!("c")));
    let seen = rest.at("/seq");
    assert_eq!(ann.get(&format!("/api/sync?since={seen}")).await.at("/items"), json!([]));
    ann.patch("/api/tasks/1", json!({"title": "A"})).await;
    let uid = ann.get("/api/tasks/2").await.at("/uid");
    ann.delete("/api/tasks/2?purge=true").await;
    ann.delete("/api/tasks/3").await;
    let changes = ann.get(&format!("/api/sync?since={seen}")).await;
    assert_eq!(changes.at("/items/0/task/title"), "A", "{changes:?}");
    assert_eq!((changes.at("/items/1/uid"), changes.at("/items/1/task")), (uid, Value::Null));
    assert!(changes.at("/items/2/task/deleted_at").is_string());
    // Another history than this one.
    ann.get("/api/sync?since=1000").await.refused(400, "validation_error");
    ann.get("/api/sync").await.refused(400, "validation_error");
    // S4: what has lain in the trash for 30 days is gone.
    app.pass_seconds(31 * 86_400);
    let login = json!({"email": "ann@example.org", "password": crate::support::PASSWORD});
    let ann =
        app.with_token(&app.anonymous().post("/api/auth/login", login).await.text("/access_token"));
    let later = ann.get(&format!("/api/sync?since={seen}")).await;
    assert_eq!(later.at("/items/2/task"), Value::Null);
    ann.get("/api/tasks/3").await.refused(404, "not_found");
}

#[tokio::test]
async fn what_is_still_to_come_cannot_have_been_seen() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    let reply = ann.get("/api/sync?since=99999").await;
    reply.refused(400, "validation_error");
    assert_eq!(super::faults(&reply)[0].0, "since");
}

/// Where a backup was put back, the numbers that a copy has seen are given again, to other events.
#[tokio::test]
async fn a_copy_of_another_history_begins_anew() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    let all = ann.get("/api/sync?since=0").await;
    let (seq, history) = (all.at("/seq"), all.text("/history"));
    let same = ann.get(&format!("/api/sync?since={seq}&history={history}")).await;
    assert_eq!((same.at("/items"), same.text("/history")), (json!([]), history.clone()));
    // Who does not say of which history it is, as older programs do not, is told what there is.
    assert_eq!(ann.get("/api/sync?since=1").await.text("/history"), history);

    let other = "5d0c1f6e-8a37-4d5b-9d0e-2f6b7c8d9e0f";
    for since in [json!(1), seq] {
        let reply = ann.get(&format!("/api/sync?since={since}&history={other}")).await;
        reply.refused(400, "validation_error");
        assert_eq!(super::faults(&reply), [("since".to_owned(), "ahead".to_owned())]);
    }
    // The beginning is the same in all.
    let anew = ann.get(&format!("/api/sync?since=0&history={other}")).await;
    assert_eq!((anew.at("/items/0/task/title"), anew.text("/history")), (json!("t"), history));
    let reply = ann.get("/api/sync?since=1&history=x").await;
    reply.refused(400, "validation_error");
    assert_eq!(super::faults(&reply)[0].0, "history");
}
