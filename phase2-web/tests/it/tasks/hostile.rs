//! Bodies that mean harm, or were broken on the way.

use axum::http::Request;
use serde_json::json;

use super::{added, alone, faults, titles};
use crate::support::{Client, Reply};

async fn raw(
    client: &Client,
    (method, path): (&str, &str),
    media: &str,
    body: impl Into<axum::body::Body>,
) -> Reply {
    let request = Request::builder().method(method).uri(path).header("content-type", media);
    client.send(request, body).await
}

#[tokio::test]
async fn bodies_that_are_not_read_are_refused_and_change_nothing() {
    let (_app, ann) = alone().await;
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let deep_field = format!("{{\"title\": {deep}}}");
    let create = ("POST", "/api/tasks");
    for (body, status) in [
        (&b"{"[..], 400),
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b"{\"title\": \"t\"} {}", 400),
        (b"{\"title\": \"t\", \"title\": \"u\"}", 400),
        (b"{\"title\": \"t\", \"recurrence\": {\"rule\": \"FREQ=DAILY\", \"rule\": \"FREQ=WEEKLY\"}}", 400),
        (b"{\"title\": \"t\", \"x\": {\"a\": 1, \"\\u0061\": 2}}", 400),
        (b"{\"title\": \"\xff\"}", 400),
        (b"\xef\xbb\xbf{\"title\": \"t\"}", 400),
        (b"{\"title\": \"\\ud800\"}", 400),
        (b"{\"title\": NaN}", 400),
        (b"{\"title\": 1e999}", 400),
        (b"{'title': 't'}", 400),
        (b"{\"title\": \"a\\u0000b\"}", 422),
        (b"{\"title\": \"a\\u001fb\"}", 422),
        (b"{\"title\": \"two\\nlines\"}", 422),
        (b"{\"title\": null}", 422),
        (b"{\"title\": [\"t\"]}", 422),
        (b"{\"title\": \"t\", \"__proto__\": {}}", 422),
        (b"{\"title\": \"t\", \"parent\": 18446744073709551616}", 422),
        (b"{\"title\": \"t\", \"parent\": -1}", 422),
        (b"{\"title\": \"t\", \"parent\": 1.5}", 422),
        (deep_field.as_bytes(), 400),
    ] {
        let reply = raw(&ann, create, "application/json", body.to_vec()).await;
        reply.refused(status, "validation_error");
    }
    assert_eq!(titles(&ann.get("/api/tasks").await), [""; 0]);
}

#[tokio::test]
async fn other_media_types_are_refused() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (method, media, status) in [
        ("PATCH", "application/json", 200),
        ("PATCH", "application/json; charset=UTF-8", 200),
        ("PATCH", "application/merge-patch+json", 200),
        ("PUT", "application/merge-patch+json", 415),
        ("PATCH", "application/json; charset=latin1", 415),
        ("PATCH", "text/plain", 415),
        ("PATCH", "application/x-www-form-urlencoded", 415),
    ] {
        let reply = raw(&ann, (method, "/api/tasks/1"), media, "{\"title\": \"t\"}").await;
        assert_eq!(reply.status, status, "{method} {media} {reply:?}");
    }
    let untold = ann.send(Request::post("/api/tasks"), "{\"title\": \"t\"}").await;
    untold.refused(415, "unsupported_media_type");
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let (_app, ann) = alone().await;
    let long = format!("{{\"title\": \"{}\"}}", "x".repeat(1 << 20));
    raw(&ann, ("POST", "/api/tasks"), "application/json", long)
        .await
        .refused(413, "payload_too_large");
    let many: Vec<_> =
        (0..1000).map(|n| format!("f{n}")).map(|name| format!("\"{name}\": 1")).collect();
    let many =
        raw(&ann, ("POST", "/api/tasks"), "application/json", format!("{{{}}}", many.join(",")))
            .await;
    many.refused(422, "validation_error");
    assert!(faults(&many).len() <= 50);
    let name = "n".repeat(100_000);
    let named = raw(
        &ann,
        ("POST", "/api/tasks"),
        "application/json",
        format!("{{\"title\": \"t\", \"{name}\": 1}}"),
    )
    .await;
    named.refused(422, "validation_error");
    assert!(named.body.len() < 2_000);
}

#[tokio::test]
async fn names_of_tasks_that_are_none_are_refused() {
    let (_app, ann) = alone().await;
    added(&ann, "t").await;
    for (id, status, code) in [
        ("0", 400, "validation_error"),
        ("-1", 400, "validation_error"),
        ("1.0", 400, "validation_error"),
        ("abc", 400, "validation_error"),
        ("abcd", 400, "validation_error"),
        ("%00", 400, "validation_error"),
        ("99999999999999999999", 400, "validation_error"),
        ("9007199254740993", 404, "not_found"),
        ("18446744073709551615", 404, "not_found"),
        ("2", 404, "not_found"),
        ("01a1fd55-0000-7000-8000-000000000009", 404, "not_found"),
    ] {
        ann.get(&format!("/api/tasks/{id}")).await.refused(status, code);
        ann.patch(&format!("/api/tasks/{id}"), json!({"title": "x"})).await.refused(status, code);
    }
    ann.delete("/api/tasks/1/reminders/x").await.refused(400, "validation_error");
}

#[tokio::test]
async fn the_advice_on_a_name_works_here() {
    let (_app, ann) = alone().await;
    let uid = added(&ann, "t").await.to_string();
    assert_eq!(uid, "1");
    for path in ["/api/tasks/01a1fe6f", "/api/tasks?parent=01a1fe6f"] {
        let reply = ann.get(path).await;
        reply.refused(400, "validation_error");
        let detail = reply.text("/detail");
        assert!(detail.contains("the whole uid") && detail.contains("01a1fe6f"), "{detail}");
        assert!(!detail.contains("4 or more"), "{detail}");
    }
    let reply = ann.post("/api/tasks", json!({"title": "u", "parent": "01a1fe6f"})).await;
    assert!(reply.text("/detail").contains("the whole uid"), "{reply:?}");
    let reply = ann.get("/api/tasks/%ff").await;
    reply.refused(400, "validation_error");
    assert!(reply.text("/detail").contains("UTF-8"), "{reply:?}");
}

/// SPEC 7: a body that was packed is not taken for one that was not.
#[tokio::test]
async fn a_body_comes_unpacked_and_of_one_type() {
    let (_app, ann) = alone().await;
    let post = |path| Request::post(path).header("content-type", "application/json");
    let body = r#"{"title": "t"}"#;
    for path in ["/api/tasks", "/api/import"] {
        for packed in ["gzip", "identity, br", "nonsense"] {
            let sent = ann.send(post(path).header("content-encoding", packed), body).await;
            sent.refused(415, "unsupported_media_type");
        }
        let twice = post(path).header("content-type", "text/plain");
        ann.send(twice, body).await.refused(400, "validation_error");
    }
    let plain = post("/api/tasks").header("content-encoding", "identity");
    assert_eq!(ann.send(plain, body).await.status, 201);
}
