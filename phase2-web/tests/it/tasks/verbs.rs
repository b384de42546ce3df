//! The verbs, the trash, recurrence and reminders.

use serde_json::{Value, json};

use super::{add, added, alone, faults, titles, with};

#[tokio::test]
async fn a_task_goes_from_status_to_status() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (method, verb, status) in [
        ("POST", "start", "in_progress"),
        ("POST", "complete", "completed"),
        ("PATCH", "complete", "completed"),
        ("POST", "reopen", "pending"),
        ("PATCH", "complete", "completed"),
        ("POST", "reopen", "pending"),
        ("POST", "cancel", "cancelled"),
    ] {
        let path = format!("/api/tasks/1/{verb}");
        let reply = with(&ann, (method, &path), &[], None).await;
        assert_eq!(
            (reply.status.as_u16(), reply.at("/task/status")),
            (200, json!(status)),
            "{verb}"
        );
    }
    // S1.
    ann.post("/api/tasks/1/complete", json!({})).await.refused(409, "invalid_transition");
    ann.patch("/api/tasks/1", json!({"status": "completed"}))
        .await
        .refused(409, "invalid_transition");
}

#[tokio::test]
async fn open_subtasks_stand_in_the_way_unless_they_come_along() {
    let (_app, ann) = alone().await;
    added(&ann, "top").await;
    add(&ann, json!({"title": "below", "parent": 1})).await;
    let refused = ann.post("/api/tasks/1/complete", json!({})).await;
    refused.refused(409, "open_subtasks");
    assert_eq!(refused.at("/open/0/id"), 2, "{refused:?}");
    let done = ann.post("/api/tasks/1/complete", json!({"cascade": true})).await;
    assert_eq!((done.at("/task/id"), done.at("/others/0/id")), (json!(1), json!(2)), "{done:?}");
    assert_eq!(done.at("/others/0/status"), "completed");
}

#[tokio::test]
async fn the_next_occurrence_is_told_of() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "t", "due_date": "2026-11-20", "recurrence": "FREQ=DAILY"})).await;
    let done = ann.post("/api/tasks/1/complete", json!({})).await;
    // R4: the slot of today has not passed, that of yesterday had its turn.
    assert_eq!(done.at("/others/0/due_date"), "2026-11-21", "{done:?}");
    assert_eq!((done.at("/notes/0/note"), done.at("/notes/0/next")), (json!("spawned"), json!(2)));
    let skipped = ann.post("/api/tasks/2/skip", json!({})).await;
    assert_eq!(
        (skipped.at("/task/status"), skipped.at("/others/0/id")),
        (json!("cancelled"), json!(3))
    );
    let dates = ann.get("/api/tasks/3/recurrence/preview?n=2").await;
    assert_eq!(dates.at("/sentence"), "every day");
    assert_eq!(dates.at("/coming/1/due_date"), "2026-11-24", "{dates:?}");
    ann.get("/api/tasks/3/recurrence/preview?n=101").await.refused(400, "validation_error");
    let set = ann
        .post("/api/tasks/3/recurrence", json!({"rule": "every monday", "spawn": "on_schedule"}))
        .await;
    assert_eq!(set.at("/task/recurrence/rule"), "FREQ=WEEKLY;BYDAY=MO", "{set:?}");
    assert_eq!(set.at("/task/recurrence/spawn"), "on_schedule");
    let ended = ann.delete("/api/tasks/3/recurrence").await;
    assert_eq!(
        (ended.at("/task/recurrence"), ended.at("/notes/0/note")),
        (Value::Null, json!("series_ended"))
    );
    let again = ann.delete("/api/tasks/3/recurrence").await;
    assert_eq!(again.at("/changed"), false);
}

#[tokio::test]
async fn reminders_are_set_shown_and_taken_away() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "t", "due_date": "2026-11-21T18:00:00Z", "reminders": []})).await;
    let set = ann.post("/api/tasks/1/reminders", json!({"offset": "-PT1H", "message": "go"})).await;
    assert_eq!(set.at("/task/reminders/0/message"), "go", "{set:?}");
    let snoozed = ann.post("/api/tasks/1/snooze", json!({"minutes": 30})).await;
    assert_eq!(snoozed.at("/task/due_date"), "2026-11-21T18:00:00+00:00");
    let shown = ann.get("/api/tasks/1/reminders").await;
    let at = |n: usize| shown.at(&format!("/items/{n}/remind_at"));
    assert_eq!(
        (at(0), at(1)),
        (json!("2026-11-21T12:30:00.000Z"), json!("2026-11-21T17:00:00.000Z")),
        "{shown:?}"
    );
    assert_eq!(shown.at("/items/0/state"), "scheduled");
    let gone = ann.delete("/api/tasks/1/reminders/1").await;
    assert_eq!(gone.at("/task/reminders").as_array().unwrap().len(), 1);
    let none = ann.delete("/api/tasks/1/reminders").await;
    assert_eq!(none.at("/task/reminders"), json!([]));
    let neither = ann.post("/api/tasks/1/snooze", json!({})).await;
    assert_eq!(faults(&neither), [("/until".to_owned(), "missing".to_owned())]);
    ann.post("/api/tasks/1/snooze", json!({"until": "2026-11-21T11:00:00Z"}))
        .await
        .refused(422, "validation_error");
    let morning = ann
        .post("/api/tasks/1/snooze", json!({"until": "2026-11-22", "timezone": "Asia/Karachi"}))
        .await;
    assert_eq!(morning.at("/task/reminders/0/at"), "2026-11-22T04:00:00.000Z", "{morning:?}");
}

#[tokio::test]
async fn the_trash_takes_gives_back_and_is_emptied() {
    let (_app, ann) = alone().await;
    added(&ann, "top").await;
    add(&ann, json!({"title": "below", "parent": 1})).await;
    added(&ann, "other").await;
    let deleted = ann.delete("/api/tasks/1").await;
    assert_eq!(
        (deleted.at("/changed"), deleted.at("/others/0/id")),
        (json!(true), json!(2)),
        "{deleted:?}"
    );
    // S4: it is read where that is said, and not written; deleting it again changes nothing.
    assert_eq!(ann.get("/api/tasks/1?trash=true").await.status, 200);
    ann.patch("/api/tasks/1", json!({"title": "x"})).await.refused(404, "not_found");
    assert_eq!(ann.delete("/api/tasks/1").await.at("/changed"), false);
    assert_eq!(titles(&ann.get("/api/tasks").await), ["other"]);
    assert_eq!(titles(&ann.get("/api/tasks?trash=true&sort=id").await), ["top", "below"]);
    let back = ann.post("/api/tasks/1/restore", json!({})).await;
    assert_eq!((back.at("/task/deleted_at"), back.at("/others/0/id")), (Value::Null, json!(2)));

    ann.delete("/api/tasks/1").await;
    let dry = ann.post("/api/trash/empty?dry_run=true", json!({})).await;
    assert_eq!(dry.at("/purged").as_array().unwrap().len(), 2, "{dry:?}");
    let emptied = ann.post("/api/trash/empty", json!({})).await;
    assert_eq!(
        (emptied.at("/purged/0/id"), emptied.at("/step")),
        (json!(2), Value::Null),
        "{emptied:?}"
    );
    assert_eq!(titles(&ann.get("/api/tasks?trash=true").await), [""; 0]);
    ann.get("/api/tasks/1").await.refused(404, "not_found");
    let purged = ann.delete("/api/tasks/3?purge=true").await;
    assert_eq!(
        (purged.at("/task"), purged.at("/purged/0/title")),
        (Value::Null, json!("other")),
        "{purged:?}"
    );
    assert_eq!(purged.header("etag"), None);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (method, path, body) in [
        ("PATCH", "/api/tasks/1?dry_run=true", Some(json!({"title": "u"}))),
        ("PUT", "/api/tasks/1?dry_run=true", Some(json!({"title": "u"}))),
        ("POST", "/api/tasks?dry_run=true", Some(json!({"title": "u"}))),
        ("POST", "/api/tasks/1/complete?dry_run=true", None),
        ("DELETE", "/api/tasks/1?dry_run=true&purge=true", None),
        ("POST", "/api/undo?dry_run=true", None),
    ] {
        let reply = with(&ann, (method, path), &[], body).await;
        assert_eq!(
            (reply.status.as_u16(), reply.at("/dry_run"), reply.at("/step")),
            (200, json!(true), Value::Null),
            "{path} {reply:?}"
        );
        assert_eq!(reply.header("etag"), None);
    }
    assert_eq!(ann.get("/api/tasks/1").await.at("/version"), 1);
    assert_eq!(ann.get("/api/steps").await.at("/steps").as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_lies_in_the_trash_is_shown_to_who_asks_for_it() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    ann.delete("/api/tasks/1").await;
    for below in ["", "/history", "/urgency", "/reminders", "/recurrence/preview"] {
        let path = format!("/api/tasks/1{below}");
        ann.get(&path).await.refused(404, "not_found");
        ann.get(&format!("{path}?trash=false")).await.refused(404, "not_found");
        let shown = ann.get(&format!("{path}?trash=true")).await;
        assert_eq!(shown.status, 200, "{path} {shown:?}");
    }
    ann.get("/api/tasks?parent=1").await.refused(404, "not_found");
    assert_eq!(ann.get("/api/tasks?parent=1&trash=true").await.status, 200);
    ann.post("/api/tasks/1/restore", json!({})).await;
    assert_eq!(ann.get("/api/tasks/1?trash=true").await.status, 200);
}
