//! Going on with a session: rotation, and what comes twice.

use std::time::Duration;

use serde_json::json;

use crate::support::{PASSWORD, Reply, TestApp};

const DAY: i64 = 24 * 60 * 60;

/// An access token and a refresh token.
type Pair = (String, String);

fn pair(reply: &Reply) -> Pair {
    assert!(reply.status.is_success(), "{reply:?}");
    (reply.text("/access_token"), reply.text("/refresh_token"))
}

async fn session(app: &TestApp) -> Pair {
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    let path = "/api/auth/register";
    pair(&app.anonymous().post(path, body).await)
}

async fn refresh(app: &TestApp, token: &str) -> Reply {
    app.anonymous().post("/api/auth/refresh", json!({"refresh_token": token})).await
}

async fn works(app: &TestApp, access: &str) -> bool {
    app.with_token(access).get("/api/auth/me").await.status == 200
}

#[tokio::test]
async fn a_token_is_turned_into_the_next_two() {
    let app = TestApp::new().await;
    let (access, first) = session(&app).await;
    app.pass_seconds(600);
    let reply = refresh(&app, &first).await;
    assert_eq!(reply.at("/expires_in"), 900);
    let (next, second) = pair(&reply);
    assert!(access != next && first != second);
    // Both belong to one session; the old one is good until it expires.
    assert!(works(&app, &access).await && works(&app, &next).await);
    app.pass_seconds(600);
    assert!(!works(&app, &access).await && works(&app, &next).await);
}

#[tokio::test]
async fn what_comes_again_at_once_gets_the_same_successor() {
    let app = TestApp::new().await;
    let (_, first) = session(&app).await;
    let (_, second) = pair(&refresh(&app, &first).await);
    app.pass_seconds(30);
    let (access, again) = pair(&refresh(&app, &first).await);
    assert_eq!(again, second);
    assert!(works(&app, &access).await);
    // Another server of the same secret answers the same.
    let there = app.another();
    assert_eq!(pair(&refresh(&there, &first).await).1, second);
    assert!(refresh(&app, &second).await.status.is_success());
}

#[tokio::test]
async fn what_comes_again_gets_the_token_that_counts_by_then() {
    let app = TestApp::new().await;
    let (_, first) = session(&app).await;
    let (_, second) = pair(&refresh(&app, &first).await);
    let (_, third) = pair(&refresh(&app, &second).await);
    let (_, fourth) = pair(&refresh(&app, &third).await);
    // The slowest of several pages must not be left with a token that was used already.
    assert_eq!(pair(&refresh(&app, &first).await).1, fourth);
    assert_eq!(pair(&refresh(&app, &third).await).1, fourth);
}

#[tokio::test]
async fn what_comes_again_later_ends_the_session() {
    let app = TestApp::new().await;
    let (access, first) = session(&app).await;
    let (_, second) = pair(&refresh(&app, &first).await);
    assert!(works(&app, &access).await);
    app.pass_seconds(31);
    let reply = refresh(&app, &first).await;
    reply.refused(401, "unauthorized");
    assert!(reply.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    // For whoever has the other one too, and for access, at once.
    refresh(&app, &second).await.refused(401, "unauthorized");
    assert!(!works(&app, &access).await);
    // But not for another log-in of the same user.
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    assert_eq!(app.anonymous().post("/api/auth/login", body).await.status, 200);
}

#[tokio::test]
async fn many_at_once_all_get_the_same_token() {
    let app = TestApp::new().await;
    let (_, first) = session(&app).await;
    let all = (0..20).map(|_| refresh(&app, &first));
    let replies = futures_util::future::join_all(all).await;
    let (_, second) = pair(&replies[0]);
    for reply in &replies {
        let (access, token) = pair(reply);
        assert_eq!(token, second);
        assert!(works(&app, &access).await);
    }
}

#[tokio::test]
async fn a_session_that_is_not_used_ends_after_seven_days() {
    let app = TestApp::new().await;
    let (_, first) = session(&app).await;
    app.pass_seconds(7 * DAY - 1);
    let (_, second) = pair(&refresh(&app, &first).await);
    // Each use moves the end on.
    app.pass_seconds(7 * DAY - 1);
    let (access, third) = pair(&refresh(&app, &second).await);
    app.pass_seconds(7 * DAY);
    assert!(!works(&app, &access).await);
    refresh(&app, &third).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_much_it_is_used() {
    let app = TestApp::new().await;
    let (_, mut token) = session(&app).await;
    for _ in 0..5 {
        app.pass_seconds(5 * DAY);
        token = pair(&refresh(&app, &token).await).1;
    }
    app.pass_seconds(5 * DAY - 1);
    let (access, last) = pair(&refresh(&app, &token).await);
    assert!(works(&app, &access).await);
    app.pass_seconds(1);
    assert!(!works(&app, &access).await, "an access token does not outlive its session");
    refresh(&app, &last).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_refused() {
    let app = TestApp::new().await;
    let (access, first) = session(&app).await;
    let mut other = first.clone().into_bytes();
    other[0] = if other[0] == b'A' { b'B' } else { b'A' };
    let other = String::from_utf8(other).unwrap();
    let long = "A".repeat(10_000);
    for token in ["", "A", &other, &access, &long, "é", &format!("{first}=")] {
        refresh(&app, token).await.refused(401, "unauthorized");
    }
    let anonymous = app.anonymous();
    anonymous.post("/api/auth/refresh", json!({})).await.refused(401, "unauthorized");
    let request = axum::http::Request::post("/api/auth/refresh");
    anonymous.send(request, "").await.refused(401, "unauthorized");
    let unknown = json!({"refresh_token": first, "more": 1});
    anonymous.post("/api/auth/refresh", unknown).await.refused(422, "validation_error");
    // None of that used the token up.
    pair(&refresh(&app, &first).await);
}

/// A token that comes again too late ends its session here, too, even if nobody waits for the answer.
#[tokio::test]
async fn what_it_ends_is_over_even_for_who_hangs_up() {
    let app = TestApp::new().await;
    let (access, first) = session(&app).await;
    let _next = pair(&refresh(&app, &first).await);
    app.pass_seconds(31);
    assert!(works(&app, &access).await);
    let mut asked = Box::pin(refresh(&app, &first));
    assert!(futures_util::poll!(&mut asked).is_pending());
    drop(asked);
    let ended = async {
        while works(&app, &access).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("it is over");
}
