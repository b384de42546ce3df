//! Personal access tokens (SPEC 7 "Accounts").

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use todo_web::{Front, Rate};
use tracing::span::{Attributes, Id};
use tracing::subscriber::set_default;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

use crate::support::{Client, PASSWORD, TestApp};

const PATH: &str = "/api/auth/tokens";

async fn listed(client: &Client) -> Vec<Value> {
    let reply = client.get(PATH).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.at("/tokens").as_array().expect("a list").clone()
}

#[tokio::test]
async fn one_is_shown_once() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let body =
        json!({"name": " backup  ", "scope": "READ", "expires_at": "2027-01-01T01:00:00+01:00"});
    let made = ann.post(PATH, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.header("cache-control"), Some("no-store"));
    insta::assert_json_snapshot!(made.blotted(&["/id", "/token"]), @r#"
    {
      "created_at": "2026-11-21T12:00:00.000Z",
      "expires_at": "2027-01-01T00:00:00.000Z",
      "id": "[…]",
      "last_used_at": null,
      "name": "backup",
      "scope": "read",
      "token": "[…]"
    }
    "#);
    let mut told = made.json();
    let token = told.as_object_mut().unwrap().remove("token").unwrap();
    let token = token.as_str().unwrap();
    assert_eq!(listed(&ann).await, [told.clone()]);
    assert!(!String::from_utf8_lossy(&ann.get(PATH).await.body).contains(token));
    // What scanners look for, 256 bits, and a checksum; what is kept is a digest of the bits.
    let digits = token.strip_prefix("todo_pat_").expect("the prefix");
    let bytes = HEXLOWER.decode(digits.as_bytes()).expect("digits");
    let (random, check) = bytes.split_at(32);
    assert_eq!(check, &Sha256::new_with_prefix("todo_pat_").chain_update(random).finalize()[..4]);
    let kept = app.app.store.token_holder(&Sha256::digest(random).into()).await.unwrap().unwrap();
    assert_eq!(told["id"], kept.1.to_string());
}

#[tokio::test]
async fn a_program_writes_under_its_own_name() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (program, id) = app.program(&ann, "write").await;
    let made = program.post("/api/tasks", json!({"title": "by a program"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(ann.get("/api/tasks/1").await.at("/title"), "by a program");
    let history = ann.get("/api/tasks/1/history").await;
    assert_eq!(history.at("/items/0/actor"), json!({"kind": "token", "id": id}));
    assert_eq!(program.get("/api/auth/me").await.text("/email"), "ann@example.org");
}

#[tokio::test]
async fn one_that_may_read_does_not_write() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    ann.post("/api/tasks", json!({"title": "hers"})).await;
    let (reader, _) = app.program(&ann, "read").await;
    assert_eq!(reader.get("/api/tasks/1").await.at("/title"), "hers");
    let refused = reader.post("/api/tasks/1/complete", json!({})).await;
    refused.refused(403, "forbidden");
    assert_eq!(
        refused.header("www-authenticate"),
        Some("Bearer realm=\"todo\", error=\"insufficient_scope\"")
    );
    // Not even to say what would come of it, and whatever else is wrong.
    reader.post("/api/tasks?dry_run=true", json!({"x": 1})).await.refused(403, "forbidden");
    assert_eq!(ann.get("/api/tasks/1").await.at("/version"), 1);
}

/// Whoever finds one must not make himself others, nor shut the owner out.
#[tokio::test]
async fn none_manages_the_account() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (program, id) = app.program(&ann, "write").await;
    let password = json!({"current_password": PASSWORD, "new_password": "another horse"});
    let body = json!({"name": "more", "scope": "read"});
    for reply in [
        program.post("/api/auth/password", password).await,
        program.get("/api/auth/sessions").await,
        program.delete("/api/auth/sessions").await,
        program.delete(&format!("/api/auth/sessions/{id}")).await,
        program.get(PATH).await,
        program.post(PATH, body).await,
        program.delete(&format!("{PATH}/{id}")).await,
        program.patch("/api/auth/me", json!({"name": "Mallory"})).await,
        program.post("/api/auth/logout", json!({})).await,
    ] {
        reply.refused(403, "forbidden");
    }
    assert!(ann.is_let_in().await && program.is_let_in().await);
    assert_eq!(ann.get("/api/auth/me").await.at("/name"), Value::Null);
}

#[tokio::test]
async fn one_that_is_revoked_is_over_at_once_and_elsewhere_within_five_seconds() {
    let here = TestApp::new().await;
    let ann = here.register("ann").await;
    let (program, id) = here.program(&ann, "write").await;
    let (other, _) = here.program(&ann, "read").await;
    let there = here.another();
    let there = there.with_token(program.token.as_deref().unwrap());
    assert!(program.is_let_in().await && there.is_let_in().await);
    let revoked = ann.delete(&format!("{PATH}/{id}")).await;
    assert_eq!((revoked.status.as_u16(), revoked.body.len()), (204, 0));
    assert!(!program.is_let_in().await);
    here.pass_seconds(5);
    assert!(!there.is_let_in().await);
    assert!(other.is_let_in().await && ann.is_let_in().await);
    ann.delete(&format!("{PATH}/{id}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn one_counts_until_it_expires_whatever_becomes_of_sessions() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (lasting, _) = app.program(&ann, "read").await;
    let body = json!({"name": "short", "scope": "read", "expires_at": "2026-11-21T12:01:00Z"});
    let short = app.with_token(&ann.post(PATH, body).await.text("/token"));
    assert!(short.is_let_in().await);
    app.pass_seconds(59);
    assert!(short.is_let_in().await);
    app.pass_seconds(1);
    assert!(!short.is_let_in().await);
    let (phone, _) = app.log_in("ann").await;
    assert_eq!(phone.delete("/api/auth/sessions").await.status, 204);
    let body = json!({"current_password": PASSWORD, "new_password": "another horse"});
    assert_eq!(phone.post("/api/auth/password", body).await.status, 200);
    app.pass_seconds(366 * 24 * 60 * 60);
    assert!(lasting.is_let_in().await);
}

#[tokio::test]
async fn its_use_is_noted_at_most_once_a_minute() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (program, _) = app.program(&ann, "read").await;
    let used = async || listed(&ann).await[0]["last_used_at"].clone();
    assert_eq!(used().await, Value::Null);
    for (seconds, noted) in [(1, "12:00:01"), (20, "12:00:01"), (39, "12:00:01"), (5, "12:01:05")] {
        app.pass_seconds(seconds);
        assert!(program.is_let_in().await);
        // Beside the request.
        let noted = Value::from(format!("2026-11-21T{noted}.000Z"));
        let written = async {
            while used().await != noted {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), written).await.expect("it is noted");
    }
}

/// One that looks right, and was never given out.
fn made_up(number: u8) -> String {
    let random = [number; 32];
    let check = Sha256::new_with_prefix("todo_pat_").chain_update(random).finalize();
    format!("todo_pat_{}{}", HEXLOWER.encode(&random), HEXLOWER.encode(&check[..4]))
}

/// Questions to the database that were asked on this thread.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Asked {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if span.metadata().target() == todo_store::SPANS {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Anybody can make up tokens: what they may ask of the database is bounded, and it does not cost
/// those whose tokens are known.
#[tokio::test]
async fn made_up_ones_are_looked_up_as_often_as_strangers_may_ask() {
    const MOST: u32 = 6;
    let rate = Rate::PerMinute(NonZeroU32::new(MOST).unwrap());
    let app = TestApp::with_front(Front { rate, ..Front::default() }).await;
    let ann = app.register("ann").await;
    let (program, _) = app.program(&ann, "read").await;
    let ask = async |token: &str, peer: [u8; 4]| {
        let request = Request::get("/api/tasks").header("authorization", format!("Bearer {token}"));
        let request = request.extension(ConnectInfo(SocketAddr::from((peer, 1))));
        app.anonymous().send(request, Body::empty()).await
    };
    let good = program.token.clone().unwrap();
    assert_eq!(ask(&good, [192, 0, 2, 1]).await.status, 200);

    let asked = Asked::default();
    // Of a single one, whichever test comes by a span first would say for all that nobody listens.
    let _second = Dispatch::new(Registry::default());
    let _heard = set_default(Registry::default().with(asked.clone()));
    let mut refused = 0;
    for number in 0..50 {
        refused += u32::from(ask(&made_up(number), [192, 0, 2, 1]).await.status == 429);
    }
    let lookups = asked.0.load(Ordering::Relaxed);
    assert!((1..=MOST as usize).contains(&lookups), "{lookups} questions");
    assert!(refused >= 50 - MOST, "{refused}");
    // It is known, and counted by itself; and elsewhere nobody has used anything up.
    assert_eq!(ask(&good, [192, 0, 2, 1]).await.status, 200);
    ask(&made_up(77), [192, 0, 2, 2]).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn there_are_fifty_at_most() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let mut last = String::new();
    for _ in 0..50 {
        last = app.program(&ann, "read").await.1;
    }
    let body = || json!({"name": "one more", "scope": "read"});
    ann.post(PATH, body()).await.refused(422, "limit_exceeded");
    assert_eq!(bob.post(PATH, body()).await.status, 201);
    assert_eq!(ann.delete(&format!("{PATH}/{last}")).await.status, 204);
    assert_eq!(ann.post(PATH, body()).await.status, 201);
}

#[tokio::test]
async fn refuses_values_that_break_their_rules() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"name": "x", "scope": "read"});
        body[name] = value;
        body
    };
    for (body, pointer, code) in [
        (json!({"scope": "read"}), "/name", "missing"),
        (json!({"name": "x"}), "/scope", "missing"),
        (with("name", json!(" ")), "/name", "blank"),
        (with("name", json!("x".repeat(101))), "/name", "too_long"),
        (with("scope", json!("admin")), "/scope", "not_one_of"),
        (with("scope", json!(["read"])), "/scope", "wrong_type"),
        (with("expires_at", json!("tomorrow")), "/expires_at", "not_a_timestamp"),
        (with("expires_at", json!("2026-11-21T12:00:00Z")), "/expires_at", "past"),
        (with("expires_at", Value::Null), "/expires_at", "wrong_type"),
        (with("token", json!("todo_pat_")), "/token", "unknown"),
    ] {
        let reply = ann.post(PATH, body.clone()).await;
        reply.refused(422, "validation_error");
        assert_eq!(
            (reply.text("/errors/0/pointer"), reply.text("/errors/0/code")),
            (pointer.into(), code.into()),
            "{body}"
        );
    }
    assert!(listed(&ann).await.is_empty());
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_there() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    let (program, id) = app.program(&bob, "write").await;
    ann.delete(&format!("{PATH}/{id}")).await.refused(404, "not_found");
    ann.delete(&format!("{PATH}/x")).await.refused(400, "validation_error");
    assert!(program.is_let_in().await && listed(&ann).await.is_empty());
}

#[tokio::test]
async fn nothing_that_only_looks_like_one_counts() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (program, id) = app.program(&ann, "read").await;
    let ours = program.token.unwrap();
    let unknown = {
        let random = [7; 32];
        let check = Sha256::new_with_prefix("todo_pat_").chain_update(random).finalize();
        format!("todo_pat_{}{}", HEXLOWER.encode(&random), HEXLOWER.encode(&check[..4]))
    };
    let digest =
        HEXLOWER.encode(&Sha256::digest(HEXLOWER.decode(&ours.as_bytes()[9..73]).unwrap()));
    for forged in [
        unknown,
        ours[..ours.len() - 1].to_owned(),
        format!("{ours}0"),
        ours.to_ascii_uppercase(),
        ours.replacen("todo_pat_", "", 1),
        format!("todo_pat_{id}"),
        format!("todo_pat_{digest}{}", &ours[73..]),
        "todo_pat_".to_owned(),
        "todo_pat_é".to_owned(),
    ] {
        assert!(!app.with_token(&forged).is_let_in().await, "{forged}");
    }
    // It is no refresh token either.
    let body = json!({"refresh_token": ours});
    app.anonymous().post("/api/auth/refresh", body).await.refused(401, "unauthorized");
    assert!(app.with_token(&ours).is_let_in().await);
}
