//! How much was done on each day, where one was.

use axum::http::Method;
use serde_json::{Value, json};
use todo_core::Timestamp;

use super::{on_both, start, until_audited};
use crate::http::Client;
use crate::support::{TestApp, until};

async fn days_are_those_of_the_owners_zone(test: &TestApp) {
    let parts = start(&test.app);
    let ann = Client::register(&test.app, "ann").await;
    // At half past one in the afternoon in London it is the next day there.
    let zone = json!({"timezone": "Pacific/Kiritimati"});
    assert_eq!(ann.send(Method::PATCH, "/api/auth/me", Some(zone)).await.status, 200);
    until_audited(&ann, 3).await;
    for title in ["one", "two", "three"] {
        assert_eq!(ann.post("/api/tasks", json!({"title": title})).await.status, 201);
    }
    for verb in ["1/complete", "1/reopen", "1/complete", "2/cancel"] {
        let done = ann.post(&format!("/api/tasks/{verb}"), json!({})).await;
        assert_eq!(done.status, 200, "{done:?}");
    }
    assert_eq!(ann.send(Method::DELETE, "/api/tasks/3", None).await.status, 200);
    // What was imported was not made here.
    let old = json!({"format": 2, "tasks": [{
        "uid": "01900000-0000-7000-8000-000000000001", "id": 9, "title": "old", "status": "pending",
        "priority": "low", "created_at": "2020-01-01T00:00:00.000Z",
        "updated_at": "2020-01-01T00:00:00.000Z", "version": 1,
    }]});
    let imported = ann.post("/api/import", old).await;
    assert_eq!(imported.status, 200, "{imported:?}");
    let told = async || ann.get("/api/stats/activity").await;
    until("the count", async || {
        let told = told().await;
        told.at("/days/0/deleted") == 1 && told.at("/days/0/cancelled") == 1
    })
    .await;
    until_audited(&ann, 12).await;
    let told = told().await;
    let day = json!({
        "day": "2026-11-22", "created": 3, "completed": 2, "reopened": 1, "cancelled": 1, "deleted": 1,
    });
    assert_eq!(told.at("/days"), json!([day]), "{told:?}");
    assert_eq!((told.at("/from"), told.at("/to")), (json!("2026-10-24"), json!("2026-11-23")));
    let before = ann.get("/api/stats/activity?from=2026-11-01&to=2026-11-22").await;
    assert_eq!(before.at("/days"), json!([]));
    let bob = Client::register(&test.app, "bob").await;
    assert_eq!(bob.get("/api/stats/activity").await.at("/days"), json!([]));
    for wrong in ["from=2026-11-22&to=2026-11-21", "from=2024-01-01&to=2026-01-01", "from=1", "x=1"]
    {
        ann.get(&format!("/api/stats/activity?{wrong}")).await.refused(400, "validation_error");
    }
    let reader = ann.program("read").await;
    assert_ne!(reader.get("/api/stats/activity").await.at("/days"), Value::Null);
    parts.end().await;
}

/// What is imported.
const OLD: &str = "01900000-0000-7000-8000-000000000001";

/// What was not counted is not counted when it is told again, either, though what said so is gone.
async fn an_import_that_is_purged_is_not_counted_when_it_is_told_again(test: &TestApp) {
    let parts = start(&test.app);
    let ann = Client::register(&test.app, "ann").await;
    let add = async |title: &str| {
        let added = ann.post("/api/tasks", json!({"title": title})).await;
        assert_eq!(added.status, 201, "{added:?}");
        format!("/api/tasks/{}", added.text("/task/uid"))
    };
    let delete = async |path: &str| {
        let deleted = ann.send(Method::DELETE, path, None).await;
        assert_eq!(deleted.status, 200, "{deleted:?}");
    };
    let until_counted = async |created: u64, deleted: u64| {
        until(&format!("{created} and {deleted}"), async || {
            let told = ann.get("/api/stats/activity").await;
            told.at("/days/0/created") == created && told.at("/days/0/deleted") == deleted
        })
        .await;
    };
    let old = json!({"format": 2, "tasks": [{
        "uid": OLD, "id": 9, "title": "old", "status": "pending", "priority": "low", "version": 1,
        "created_at": "2020-01-01T00:00:00.000Z", "updated_at": "2020-01-01T00:00:00.000Z",
    }]});
    assert_eq!(ann.post("/api/import", old).await.status, 200);
    // It comes after the other: that was seen.
    add("new").await;
    until_counted(1, 0).await;
    delete(&format!("/api/tasks/{OLD}")).await;
    delete(&format!("/api/tasks/{OLD}?purge=true")).await;
    until_counted(1, 1).await;
    let now = test.app.clock.now();
    test.app.store.tell_again(Timestamp::from_millis(0), now).await.expect("it is told again");
    delete(&add("newer").await).await;
    // Were the old one counted, it would be before this.
    until_counted(2, 2).await;
    parts.end().await;
}

on_both! {
    days_are_those_of_the_owners_zone
    an_import_that_is_purged_is_not_counted_when_it_is_told_again
}
