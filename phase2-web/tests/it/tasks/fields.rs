//! What is said of a task, and what is answered.

use serde_json::{Value, json};

use super::{add, alone, faults, with};

#[tokio::test]
async fn a_task_is_made_read_changed_and_put() {
    let (_app, ann) = alone().await;
    let reply = ann
        .post(
            "/api/tasks",
            json!({
                "title": "  Pay the rent ", "description": "to *Bob*", "priority": "HIGH",
                "project": "home/bills", "tags": ["money", "Rent"], "due_date": "2026-12-01T17:00",
                "timezone": "Europe/Berlin", "start_date": "2026-11-28",
                "reminders": [{"offset": "-PT1H", "message": "now", "channel": "email"}],
            }),
        )
        .await;
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(reply.header("location"), Some("/api/tasks/1"));
    assert_eq!(reply.header("etag"), Some("\"1-1\""));
    assert_eq!(reply.at("/changed"), true);
    let made = reply.at("/task");
    for (name, value) in [
        ("id", json!(1)),
        ("title", json!("Pay the rent")),
        ("priority", json!("high")),
        ("status", json!("pending")),
        ("tags", json!(["money", "Rent"])),
        ("due_date", json!("2026-12-01T17:00:00+01:00")),
        ("timezone", json!("Europe/Berlin")),
        ("start_date", json!("2026-11-28")),
        ("version", json!(1)),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    let read = ann.get("/api/tasks/1").await;
    assert_eq!((read.status.as_u16(), read.json()), (200, made.clone()));
    assert_eq!(
        ann.get(&format!("/api/tasks/{}", made["uid"].as_str().unwrap())).await.json(),
        made
    );

    // Absent is not null.
    let changed = ann.patch("/api/tasks/1", json!({"project": null, "priority": "low"})).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let task = changed.at("/task");
    assert_eq!(
        (&task["project"], &task["priority"], &task["version"]),
        (&Value::Null, &json!("low"), &json!(2))
    );
    assert_eq!(task["description"], "to *Bob*");
    assert_eq!(changed.header("etag"), Some("\"1-2\""));

    // All of it put back as it was read changes nothing (S2).
    let again = ann.put("/api/tasks/1", task.clone()).await;
    assert_eq!((again.status.as_u16(), again.at("/changed")), (200, json!(false)), "{again:?}");
    assert_eq!(again.at("/step"), Value::Null);
    // What is absent is taken away; the status stays.
    ann.post("/api/tasks/1/start", json!({})).await;
    let put = ann.put("/api/tasks/1", json!({"title": "Rent"})).await;
    let task = put.at("/task");
    assert_eq!(task["status"], "in_progress");
    for name in ["description", "project", "due_date", "start_date", "timezone", "recurrence"] {
        assert_eq!(task[name], Value::Null, "{name}");
    }
    assert_eq!(
        (&task["tags"], &task["reminders"], &task["priority"]),
        (&json!([]), &json!([]), &json!("medium"))
    );
}

#[tokio::test]
async fn dates_are_read_in_each_of_their_forms() {
    let (_app, ann) = alone().await;
    for (due, zone, expected) in [
        ("2026-12-01", None, ("2026-12-01", Value::Null)),
        ("2026-12-01T17:00:00Z", None, ("2026-12-01T17:00:00+00:00", json!("UTC"))),
        ("2026-12-01T17:00", None, ("2026-12-01T17:00:00+00:00", json!("UTC"))),
        (
            "2026-12-01T17:00",
            Some("asia/karachi"),
            ("2026-12-01T17:00:00+05:00", json!("Asia/Karachi")),
        ),
        (
            "2026-12-01T12:00:00Z",
            Some("Asia/Karachi"),
            ("2026-12-01T17:00:00+05:00", json!("Asia/Karachi")),
        ),
        (
            "2026-12-01T17:00[Asia/Karachi]",
            None,
            ("2026-12-01T17:00:00+05:00", json!("Asia/Karachi")),
        ),
    ] {
        let task = add(&ann, json!({"title": "t", "due_date": due, "timezone": zone})).await;
        assert_eq!((task["due_date"].as_str(), &task["timezone"]), (Some(expected.0), &expected.1));
    }
    // No words: who is asked by a program cannot ask back.
    let words = ann.post("/api/tasks", json!({"title": "t", "due_date": "tomorrow"})).await;
    words.refused(422, "validation_error");
    assert_eq!(faults(&words), [("/due_date".to_owned(), "not_a_date".to_owned())]);
}

#[tokio::test]
async fn a_zone_alone_keeps_the_wall_time_and_needs_one() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "t", "due_date": "2026-12-01T17:00", "timezone": "Europe/Berlin"}))
        .await;
    let moved = ann.patch("/api/tasks/1", json!({"timezone": "Asia/Karachi"})).await;
    assert_eq!(moved.at("/task/due_date"), "2026-12-01T17:00:00+05:00", "{moved:?}");
    add(&ann, json!({"title": "day", "due_date": "2026-12-01"})).await;
    let refused = ann.patch("/api/tasks/2", json!({"timezone": "Asia/Karachi"})).await;
    refused.refused(422, "validation_error");
    assert_eq!(faults(&refused), [("/timezone".to_owned(), "no_time".to_owned())]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_answered_at_once_with_its_place() {
    let (_app, ann) = alone().await;
    let reply = ann
        .post(
            "/api/tasks",
            json!({
                "title": " ", "priority": "urgent", "tags": ["ok", "not ok", 3], "due_date": 7,
                "timezone": "Mars/Base", "parent": "x", "version": 1, "titel": "t",
                "recurrence": {"rule": "FREQ=SECONDLY", "form": "schedule"},
                "reminders": [{"offset": "soon"}, {"offset": "-PT1H", "at": "2026-12-01T00:00:00Z"}, {}],
            }),
        )
        .await;
    reply.refused(422, "validation_error");
    let mut found = faults(&reply);
    found.sort();
    let expected = [
        ("/due_date", "wrong_type"),
        ("/parent", "not_a_reference"),
        ("/priority", "not_one_of"),
        ("/recurrence/form", "unknown"),
        ("/recurrence/rule", "unsupported_rule"),
        ("/reminders/0/offset", "not_an_offset"),
        ("/reminders/1", "reminder_trigger"),
        ("/tags/1", "tag_character"),
        ("/tags/2", "wrong_type"),
        ("/timezone", "unknown_zone"),
        ("/titel", "unknown"),
        ("/title", "blank"),
        ("/version", "read_only"),
    ];
    let expected = expected.map(|(at, code)| (at.to_owned(), code.to_owned()));
    assert_eq!(found, expected, "{reply:?}");
    assert!(reply.text("/detail").contains("did you mean title?"), "{reply:?}");
}

#[tokio::test]
async fn a_fault_of_a_rule_has_the_code_of_the_rule() {
    let (_app, ann) = alone().await;
    for (body, code) in [
        (json!({"title": "t", "recurrence": "FREQ=DAILY"}), "due_required"),
        (
            json!({"title": "t", "due_date": "2026-12-01", "recurrence": {"rule": "FREQ=SECONDLY"}}),
            "unsupported_rule",
        ),
        (
            json!({"title": "t", "due_date": "2026-12-01", "recurrence": {"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}),
            "rule_never_matches",
        ),
        (
            json!({"title": "t", "due_date": "2026-12-01", "recurrence": {"rule": "FREQ=DAILY", "from": "completion", "spawn": "on_schedule"}}),
            "validation_error",
        ),
        (json!({"title": "t", "reminders": [{"offset": "-PT1H"}]}), "due_required"),
        (json!({"title": "t", "parent": 9}), "validation_error"),
    ] {
        ann.post("/api/tasks", body).await.refused(422, code);
    }
}

#[tokio::test]
async fn how_it_repeats_is_read_in_each_of_its_forms() {
    let (_app, ann) = alone().await;
    for (name, value) in [
        ("recurrence", json!({"rule": "FREQ=WEEKLY;BYDAY=SA", "from": "Schedule"})),
        ("recurrence", json!("RRULE:FREQ=WEEKLY;BYDAY=SA")),
        ("recurrence_rule", json!("FREQ=WEEKLY;BYDAY=SA")),
        ("recurrence_pattern", json!("every saturday")),
    ] {
        let task = add(&ann, json!({"title": "t", "due_date": "2026-11-28", name: value})).await;
        assert_eq!(task["recurrence"]["rule"], "FREQ=WEEKLY;BYDAY=SA", "{name}");
        assert_eq!(task["due_date"], "2026-11-28");
    }
    // Words bring a date where there is none.
    let task = add(&ann, json!({"title": "t", "recurrence": "every monday 9am"})).await;
    assert_eq!(task["due_date"], "2026-11-23T09:00:00+00:00");
    let twice = json!({"title": "t", "due_date": "2026-11-28", "recurrence": "FREQ=DAILY", "recurrence_rule": "FREQ=DAILY"});
    let twice = ann.post("/api/tasks", twice).await;
    assert_eq!(faults(&twice), [("/recurrence_rule".to_owned(), "twice".to_owned())]);
}

#[tokio::test]
async fn a_known_uid_is_the_same_request_again() {
    let (_app, ann) = alone().await;
    let uid = "01a1fd55-0000-7000-8000-000000000001";
    let first = ann.post("/api/tasks", json!({"title": "t", "uid": uid})).await;
    assert_eq!((first.status.as_u16(), first.at("/task/uid")), (201, json!(uid)));
    let again = ann.post("/api/tasks", json!({"title": "t", "uid": uid})).await;
    assert_eq!((again.status.as_u16(), again.at("/changed")), (200, json!(false)), "{again:?}");
    assert_eq!(again.at("/task"), first.at("/task"));
    assert_eq!(again.header("location"), None);
}

#[tokio::test]
async fn a_line_is_understood_and_shown_before_it_is_taken() {
    let (_app, ann) = alone().await;
    let line = "Pay rent tomorrow 5pm #finance @home/bills !high every month remind 1h before";
    let dry = ann.post("/api/tasks/quick", json!({"text": line, "dry_run": true})).await;
    assert_eq!(
        (dry.status.as_u16(), dry.at("/dry_run"), dry.at("/step")),
        (200, json!(true), Value::Null)
    );
    assert_eq!(ann.get("/api/tasks").await.at("/items"), json!([]));
    let made = ann.post("/api/tasks/quick", json!({"text": line})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let task = made.at("/task");
    assert_eq!(
        (task["title"].as_str(), task["due_date"].as_str()),
        (Some("Pay rent"), Some("2026-11-22T17:00:00+00:00"))
    );
    assert_eq!(task["reminders"][0]["offset"], "-PT1H");
    let vague = ann.post("/api/tasks/quick", json!({"text": "  "})).await;
    vague.refused(422, "validation_error");
    assert_eq!(faults(&vague)[0].0, "/text");
}

#[tokio::test]
async fn tags_are_edited_one_by_one_or_all_at_once() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "t", "tags": ["a", "b"]})).await;
    let edited = ann.patch("/api/tasks/1", json!({"add_tags": ["c"], "remove_tags": ["A"]})).await;
    assert_eq!(edited.at("/task/tags"), json!(["b", "c"]), "{edited:?}");
    let both = ann.patch("/api/tasks/1", json!({"add_tags": ["c"], "tags": []})).await;
    assert_eq!(faults(&both), [("/tags".to_owned(), "twice".to_owned())]);
}

#[tokio::test]
async fn a_known_uid_with_another_body_is_a_conflict() {
    let (_app, ann) = alone().await;
    let uid = "01a1fd55-0000-7000-8000-000000000001";
    let whole = json!({
        "title": "t", "uid": uid, "description": "d", "tags": ["a", "b"], "project": "p",
        "due_date": "2026-11-24T09:00", "recurrence": "FREQ=WEEKLY;BYDAY=MO",
        "reminders": [{"offset": "-PT1H"}],
    });
    ann.post("/api/tasks", whole.clone()).await;
    let again = ann.post("/api/tasks", whole.clone()).await;
    assert_eq!((again.status.as_u16(), again.at("/changed")), (200, json!(false)), "{again:?}");
    for (name, other) in [
        ("title", json!("u")),
        ("description", Value::Null),
        ("priority", json!("high")),
        ("tags", json!(["a"])),
        ("due_date", json!("2026-12-01")),
        ("recurrence", Value::Null),
        ("reminders", json!([])),
    ] {
        let mut body = whole.clone();
        body[name] = other;
        let refused = ann.post("/api/tasks", body.clone()).await;
        refused.refused(409, "version_conflict");
        assert_eq!(refused.at("/current/title"), "t", "{name} {refused:?}");
        let items = json!({"items": [{"op": "create", "task": body}]});
        let bulk = ann.post("/api/tasks/bulk", items).await;
        assert_eq!(bulk.at("/refused/0/code"), "version_conflict", "{name} {bulk:?}");
    }
    // S4: what lies in the trash is not handed out as what was asked for.
    ann.delete("/api/tasks/1").await;
    let trashed = ann.post("/api/tasks", whole).await;
    trashed.refused(409, "version_conflict");
    assert!(trashed.at("/current/deleted_at").is_string());
}

#[tokio::test]
async fn a_zone_without_a_time_is_refused_wherever_it_is_said() {
    let (_app, ann) = alone().await;
    add(&ann, json!({"title": "day", "due_date": "2026-12-01"})).await;
    add(&ann, json!({"title": "timed", "due_date": "2026-12-01T17:00"})).await;
    let zone = "Asia/Karachi";
    for (method, path, body) in [
        ("POST", "/api/tasks", json!({"title": "t", "timezone": zone})),
        ("POST", "/api/tasks", json!({"title": "t", "due_date": "2026-12-01", "timezone": zone})),
        ("PUT", "/api/tasks/2", json!({"title": "t", "due_date": "2026-12-01", "timezone": zone})),
        ("PATCH", "/api/tasks/1", json!({"due_date": "2026-12-02", "timezone": zone})),
        ("PATCH", "/api/tasks/2", json!({"due_date": "2026-12-02", "timezone": zone})),
        ("PATCH", "/api/tasks/2", json!({"due_date": null, "timezone": zone})),
    ] {
        let refused = with(&ann, (method, path), &[], Some(body.clone())).await;
        refused.refused(422, "validation_error");
        let expected = ("/timezone".to_owned(), "no_time".to_owned());
        assert_eq!(faults(&refused), [expected], "{path} {body}");
    }
    // Of several things that are wrong, it is not one.
    let body = json!({"title": "t", "due_date": "soon", "timezone": zone});
    let refused = ann.post("/api/tasks", body).await;
    assert_eq!(faults(&refused), [("/due_date".to_owned(), "not_a_date".to_owned())]);
}

#[tokio::test]
async fn a_recurrence_that_was_read_can_be_sent_back() {
    let (_app, ann) = alone().await;
    let task = json!({"title": "t", "due_date": "2026-11-28", "recurrence": "FREQ=WEEKLY"});
    let read = add(&ann, task).await["recurrence"].clone();
    assert!(read["anchor"].is_string() && read["n"].is_u64());
    let same = ann.patch("/api/tasks/1", json!({"recurrence": read})).await;
    assert_eq!((same.status.as_u16(), same.at("/changed")), (200, json!(false)), "{same:?}");
    let same = ann.post("/api/tasks/1/recurrence", read).await;
    assert_eq!((same.status.as_u16(), same.at("/changed")), (200, json!(false)), "{same:?}");
}

#[tokio::test]
async fn what_needs_a_due_date_says_where_it_is_missing() {
    let (_app, ann) = alone().await;
    for body in [
        json!({"title": "t", "recurrence": "FREQ=DAILY"}),
        json!({"title": "t", "reminders": [{"offset": "-PT1H"}]}),
    ] {
        let reply = ann.post("/api/tasks", body).await;
        reply.refused(422, "due_required");
        assert_eq!(faults(&reply), [("/due_date".to_owned(), "due_required".to_owned())]);
    }
}

#[tokio::test]
async fn an_empty_description_is_none() {
    let (_app, ann) = alone().await;
    let made = add(&ann, json!({"title": "t", "description": ""})).await;
    assert_eq!(made["description"], Value::Null);
    ann.patch("/api/tasks/1", json!({"description": "more"})).await;
    let cleared = ann.patch("/api/tasks/1", json!({"description": ""})).await;
    assert_eq!(cleared.at("/task/description"), Value::Null, "{cleared:?}");
}
