//! Who may do what (SPEC 7 "Accounts", SPEC 11): every route of the OpenAPI document with everything
//! that must not let anybody in. A new route cannot escape: it is asked here as soon as the document
//! has it.

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::conventions::{Route, routes};
use crate::forge::{decoded, key, part, token};
use crate::support::{Client, PASSWORD, Reply, TestApp};

/// Routes that need somebody.
fn closed() -> Vec<Route> {
    routes().into_iter().filter(|route| !route.is_open()).collect()
}

async fn ask(client: &Client, method: &Method, path: &str, body: &Value) -> Reply {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(CONTENT_TYPE, "application/json").header("x-request-id", "r");
    client.send(request, body.to_string()).await
}

/// All that somebody has, as far as they can see it.
async fn belongings(client: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["/api/sync?since=0", "/api/filters", "/api/auth/me", "/api/auth/sessions"] {
        let reply = client.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        all.push(reply.json());
    }
    all
}

/// Somebody with one of everything, and what to write for it in a path.
async fn with_things(app: &TestApp, name: &str) -> (Client, impl Fn(&str) -> String + use<>) {
    let client = app.register(name).await;
    let task = json!({
        "title": "one", "due_date": "2026-12-01", "recurrence": "FREQ=DAILY",
        "reminders": [{"at": "2027-01-01T00:00:00Z"}],
    });
    let task = client.post("/api/tasks", task).await.text("/task/uid");
    client.post("/api/filters", json!({"name": "mine", "filter": "#mine"})).await;
    let session = client.get("/api/auth/sessions").await.text("/sessions/0/id");
    let (_, token) = app.program(&client, "write").await;
    let written = move |pattern: &str| {
        let id = match pattern {
            "/api/auth/sessions/{id}" => &session,
            "/api/auth/tokens/{id}" => &token,
            _ => &task,
        };
        let path = pattern.replace("{id}", id).replace("{reminder}", "1").replace("{name}", "mine");
        assert!(!path.contains('{'), "say here what somebody has for {pattern}");
        // The one parameter that must be there.
        if path == "/api/sync" { format!("{path}?since=0") } else { path }
    };
    (client, written)
}

/// What must not count, each with why.
async fn badges(app: &TestApp) -> Vec<(&'static str, String)> {
    let bearer = |client: Client| client.token.expect("a token");
    let ann = app.register("ann").await;
    let expired = bearer(ann.clone());
    let body = json!({"name": "short", "scope": "write", "expires_at": "2026-11-21T12:01:00Z"});
    let short = ann.post("/api/auth/tokens", body).await.text("/token");
    app.pass_seconds(20 * 60);

    let before_change = bearer(app.log_in("ann").await.0);
    let changing = app.log_in("ann").await.0;
    let body = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    let reply = changing.post("/api/auth/password", body).await;
    assert_eq!(reply.status, 200, "{reply:?}");

    let ended = app.log_in("ann").await.0;
    assert_eq!(ended.post("/api/auth/logout", json!({})).await.status, 204);

    let (live, _) = app.log_in("ann").await;
    let (program, id) = app.program(&live, "write").await;
    let revoked = live.delete(&format!("/api/auth/tokens/{id}")).await;
    assert_eq!(revoked.status, 204);

    let good = bearer(live);
    let (header, claims) = (decoded(&good, 0), decoded(&good, 1));
    let with = |base: &Value, name: &str, value: &str| {
        let mut changed = base.clone();
        changed[name] = json!(value);
        changed
    };
    assert!(app.with_token(&token(&header, &claims, &key())).is_let_in().await, "the forge works");
    vec![
        ("garbage", "garbage".to_owned()),
        ("garbage with dots", "a.b.c".to_owned()),
        ("garbage for a personal token", "todo_pat_1234".to_owned()),
        ("expired", expired),
        ("of a session that was ended", bearer(ended)),
        ("from before another password", before_change),
        ("for another audience", token(&header, &with(&claims, "aud", "other"), &key())),
        ("of another issuer", token(&header, &with(&claims, "iss", "other"), &key())),
        ("of another algorithm", token(&with(&header, "alg", "HS512"), &claims, &key())),
        ("of no algorithm", token(&with(&header, "alg", "none"), &claims, &key())),
        ("unsigned", format!("{}.{}.", part(&with(&header, "alg", "none")), part(&claims))),
        ("signed with another key", token(&header, &claims, &[1; 32])),
        ("a personal token that was revoked", bearer(program)),
        ("a personal token that has expired", short),
    ]
}

#[tokio::test]
async fn nothing_but_a_good_token_lets_anybody_in() {
    let app = TestApp::new().await;
    let badges = badges(&app).await;
    let (ann, _) = app.log_in("ann").await;
    let before = belongings(&ann).await;
    for Route { method, path, .. } in closed() {
        let nobody = ask(&app.anonymous(), &method, &path, &json!({})).await;
        nobody.refused(401, "unauthorized");
        assert_eq!(nobody.header("www-authenticate"), Some("Bearer realm=\"todo\""));
        for (what, badge) in &badges {
            let reply = ask(&app.with_token(badge), &method, &path, &json!({})).await;
            assert_eq!(reply.status, 401, "{what}, {method} {path}: {reply:?}");
            let challenge = reply.refused(401, "unauthorized").header("www-authenticate");
            assert_eq!(challenge, Some("Bearer realm=\"todo\", error=\"invalid_token\""), "{what}");
        }
    }
    assert_eq!(belongings(&ann).await, before, "and nothing happened");
}

#[tokio::test]
async fn whoever_may_only_read_writes_nothing() {
    let app = TestApp::new().await;
    let (ann, written) = with_things(&app, "ann").await;
    let (reader, _) = app.program(&ann, "read").await;
    let before = belongings(&ann).await;
    for route in closed() {
        let path = written(&route.pattern);
        let body = body_of(&route);
        let reply = ask(&reader, &route.method, &path, &body).await;
        let reads = route.method == Method::GET && may_a_program(&route);
        let what = format!("{} {path}: {reply:?}", route.method);
        if reads {
            assert!(reply.status.is_success(), "{what}");
        } else {
            assert_eq!(reply.status, 403, "{what}");
            reply.refused(403, "forbidden");
            assert!(
                route.operation["responses"].get("403").is_some(),
                "the document says so: {what}"
            );
        }
    }
    // That it took tasks away is noted, in the same row of numbers.
    let of = |mut all: Vec<Value>| {
        all[0]["seq"] = Value::Null;
        all
    };
    assert_eq!(of(belongings(&ann).await), of(before), "and nothing else happened");
}

#[tokio::test]
async fn no_program_touches_the_account() {
    let app = TestApp::new().await;
    let (ann, written) = with_things(&app, "ann").await;
    let (program, _) = app.program(&ann, "write").await;
    for route in closed() {
        let reply = ask(&program, &route.method, &written(&route.pattern), &json!({})).await;
        let refused = reply.status == 403;
        assert_eq!(refused, !may_a_program(&route), "{} {}", route.method, route.pattern);
    }
    assert!(ann.is_let_in().await);
}

/// Of the routes of accounts a personal access token lets in to one.
fn may_a_program(route: &Route) -> bool {
    let asks_who = route.method == Method::GET && route.pattern == "/api/auth/me";
    asks_who || !route.pattern.starts_with("/api/auth/")
}

/// S6: what another has is not there, and the answer is that to an id that nobody has.
#[tokio::test]
async fn what_another_has_is_not_there() {
    let app = TestApp::new().await;
    let (bob, of_bob) = with_things(&app, "bob").await;
    let ann = app.register("ann").await;
    let before = belongings(&bob).await;
    for route in closed().iter().filter(|route| route.pattern.contains('{')) {
        let path = of_bob(&route.pattern);
        let what = format!("{} {path}", route.method);
        let reply = ask(&ann, &route.method, &path, &body_of(route)).await;
        assert_eq!(reply.status, 404, "{what}: {reply:?}");
        reply.refused(404, "not_found");
        let nobodys = "01900000-0000-7000-8000-00000000abcd";
        let id = path.split('/').find(|part| part.len() == nobodys.len());
        let never = path.replace(id.unwrap_or("mine"), nobodys);
        let of_nobody = ask(&ann, &route.method, &never, &body_of(route)).await;
        let told = String::from_utf8(reply.body.to_vec()).unwrap();
        let told = told.replace(id.unwrap_or("mine"), nobodys);
        assert_eq!(told.as_bytes(), &of_nobody.body[..], "{what}");
    }
    assert_eq!(belongings(&bob).await, before, "and nothing happened");
}

/// A body that breaks no rule: most routes take an empty one.
fn body_of(route: &Route) -> Value {
    match (route.method.as_str(), route.pattern.as_str()) {
        ("PUT" | "PATCH", "/api/tasks/{id}") => json!({"title": "other"}),
        ("POST", "/api/tasks/{id}/recurrence") => json!({"rule": "FREQ=WEEKLY"}),
        ("POST", "/api/tasks/{id}/reminders") => json!({"at": "2027-02-01T00:00:00Z"}),
        ("POST", "/api/tasks/{id}/snooze") => json!({"minutes": 5}),
        _ => json!({}),
    }
}
