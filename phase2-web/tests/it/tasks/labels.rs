//! Tags, projects, statistics, saved filters.

use serde_json::json;

use super::{add, alone, faults, titles};

#[tokio::test]
async fn labels_are_counted_in_their_newest_spelling() {
    let (app, ann) = alone().await;
    add(&ann, json!({"title": "a", "tags": ["Home", "x"], "project": "work"})).await;
    app.pass_seconds(1);
    add(&ann, json!({"title": "b", "tags": ["home"], "project": "Work"})).await;
    let tags = json!({"tags": [{"name": "home", "count": 2}, {"name": "x", "count": 1}]});
    assert_eq!(ann.get("/api/tags").await.json(), tags);
    assert_eq!(
        ann.get("/api/projects").await.json(),
        json!({"projects": [{"name": "Work", "count": 2}]})
    );
    ann.get("/api/tags?limit=1").await.refused(400, "validation_error");
}

#[tokio::test]
async fn labels_count_what_the_clock_has_brought() {
    let (app, ann) = alone().await;
    let repeats = json!({"rule": "FREQ=DAILY", "spawn": "on_schedule"});
    add(
        &ann,
        json!({"title": "a", "tags": ["x"], "due_date": "2026-11-21", "recurrence": repeats}),
    )
    .await;
    app.pass_seconds(600);
    assert_eq!(ann.get("/api/tags").await.at("/tags/0/count"), 1);
    app.at("2026-11-22T00:00:01Z");
    let login = json!({"email": "ann@example.org", "password": crate::support::PASSWORD});
    let ann =
        app.with_token(&app.anonymous().post("/api/auth/login", login).await.text("/access_token"));
    // R5: shown before anybody has made it.
    assert_eq!(ann.get("/api/tags").await.at("/tags/0/count"), 2);
    assert_eq!(titles(&ann.get("/api/tasks").await), ["a", "a"]);
}

#[tokio::test]
async fn statistics_are_of_what_is_asked_for() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "a", "priority": "high", "due_date": "2026-11-20"})).await;
    add(&ann, json!({"title": "b"})).await;
    ann.post("/api/tasks/2/complete", json!({})).await;
    let all = ann.get("/api/stats").await;
    assert_eq!(
        (all.at("/status/pending"), all.at("/status/completed"), all.at("/open/overdue")),
        (json!(1), json!(1), json!(1))
    );
    assert_eq!(ann.get("/api/stats?priority=high").await.at("/status/completed"), 0);
}

#[tokio::test]
async fn filters_are_saved_used_and_removed() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "a", "priority": "high"})).await;
    add(&ann, json!({"title": "b"})).await;
    let dry = ann
        .post("/api/filters", json!({"name": "Hot", "filter": "priority:high", "dry_run": true}))
        .await;
    assert_eq!((dry.at("/dry_run"), dry.at("/name")), (json!(true), json!("hot")), "{dry:?}");
    assert_eq!(ann.get("/api/filters").await.json(), json!({"filters": []}));
    ann.post("/api/filters", json!({"name": "Hot", "filter": "priority:high"})).await;
    let changed =
        ann.post("/api/filters", json!({"name": "hot", "filter": "priority:high or #hot"})).await;
    assert_eq!(changed.at("/replaced"), "priority:high", "{changed:?}");
    assert_eq!(titles(&ann.get("/api/tasks?filter=filter:hot").await), ["a"]);
    let wrong = ann.post("/api/filters", json!({"name": "x", "filter": "priority:"})).await;
    wrong.refused(422, "validation_error");
    assert_eq!(faults(&wrong)[0].0, "/filter");
    ann.post("/api/filters", json!({"name": "a b", "filter": "#x"}))
        .await
        .refused(422, "validation_error");
    assert_eq!(ann.delete("/api/filters/HOT").await.status, 200);
    ann.delete("/api/filters/hot").await.refused(404, "not_found");
}
