//! Where somebody is logged in (SPEC 7 "Accounts").

use std::time::Duration;

use axum::http::Request;
use axum::http::header::USER_AGENT;
use serde_json::{Value, json};
use todo_web::{Front, Rate};

use crate::support::{Client, PASSWORD, Reply, TestApp};

const PATH: &str = "/api/auth/sessions";

async fn listed(client: &Client) -> Vec<Value> {
    let reply = client.get(PATH).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.at("/sessions").as_array().expect("a list").clone()
}

/// The id of the session that asks.
async fn own(client: &Client) -> String {
    let sessions = listed(client).await;
    let current: Vec<_> = sessions.iter().filter(|session| session["current"] == true).collect();
    assert_eq!(current.len(), 1, "{sessions:?}");
    current[0]["id"].as_str().expect("an id").to_owned()
}

async fn refresh(app: &TestApp, token: &str) -> Reply {
    app.anonymous().post("/api/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn every_session_is_listed_and_nobody_elses() {
    let app = TestApp::new().await;
    app.register("ann").await;
    app.register("bob").await;
    app.pass_seconds(60);
    let proof = json!({"email": "ann@example.org", "password": PASSWORD}).to_string();
    let request = Request::post("/api/auth/login")
        .header("content-type", "application/json")
        .header(USER_AGENT, "Phone/1.0");
    let reply = app.anonymous().send(request, proof).await;
    let phone = app.with_token(&reply.text("/access_token"));
    let sessions = phone.get(PATH).await;
    insta::assert_json_snapshot!(sessions.blotted(&["/sessions/0/id", "/sessions/1/id"]), @r#"
    {
      "sessions": [
        {
          "address": null,
          "created_at": "2026-11-21T12:01:00.000Z",
          "current": true,
          "expires_at": "2026-11-28T12:01:00.000Z",
          "id": "[…]",
          "last_used_at": "2026-11-21T12:01:00.000Z",
          "user_agent": "Phone/1.0"
        },
        {
          "address": null,
          "created_at": "2026-11-21T12:00:00.000Z",
          "current": false,
          "expires_at": "2026-11-28T12:00:00.000Z",
          "id": "[…]",
          "last_used_at": "2026-11-21T12:00:00.000Z",
          "user_agent": null
        }
      ]
    }
    "#);
    // To go on with a session is to use it.
    app.pass_seconds(60);
    let next = refresh(&app, &reply.text("/refresh_token")).await;
    let phone = app.with_token(&next.text("/access_token"));
    assert_eq!(listed(&phone).await[0]["last_used_at"], "2026-11-21T12:02:00.000Z");
}

#[tokio::test]
async fn one_that_is_ended_is_over_at_once() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (phone, token) = app.log_in("ann").await;
    let path = format!("{PATH}/{}", own(&phone).await);
    assert!(phone.is_let_in().await);
    let ended = ann.delete(&path).await;
    assert_eq!((ended.status.as_u16(), ended.body.len()), (204, 0));
    assert!(!phone.is_let_in().await);
    refresh(&app, &token).await.refused(401, "unauthorized");
    assert_eq!(listed(&ann).await.len(), 1);
    ann.delete(&path).await.refused(404, "not_found");
    // One may end one's own.
    assert_eq!(ann.delete(&format!("{PATH}/{}", own(&ann).await)).await.status, 204);
    assert!(!ann.is_let_in().await);
}

#[tokio::test]
async fn another_server_knows_within_five_seconds() {
    let here = TestApp::new().await;
    let ann = here.register("ann").await;
    let (phone, _) = here.log_in("ann").await;
    let (pad, _) = here.log_in("ann").await;
    let there = here.another();
    let with = |client: &Client| there.with_token(client.token.as_deref().unwrap());
    let (phone_there, pad_there) = (with(&phone), with(&pad));
    assert!(phone_there.is_let_in().await && pad_there.is_let_in().await);
    let path = format!("{PATH}/{}", own(&phone).await);
    assert_eq!(ann.delete(&path).await.status, 204);
    here.pass_seconds(5);
    assert!(!phone_there.is_let_in().await && pad_there.is_let_in().await);
    assert_eq!(ann.delete(PATH).await.status, 204);
    here.pass_seconds(5);
    assert!(!pad_there.is_let_in().await);
}

/// Who hangs up does not take back what was asked for, nor keep this server from knowing of it.
#[tokio::test]
async fn one_is_ended_even_if_nobody_waits_for_the_answer() {
    // To be asked too often is another refusal than the one that is waited for.
    let app = TestApp::with_front(Front { rate: Rate::Off, ..Front::default() }).await;
    let ann = app.register("ann").await;
    let (phone, _) = app.log_in("ann").await;
    let path = format!("{PATH}/{}", own(&phone).await);
    assert!(ann.is_let_in().await && phone.is_let_in().await);
    let mut asked = Box::pin(ann.delete(&path));
    assert!(futures_util::poll!(&mut asked).is_pending());
    drop(asked);
    let ended = async {
        while phone.is_let_in().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("it is over");
}

#[tokio::test]
async fn all_others_can_be_ended_together() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let bob = app.register("bob").await;
    let (phone, first) = app.log_in("ann").await;
    let (pad, second) = app.log_in("ann").await;
    assert!(ann.is_let_in().await && phone.is_let_in().await);
    assert_eq!(pad.delete(PATH).await.status, 204);
    assert!(!ann.is_let_in().await && !phone.is_let_in().await);
    assert!(pad.is_let_in().await && bob.is_let_in().await);
    refresh(&app, &first).await.refused(401, "unauthorized");
    assert_eq!(refresh(&app, &second).await.status, 200);
    assert_eq!(listed(&pad).await.len(), 1);
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_there() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let of_bob = own(&bob).await;
    let other = ann.delete(&format!("{PATH}/{of_bob}")).await;
    let never = ann.delete(&format!("{PATH}/01900000-0000-7000-8000-00000000abcd")).await;
    for reply in [&other, &never] {
        reply.refused(404, "not_found");
        assert_eq!(reply.blotted(&["/instance"]), never.blotted(&["/instance"]));
    }
    assert!(bob.is_let_in().await);
    for odd in ["1", "x", &of_bob.replace('-', "")] {
        ann.delete(&format!("{PATH}/{odd}")).await.refused(400, "validation_error");
    }
    // What has ended by itself is not there either.
    app.pass_seconds(8 * 24 * 60 * 60);
    let (ann, _) = app.log_in("ann").await;
    assert_eq!(listed(&ann).await.len(), 1);
}
