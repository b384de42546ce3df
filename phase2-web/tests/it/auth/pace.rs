//! Guessing a password is slowed down, account by account (SPEC 7, 11).

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::Request;
use futures_util::future::join_all;
use serde_json::{Value, json};
use todo_web::{Front, Rate};

use crate::support::{PASSWORD, Reply, TestApp};

/// Without any limit of rate: this one is not switched off with it.
async fn app() -> TestApp {
    let app = TestApp::with_front(Front { rate: Rate::Off, ..Front::default() }).await;
    app.register("ann").await;
    app
}

async fn log_in(app: &TestApp, email: &str, password: &str, network: u8) -> Reply {
    let peer = SocketAddr::from(([192, 0, 2, network], 1));
    let request = Request::post("/api/auth/login").header("content-type", "application/json");
    let body = json!({"email": email, "password": password}).to_string();
    app.anonymous().send(request.extension(ConnectInfo(peer)), body).await
}

async fn fail(app: &TestApp, email: &str, times: usize) {
    for _ in 0..times {
        log_in(app, email, "not the password", 1).await.refused(401, "unauthorized");
    }
}

/// The body without what differs from request to request.
fn told(reply: &Reply) -> Value {
    let mut body = reply.json();
    body.as_object_mut().unwrap().remove("instance");
    body
}

#[tokio::test]
async fn after_five_failures_even_the_right_password_waits() {
    let app = app().await;
    fail(&app, "ann@example.org", 5).await;
    let work = app.app.passwords.worked();
    for email in ["ann@example.org", "ANN@example.org"] {
        let held_up = log_in(&app, email, PASSWORD, 1).await;
        held_up.refused(429, "rate_limited");
        assert_eq!(held_up.header("retry-after"), Some("1"));
    }
    assert_eq!(app.app.passwords.worked(), work, "nothing is hashed for who must wait");
    // Each failure doubles the wait, and to be refused is none.
    for wait in ["1", "2", "4", "8", "16", "32", "60", "60"] {
        let held_up = log_in(&app, "ann@example.org", PASSWORD, 1).await;
        assert_eq!(held_up.header("retry-after"), Some(wait));
        app.pass_seconds(wait.parse().unwrap());
        fail(&app, "ann@example.org", 1).await;
    }
    app.pass_seconds(60);
    assert_eq!(log_in(&app, "ann@example.org", PASSWORD, 1).await.status, 200);
    fail(&app, "ann@example.org", 5).await;
}

/// The same words and the same waits, whether or not there is such an account.
#[tokio::test]
async fn an_unknown_address_waits_like_a_known_one() {
    let app = app().await;
    let mut answers = Vec::new();
    for email in ["ann@example.org", "nobody@example.org"] {
        fail(&app, email, 5).await;
        let held_up = log_in(&app, email, "not the password", 1).await;
        answers.push((held_up.status, told(&held_up), held_up.headers["retry-after"].clone()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 429);
}

#[tokio::test]
async fn a_stranger_locks_nobody_out() {
    let app = app().await;
    fail(&app, "ann@example.org", 5).await;
    log_in(&app, "ann@example.org", PASSWORD, 1).await.refused(429, "rate_limited");
    // Who comes from elsewhere does not notice, nor do other accounts.
    assert_eq!(log_in(&app, "ann@example.org", PASSWORD, 2).await.status, 200);
    fail(&app, "bob@example.org", 1).await;
}

/// Guesses that come from many networks are slowed down too, but not where the account is used.
#[tokio::test]
async fn many_strangers_hold_each_other_up() {
    let app = app().await;
    assert_eq!(log_in(&app, "ann@example.org", PASSWORD, 200).await.status, 200);
    for network in 0..20 {
        let reply = log_in(&app, "ann@example.org", "not the password", network).await;
        reply.refused(401, "unauthorized");
    }
    log_in(&app, "ann@example.org", PASSWORD, 100).await.refused(429, "rate_limited");
    assert_eq!(log_in(&app, "ann@example.org", PASSWORD, 200).await.status, 200);
}

/// To send many at once gains little; and those who are right are not held up for being many.
#[tokio::test]
async fn tries_at_once_are_bounded() {
    let app = app().await;
    let at_once = async |password: &str, times: usize| {
        let tries = (0..times).map(|_| log_in(&app, "ann@example.org", password, 1));
        join_all(tries).await.iter().map(|reply| reply.status.as_u16()).collect::<Vec<_>>()
    };
    assert_eq!(at_once(PASSWORD, 15).await, [200; 15]);
    let guesses = at_once("not the password", 100).await;
    let looked_at = guesses.iter().filter(|status| **status == 401).count();
    assert!((5..=20).contains(&looked_at), "{guesses:?}");
    assert!(guesses.iter().all(|status| [401, 429].contains(status)), "{guesses:?}");
    log_in(&app, "ann@example.org", PASSWORD, 1).await.refused(429, "rate_limited");
}
