//! Another owner's tasks are not there (S6), however one asks.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{add, added, alone, titles, with};
use crate::support::TestApp;

const SINGLE: &[(&str, &str, Option<&str>)] = &[
    ("GET", "", None),
    ("PATCH", "", Some(r#"{"title": "mine"}"#)),
    ("PUT", "", Some(r#"{"title": "mine"}"#)),
    ("DELETE", "", None),
    ("DELETE", "?purge=true", None),
    ("POST", "/complete", None),
    ("PATCH", "/complete", None),
    ("POST", "/start", None),
    ("POST", "/reopen", None),
    ("POST", "/cancel", None),
    ("POST", "/skip", None),
    ("POST", "/restore", None),
    ("POST", "/snooze", Some(r#"{"minutes": 5}"#)),
    ("POST", "/recurrence", Some(r#"{"rule": "FREQ=DAILY"}"#)),
    ("DELETE", "/recurrence", None),
    ("GET", "/recurrence/preview", None),
    ("GET", "/reminders", None),
    ("POST", "/reminders", Some(r#"{"at": "2027-01-01T00:00:00Z"}"#)),
    ("DELETE", "/reminders", None),
    ("DELETE", "/reminders/1", None),
    ("GET", "/history", None),
    ("GET", "/urgency", None),
];

#[tokio::test]
async fn another_owners_task_is_as_one_that_never_was() {
    let (app, ann) = alone().await;
    let bob = app.register("bob").await;
    let of_ann = add(&ann, json!({"title": "secret"})).await;
    let uid = of_ann["uid"].as_str().unwrap();
    let never = "01900000-0000-7000-8000-00000000abcd";
    for (method, rest, body) in SINGLE {
        let body = || body.map(|body| serde_json::from_str(body).unwrap());
        for headers in
            [&[("x-request-id", "r")][..], &[("x-request-id", "r"), ("if-match", "\"1-1\"")]]
        {
            let of_other =
                with(&bob, (method, &format!("/api/tasks/{uid}{rest}")), headers, body()).await;
            let of_none =
                with(&bob, (method, &format!("/api/tasks/{never}{rest}")), headers, body()).await;
            of_other.refused(404, "not_found");
            let told = String::from_utf8(of_other.body.to_vec()).unwrap().replace(uid, never);
            assert_eq!(told.as_bytes(), &of_none.body[..], "{method} {rest}");
        }
    }
    assert_eq!(ann.get("/api/tasks/1").await.json(), of_ann);
    // A uid that this owner does not know is new, whoever else has it.
    let own = add(&bob, json!({"title": "bob's", "uid": uid})).await;
    assert_eq!(
        (own["id"].as_u64(), ann.get("/api/tasks/1").await.at("/title")),
        (Some(1), json!("secret"))
    );
}

#[tokio::test]
async fn the_address_with_a_user_is_the_callers_own_or_nobodys() {
    let (app, ann) = alone().await;
    added(&ann, "t").await;
    let me = |client: crate::support::Client| async move {
        client.get("/api/auth/me").await.text("/id")
    };
    let (of_ann, of_bob) = (me(ann.clone()).await, me(app.register("bob").await).await);
    for path in [
        format!("/api/{of_ann}/tasks"),
        "/api/v1/tasks".to_owned(),
        format!("/api/v1/{of_ann}/tasks?sort=id"),
    ] {
        assert_eq!(titles(&ann.get(&path).await), ["t"], "{path}");
    }
    ann.get(&format!("/api/{of_bob}/tasks")).await.refused(404, "not_found");
    ann.post(&format!("/api/{of_bob}/tasks"), json!({"title": "x"}))
        .await
        .refused(404, "not_found");
    ann.get(&format!("/api/{of_bob}/tasks/1")).await.refused(404, "not_found");
    app.anonymous().get(&format!("/api/{of_ann}/tasks")).await.refused(401, "unauthorized");
    let done = ann.post(&format!("/api/{of_ann}/tasks/1/complete"), json!({})).await;
    assert_eq!(done.at("/task/status"), "completed");
}

fn request() -> impl Strategy<Value = (&'static str, String, Option<Value>)> {
    let id = prop_oneof![Just("1"), Just("2"), Just("3"), Just("77")];
    let single = (id, 0..SINGLE.len()).prop_map(|(id, at)| {
        let (method, rest, body) = SINGLE[at];
        let body = body.map(|body| serde_json::from_str(body).unwrap());
        (method, format!("/api/tasks/{id}{rest}"), body)
    });
    let get = |path: &str| ("GET", path.to_owned(), None);
    let others = vec![
        get("/api/tasks?status=all&waiting=true&count=exact"),
        get("/api/tasks?search=marker"),
        get("/api/tasks?trash=true"),
        get("/api/tags"),
        get("/api/projects"),
        get("/api/stats"),
        get("/api/filters"),
        get("/api/export"),
        get("/api/sync?since=0"),
        get("/api/steps"),
        ("POST", "/api/undo".to_owned(), None),
        ("POST", "/api/redo".to_owned(), None),
        ("POST", "/api/trash/empty".to_owned(), None),
        (
            "POST",
            "/api/tasks/bulk".to_owned(),
            Some(json!({"items": [{"op": "complete", "id": 1}, {"op": "delete", "id": 2}]})),
        ),
    ];
    prop_oneof![2 => single, 1 => proptest::sample::select(others)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_to_one_holds_anything_of_the_other(requests in proptest::collection::vec((any::<bool>(), request()), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = TestApp::new().await;
            let mut clients = Vec::new();
            for (name, marker) in [("ann", "anns-marker"), ("bob", "bobs-marker")] {
                let client = app.register(name).await;
                for n in 0..2 {
                    add(&client, json!({
                        "title": format!("{marker} {n}"), "description": marker, "tags": [marker],
                        "project": marker, "due_date": "2026-11-22T10:00:00Z",
                        "reminders": [{"offset": "-PT1H", "message": marker}],
                    })).await;
                }
                client.post("/api/filters", json!({"name": marker, "filter": format!("#{marker}")})).await;
                clients.push((client, marker));
            }
            for (of_bob, (method, path, body)) in requests {
                let asker = usize::from(of_bob);
                let reply = with(&clients[asker].0, (method, &path), &[], body).await;
                let text = String::from_utf8_lossy(&reply.body).into_owned();
                assert!(!text.contains(clients[1 - asker].1), "{method} {path}: {text}");
                assert!(reply.status.as_u16() < 500, "{method} {path}: {text}");
            }
        });
    }
}
