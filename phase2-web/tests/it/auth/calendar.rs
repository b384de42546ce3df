//! The calendar that is subscribed to by a secret address (SPEC 7 "Tasks").

use std::future::pending;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, IF_NONE_MATCH};
use futures_util::stream;
use serde_json::json;
use todo_core::Owner;
use todo_store::accounts::{By, PasswordHash};
use todo_web::Front;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::support::{Client, Reply, TestApp};

const MAKE: &str = "/api/auth/calendar";

/// The path of a fresh address.
async fn address(client: &Client) -> String {
    let reply = client.post(MAKE, json!({})).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.text("/url")
}

fn text(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{reply:?}");
    String::from_utf8(reply.body.to_vec()).unwrap()
}

async fn due(client: &Client, title: &str, due: &str) {
    let body = json!({"title": title, "due_date": due});
    let reply = client.post("/api/tasks", body).await;
    assert_eq!(reply.status, 201, "{reply:?}");
}

#[tokio::test]
async fn whoever_knows_the_address_sees_what_is_due_and_no_more() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.register("ann").await, app.register("bob").await);
    due(&ann, "open", "2026-12-24").await;
    due(&ann, "done", "2026-12-24").await;
    due(&ann, "trashed", "2026-12-24").await;
    due(&bob, "his", "2026-12-24").await;
    ann.post("/api/tasks", json!({"title": "some day"})).await;
    ann.post(
        "/api/tasks",
        json!({
            "title": "hidden yet", "start_date": "2026-12-20", "due_date": "2026-12-25",
        }),
    )
    .await;
    ann.post("/api/tasks/2/complete", json!({})).await;
    ann.delete("/api/tasks/3").await;

    let path = address(&ann).await;
    let secret = path.strip_prefix("/api/calendar/").and_then(|file| file.strip_suffix(".ics"));
    assert_eq!(secret.map(str::len), Some(43), "{path}");
    let reply = app.anonymous().get(&path).await;
    assert_eq!(reply.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
    let told = text(&reply);
    let titles: Vec<_> = told.lines().filter(|line| line.starts_with("SUMMARY")).collect();
    assert_eq!(titles, ["SUMMARY:open", "SUMMARY:hidden yet"]);
    assert!(told.contains("DTSTART;VALUE=DATE:20261224\r\n"), "{told}");
    // A token is neither needed nor looked at.
    let request = Request::get(&path).header(AUTHORIZATION, "Bearer garbage");
    assert_eq!(app.anonymous().send(request, "").await.status, 200);
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    due(&ann, "one", "2026-12-24").await;
    let path = address(&ann).await;
    let tag = app.anonymous().get(&path).await.header("etag").unwrap().to_owned();
    let ask = async |tag: &str| {
        app.anonymous().send(Request::get(&path).header(IF_NONE_MATCH, tag), "").await
    };
    // The hour is no change.
    app.pass_seconds(3600);
    let reply = ask(&tag).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (304, 0), "{reply:?}");
    assert_eq!(reply.header("etag"), Some(tag.as_str()));
    let ann = app.log_in("ann").await.0;
    due(&ann, "two", "2026-12-25").await;
    let reply = ask(&tag).await;
    assert!(text(&reply).contains("SUMMARY:two") && reply.header("etag") != Some(tag.as_str()));
}

#[tokio::test]
async fn an_address_is_over_when_another_is_made_or_it_is_taken_away() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    ann.delete(MAKE).await.refused(404, "not_found");
    let first = address(&ann).await;
    let second = address(&ann).await;
    assert_ne!(first, second);
    let nobody = app.anonymous();
    nobody.get(&first).await.refused(404, "not_found");
    // On every server at once: it is asked for each time.
    let there = app.another().anonymous();
    assert_eq!(there.get(&second).await.status, 200);
    assert_eq!(ann.delete(MAKE).await.status, 204);
    there.get(&second).await.refused(404, "not_found");

    // It may be somebody else who made it.
    let reset = address(&ann).await;
    let owner = ann.get("/api/auth/me").await.text("/id").parse().map(Owner).unwrap();
    let (known, now) = (PasswordHash::new("x".to_owned()), app.app.clock.now());
    app.app
        .store
        .reset_password(owner, &known, &By::operator(now, uuid::Uuid::nil()))
        .await
        .unwrap();
    nobody.get(&reset).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_address_is_over_with_its_account() {
    let app = TestApp::new().await;
    let (ann, nobody) = (app.register("ann").await, app.anonymous());
    let third = address(&ann).await;
    let body = json!({"password": crate::support::PASSWORD}).to_string();
    let leave = Request::delete("/api/auth/me").header("content-type", "application/json");
    assert_eq!(ann.send(leave, body).await.status, 204);
    nobody.get(&third).await.refused(404, "not_found");
}

/// All that is no address is answered alike, and nothing of it is told.
#[tokio::test]
async fn what_is_no_address_is_not_there() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let path = address(&ann).await;
    let secret = path.strip_prefix("/api/calendar/").unwrap().strip_suffix(".ics").unwrap();
    let unknown = "A".repeat(43);
    let long = "A".repeat(4000);
    let mut answers = Vec::new();
    for wrong in [secret, &format!("{secret}.ICS"), &format!("{unknown}.ics"), ".ics", &long, "%FF"]
    {
        let request = Request::get(format!("/api/calendar/{wrong}")).header("x-request-id", "r");
        let reply = app.anonymous().send(request, "").await;
        assert!(matches!(reply.status.as_u16(), 400 | 404), "{wrong}: {reply:?}");
        assert!(!String::from_utf8_lossy(&reply.body).contains(secret), "{reply:?}");
        answers.extend((reply.status == 404).then_some(reply.body));
    }
    assert!(answers.len() >= 5 && answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn the_address_is_whole_where_the_public_url_is_known() {
    let public_origin = Some("https://todo.example.org".to_owned());
    let app = TestApp::with_front(Front { public_origin, ..Front::default() }).await;
    let ann = app.register("ann").await;
    let url = address(&ann).await;
    assert!(url.starts_with("https://todo.example.org/api/calendar/"), "{url}");
    // A program must not make an address that its token's end would not end.
    let (program, _) = app.program(&ann, "write").await;
    program.post(MAKE, json!({})).await.refused(403, "forbidden");
}

/// SPEC 13: whoever sends a long file slowly holds up no calendar.
#[tokio::test]
async fn imports_that_trickle_in_hold_up_no_calendar() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let path = address(&ann).await;
    let mut imports = Vec::new();
    for _ in 0..2 {
        let (begun, reads) = oneshot::channel();
        let never = stream::once(async move {
            // It is read when there is a turn to work on it.
            begun.send(()).expect("the test waits");
            pending::<Result<Vec<u8>, std::io::Error>>().await
        });
        let request = Request::post("/api/import").header("content-type", "application/json");
        let ann = ann.clone();
        imports
            .push(tokio::spawn(async move { ann.send(request, Body::from_stream(never)).await }));
        reads.await.expect("it is read");
    }
    let reply = timeout(Duration::from_secs(15), app.anonymous().get(&path)).await;
    assert_eq!(reply.expect("it waits for no import").status, 200);
    imports.iter().for_each(tokio::task::JoinHandle::abort);
}
