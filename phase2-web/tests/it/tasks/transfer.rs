//! Files in and out.

use std::io;
use std::sync::Arc;
use std::task::Poll;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{add, added, alone, titles};
use crate::support::{Client, Reply};

async fn import(client: &Client, query: &str, media: &str, file: impl Into<Body>) -> Reply {
    let request = Request::post(format!("/api/import{query}")).header("content-type", media);
    client.send(request, file).await
}

#[tokio::test]
async fn everything_goes_out_and_comes_in_again_without_loss() {
    let (app, ann) = alone().await;
    add(&ann, json!({"title": "top", "due_date": "2026-11-22", "recurrence": "FREQ=DAILY", "tags": ["x"]})).await;
    add(&ann, json!({"title": "below", "parent": 1})).await;
    added(&ann, "gone").await;
    ann.delete("/api/tasks/3").await;
    let file = ann.get("/api/export").await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"tasks.json\""));
    let bob = app.register("bob").await;
    let dry = import(&bob, "?dry_run=true", "application/json", file.body.clone()).await;
    assert_eq!((dry.at("/added"), dry.at("/step")), (json!(3), json!(null)), "{dry:?}");
    let taken = import(&bob, "", "application/json", file.body.clone()).await;
    assert_eq!((taken.at("/read"), taken.at("/added")), (json!(3), json!(3)), "{taken:?}");
    assert_eq!(bob.get("/api/export").await.body, file.body);
    let again = import(&bob, "", "application/json", file.body.clone()).await;
    assert_eq!((again.at("/unchanged"), again.at("/step")), (json!(3), json!(null)));
    bob.post("/api/undo", json!({})).await;
    assert_eq!(titles(&bob.get("/api/tasks").await), [""; 0]);
}

#[tokio::test]
async fn an_import_with_a_key_is_done_once() {
    let (_app, ann) = alone().await;
    let send = || {
        let request =
            Request::post("/api/import?format=todotxt").header("content-type", "text/plain");
        ann.send(request.header("idempotency-key", "k"), "(A) call mother\nbuy milk\n")
    };
    let first = send().await;
    assert_eq!(first.at("/added"), 2, "{first:?}");
    let again = send().await;
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
}

#[tokio::test]
async fn each_format_goes_out_and_says_what_it_cannot() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "t", "description": "more", "due_date": "2026-11-22"})).await;
    for (format, media) in [
        ("json", "application/json"),
        ("taskwarrior", "application/json"),
        ("icalendar", "text/calendar; charset=utf-8"),
        ("todotxt", "text/plain; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"),
        ("todoist", "text/csv; charset=utf-8"),
    ] {
        let file = ann.get(&format!("/api/export?format={format}")).await;
        assert_eq!(
            (file.status.as_u16(), file.header("content-type")),
            (200, Some(media)),
            "{format}"
        );
        let report = ann.get(&format!("/api/export?format={format}&report=true")).await;
        assert_eq!((report.at("/exported"), report.at("/to")), (json!(1), json!(format)));
    }
    let none = ann.get("/api/export?tag=none-such&report=true").await;
    assert_eq!(none.at("/exported"), 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_changes_nothing_and_says_where() {
    let (_app, ann) = alone().await;
    let broken = import(&ann, "", "application/json", "[{\"title\": ").await;
    broken.refused(400, "validation_error");
    let latin = import(&ann, "?format=todotxt", "text/plain", vec![b'a', 0xff]).await;
    latin.refused(400, "validation_error");
    let record = import(&ann, "", "application/json", "[{\"title\": \"no uid\"}]").await;
    assert!(record.status.is_client_error(), "{record:?}");
    assert!(record.text("/detail").contains("line 1"), "{record:?}");
    import(&ann, "", "application/xml", "<x/>").await.refused(415, "unsupported_media_type");
    import(&ann, "?format=xml", "text/plain", "").await.refused(400, "validation_error");
    assert_eq!(titles(&ann.get("/api/tasks").await), [""; 0]);
}

/// SPEC 11: a small file must not become a large heap.
#[tokio::test]
async fn an_import_takes_a_bounded_number_of_tasks() {
    let (_app, ann) = alone().await;
    for (format, file) in [
        ("todotxt", "a\n".repeat(100_001)),
        ("todotxt", "\n".repeat(200_001)),
        ("csv", "title\n".to_owned() + &"\n".repeat(400_001)),
        ("todoist", "TYPE,CONTENT\n".to_owned() + &"\n".repeat(400_001)),
        ("icalendar", "BEGIN:VCALENDAR\n".to_owned() + &"\n".repeat(2_000_001)),
        ("json", format!("{{\"x\":[{}0]}}", "{},".repeat(400_001))),
    ] {
        let reply = import(&ann, &format!("?format={format}"), "text/plain", file).await;
        reply.refused(422, "limit_exceeded");
    }
    assert_eq!(titles(&ann.get("/api/tasks").await), [""; 0]);
}

/// SPEC 11: what waits for its turn holds no memory, and a client that goes away gives its turn back.
#[tokio::test]
async fn a_body_is_not_read_before_its_turn() {
    let (_app, ann) = alone().await;
    // A body that says when it is read, and never comes.
    let send = || {
        let (ann, read) = (ann.clone(), Arc::new(Semaphore::new(0)));
        let told = Arc::clone(&read);
        let body = stream::poll_fn(move |_| {
            told.add_permits(1);
            Poll::<Option<io::Result<Bytes>>>::Pending
        });
        let sent = async move {
            import(&ann, "?format=todotxt", "text/plain", Body::from_stream(body)).await
        };
        (tokio::spawn(sent), read)
    };
    let (first, second, third) = (send(), send(), send());
    first.1.acquire().await.unwrap().forget();
    second.1.acquire().await.unwrap().forget();
    for _ in 0..10 {
        ann.get("/api/tasks").await;
    }
    assert_eq!(third.1.available_permits(), 0);
    first.0.abort();
    third.1.acquire().await.unwrap().forget();
}
