//! Changing a password, and what is over then (SPEC 7 "Accounts", SPEC 11).

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Reply, TestApp};

const PATH: &str = "/api/auth/password";
const NEW: &str = "another horse entirely";

async fn change(client: &Client, current: &str, new: &str) -> Reply {
    client.post(PATH, json!({"current_password": current, "new_password": new})).await
}

async fn log_in(app: &TestApp, password: &str) -> Reply {
    let body = json!({"email": "ann@example.org", "password": password});
    app.anonymous().post("/api/auth/login", body).await
}

async fn refresh(app: &TestApp, token: &str) -> Reply {
    app.anonymous().post("/api/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn the_new_one_counts_and_the_old_one_no_more() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let reply = change(&ann, PASSWORD, NEW).await;
    let body = reply.blotted(&["/access_token"]);
    assert_eq!(
        (reply.status.as_u16(), body),
        (200, json!({"access_token": "[…]", "token_type": "Bearer", "expires_in": 900}))
    );
    log_in(&app, PASSWORD).await.refused(401, "unauthorized");
    assert_eq!(log_in(&app, NEW).await.status, 200);
}

#[tokio::test]
async fn only_the_session_that_asks_goes_on() {
    let app = TestApp::new().await;
    let other = app.register("ann").await;
    let bob = app.register("bob").await;
    let (ann, ours) = app.log_in("ann").await;
    let (_, theirs) = app.log_in("ann").await;
    assert!(other.is_let_in().await && ann.is_let_in().await);
    let reply = change(&ann, PASSWORD, NEW).await;
    // At once: nothing that was remembered counts.
    assert!(!other.is_let_in().await);
    refresh(&app, &theirs).await.refused(401, "unauthorized");
    // Every access token that was given out before is over, this session's too; it has a new one.
    assert!(!ann.is_let_in().await);
    assert!(app.with_token(&reply.text("/access_token")).is_let_in().await);
    let next = refresh(&app, &ours).await;
    assert_eq!(next.status, 200, "this device is not logged out: {next:?}");
    assert!(app.with_token(&next.text("/access_token")).is_let_in().await);
    assert!(bob.is_let_in().await);
}

/// SPEC 7: whoever has found an access token guesses no faster by it than by logging in.
#[tokio::test]
async fn wrong_ones_count_together_with_those_of_log_ins() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    // What cannot be a password is a wrong one.
    for wrong in ["not the password", "short", "nor this one"] {
        change(&ann, wrong, NEW).await.refused(401, "unauthorized");
    }
    for _ in 0..2 {
        log_in(&app, "not the password").await.refused(401, "unauthorized");
    }
    let work = app.app.passwords.worked();
    for held_up in [change(&ann, PASSWORD, NEW).await, log_in(&app, PASSWORD).await] {
        held_up.refused(429, "rate_limited");
        assert!(held_up.header("retry-after").is_some(), "{held_up:?}");
    }
    assert_eq!(app.app.passwords.worked(), work, "nothing is hashed for who must wait");
    app.pass_seconds(60);
    assert_eq!(change(&ann, PASSWORD, NEW).await.status, 200);
    // The right one ends it.
    log_in(&app, PASSWORD).await.refused(401, "unauthorized");
    assert_eq!(log_in(&app, NEW).await.status, 200);
}

#[tokio::test]
async fn other_servers_know_within_five_seconds() {
    let here = TestApp::new().await;
    let other = here.register("ann").await;
    let there = here.another();
    let other_there = there.with_token(other.token.as_deref().unwrap());
    let (ann, _) = here.log_in("ann").await;
    assert!(other_there.is_let_in().await);
    assert_eq!(change(&ann, PASSWORD, NEW).await.status, 200);
    here.pass_seconds(5);
    assert!(!other_there.is_let_in().await);
}

#[tokio::test]
async fn whoever_does_not_know_the_old_one_changes_nothing() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let other = app.log_in("ann").await.0;
    // Neither what is wrong, nor what cannot be a password at all.
    for wrong in ["not her password", "x", ""] {
        let reply = change(&ann, wrong, NEW).await;
        reply.refused(401, "unauthorized");
        // Its access token is good: there is no error of the token (RFC 6750).
        assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"todo\""));
    }
    assert!(ann.is_let_in().await && other.is_let_in().await);
    assert_eq!(log_in(&app, PASSWORD).await.status, 200);
    log_in(&app, NEW).await.refused(401, "unauthorized");
    let anonymous = change(&app.anonymous(), PASSWORD, NEW).await;
    anonymous.refused(401, "unauthorized");
}

#[tokio::test]
async fn a_new_one_keeps_the_rules_of_passwords() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let worked = app.app.passwords.worked();
    let rows: [(Value, &str, &str); 5] = [
        (
            json!({"current_password": PASSWORD, "new_password": "short"}),
            "/new_password",
            "too_short",
        ),
        (
            json!({"current_password": PASSWORD, "new_password": "x".repeat(257)}),
            "/new_password",
            "too_long",
        ),
        (json!({"new_password": NEW}), "/current_password", "missing"),
        (json!({"current_password": PASSWORD}), "/new_password", "missing"),
        (
            json!({"current_password": PASSWORD, "new_password": NEW, "password": NEW}),
            "/password",
            "unknown",
        ),
    ];
    for (body, pointer, code) in rows {
        let reply = ann.post(PATH, body.clone()).await;
        reply.refused(422, "validation_error");
        assert_eq!(reply.at("/errors/0/pointer"), pointer);
        assert_eq!(reply.at("/errors/0/code"), code);
    }
    assert_eq!(app.app.passwords.worked(), worked, "nothing was hashed for what is refused");
}

/// Of many who change it at once, one does; the others did not know the password any more.
#[tokio::test]
async fn of_many_changes_at_once_one_counts() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let all = (0..8).map(|n| {
        let ann = ann.clone();
        async move { (n, change(&ann, PASSWORD, &format!("{NEW} {n}")).await) }
    });
    let done = join_all(all).await;
    let won: Vec<_> = done.iter().filter(|(_, reply)| reply.status == 200).collect();
    let [(n, _)] = won[..] else { panic!("{done:?}") };
    assert!(done.iter().all(|(k, reply)| k == n || reply.status == 401), "{done:?}");
    assert_eq!(log_in(&app, &format!("{NEW} {n}")).await.status, 200);
}

/// Whoever has an access token may not try passwords as fast as the server can (SPEC 11).
#[tokio::test]
async fn guesses_are_counted_by_user() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    for _ in 0..10 {
        change(&ann, "not her password", NEW).await.refused(401, "unauthorized");
        // After a minute at most, the wrong ones before hold up nobody.
        app.pass_seconds(60);
    }
    change(&ann, PASSWORD, NEW).await.refused(429, "rate_limited");
    assert!(ann.is_let_in().await, "nothing else is counted with them");
    assert_eq!(change(&bob, PASSWORD, NEW).await.status, 200);
}
