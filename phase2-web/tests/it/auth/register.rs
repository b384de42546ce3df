//! Making an account.

use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use todo_web::Registration;

use crate::support::{PASSWORD, Reply, TestApp};

const PATH: &str = "/api/auth/register";

async fn register(app: &TestApp, email: &str) -> Reply {
    app.anonymous().post(PATH, json!({"email": email, "password": PASSWORD})).await
}

#[tokio::test]
async fn answers_tokens_and_the_account() {
    let app = TestApp::new().await;
    let body = json!({
        "email": " Ann@Example.org ", "password": PASSWORD, "name": "Ann", "locale": "en-GB",
        "timezone": "europe/berlin",
    });
    let reply = app.anonymous().post(PATH, body).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let body = reply.blotted(&["/access_token", "/refresh_token", "/user/id"]);
    insta::assert_json_snapshot!(body, @r#"
    {
      "access_token": "[…]",
      "expires_in": 900,
      "refresh_token": "[…]",
      "token_type": "Bearer",
      "user": {
        "all_day_time": "09:00",
        "created_at": "2026-11-21T12:00:00.000Z",
        "default_reminders": [
          {
            "channel": "in_app",
            "message": null,
            "offset": "PT0S"
          }
        ],
        "email": "Ann@Example.org",
        "id": "[…]",
        "locale": "en-GB",
        "name": "Ann",
        "timezone": "Europe/Berlin",
        "version": 1,
        "week_start": "monday"
      }
    }
    "#);
    // 256 bits, base64url without padding.
    assert_eq!(reply.text("/refresh_token").len(), 43);
    assert_eq!(app.with_token(&reply.text("/access_token")).get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn refuses_values_that_break_their_rules() {
    let app = TestApp::new().await;
    let long = "x".repeat(257);
    let rows: &[(Value, &[(&str, &str)])] = &[
        (json!({"email": "", "password": PASSWORD}), &[("/email", "not_an_email")]),
        (json!({"email": "ann", "password": PASSWORD}), &[("/email", "not_an_email")]),
        (json!({"email": "a@b.c", "password": "1234567"}), &[("/password", "too_short")]),
        (json!({"email": "a@b.c", "password": long}), &[("/password", "too_long")]),
        // Counted in characters, not in bytes.
        (json!({"email": "a@b.c", "password": "äöüäöüä"}), &[("/password", "too_short")]),
        (
            json!({"email": "a@b.c", "password": PASSWORD, "name": "x".repeat(101)}),
            &[("/name", "too_long")],
        ),
        (json!({"email": "a@b.c", "password": PASSWORD, "name": " "}), &[("/name", "blank")]),
        (
            json!({"email": "a@b.c", "password": PASSWORD, "name": "a\u{0}b"}),
            &[("/name", "control_character")],
        ),
        (
            json!({"email": "a@b.c", "password": PASSWORD, "locale": "english!"}),
            &[("/locale", "not_a_language")],
        ),
        (
            json!({"email": "a@b.c", "password": PASSWORD, "timezone": "Berlin"}),
            &[("/timezone", "unknown_zone")],
        ),
        (
            json!({"email": "a@", "password": "short", "timezone": "nowhere"}),
            &[
                ("/email", "not_an_email"),
                ("/password", "too_short"),
                ("/timezone", "unknown_zone"),
            ],
        ),
    ];
    for (body, faults) in rows {
        let reply = app.anonymous().post(PATH, body.clone()).await;
        reply.refused(422, "validation_error");
        let told = reply.at("/errors");
        let told: Vec<_> = told.as_array().unwrap().iter().collect();
        let expected: Vec<_> = faults.to_vec();
        let told: Vec<_> = told
            .iter()
            .map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        assert_eq!(told, expected, "{body}");
    }
    assert_eq!(app.app.passwords.worked(), 0, "nothing was hashed for what is refused");
}

#[tokio::test]
async fn refuses_what_it_cannot_read() {
    let app = TestApp::new().await;
    let secret = "hunter2-hunter2";
    // Of the two names one that a proxy sees and one that we see would be two requests.
    let twice = format!(r#"{{"email": "a@b.c", "password": "{secret}", "password": "{secret}"}}"#);
    let trailing = format!(r#"{{"email": "a@b.c", "password": "{secret}"}} {secret}"#);
    let rows = [
        ("{", 400),
        ("\u{feff}{}", 400),
        (&twice, 400),
        (&trailing, 400),
        ("", 422),
        ("[]", 422),
        ("null", 422),
        (&format!(r#"["a@b.c", "{secret}"]"#), 422),
        (r#"{"email": "a@b.c"}"#, 422),
        (&format!(r#"{{"email": "a@b.c", "password": "{secret}", "admin": true}}"#), 422),
        (&format!(r#"{{"email": ["{secret}"], "password": "{secret}"}}"#), 422),
        (&format!(r#"{{"email": "a@b.c", "password": "{secret}", "cookie": "{secret}"}}"#), 422),
        (&format!(r#"{{"email": "a@b.c", "password": "{secret}", "name": null}}"#), 422),
    ];
    for (body, status) in rows {
        let request = Request::post(PATH).header(CONTENT_TYPE, "application/json");
        let reply = app.anonymous().send(request, body.to_owned()).await;
        reply.refused(status, "validation_error");
        let told = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(!told.contains(secret), "{body}: {told}");
    }
    let query = format!("{PATH}?email=ann@example.org");
    app.anonymous().post(&query, json!({})).await.refused(400, "validation_error");
    for media in ["text/plain", "application/merge-patch+json", "application/x-www-form-urlencoded"]
    {
        let request = Request::post(PATH).header(CONTENT_TYPE, media);
        app.anonymous().send(request, "{}").await.refused(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn one_address_one_account_however_it_is_written() {
    let app = TestApp::new().await;
    assert_eq!(register(&app, "josé.straße@example.org").await.status, 201);
    let same = [
        "josé.straße@example.org",
        "JOSÉ.STRASSE@EXAMPLE.ORG",
        "jose\u{301}.strasse@example.org",
        "ｊosé.straße@example.org",
        "josé.straſſe@example.org",
        "  josé.straße@EXAMPLE.org\t",
    ];
    for email in same {
        let reply = register(&app, email).await;
        reply.refused(409, "email_taken");
        let told = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(!told.contains('@'), "the answer repeats no address: {told}");
    }
    // Other letters are other addresses, though they look alike.
    for email in ["jose.strasse@example.org", "josé.straßе@example.org"] {
        assert_eq!(register(&app, email).await.status, 201, "{email}");
    }
}

#[tokio::test]
async fn refuses_addresses_that_hide_something() {
    let app = TestApp::new().await;
    let local = format!("{}@example.org", "x".repeat(65));
    let hostile = [
        "ann\u{200b}@example.org",
        "ann@exam\u{ad}ple.org",
        "\u{202e}nna@example.org",
        "ann@example.org\u{feff}x",
        "an n@example.org",
        "ann@exa mple.org",
        "ann\u{0}@example.org",
        "ann@example.org\nbcc: all@example.org",
        "ann@b@example.org",
        // Only folded do these have two signs, a blank or an empty label.
        "ann＠b@example.org",
        "ann\u{3000}b@example.org",
        "ann@example․.org",
        "ann@example..org",
        ".ann@example.org",
        "ann@-example.org",
        "ann@exam_ple.org",
        "<ann@example.org>",
        "Ann <ann@example.org>",
        "\"ann\"@example.org",
        "ann@",
        "@example.org",
        "@",
        &local,
    ];
    for email in hostile {
        register(&app, email).await.refused(422, "validation_error");
    }
    for email in ["a+b.c_d@sub.example.org", "मेल@उदाहरण.भारत", "o'neil@localhost"]
    {
        assert_eq!(register(&app, email).await.status, 201, "{email}");
    }
}

#[tokio::test]
async fn nobody_registers_where_that_is_closed() {
    let app = TestApp::with(|parts| parts.registration = Registration::Closed).await;
    register(&app, "ann@example.org").await.refused(403, "forbidden");
    assert_eq!(app.app.passwords.worked(), 0);
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_address() {
    let app = TestApp::new().await;
    let all = (0..10).map(|_| register(&app, "ann@example.org"));
    let replies = futures_util::future::join_all(all).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.refused(409, "email_taken");
    }
}
