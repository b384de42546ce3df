//! Logging in and out.

use serde_json::{Value, json};
use todo_store::accounts::Email;
use todo_web::{PasswordCost, Passwords};

use crate::support::{Client, PASSWORD, Reply, TestApp};

async fn login(app: &TestApp, email: &str, password: &str) -> Reply {
    app.anonymous().post("/api/auth/login", json!({"email": email, "password": password})).await
}

/// The body without what differs from request to request.
fn told(reply: &Reply) -> Value {
    let mut body = reply.json();
    body.as_object_mut().expect("an object").remove("instance");
    body
}

async fn works(client: &Client) -> bool {
    client.get("/api/auth/me").await.status == 200
}

#[tokio::test]
async fn logs_in_with_any_spelling_of_the_address() {
    let app = TestApp::new().await;
    app.register("ann").await;
    for email in ["ann@example.org", " ANN@Example.ORG ", "ａnn@example.org"] {
        let reply = login(&app, email, PASSWORD).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.at("/token_type"), "Bearer");
        assert_eq!(reply.at("/expires_in"), 900);
        assert!(reply.json().get("user").is_none());
        assert!(works(&app.with_token(&reply.text("/access_token"))).await);
    }
}

#[tokio::test]
async fn a_password_may_be_typed_composed_or_not() {
    let app = TestApp::new().await;
    let body = json!({"email": "ann@example.org", "password": "crème brûlée"});
    assert_eq!(app.anonymous().post("/api/auth/register", body).await.status, 201);
    assert_eq!(
        login(&app, "ann@example.org", "cre\u{300}me bru\u{302}le\u{301}e").await.status,
        200
    );
    // Case and blanks count.
    login(&app, "ann@example.org", "Crème brûlée").await.refused(401, "unauthorized");
    login(&app, "ann@example.org", "crème brûlée ").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let app = TestApp::new().await;
    app.register("ann").await;
    let before = app.app.passwords.worked();
    let wrong = login(&app, "ann@example.org", "not her password").await;
    let work = app.app.passwords.worked() - before;
    let unknown = login(&app, "bob@example.org", "not her password").await;
    assert_eq!(app.app.passwords.worked() - before, 2 * work, "the same work for both");
    assert_eq!(work, 1);
    for reply in [&wrong, &unknown] {
        reply.refused(401, "unauthorized");
        assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer"));
    }
    assert_eq!(told(&wrong), told(&unknown));
    // Nor by what cannot be an address or a password at all.
    let odd = [("no address", "not her password"), ("ann@example.org", "x")];
    for (email, password) in odd {
        let reply = login(&app, email, password).await;
        assert_eq!(told(&reply), told(&wrong));
    }
}

#[tokio::test]
async fn a_hash_of_another_cost_is_renewed() {
    let app = TestApp::new().await;
    app.register("ann").await;
    let email = Email::new("ann@example.org").unwrap();
    let old = app.app.store.credentials(&email).await.unwrap().unwrap().password;
    assert!(old.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "the cost of tests");

    let cost = PasswordCost { memory: 16, passes: 2, lanes: 1 };
    let app = app.another_with(|parts| parts.passwords = Passwords::new(cost).unwrap());
    login(&app, "ann@example.org", "not her password").await.refused(401, "unauthorized");
    let kept = app.app.store.credentials(&email).await.unwrap().unwrap().password;
    assert!(kept == old, "a wrong password renews nothing");
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 200);
    let new = app.app.store.credentials(&email).await.unwrap().unwrap().password;
    assert!(new.as_str().starts_with("$argon2id$v=19$m=16,t=2,p=1$"));
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 200);
    let same = app.app.store.credentials(&email).await.unwrap().unwrap().password;
    assert!(same == new, "and one of this cost stays");
}

#[tokio::test]
async fn logging_out_ends_this_session_at_once_and_no_other() {
    let app = TestApp::new().await;
    let first = app.register("ann").await;
    let reply = login(&app, "ann@example.org", PASSWORD).await;
    let second = app.with_token(&reply.text("/access_token"));
    assert!(works(&first).await && works(&second).await);

    let out = second.post("/api/auth/logout", json!({})).await;
    assert_eq!((out.status.as_u16(), out.body.len()), (204, 0));
    let refused = second.get("/api/auth/me").await;
    refused.refused(401, "unauthorized");
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer realm=\"todo\", error=\"invalid_token\"")
    );
    let refresh = json!({"refresh_token": reply.text("/refresh_token")});
    app.anonymous().post("/api/auth/refresh", refresh).await.refused(401, "unauthorized");
    assert!(works(&first).await);
}

#[tokio::test]
async fn a_refresh_token_logs_out_too() {
    let app = TestApp::new().await;
    app.register("ann").await;
    let reply = login(&app, "ann@example.org", PASSWORD).await;
    let token = app.with_token(&reply.text("/access_token"));
    // The access token has expired meanwhile: no reason to stay logged in.
    app.pass_seconds(3600);
    let refresh = json!({"refresh_token": reply.text("/refresh_token")});
    for _ in 0..2 {
        assert_eq!(token.post("/api/auth/logout", refresh.clone()).await.status, 204);
    }
    app.anonymous().post("/api/auth/refresh", refresh).await.refused(401, "unauthorized");
    // With nothing that counts there is nothing to end.
    token.post("/api/auth/logout", json!({})).await.refused(401, "unauthorized");
    app.anonymous().post("/api/auth/logout", json!({})).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn another_server_knows_of_a_log_out_within_five_seconds() {
    let here = TestApp::new().await;
    let ann = here.register("ann").await;
    let there = here.another();
    let ann_there = there.with_token(ann.token.as_deref().unwrap());
    assert!(works(&ann_there).await);
    assert_eq!(ann.post("/api/auth/logout", json!({})).await.status, 204);
    assert!(!works(&ann).await);
    here.pass_seconds(4);
    assert!(works(&ann_there).await, "what was asked for four seconds ago is believed");
    here.pass_seconds(1);
    assert!(!works(&ann_there).await);
}
