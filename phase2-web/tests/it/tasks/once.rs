//! `Idempotency-Key`: one effect, and the same answer, byte for byte.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{added, alone, with};
use crate::support::{Client, Reply};

async fn keyed(client: &Client, path: &str, key: &str, body: serde_json::Value) -> Reply {
    with(client, ("POST", path), &[("idempotency-key", key)], Some(body)).await
}

#[tokio::test]
async fn a_request_that_comes_again_is_answered_again() {
    let (app, ann) = alone().await;
    let first = keyed(&ann, "/api/tasks", "k1", json!({"title": "t"})).await;
    assert_eq!(
        (first.status.as_u16(), first.header("idempotency-replayed")),
        (201, None),
        "{first:?}"
    );
    app.pass_seconds(60);
    ann.patch("/api/tasks/1", json!({"title": "changed since"})).await;
    // Also by another process on the same database.
    let restarted = app.another();
    for client in [ann.clone(), restarted.with_token(ann.token.as_ref().unwrap())] {
        let again = keyed(&client, "/api/tasks", "k1", json!({"title": "t"})).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        for name in ["etag", "location", "content-type"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
    }
    assert_eq!(ann.get("/api/tasks?count=exact").await.at("/total"), 1);
}

#[tokio::test]
async fn each_verb_is_done_once() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (path, body) in [
        ("/api/tasks/1/complete", json!({})),
        ("/api/tasks/bulk", json!({"items": [{"op": "create", "task": {"title": "b"}}]})),
        ("/api/undo", json!({})),
        ("/api/redo", json!({})),
        ("/api/tasks/quick", json!({"text": "q"})),
    ] {
        let first = keyed(&ann, path, path, body.clone()).await;
        assert!(first.status.is_success(), "{path} {first:?}");
        let again = keyed(&ann, path, path, body).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{path} {again:?}");
        assert_eq!((again.status, again.body), (first.status, first.body), "{path}");
    }
}

#[tokio::test]
async fn another_request_of_the_same_key_is_a_mistake() {
    let (_app, ann) = alone().await;
    keyed(&ann, "/api/tasks", "k", json!({"title": "t"})).await;
    keyed(&ann, "/api/tasks", "k", json!({"title": "u"}))
        .await
        .refused(422, "idempotency_mismatch");
    keyed(&ann, "/api/tasks?dry_run=false", "k", json!({"title": "t"}))
        .await
        .refused(422, "idempotency_mismatch");
    keyed(&ann, "/api/tasks/1/start", "k", json!({"title": "t"})).await;
    assert_eq!(ann.get("/api/tasks?count=exact").await.at("/total"), 1);
}

#[tokio::test]
async fn keys_are_the_owners_own_and_end_after_a_day() {
    let (app, ann) = alone().await;
    let bob = app.register("bob").await;
    keyed(&ann, "/api/tasks", "k", json!({"title": "t"})).await;
    let of_bob = keyed(&bob, "/api/tasks", "k", json!({"title": "bob's"})).await;
    assert_eq!(of_bob.at("/task/title"), "bob's");
    app.pass_seconds(24 * 3600 + 1);
    let login = json!({"email": "ann@example.org", "password": crate::support::PASSWORD});
    let ann =
        app.with_token(&app.anonymous().post("/api/auth/login", login).await.text("/access_token"));
    let later = keyed(&ann, "/api/tasks", "k", json!({"title": "t"})).await;
    assert_eq!((later.status.as_u16(), later.at("/task/id")), (201, json!(2)), "{later:?}");
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_a_dry_run_takes_no_key() {
    let (_app, ann) = alone().await;
    keyed(&ann, "/api/tasks/1/complete", "k", json!({})).await.refused(404, "not_found");
    keyed(&ann, "/api/tasks?dry_run=true", "d", json!({"title": "t"})).await;
    added(&ann, "t").await;
    let done = keyed(&ann, "/api/tasks/1/complete", "k", json!({})).await;
    assert_eq!((done.status.as_u16(), done.header("idempotency-replayed")), (200, None));
    assert_eq!(keyed(&ann, "/api/tasks", "d", json!({"title": "u"})).await.status, 201);
}

#[tokio::test]
async fn twenty_at_once_have_one_effect() {
    let (_app, ann) = alone().await;
    let tries = (0..20).map(|_| {
        let ann = ann.clone();
        tokio::spawn(async move { keyed(&ann, "/api/tasks", "k", json!({"title": "t"})).await })
    });
    let mut replies = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        replies.push(one.await.unwrap());
    }
    assert!(replies.iter().all(|reply| reply.body == replies[0].body), "{replies:?}");
    let first = replies.iter().filter(|reply| reply.header("idempotency-replayed").is_none());
    assert_eq!(first.count(), 1);
    assert_eq!(ann.get("/api/tasks?count=exact").await.at("/total"), 1);
}

#[tokio::test]
async fn a_key_is_1_to_255_visible_characters() {
    let (_app, ann) = alone().await;
    for key in ["", "two words", "é", &"k".repeat(256)] {
        let request = Request::post("/api/tasks").header("content-type", "application/json");
        let request = request.header("idempotency-key", key.as_bytes());
        let reply = ann.send(request, Body::from("{\"title\": \"t\"}")).await;
        reply.refused(400, "validation_error");
    }
}

#[tokio::test]
async fn what_was_answered_is_not_measured_by_what_is_now() {
    let (_app, ann) = alone().await;
    ann.post("/api/tasks", json!({"title": "t", "due_date": "2026-12-01T17:00"})).await;
    let patch = json!({"timezone": "Asia/Karachi"});
    let bulk = json!({"items": [{"op": "update", "id": 1, "patch": {"timezone": "Europe/Berlin"}}], "atomic": true});
    let send = async || {
        let one = with(
            &ann,
            ("PATCH", "/api/tasks/1"),
            &[("idempotency-key", "one")],
            Some(patch.clone()),
        );
        [one.await, keyed(&ann, "/api/tasks/bulk", "bulk", bulk.clone()).await]
    };
    let first = send().await;
    ann.patch("/api/tasks/1", json!({"due_date": null})).await;
    for (first, again) in first.iter().zip(send().await) {
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again:?}");
        assert_eq!((again.status, again.body), (first.status, first.body.clone()));
    }
    let dry = with(
        &ann,
        ("PATCH", "/api/tasks/1?dry_run=true"),
        &[("idempotency-key", "one")],
        Some(patch.clone()),
    );
    dry.await.refused(422, "validation_error");
}

#[tokio::test]
async fn a_filter_is_saved_once_under_a_key() {
    let (_app, ann) = alone().await;
    let body = json!({"name": "mine", "filter": "#x"});
    let first = keyed(&ann, "/api/filters", "f", body.clone()).await;
    ann.post("/api/filters", json!({"name": "mine", "filter": "#y"})).await;
    let again = keyed(&ann, "/api/filters", "f", body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again:?}");
    assert_eq!((again.status, again.body), (first.status, first.body));
    let other = keyed(&ann, "/api/filters", "f", json!({"name": "mine", "filter": "#z"})).await;
    other.refused(422, "idempotency_mismatch");
    assert_eq!(ann.get("/api/filters").await.at("/filters/0/filter"), "tag:y");
}
