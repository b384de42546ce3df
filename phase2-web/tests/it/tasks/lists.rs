//! Lists: filters, orders, pages (Q1–Q9).

use serde_json::{Value, json};

use super::{add, added, alone, faults, titles};
use crate::support::Client;

async fn some(ann: &Client) {
    for task in [
        json!({"title": "rent", "due_date": "2026-11-20", "priority": "high", "project": "home/bills", "tags": ["money", "home"]}),
        json!({"title": "call Ann", "due_date": "2026-11-21", "tags": ["phone"]}),
        json!({"title": "trip", "due_date": "2026-12-05", "project": "fun", "description": "call the hotel"}),
        json!({"title": "later", "start_date": "2026-12-01"}),
        json!({"title": "low", "priority": "low"}),
    ] {
        add(ann, task).await;
    }
    added(ann, "done").await;
    ann.post("/api/tasks/6/complete", json!({})).await;
    add(ann, json!({"title": "part", "parent": 5})).await;
}

#[tokio::test]
async fn each_parameter_narrows_the_list() {
    let (_app, ann) = alone().await;
    some(&ann).await;
    for (query, expected) in [
        ("", vec!["rent", "call Ann", "trip", "low", "part"]),
        ("status=completed", vec!["done"]),
        ("status=all&sort=id&limit=2", vec!["rent", "call Ann"]),
        ("status=closed", vec!["done"]),
        ("priority=high,low", vec!["rent", "low"]),
        ("priority=HIGH&priority=low", vec!["rent", "low"]),
        ("project=home", vec!["rent"]),
        ("project=none&sort=id", vec!["call Ann", "low", "part"]),
        ("tag=money&tag=home", vec!["rent"]),
        ("tag=money&tag=phone", vec![]),
        ("tag_any=money,phone", vec!["rent", "call Ann"]),
        ("tag_none=money&sort=id", vec!["call Ann", "trip", "low", "part"]),
        ("due=overdue", vec!["rent"]),
        ("due=today", vec!["call Ann"]),
        ("due=2026-12-05", vec!["trip"]),
        ("due=none&sort=id", vec!["low", "part"]),
        ("due_from=2026-11-21&due_to=2026-12-05", vec!["call Ann"]),
        ("due_from=2026-11-21T00:00:00Z", vec!["call Ann", "trip"]),
        ("search=CALL", vec!["call Ann", "trip"]),
        ("search=call+hotel", vec!["trip"]),
        ("filter=priority:high+or+%23phone", vec!["rent", "call Ann"]),
        ("waiting=true&due=none&sort=id", vec!["later", "low", "part"]),
        ("parent=5", vec!["part"]),
        ("parent=none&due=none", vec!["low"]),
        ("sort=-title", vec!["trip", "rent", "part", "low", "call Ann"]),
        ("sort=-urgency&limit=1", vec!["rent"]),
    ] {
        assert_eq!(titles(&ann.get(&format!("/api/tasks?{query}")).await), expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_unknown_or_not_understood_is_named() {
    let (_app, ann) = alone().await;
    for (query, parameter, kind) in [
        ("stauts=open", "stauts", "unknown"),
        ("status=opened", "status", "not_one_of"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("limit=%2B5", "limit", "out_of_range"),
        ("limit=5&limit=5", "limit", "repeated"),
        ("sort=size", "sort", "not_one_of"),
        ("due=someday", "due", "not_one_of"),
        ("due_from=tomorrow", "due_from", "not_a_date"),
        ("tz=Mars/Base", "tz", "unknown_zone"),
        ("trash=yes", "trash", "wrong_type"),
        ("count=all", "count", "not_one_of"),
        ("parent=x", "parent", "not_a_reference"),
        ("filter=priority:", "filter", "not_understood"),
        ("search=%ff", "search", "encoding"),
        ("search=%4", "search", "encoding"),
        ("tag=a+b", "tag", "tag_character"),
    ] {
        let reply = ann.get(&format!("/api/tasks?{query}")).await;
        reply.refused(400, "validation_error");
        assert_eq!(faults(&reply), [(parameter.to_owned(), kind.to_owned())], "{query} {reply:?}");
    }
    ann.get("/api/tasks?parent=9").await.refused(404, "not_found");
    ann.get("/api/tasks?cursor=abc").await.refused(400, "invalid_cursor");
}

#[tokio::test]
async fn pages_give_each_row_once_whatever_comes_and_goes() {
    let (app, ann) = alone().await;
    for n in 0..25 {
        added(&ann, &format!("t{n:02}")).await;
    }
    let mut path = "/api/tasks?sort=title&limit=10&status=open".to_owned();
    let mut seen = Vec::new();
    let mut page = 0;
    loop {
        let reply = ann.get(&path).await;
        seen.extend(titles(&reply));
        let Some(cursor) = reply.at("/next_cursor").as_str().map(str::to_owned) else {
            assert_eq!(reply.header("link"), None);
            break;
        };
        let link = reply.header("link").unwrap().to_owned();
        let next = link.strip_prefix("<?").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert_eq!(next, format!("sort=title&limit=10&status=open&cursor={cursor}"));
        path = format!("/api/tasks?{next}");
        // Before and behind the end of the page.
        page += 1;
        added(&ann, &format!("a{page}")).await;
        ann.delete(&format!("/api/tasks/{page}")).await;
        app.pass_seconds(1);
        // Q7: good for one query only.
        let other = format!("/api/tasks?sort=-title&limit=10&status=open&cursor={cursor}");
        ann.get(&other).await.refused(400, "invalid_cursor");
    }
    let expected: Vec<_> = (0..25).map(|n| format!("t{n:02}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_total_and_the_urgency_are_given_on_request() {
    let (_app, ann) = alone().await;
    some(&ann).await;
    let reply = ann.get("/api/tasks?limit=1&count=exact&urgency=true").await;
    assert_eq!(reply.at("/total"), 5);
    let weighed = reply.at("/items/0/urgency");
    let why = ann.get("/api/tasks/1/urgency").await;
    assert_eq!(why.at("/urgency"), weighed);
    let parts = why.at("/parts");
    let sum: i64 =
        parts.as_array().unwrap().iter().map(|part| part["points"].as_i64().unwrap()).sum();
    assert_eq!(json!(sum), weighed, "{why:?}");
    let plain = ann.get("/api/tasks?limit=1").await.json();
    assert_eq!(plain.get("total"), None);
    assert_eq!(plain["items"][0].get("urgency"), None::<&Value>);
}

#[tokio::test]
async fn days_are_those_of_the_zone_that_is_asked_for() {
    let (_app, ann) = alone().await;
    // 23:00 of the 21st in UTC is the 22nd in Karachi.
    add(&ann, json!({"title": "t", "due_date": "2026-11-21T23:00:00Z"})).await;
    assert_eq!(titles(&ann.get("/api/tasks?due=today").await), ["t"]);
    assert_eq!(titles(&ann.get("/api/tasks?due=today&tz=Asia/Karachi").await), [""; 0]);
    assert_eq!(titles(&ann.get("/api/tasks?due=tomorrow&tz=Asia/Karachi").await), ["t"]);
}

#[tokio::test]
async fn a_cursor_is_of_the_zone_it_was_given_for() {
    let (_app, ann) = alone().await;
    added(&ann, "a").await;
    added(&ann, "b").await;
    let first = ann.get("/api/tasks?limit=1&tz=Asia/Karachi").await;
    let cursor = first.text("/next_cursor");
    for tz in ["", "&tz=Europe/Berlin"] {
        let other = ann.get(&format!("/api/tasks?limit=1{tz}&cursor={cursor}")).await;
        other.refused(400, "invalid_cursor");
    }
    let next = ann.get(&format!("/api/tasks?limit=1&tz=asia/karachi&cursor={cursor}")).await;
    assert_eq!(titles(&next), ["b"]);
}
