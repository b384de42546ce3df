//! A password that was forgotten (SPEC 7 "Accounts"): links that are signed, good once and for half an
//! hour, and the same answer for every address.

use futures_util::future::join_all;
use serde_json::json;

use crate::postbox::{Postbox, Temper};
use crate::support::{PASSWORD, Reply, TestApp};

const NEW: &str = "another horse entirely";

async fn forgot(app: &TestApp, email: &str) -> Reply {
    app.anonymous().post("/api/auth/forgot", json!({"email": email})).await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Reply {
    let body = json!({"token": token, "password": password});
    app.anonymous().post("/api/auth/reset", body).await
}

async fn log_in(app: &TestApp, password: &str) -> u16 {
    let body = json!({"email": "ann@example.org", "password": password});
    app.anonymous().post("/api/auth/login", body).await.status.as_u16()
}

/// The token of a fresh link.
async fn link(app: &TestApp, postbox: &mut Postbox) -> String {
    assert_eq!(forgot(app, "ann@example.org").await.status, 202);
    postbox.next().await.token("reset")
}

#[tokio::test]
async fn a_link_sets_a_password_and_ends_all_that_was_open() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    // What a user calls themselves is in no mail: strangers could write in our name.
    let body =
        json!({"email": "Ann@example.org", "password": PASSWORD, "name": "Buy at evil.example"});
    let ann = app.anonymous().post("/api/auth/register", body).await;
    let (ann, ours) = (app.with_token(&ann.text("/access_token")), ann.text("/refresh_token"));
    let (program, _) = app.program(&ann, "read").await;
    assert!(ann.is_let_in().await && program.get("/api/tasks").await.status == 200);

    let reply = forgot(&app, " ANN@EXAMPLE.ORG ").await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (202, 0), "{reply:?}");
    let mail = postbox.next().await;
    assert_eq!(mail.to, ["Ann@example.org"], "as it was kept, not as it was typed");
    assert!(mail.has("From: Todo <todo@example.org>") && mail.has("To: Ann@example.org"));
    assert!(mail.has("Subject: Your new password for Todo"), "{mail:?}");
    assert!(mail.has("Auto-Submitted: auto-generated") && !mail.text.contains("evil"), "{mail:?}");

    let token = mail.token("reset");
    let reply = reset(&app, &token, NEW).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (204, 0), "{reply:?}");
    assert!(!ann.is_let_in().await);
    program.get("/api/tasks").await.refused(401, "unauthorized");
    let refreshed = app.anonymous().post("/api/auth/refresh", json!({"refresh_token": ours})).await;
    refreshed.refused(401, "unauthorized");
    assert_eq!((log_in(&app, PASSWORD).await, log_in(&app, NEW).await), (401, 200));

    let told = postbox.next().await;
    assert_eq!(told.to, ["Ann@example.org"]);
    assert!(told.has("Subject: Your password for Todo was changed"), "{told:?}");
    // Good once.
    reset(&app, &token, PASSWORD).await.refused(401, "unauthorized");
    assert_eq!((log_in(&app, PASSWORD).await, log_in(&app, NEW).await), (401, 200));
    assert!(postbox.rest(&app).await.is_empty());
}

/// SPEC 7: the same answer for unknown addresses, which takes as long: nothing is looked up before it.
#[tokio::test]
async fn nobody_learns_which_addresses_are_known() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    app.register("ann").await;
    let shown = |mut reply: Reply| {
        reply.headers.remove("x-request-id");
        (reply.status, reply.headers, reply.body)
    };
    let known = shown(forgot(&app, "ann@example.org").await);
    let unknown = shown(forgot(&app, "bob@example.org").await);
    assert_eq!(known, unknown);
    let mute = TestApp::new().await;
    mute.register("ann").await;
    assert_eq!(shown(forgot(&mute, "ann@example.org").await), known, "nor whether there is mail");
    let without = TestApp::new().await;
    without.app.store.close().await;
    assert_eq!(forgot(&without, "ann@example.org").await.status, 202, "nothing is looked up");
    let mails = postbox.rest(&app).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].to, ["ann@example.org"]);
    forgot(&app, "ann").await.refused(422, "validation_error");
}

#[tokio::test]
async fn a_link_counts_for_half_an_hour() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    app.register("ann").await;
    let (first, second) = (link(&app, &mut postbox).await, link(&app, &mut postbox).await);
    app.pass_seconds(30 * 60 - 1);
    assert_eq!(reset(&app, &first, NEW).await.status, 204);
    postbox.next().await;
    app.pass_seconds(20 * 60);
    let third = link(&app, &mut postbox).await;
    app.pass_seconds(30 * 60);
    for late in [second, third] {
        reset(&app, &late, PASSWORD).await.refused(401, "unauthorized");
    }
    assert_eq!(log_in(&app, NEW).await, 200);
}

/// A later link does not void an earlier one: strangers could keep all links void. The first that is
/// followed voids the others.
#[tokio::test]
async fn of_several_links_one_counts() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    app.register("ann").await;
    let (first, second) = (link(&app, &mut postbox).await, link(&app, &mut postbox).await);
    assert_eq!(reset(&app, &first, NEW).await.status, 204);
    reset(&app, &second, PASSWORD).await.refused(401, "unauthorized");
    assert_eq!(log_in(&app, NEW).await, 200);
}

#[tokio::test]
async fn another_password_voids_a_link() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    let ann = app.register("ann").await;
    let token = link(&app, &mut postbox).await;
    // Even if it is the same again.
    let body = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    assert_eq!(ann.post("/api/auth/password", body).await.status, 200);
    reset(&app, &token, NEW).await.refused(401, "unauthorized");
    assert_eq!(log_in(&app, PASSWORD).await, 200);
}

#[tokio::test]
async fn of_many_who_follow_one_link_at_once_one_is_first() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    app.register("ann").await;
    let token = link(&app, &mut postbox).await;
    let (app, token) = (&app, &token);
    let all = (0..8).map(async |n| (n, reset(app, token, &format!("{NEW} {n}")).await));
    let done = join_all(all).await;
    let won: Vec<_> = done.iter().filter(|(_, reply)| reply.status == 204).collect();
    let [(n, _)] = won[..] else { panic!("{done:?}") };
    assert!(done.iter().all(|(k, reply)| k == n || reply.status == 401), "{done:?}");
    assert_eq!(log_in(app, &format!("{NEW} {n}")).await, 200);
}

#[tokio::test]
async fn what_is_no_link_is_refused_before_anything_is_hashed() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    app.register("ann").await;
    let token = link(&app, &mut postbox).await;
    let worked = app.app.passwords.worked();
    let long = "A".repeat(10_000);
    for odd in ["", "x", "../../etc/passwd", "\u{0}", &token[1..], &format!("{token}A"), &long] {
        let reply = reset(&app, odd, NEW).await;
        // To be told from an access token that counts no more.
        assert_eq!(
            reply.refused(401, "unauthorized").header("www-authenticate"),
            Some("Bearer realm=\"todo\"")
        );
    }
    for (body, pointer) in [
        (json!({"token": token}), "/password"),
        (json!({"password": NEW}), "/token"),
        (json!({"token": 1, "password": NEW}), "/token"),
        (json!({"token": token, "password": "short"}), "/password"),
        (json!({"token": token, "password": NEW, "email": "a@b.c"}), "/email"),
    ] {
        let reply = app.anonymous().post("/api/auth/reset", body).await;
        assert_eq!(reply.refused(422, "validation_error").at("/errors/0/pointer"), pointer);
    }
    assert_eq!(app.app.passwords.worked(), worked);
    assert_eq!(reset(&app, &token, NEW).await.status, 204, "and it still counts");
}

/// Nobody can be flooded by strangers; and whoever is, has a link that counts.
#[tokio::test]
async fn one_address_gets_three_mails_and_one_each_ten_minutes() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    let app = postbox.app().await;
    app.register("ann").await;
    app.register("bob").await;
    for spelling in ["ann@example.org", "ANN@example.org", "Ann@Example.Org", "ann@example.org"] {
        assert_eq!(forgot(&app, spelling).await.status, 202);
    }
    for _ in 0..3 {
        assert_eq!(postbox.next().await.to, ["ann@example.org"]);
    }
    assert_eq!(forgot(&app, "bob@example.org").await.status, 202);
    assert_eq!(postbox.next().await.to, ["bob@example.org"], "each has their own");
    app.pass_seconds(10 * 60);
    let last = link(&app, &mut postbox).await;
    assert_eq!(forgot(&app, "ann@example.org").await.status, 202);
    assert_eq!(reset(&app, &last, NEW).await.status, 204);
    let subjects = postbox.rest(&app).await;
    assert!(subjects.iter().all(|mail| mail.text.contains("was changed")), "{subjects:?}");
    assert_eq!(subjects.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again() {
    let mut postbox = Postbox::open(Temper::Busy(1)).await;
    let app = postbox.app().await;
    app.register("ann").await;
    let token = link(&app, &mut postbox).await;
    assert_eq!(reset(&app, &token, NEW).await.status, 204);
}

/// The word to stop leaves nothing behind that can still be sent.
#[tokio::test]
async fn what_waits_is_sent_before_the_end() {
    let mut postbox = Postbox::open(Temper::Busy(2)).await;
    let app = postbox.app().await;
    for name in ["ann", "bob"] {
        app.register(name).await;
        assert_eq!(forgot(&app, &format!("{name}@example.org")).await.status, 202);
    }
    postbox.tried(2).await;
    let mut sent: Vec<_> = postbox.rest(&app).await.into_iter().flat_map(|mail| mail.to).collect();
    sent.sort();
    assert_eq!(sent, ["ann@example.org", "bob@example.org"]);
}
