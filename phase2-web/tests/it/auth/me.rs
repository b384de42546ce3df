//! What users prefer.

use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp};

const PATH: &str = "/api/auth/me";

async fn patch(client: &Client, if_match: &str, body: Value) -> Reply {
    let request = Request::patch(PATH)
        .header(CONTENT_TYPE, "application/merge-patch+json")
        .header(IF_MATCH, if_match);
    client.send(request, body.to_string()).await
}

#[tokio::test]
async fn every_field_can_be_changed() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let tag = "\"me-1\"";
    assert_eq!(ann.get(PATH).await.header("etag"), Some(tag));
    let known = Request::get(PATH).header(IF_NONE_MATCH, tag);
    let known = ann.send(known, "").await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), Some(tag));
    let body = json!({
        "name": "  Ann  ", "locale": "ur-PK", "timezone": "asia/karachi", "week_start": "SUNDAY",
        "all_day_time": "08:30",
        "default_reminders": [
            {"offset": "-PT60M"},
            {"offset": "-P1D", "message": "tomorrow", "channel": "EMAIL"},
        ],
    });
    let reply = ann.patch(PATH, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("etag"), Some("\"me-2\""));
    insta::assert_json_snapshot!(reply.blotted(&["/id"]), @r#"
    {
      "all_day_time": "08:30",
      "created_at": "2026-11-21T12:00:00.000Z",
      "default_reminders": [
        {
          "channel": "in_app",
          "message": null,
          "offset": "-PT1H"
        },
        {
          "channel": "email",
          "message": "tomorrow",
          "offset": "-P1D"
        }
      ],
      "email": "ann@example.org",
      "id": "[…]",
      "locale": "ur-PK",
      "name": "Ann",
      "timezone": "Asia/Karachi",
      "version": 2,
      "week_start": "sunday"
    }
    "#);
    assert_eq!(ann.get(PATH).await.json(), reply.json());
    // Null takes away what can be absent; what is absent stays.
    let reply = ann.patch(PATH, json!({"name": null, "default_reminders": []})).await;
    assert_eq!(reply.at("/name"), Value::Null);
    assert_eq!(reply.at("/default_reminders"), json!([]));
    assert_eq!(reply.at("/locale"), "ur-PK");
    assert_eq!(reply.at("/version"), 3);
}

#[tokio::test]
async fn a_change_expects_the_version_it_names() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    assert_eq!(patch(&ann, "\"me-1\"", json!({"name": "A"})).await.status, 200);
    for stale in
        ["\"me-1\"", "\"me-3\"", "W/\"me-2\"", "\"other\"", "\"me-1\", \"me-7\"", "\"me-\""]
    {
        let reply = patch(&ann, stale, json!({"name": "B"})).await;
        reply.refused(412, "version_conflict");
        assert!(reply.text("/detail").contains("version 2"));
    }
    for broken in ["me-2", "", "\"me-2\" x", "\"me-2"] {
        patch(&ann, broken, json!({"name": "B"})).await.refused(400, "validation_error");
    }
    assert_eq!(ann.get(PATH).await.at("/name"), "A");
    // S2: what is so already is no change, whatever was expected.
    let same = patch(&ann, "\"me-1\"", json!({"name": " A "})).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, Some("\"me-2\"")));
    assert_eq!(patch(&ann, "\"x\", \"me-2\"", json!({"name": "B"})).await.status, 200);
    assert_eq!(patch(&ann, "*", json!({"name": "C"})).await.header("etag"), Some("\"me-4\""));
}

#[tokio::test]
async fn refuses_values_that_break_their_rules() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let reminder = json!({"offset": "PT0S"});
    let rows = [
        (json!({"name": ""}), 422, "/name", "blank"),
        (json!({"name": "a\nb"}), 422, "/name", "line_break"),
        (json!({"name": "x".repeat(501)}), 422, "/name", "too_long"),
        (json!({"locale": "e"}), 422, "/locale", "not_a_language"),
        (json!({"locale": "en-"}), 422, "/locale", "not_a_language"),
        (json!({"timezone": "Mars/Olympus"}), 422, "/timezone", "unknown_zone"),
        (json!({"week_start": "mittwoch"}), 422, "/week_start", "not_one_of"),
        (json!({"all_day_time": "24:00"}), 422, "/all_day_time", "not_a_time_of_day"),
        (json!({"all_day_time": "9"}), 422, "/all_day_time", "not_a_time_of_day"),
        (json!({"default_reminders": vec![reminder; 11]}), 422, "/default_reminders", "too_many"),
        (
            json!({"default_reminders": [{"offset": "PT0S"}, {"offset": "PT1H"}]}),
            422,
            "/default_reminders/1/offset",
            "reminder_after_due",
        ),
        (
            json!({"default_reminders": [{"offset": "PT0S", "channel": "pigeon"}]}),
            422,
            "/default_reminders/0/channel",
            "not_one_of",
        ),
        (
            json!({"default_reminders": [{"offset": "PT0S", "message": " "}]}),
            422,
            "/default_reminders/0/message",
            "blank",
        ),
    ];
    for (body, status, pointer, code) in rows {
        let reply = ann.patch(PATH, body.clone()).await;
        reply.refused(status, "validation_error");
        assert_eq!(reply.at("/errors/0/pointer"), pointer, "{body}");
        assert_eq!(reply.at("/errors/0/code"), code, "{body}");
    }
    let misshapen = [
        json!({"timezone": null}),
        json!({"default_reminders": null}),
        json!({"week_start": 1}),
        json!({"email": "bob@example.org"}),
        json!({"version": 7}),
        json!({"default_reminders": [{"at": "2026-11-21T12:00:00Z"}]}),
        json!({"default_reminders": {"offset": "PT0S"}}),
        json!({"default_reminders": [["PT0S"]]}),
        json!({"default_reminders": [{}]}),
        json!([]),
    ];
    for body in misshapen {
        ann.patch(PATH, body).await.refused(422, "validation_error");
    }
    assert_eq!(ann.get(PATH).await.at("/version"), 1);
}

#[tokio::test]
async fn everyone_has_their_own() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    assert_eq!(ann.patch(PATH, json!({"name": "Ann"})).await.status, 200);
    assert_eq!(bob.patch(PATH, json!({"timezone": "Asia/Tokyo"})).await.status, 200);
    let (ann, bob) = (ann.get(PATH).await, bob.get(PATH).await);
    assert_eq!((ann.at("/name"), ann.at("/timezone")), (json!("Ann"), json!("UTC")));
    assert_eq!((bob.at("/name"), bob.at("/timezone")), (Value::Null, json!("Asia/Tokyo")));
    assert_eq!(bob.text("/email"), "bob@example.org");
}

#[tokio::test]
async fn of_many_changes_at_once_none_is_lost() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let all = (0..10).map(|n| {
        let body = json!({"name": format!("Ann {n}")});
        let ann = ann.clone();
        async move { patch(&ann, "\"me-1\"", body).await.status.as_u16() }
    });
    let mut statuses = futures_util::future::join_all(all).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 412), "{statuses:?}");
    assert_eq!(ann.get(PATH).await.at("/version"), 2);
}

/// SPEC 11: on one server a change counts at once, in whichever session it was made.
#[tokio::test]
async fn a_new_zone_counts_in_every_session_at_once() {
    let app = TestApp::new().await;
    let phone = app.register("ann").await;
    let proof = json!({"email": "ann@example.org", "password": PASSWORD});
    let desk = app.anonymous().post("/api/auth/login", proof).await;
    let desk = app.with_token(&desk.text("/access_token"));
    let body = || json!({"title": "call", "due_date": "2026-11-22T09:00"});
    assert_eq!(phone.post("/api/tasks", body()).await.at("/task/timezone"), "UTC");
    assert_eq!(desk.patch(PATH, json!({"timezone": "Asia/Tokyo"})).await.status, 200);
    assert_eq!(phone.post("/api/tasks", body()).await.at("/task/timezone"), "Asia/Tokyo");
}
