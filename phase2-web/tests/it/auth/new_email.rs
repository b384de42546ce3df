//! Another e-mail address (SPEC 7 "Accounts"): whoever knows the password may have one; where there is
//! mail, it must be read there.

use std::net::TcpListener;

use axum::http::Request;
use futures_util::future::join_all;
use serde_json::{Value, json};
use todo_web::{Front, Mail};

use crate::postbox::{Postbox, SITE, Temper};
use crate::support::{Client, PASSWORD, Reply, TestApp};

const ME: &str = "/api/auth/me";

async fn wish(client: &Client, email: &str) -> Reply {
    client.patch(ME, json!({"email": email, "current_password": PASSWORD})).await
}

async fn confirm(app: &TestApp, token: &str) -> Reply {
    app.anonymous().post("/api/auth/confirm-email", json!({"token": token})).await
}

async fn log_in(app: &TestApp, email: &str) -> u16 {
    let body = json!({"email": email, "password": PASSWORD});
    app.anonymous().post("/api/auth/login", body).await.status.as_u16()
}

#[tokio::test]
async fn it_counts_when_the_link_is_followed_that_was_sent_to_it() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let ann = app.register("ann").await;
    let body = json!({"email": "Ann@new.example", "current_password": PASSWORD, "name": "Ann"});
    let reply = ann.patch(ME, body).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    assert_eq!(reply.text("/email"), "ann@example.org");
    assert_eq!((reply.text("/name"), reply.header("etag")), ("Ann".into(), Some("\"me-2\"")));
    let mail = postbox.next().await;
    assert_eq!(mail.to, ["Ann@new.example"]);
    assert_eq!(
        (log_in(&app, "ann@example.org").await, log_in(&app, "ann@new.example").await),
        (200, 401)
    );

    let token = mail.token("confirm-email");
    let reply = confirm(&app, &token).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (204, 0), "{reply:?}");
    let me = ann.get(ME).await;
    assert_eq!((me.text("/email"), me.at("/version")), ("Ann@new.example".into(), json!(3)));
    assert_eq!(
        (log_in(&app, "ann@example.org").await, log_in(&app, "ann@new.example").await),
        (401, 200)
    );
    let told = postbox.next().await;
    assert_eq!(told.to, ["ann@example.org"], "who may have lost the account learns of it");
    assert!(told.has("Subject: Your e-mail address for Todo was changed"), "{told:?}");
    // Good once.
    confirm(&app, &token).await.refused(401, "unauthorized");
    // The old address is free.
    app.register("ann").await;
    assert!(postbox.rest(&app).await.is_empty());
}

#[tokio::test]
async fn without_mail_the_password_is_enough() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    app.register("bob").await;
    // Nothing of a change is written that cannot be made whole.
    let body = json!({"email": "BOB@example.org", "current_password": PASSWORD, "name": "Ann"});
    ann.patch(ME, body.clone()).await.refused(409, "email_taken");
    assert_eq!(
        (ann.get(ME).await.at("/name"), ann.get(ME).await.at("/version")),
        (Value::Null, json!(1))
    );
    let reply = wish(&ann, "ann@new.example").await;
    assert_eq!((reply.status.as_u16(), reply.text("/email")), (200, "ann@new.example".into()));
    assert_eq!(reply.header("etag"), Some("\"me-2\""));
    assert_eq!(
        (log_in(&app, "ann@example.org").await, log_in(&app, "ann@new.example").await),
        (401, 200)
    );
    // S2: what is so already is no change; another spelling of it is one.
    assert_eq!(wish(&ann, "ann@new.example").await.header("etag"), Some("\"me-2\""));
    assert_eq!(wish(&ann, "Ann@new.example").await.text("/email"), "Ann@new.example");
}

#[tokio::test]
async fn whoever_does_not_know_the_password_changes_nothing() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    for wrong in ["not her password", "x"] {
        let reply =
            ann.patch(ME, json!({"email": "eve@example.org", "current_password": wrong})).await;
        assert_eq!(
            reply.refused(401, "unauthorized").header("www-authenticate"),
            Some("Bearer realm=\"todo\"")
        );
    }
    for (body, pointer) in [
        (json!({"email": "eve@example.org"}), "/current_password"),
        (json!({"current_password": PASSWORD}), "/email"),
        (json!({"email": null, "current_password": PASSWORD}), "/email"),
        (json!({"email": "eve", "current_password": PASSWORD}), "/email"),
    ] {
        let reply = ann.patch(ME, body).await;
        assert_eq!(reply.refused(422, "validation_error").at("/errors/0/pointer"), pointer);
    }
    // It is guessed here as slowly as at the log-in.
    for _ in 0..3 {
        ann.patch(ME, json!({"email": "eve@example.org", "current_password": "wrong wrong"})).await;
    }
    let held_up = wish(&ann, "eve@example.org").await;
    held_up.refused(429, "rate_limited");
    assert_eq!(held_up.header("retry-after"), Some("1"));
    assert_eq!(ann.get(ME).await.text("/email"), "ann@example.org");
}

/// SPEC 11: a hash costs, so whoever has an access token may not ask for as many as for profiles.
#[tokio::test]
async fn wishes_are_counted_with_the_other_places_that_ask_for_the_password() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    for _ in 0..10 {
        let body = json!({"email": "eve@example.org", "current_password": "wrong wrong"});
        ann.patch(ME, body).await.refused(401, "unauthorized");
        // After a minute at most, the wrong ones before hold up nobody.
        app.pass_seconds(60);
    }
    let worked = app.app.passwords.worked();
    let reply = wish(&ann, "ann@new.example").await;
    assert!(reply.refused(429, "rate_limited").header("retry-after").is_some());
    assert_eq!(app.app.passwords.worked(), worked, "nothing was hashed for it");
    let body = json!({"current_password": PASSWORD, "new_password": "another horse entirely"});
    ann.post("/api/auth/password", body).await.refused(429, "rate_limited");
    assert_eq!(ann.patch(ME, json!({"name": "Ann"})).await.status, 200, "what proves nothing");
    assert_eq!(wish(&bob, "bob@new.example").await.status, 200);
}

/// Whether an address has an account is told to who reads there, and to nobody else.
#[tokio::test]
async fn nobody_learns_which_addresses_are_taken() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let (ann, _bob) = (app.register("ann").await, app.register("bob").await);
    let taken = wish(&ann, "BOB@example.org").await;
    let told = postbox.next().await;
    assert_eq!(told.to, ["bob@example.org"]);
    assert!(told.text.contains("Nothing was changed") && !told.text.contains("token="), "{told:?}");
    let free = wish(&ann, "free@example.org").await;
    assert_eq!((taken.status, taken.json()), (free.status, free.json()));
    // Until it is followed somebody else may have taken it.
    let token = postbox.next().await.token("confirm-email");
    app.register("free").await;
    confirm(&app, &token).await.refused(409, "email_taken");
    assert_eq!(ann.get(ME).await.text("/email"), "ann@example.org");
}

#[tokio::test]
async fn of_two_who_want_one_address_at_once_one_gets_it() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let mut tokens = Vec::new();
    for name in ["ann", "bob"] {
        assert_eq!(wish(&app.register(name).await, "both@example.org").await.status, 202);
        tokens.push(postbox.next().await.token("confirm-email"));
    }
    // And each link comes twice.
    let all = tokens.iter().chain(&tokens).map(|token| confirm(&app, token));
    let mut done: Vec<_> = join_all(all).await.iter().map(|reply| reply.status.as_u16()).collect();
    done.sort_unstable();
    assert_eq!((done[0], done[1] >= 401), (204, true), "{done:?}");
    assert_eq!(log_in(&app, "both@example.org").await, 200);
}

#[tokio::test]
async fn what_has_changed_since_voids_a_link() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let ann = app.register("ann").await;
    let forgot = json!({"email": "ann@example.org"});
    assert_eq!(app.anonymous().post("/api/auth/forgot", forgot).await.status, 202);
    let reset = postbox.next().await.token("reset");
    assert_eq!(wish(&ann, "one@example.org").await.status, 202);
    let one = postbox.next().await.token("confirm-email");
    assert_eq!(wish(&ann, "two@example.org").await.status, 202);
    let two = postbox.next().await.token("confirm-email");
    assert_eq!(confirm(&app, &two).await.status, 204);
    // To an address that is the account's no more, and another wish.
    let body = json!({"token": reset, "password": "another horse entirely"});
    app.anonymous().post("/api/auth/reset", body).await.refused(401, "unauthorized");
    confirm(&app, &one).await.refused(401, "unauthorized");
    // Not even when the old address comes back.
    postbox.next().await;
    assert_eq!(wish(&ann, "ann@example.org").await.status, 202);
    let back = postbox.next().await.token("confirm-email");
    assert_eq!(confirm(&app, &back).await.status, 204);
    confirm(&app, &one).await.refused(401, "unauthorized");

    postbox.next().await;
    app.pass_seconds(3600);
    assert_eq!(wish(&app.log_in("ann").await.0, "three@example.org").await.status, 202);
    let three = postbox.next().await.token("confirm-email");
    app.pass_seconds(24 * 3600);
    confirm(&app, &three).await.refused(401, "unauthorized");
    confirm(&app, "x").await.refused(401, "unauthorized");
}

/// Nobody writes to many through us.
#[tokio::test]
async fn one_user_has_three_mails_sent_and_one_each_ten_minutes() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let ann = app.register("ann").await;
    for n in 0..3 {
        assert_eq!(wish(&ann, &format!("ann{n}@new.example")).await.status, 202);
    }
    let reply = wish(&ann, "ann3@new.example").await;
    reply.refused(429, "rate_limited");
    assert_eq!(reply.header("retry-after"), Some("600"));
    assert_eq!(postbox.rest(&app).await.len(), 3);
}

#[tokio::test]
async fn what_comes_to_nothing_uses_up_no_mail() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let ann = app.register("ann").await;
    let body = json!({"email": "ann@new.example", "current_password": PASSWORD, "name": "Ann"});
    let body = body.to_string();
    for _ in 0..4 {
        let request = Request::patch(ME).header("if-match", "\"me-7\"");
        let request = request.header("content-type", "application/json");
        ann.send(request, body.clone()).await.refused(412, "version_conflict");
    }
    for _ in 0..3 {
        assert_eq!(wish(&ann, "ann@new.example").await.status, 202);
    }
    wish(&ann, "ann@new.example").await.refused(429, "rate_limited");
    assert_eq!(postbox.rest(&app).await.len(), 3);
}

/// 202 says that a link was sent: it is not said where there is no room for it.
#[tokio::test]
async fn nothing_is_promised_when_too_many_mails_wait() {
    // Whoever calls is put through, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("smtp://{}?tls=none", silent.local_addr().unwrap());
    let mail = Mail::new(&server, "todo@example.org".parse().unwrap(), SITE).unwrap();
    let app = TestApp::with_front(Front { mail: Some(mail), ..Front::default() }).await;
    let forgot = async |email: String| {
        let reply = app.anonymous().post("/api/auth/forgot", json!({"email": email})).await;
        assert_eq!(reply.status, 202, "everybody is told the same");
    };
    let ann = app.register("ann").await;
    // These keep the lines busy for longer than the rest takes.
    for n in 0..8 {
        app.register(&format!("user{n}")).await;
        for _ in 0..3 {
            forgot(format!("user{n}@example.org")).await;
        }
    }
    for n in 0..1_000 {
        forgot(format!("nobody{n}@example.org")).await;
    }
    let body = json!({"email": "ann@new.example", "current_password": PASSWORD, "name": "Ann"});
    let reply = ann.patch(ME, body).await;
    assert!(reply.refused(503, "storage_unavailable").text("/detail").contains("mails wait"));
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert_eq!(ann.get(ME).await.at("/name"), Value::Null, "nothing of it was done");
}
