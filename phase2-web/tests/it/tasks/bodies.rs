//! The bodies of the main routes, whole: a change of one is seen by who reviews it.

use serde_json::json;

use super::{alone, with};

#[tokio::test]
async fn the_bodies_of_the_main_routes() {
    let (_app, ann) = alone().await;
    let ask = |method: &'static str, path: &'static str, body: Option<serde_json::Value>| {
        let ann = ann.clone();
        async move {
            let headers = [("x-request-id", "the-request"), ("if-match", "\"1-1\"")];
            let headers = if path.ends_with("#stale") { &headers[..] } else { &headers[..1] };
            with(&ann, (method, path.trim_end_matches("#stale")), headers, body).await.json()
        }
    };
    let task = json!({
        "uid": "01a1fd55-0000-7000-8000-000000000001", "title": "Pay the rent",
        "due_date": "2026-11-22T17:00", "timezone": "Europe/Berlin", "tags": ["money"],
        "project": "home", "recurrence": "FREQ=MONTHLY",
    });
    insta::assert_json_snapshot!("created", ask("POST", "/api/tasks", Some(task)).await);
    insta::assert_json_snapshot!(
        "listed",
        ask("GET", "/api/tasks?count=exact&urgency=true", None).await
    );
    insta::assert_json_snapshot!("completed", ask("POST", "/api/tasks/1/complete", None).await);
    insta::assert_json_snapshot!("undone", ask("POST", "/api/undo", None).await);
    insta::assert_json_snapshot!(
        "stale",
        ask("PATCH", "/api/tasks/1#stale", Some(json!({"title": "x"}))).await
    );
    let faulty = json!({"title": "", "tags": ["a b"], "colour": 1});
    insta::assert_json_snapshot!("faulty", ask("POST", "/api/tasks", Some(faulty)).await);
    let items = json!({"items": [{"op": "start", "id": 1}, {"op": "start", "id": 9}]});
    insta::assert_json_snapshot!("bulk", ask("POST", "/api/tasks/bulk", Some(items)).await);
    insta::assert_json_snapshot!(
        "preview",
        ask("GET", "/api/tasks/1/recurrence/preview?n=1", None).await
    );
}
