//! Taking everything of an account away (SPEC 7 "Accounts").

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Client, TestApp};

const PATH: &str = "/api/auth/me/export";

/// Somebody with one of everything that can be made here, each with their name in it.
async fn somebody(app: &TestApp, name: &str) -> Client {
    let client = app.register(name).await;
    let task = |title: &str| json!({"title": format!("{title} of {name}")});
    let mut repeating = task("rent");
    repeating["due_date"] = json!("2026-12-01");
    repeating["recurrence"] = json!("FREQ=MONTHLY");
    for body in [task("one"), task("trash"), repeating] {
        assert_eq!(client.post("/api/tasks", body).await.status, 201);
    }
    assert_eq!(client.delete("/api/tasks/2").await.status, 200);
    client.patch("/api/tasks/1", json!({"title": format!("other of {name}")})).await;
    client.post("/api/filters", json!({"name": format!("f-{name}"), "filter": "#x"})).await;
    let token = json!({"name": format!("token of {name}"), "scope": "read"});
    client.post("/api/auth/tokens", token).await;
    client.patch("/api/auth/me", json!({"name": format!("Mx {name}")})).await;
    client
}

fn texts(list: &Value, name: &str) -> Vec<String> {
    let texts = list.as_array().unwrap().iter();
    texts.map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn everything_comes_and_nothing_of_others() {
    let app = TestApp::new().await;
    let ann = somebody(&app, "ann").await;
    somebody(&app, "bob").await;
    let (_, refresh) = app.log_in("ann").await;
    let (program, _) = app.program(&ann, "write").await;

    let reply = ann.get(PATH).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"account.json\""));
    let told = reply.json();
    assert_eq!(told["account"], ann.get("/api/auth/me").await.json());
    assert_eq!(texts(&told["tasks"], "title"), ["other of ann", "trash of ann", "rent of ann"]);
    assert_eq!(texts(&told["filters"], "name"), ["f-ann"]);
    assert_eq!(told["sessions"].as_array().unwrap().len(), 2);
    let mut tokens = texts(&told["tokens"], "name");
    tokens.sort();
    assert_eq!(tokens, ["program", "token of ann"]);
    assert_eq!(told["steps"].as_array().unwrap().len(), 5);
    let kinds = texts(&told["events"], "event_type");
    assert_eq!(kinds[..3], ["user.registered", "auth.logged_in", "task.created"]);
    assert_eq!(kinds.last().unwrap(), "auth.exported", "it tells of itself");
    assert_eq!(told["events"][0]["timestamp"], Value::Null, "columns have their own names");
    assert_eq!(told["events"][0]["at"], "2026-11-21T12:00:00.000Z");
    for empty in
        ["reminder_firings", "audit", "notifications", "activity", "conversations", "messages"]
    {
        assert_eq!(told[empty], json!([]), "{empty}");
    }

    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(!text.contains("bob"), "{text}");
    let secrets = [&refresh, program.token.as_ref().unwrap(), ann.token.as_ref().unwrap()];
    for secret in secrets.map(String::as_str).into_iter().chain(["argon2", "digest", "password"]) {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    // A program must not carry away what its owner did not mean it to.
    program.get(PATH).await.refused(403, "forbidden");
}

/// SPEC 9: who takes all tasks away is told of, whichever way they go; a report takes nothing.
#[tokio::test]
async fn exports_of_tasks_are_noted_with_who_asked() {
    let app = TestApp::new().await;
    let ann = somebody(&app, "ann").await;
    let (program, token) = app.program(&ann, "read").await;
    assert_eq!(program.get("/api/export?report=true").await.status, 200);
    assert_eq!(program.get("/api/export?format=csv").await.status, 200);
    assert_eq!(ann.get("/api/export").await.status, 200);
    let told = ann.get(PATH).await.json();
    let events = told["events"].as_array().unwrap();
    let exports: Vec<_> =
        events.iter().filter(|one| one["event_type"] == "auth.exported").collect();
    let actors: Vec<_> = exports.iter().map(|one| (&one["actor_kind"], &one["actor_id"])).collect();
    let (of_token, own) = (json!(token), told["account"]["id"].clone());
    let (by_token, by_user) = (json!("token"), json!("user"));
    assert_eq!(actors, [(&by_token, &of_token), (&by_user, &own), (&by_user, &own)]);
    let in_session = |one: &&Value| one["data"].to_string().contains("session");
    let in_sessions: Vec<_> = exports.iter().map(in_session).collect();
    assert_eq!(in_sessions, [false, true, true], "{exports:?}");
}

/// What was taken away is a file of tasks: it can be put back, here or elsewhere.
#[tokio::test]
async fn what_was_taken_away_can_be_brought_back() {
    let app = TestApp::new().await;
    let ann = somebody(&app, "ann").await;
    let document = ann.get(PATH).await.json();
    let carl = app.register("carl").await;
    let reply = carl.post("/api/import", document.clone()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(carl.get("/api/tasks?count=exact").await.at("/total"), 2);
    assert_eq!(carl.get("/api/tasks?trash=true&count=exact").await.at("/total"), 1);
    let again = carl.get(PATH).await.json();
    assert_eq!(texts(&again["tasks"], "uid"), texts(&document["tasks"], "uid"));
}

/// However much there is: more than a page of tasks, and of events.
#[tokio::test]
async fn what_is_more_than_a_page_is_whole() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    for _ in 0..3 {
        let items: Vec<_> =
            (0..150).map(|at| json!({"op": "create", "task": {"title": at.to_string()}})).collect();
        let reply = ann.post("/api/tasks/bulk", json!({"items": items})).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let told = ann.get(PATH).await.json();
    let ids: Vec<_> =
        told["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=450).collect::<Vec<_>>());
    let kinds = texts(&told["events"], "event_type");
    assert_eq!(kinds.iter().filter(|kind| *kind == "task.created").count(), 450);
    assert_eq!(told["steps"].as_array().unwrap().len(), 3);
}

/// The answer to somebody who has read nothing of it yet.
async fn begun(app: &TestApp, client: &Client) -> Response {
    let bearer = format!("Bearer {}", client.token.as_ref().unwrap());
    let request = Request::get(PATH).header(AUTHORIZATION, bearer).body(Body::empty()).unwrap();
    todo_web::router(app.app.clone()).oneshot(request).await.unwrap()
}

/// SPEC 13: a part of each is held while it is sent, so there are no more than eight, of eight users.
#[tokio::test]
async fn so_many_are_sent_at_a_time_and_one_of_each_user() {
    let app = TestApp::new().await;
    let mut clients = Vec::new();
    for n in 0..9 {
        clients.push(app.register(&format!("user{n}")).await);
    }
    let (last, eight) = clients.split_last().unwrap();
    let first = begun(&app, &eight[0]).await;
    let again = eight[0].get(PATH).await;
    assert_eq!(again.refused(429, "rate_limited").header("retry-after"), Some("5"));
    let mut others = Vec::new();
    for client in &eight[1..] {
        others.push(begun(&app, client).await);
    }
    assert!(others.iter().all(|answer| answer.status() == 200), "{others:?}");
    last.get(PATH).await.refused(429, "rate_limited");
    // Whoever hangs up gives the turn back, and so does whoever has read all.
    drop(first);
    assert_eq!(last.get(PATH).await.status, 200);
    assert_eq!(eight[0].get(PATH).await.status, 200);
}

/// Much text: a step that has all of it in one row, and a page of tasks.
async fn much(app: &TestApp) -> (Client, String) {
    let ann = app.register("ann").await;
    let text = "für später ".repeat(400);
    let text = text.trim_end();
    let task =
        |at: u32| json!({"op": "create", "task": {"title": at.to_string(), "description": text}});
    let items: Vec<_> = (0..100).map(task).collect();
    let reply = ann.post("/api/tasks/bulk", json!({"items": items})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    (ann, text.to_owned())
}

/// The next piece of what is taken away; nothing when it broke off.
async fn piece(body: &mut Body) -> Option<Vec<u8>> {
    let frame = body.frame().await.expect("it is not whole").ok()?;
    let piece = frame.into_data().unwrap();
    assert!(piece.len() < 40_000, "little is on its way: {}", piece.len());
    Some(piece.to_vec())
}

/// Whoever takes it too slowly is given up after ten minutes: little more comes than was on its way.
#[tokio::test]
async fn who_takes_it_slowly_holds_nothing_for_longer_than_ten_minutes() {
    let app = TestApp::new().await;
    let (ann, _) = much(&app).await;
    let mut slow = begun(&app, &ann).await.into_body();
    let mut taken = 0;
    while taken < 100_000 {
        taken += piece(&mut slow).await.expect("there is more").len();
    }
    ann.get(PATH).await.refused(429, "rate_limited");
    // Time stands still for what is between these.
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(10) + Duration::from_secs(1)).await;
    tokio::time::resume();
    let mut after = 0;
    while let Some(more) = piece(&mut slow).await {
        after += more.len();
    }
    assert!(after < 80_000, "{after}");
    assert_eq!(ann.get(PATH).await.status, 200);
}

/// In small pieces, wherever they end: in a long row, between two halves of a letter.
#[tokio::test]
async fn what_comes_in_small_pieces_is_whole() {
    let app = TestApp::new().await;
    let (ann, text) = much(&app).await;
    let mut body = begun(&app, &ann).await.into_body();
    let mut all = Vec::new();
    while !all.ends_with(b"]}\n") {
        all.extend(piece(&mut body).await.expect("it goes on"));
    }
    assert!(body.frame().await.is_none(), "that is its end");
    let told: Value = serde_json::from_slice(&all).unwrap();
    assert_eq!(texts(&told["tasks"], "description"), vec![text.clone(); 100]);
    let step = told["steps"][0]["changes"].to_string();
    assert_eq!(step.matches(&text).count(), 100);
}
