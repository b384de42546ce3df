//! `ETag`, `If-Match`, `If-None-Match` (S2, S3).

use serde_json::{Value, json};

use super::{added, alone, with};

#[tokio::test]
async fn a_moved_version_is_412_with_the_task_as_it_stands() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    ann.patch("/api/tasks/1", json!({"title": "u"})).await;
    let uid = ann.get("/api/tasks/1").await.text("/uid");
    let by_uid = format!("/api/tasks/{uid}");
    for (request, tag) in [
        (("PATCH", "/api/tasks/1"), "\"1-1\""),
        (("PATCH", by_uid.as_str()), "\"1-1\""),
        (("PATCH", "/api/tasks/1"), "W/\"1-2\""),
        (("PATCH", "/api/tasks/1"), "\"7-2\""),
        (("PATCH", "/api/tasks/1"), "\"abc\", \"1-1\""),
        (("PUT", "/api/tasks/1"), "\"1-1\""),
        (("POST", "/api/tasks/1/complete"), "\"1-1\""),
        (("POST", "/api/tasks/1/start"), "\"1-1\""),
        (("DELETE", "/api/tasks/1"), "\"1-1\""),
        (("DELETE", "/api/tasks/1?purge=true"), "\"1-1\""),
        (("POST", "/api/tasks/1/snooze"), "\"1-1\""),
    ] {
        let body = match request.0 {
            "PATCH" | "PUT" => Some(json!({"title": "v"})),
            _ if request.1.ends_with("snooze") => Some(json!({"minutes": 10})),
            _ => None,
        };
        let reply = with(&ann, request, &[("if-match", tag)], body).await;
        reply.refused(412, "version_conflict");
        assert_eq!(reply.at("/current/title"), "u", "{request:?} {tag}");
        assert_eq!(reply.at("/current/version"), 2);
    }
    for (tag, title) in [("\"9-9\", \"1-2\"", "v"), ("*", "w")] {
        let reply = with(
            &ann,
            ("PATCH", "/api/tasks/1"),
            &[("if-match", tag)],
            Some(json!({"title": title})),
        )
        .await;
        assert_eq!(
            (reply.status.as_u16(), reply.at("/task/title")),
            (200, json!(title)),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn what_already_holds_succeeds_even_with_a_stale_tag() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    ann.post("/api/tasks/1/complete", json!({})).await;
    for (method, path, body) in [
        ("POST", "/api/tasks/1/complete", None),
        ("PATCH", "/api/tasks/1", Some(json!({"title": "t"}))),
    ] {
        let reply = with(&ann, (method, path), &[("if-match", "\"1-1\"")], body).await;
        assert_eq!(
            (reply.status.as_u16(), reply.at("/changed"), reply.at("/step")),
            (200, json!(false), Value::Null)
        );
        assert_eq!(reply.header("etag"), Some("\"1-2\""));
    }
}

#[tokio::test]
async fn a_reader_who_has_the_state_gets_nothing() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (tag, status) in [
        ("\"1-1\"", 304),
        ("W/\"1-1\"", 304),
        ("\"0-0\", \"1-1\"", 304),
        ("*", 304),
        ("\"1-2\"", 200),
    ] {
        let reply = with(&ann, ("GET", "/api/tasks/1"), &[("if-none-match", tag)], None).await;
        assert_eq!(reply.status, status, "{tag}");
        assert_eq!(reply.header("etag"), Some("\"1-1\""));
        assert_eq!(reply.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_400() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for tag in ["1-1", "\"1-1", "", "\"a\" \"b\"", "W/1"] {
        let reply = with(&ann, ("POST", "/api/tasks/1/start"), &[("if-match", tag)], None).await;
        reply.refused(400, "validation_error");
    }
}

#[tokio::test]
async fn a_condition_that_nobody_would_look_at_is_refused() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (request, body) in [
        (("POST", "/api/tasks"), json!({"title": "u"})),
        (("POST", "/api/tasks/quick"), json!({"text": "u"})),
        (("POST", "/api/tasks/bulk"), json!({"items": [{"op": "complete", "id": 1}]})),
        (("POST", "/api/undo"), json!({})),
        (("POST", "/api/redo"), json!({})),
        (("POST", "/api/import?format=todotxt"), json!([])),
        (("POST", "/api/trash/empty"), json!({})),
        (("POST", "/api/filters"), json!({"name": "n", "filter": "#x"})),
        (("DELETE", "/api/filters/n"), json!({})),
    ] {
        let reply = with(&ann, request, &[("if-match", "\"1-1\"")], Some(body)).await;
        reply.refused(400, "validation_error");
        assert!(reply.text("/detail").contains("If-Match"), "{request:?} {reply:?}");
    }
    for (request, body) in [
        (("PATCH", "/api/tasks/1"), json!({"title": "u"})),
        (("POST", "/api/tasks"), json!({"title": "u"})),
        (("POST", "/api/tasks/1/complete"), json!({})),
    ] {
        let reply = with(&ann, request, &[("if-none-match", "*")], Some(body)).await;
        reply.refused(400, "validation_error");
        assert!(reply.text("/detail").contains("If-None-Match"), "{request:?} {reply:?}");
    }
    assert_eq!(ann.get("/api/tasks/1").await.at("/version"), 1);
}
