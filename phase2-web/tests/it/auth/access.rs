//! Access tokens: what is accepted, and that nothing else is.

use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use serde_json::{Value, json};
use todo_web::{Keys, Secret};

use crate::forge::{decoded, key, kid, part, token};
use crate::support::{Reply, SECRET, START, TestApp, instant};

async fn ask(app: &TestApp, authorization: &str) -> Reply {
    let request = Request::get("/api/auth/me").header(AUTHORIZATION, authorization);
    app.anonymous().send(request, "").await
}

async fn accepted(app: &TestApp, token: &str) -> bool {
    let reply = ask(app, &format!("Bearer {token}")).await;
    if reply.status == 200 {
        return true;
    }
    reply.refused(401, "unauthorized");
    let challenge = reply.header("www-authenticate").expect("a challenge");
    assert_eq!(challenge, "Bearer realm=\"todo\", error=\"invalid_token\"", "{token}");
    false
}

#[tokio::test]
async fn a_token_says_what_is_promised_and_no_more() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let token = ann.token.unwrap();
    assert_eq!(decoded(&token, 0), json!({"typ": "JWT", "alg": "HS256", "kid": kid()}));
    let claims = decoded(&token, 1);
    let now = instant(START).millis() / 1000;
    assert_eq!(claims["exp"], now + 900);
    assert_eq!(claims["iat"], now);
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub", "tv"]);
}

#[tokio::test]
async fn a_token_is_good_for_fifteen_minutes() {
    let app = TestApp::new().await;
    let token = app.register("ann").await.token.unwrap();
    app.pass_seconds(899);
    assert!(accepted(&app, &token).await);
    // Clocks of servers may be ten seconds apart.
    app.pass_seconds(11);
    assert!(!accepted(&app, &token).await);
    let reply = ask(&app, &format!("Bearer {token}")).await;
    assert!(reply.text("/detail").contains("expired"));
}

#[tokio::test]
async fn nothing_but_our_own_tokens_is_accepted() {
    let app = TestApp::new().await;
    let ours = app.register("ann").await.token.unwrap();
    let bob = app.register("bob").await.token.unwrap();
    let (header, claims) = (decoded(&ours, 0), decoded(&ours, 1));
    let with = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let without = |name: &str| {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        changed
    };
    assert!(accepted(&app, &token(&header, &claims, &key())).await, "the forge itself works");

    let now = instant(START).millis() / 1000;
    let mut forged = vec![
        ("another key", token(&header, &claims, &[1; 32])),
        ("no key", token(&header, &claims, &[])),
        ("the secret itself as the key", token(&header, &claims, &SECRET)),
        ("unknown kid", token(&with(&header, "kid", json!("x")), &claims, &key())),
        ("no kid", token(&json!({"typ": "JWT", "alg": "HS256"}), &claims, &key())),
        ("alg none", token(&with(&header, "alg", json!("none")), &claims, &key())),
        ("alg HS512", token(&with(&header, "alg", json!("HS512")), &claims, &key())),
        ("alg RS256", token(&with(&header, "alg", json!("RS256")), &claims, &key())),
        ("alg EdDSA", token(&with(&header, "alg", json!("EdDSA")), &claims, &key())),
        ("other issuer", token(&header, &with(&claims, "iss", json!("evil")), &key())),
        ("other audience", token(&header, &with(&claims, "aud", json!("evil")), &key())),
        (
            "one of several audiences",
            token(&header, &with(&claims, "aud", json!(["todo-api", "x"])), &key()),
        ),
        ("expired", token(&header, &with(&claims, "exp", json!(now - 60)), &key())),
        ("for ever", token(&header, &with(&claims, "exp", json!(now + 86_400)), &key())),
        ("huge", token(&header, &with(&claims, "exp", json!(i64::MAX)), &key())),
        ("from the far past", token(&header, &with(&claims, "iat", json!(i64::MIN)), &key())),
        ("from the future", token(&header, &with(&claims, "iat", json!(now + 60)), &key())),
        (
            "another user's session",
            token(&header, &with(&claims, "sub", decoded(&bob, 1)["sub"].clone()), &key()),
        ),
        (
            "no session",
            token(&header, &with(&claims, "sid", decoded(&ours, 1)["jti"].clone()), &key()),
        ),
        ("older version", token(&header, &with(&claims, "tv", json!(0)), &key())),
        ("newer version", token(&header, &with(&claims, "tv", json!(2)), &key())),
        ("unsigned", format!("{}.{}.", part(&header), part(&claims))),
        ("two parts", format!("{}.{}", part(&header), part(&claims))),
        ("four parts", format!("{ours}.x")),
        ("no token", "x".to_owned()),
        ("its length", "a.".repeat(3000)),
    ];
    for name in ["iss", "aud", "sub", "sid", "tv", "iat", "exp", "jti"] {
        forged.push((name, token(&header, &without(name), &key())));
        forged.push((name, token(&header, &with(&claims, name, Value::Null), &key())));
    }
    // One letter in each part.
    for at in [3, header.to_string().len() + 20, ours.len() - 5] {
        let mut letters = ours.clone().into_bytes();
        letters[at] = if letters[at] == b'Q' { b'R' } else { b'Q' };
        forged.push(("tampered", String::from_utf8(letters).unwrap()));
    }
    let payload = part(&with(&claims, "tv", json!(1)));
    let signature = bob.rsplit('.').next().unwrap();
    forged.push(("another's signature", format!("{}.{payload}.{signature}", part(&header))));
    for (what, token) in forged {
        assert!(!accepted(&app, &token).await, "{what}");
    }
    assert!(accepted(&app, &ours).await);
}

#[tokio::test]
async fn the_header_has_one_form() {
    let app = TestApp::new().await;
    let token = app.register("ann").await.token.unwrap();
    assert_eq!(ask(&app, &format!("bearer {token}")).await.status, 200, "schemes have no case");
    let rows =
        [token.clone(), format!("Basic {token}"), "Bearer".into(), "Bearer ".into(), String::new()];
    for header in rows {
        ask(&app, &header).await.refused(401, "unauthorized");
    }
    let twice = Request::get("/api/auth/me")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(AUTHORIZATION, format!("Bearer {token}"));
    app.anonymous().send(twice, "").await.refused(401, "unauthorized");
    // Nobody said who they are: no error, but what to do (RFC 6750).
    let reply = app.anonymous().get("/api/auth/me").await;
    reply.refused(401, "unauthorized");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"todo\""));
    // A token in the address is none: addresses are logged.
    let path = format!("/api/auth/me?access_token={token}");
    app.anonymous().get(&path).await.refused(401, "unauthorized");
}

#[tokio::test]
async fn keys_can_be_rolled_over() {
    let old = TestApp::new().await;
    let token = old.register("ann").await.token.unwrap();
    let (before, after) = (Secret::new(&SECRET).unwrap(), Secret::new(&[8; 40]).unwrap());
    let both = Keys::new(&after, Some(&before));
    let new = old.another_with(|parts| parts.keys = both);
    assert!(accepted(&new, &token).await);
    let fresh = new.register("bob").await.token.unwrap();
    assert!(accepted(&new, &fresh).await);
    assert!(!accepted(&old, &fresh).await);
    let later = old.another_with(|parts| parts.keys = Keys::new(&after, None));
    assert!(!accepted(&later, &token).await);
    assert!(accepted(&later, &fresh).await);
}
