//! `add_task` (SPEC 8, W1–W3).

use serde_json::json;

use crate::support::World;

/// W1: a line says everything, and what was understood is said back.
#[test]
fn a_line_says_everything() {
    let world = World::new();
    let line = "Pay rent tomorrow 5pm #finance @home/bills !high every month remind 1h before";
    let done = world.done("add_task", json!({ "text": line }));
    let expected = json!({
        "tasks": [{
            "id": 1, "title": "Pay rent", "status": "pending", "priority": "high",
            "due_date": "2026-11-22T17:00:00+05:00", "project": "home/bills",
            "tags": ["finance"], "version": 1,
        }],
        "step": 1,
        "understood": [
            "due Sun 2026-11-22 17:00 Asia/Karachi (tomorrow)",
            "repeats every month",
            "1 reminder(s)",
        ],
    });
    assert_eq!(done.told, expected);
    assert_eq!(
        done.text,
        "Added task (step 1):\n\
         1. Pay rent | due 2026-11-22 17:00 | high | @home/bills #finance | repeats | v1\n\
         Understood: due Sun 2026-11-22 17:00 Asia/Karachi (tomorrow); repeats every month; 1 \
         reminder(s)"
    );
}

/// A title is taken word for word; a lone description is taken as the title.
#[test]
fn a_title_is_taken_word_for_word() {
    let world = World::new();
    world.done("add_task", json!({ "title": "Pay rent tomorrow #finance" }));
    let task = world.task(1);
    assert_eq!(task["title"], "Pay rent tomorrow #finance");
    assert_eq!(task["due_date"], json!(null));
    world.done("add_task", json!({ "description": "Call mum" }));
    let task = world.task(2);
    assert_eq!((&task["title"], &task["description"]), (&json!("Call mum"), &json!(null)));
    world.done("add_task", json!({ "text": "Call dad friday", "description": "at work" }));
    let task = world.task(3);
    assert_eq!((&task["title"], &task["description"]), (&json!("Call dad"), &json!("at work")));
}

/// W2: dates are words or ISO, and each is read in the asker's zone unless it names its own.
#[test]
fn dates_are_words_or_the_standard() {
    let world = World::new();
    for (said, due, zone) in [
        ("friday", "2026-11-27", json!(null)),
        ("2026-12-01", "2026-12-01", json!(null)),
        ("in 3 days 9am", "2026-11-24T09:00:00+05:00", json!("Asia/Karachi")),
        ("2026-12-01T17:00[Europe/Berlin]", "2026-12-01T17:00:00+01:00", json!("Europe/Berlin")),
    ] {
        let done = world.done("add_task", json!({ "title": "x", "due_date": said }));
        let id = done.told["tasks"][0]["id"].as_u64().expect("an id");
        let task = world.task(id);
        assert_eq!((&task["due_date"], &task["timezone"]), (&json!(due), &zone), "{said}");
    }
}

/// W3, R1: words for a recurrence bring a due date; a list of no reminders is none.
#[test]
fn a_recurrence_brings_a_due_date() {
    let world = World::new();
    let said = json!({ "title": "x", "recurrence": "every monday 9am", "reminders": [] });
    world.done("add_task", said);
    let task = world.task(1);
    assert_eq!(task["due_date"], "2026-11-23T09:00:00+05:00");
    assert_eq!(task["recurrence"]["rule"], "FREQ=WEEKLY;BYDAY=MO");
    assert_eq!(task["reminders"], json!([]));
}

/// What models write besides the one way that the schema says is taken, if it cannot be misread.
#[test]
fn other_ways_to_write_are_taken() {
    let world = World::new();
    let said = json!({
        "title": "x", "tags": "#a, b", "project": "@home", "priority": "HIGH", "due_date": null,
        "start_date": "", "parent": null,
    });
    world.done("add_task", said);
    let task = world.task(1);
    assert_eq!((&task["tags"], &task["project"]), (&json!(["a", "b"]), &json!("home")));
    assert_eq!((&task["priority"], &task["due_date"]), (&json!("high"), &json!(null)));
    let done = world.done("add_task", json!({ "title": "y", "parent": "#1" }));
    assert_eq!(done.told["tasks"][0]["parent"], 1);
}

/// §5: a refusal names the field, says what is wrong and what may help; nothing is stored.
#[test]
fn a_refusal_says_how_to_go_on() {
    let world = World::new();
    for (said, code, field, help) in [
        (json!({}), "validation_error", "title", "say what is to be done"),
        (json!({ "title": "a", "text": "b" }), "validation_error", "text", "give one"),
        (json!({ "title": 5 }), "validation_error", "title", "expected a string"),
        (json!({ "title": "a", "tags": [1] }), "validation_error", "tags[0]", "string"),
        (json!({ "title": "a", "titel": "b" }), "validation_error", "titel", "expected one of"),
        (json!({ "title": "a", "priority": "urgent" }), "validation_error", "priority", "medium"),
        (json!({ "title": "a", "due_date": "fridday" }), "validation_error", "due_date", "friday?"),
        (json!({ "title": "a", "due_date": "4/1" }), "validation_error", "due_date", "1 apr 2027"),
        (json!({ "title": "a\nb" }), "validation_error", "title", "description"),
        (
            json!({ "title": "a", "recurrence": "FREQ=HOURLY" }),
            "unsupported_rule",
            "recurrence",
            "HOURLY",
        ),
    ] {
        let error = world.refused("add_task", said.clone());
        assert_eq!(error["code"], code, "{said}: {error}");
        assert_eq!(error["fields"][0]["field"], field, "{said}: {error}");
        assert!(error.to_string().contains(help), "{said}: {error}");
    }
    let error = world.refused("add_task", json!({ "title": "a", "parent": 9 }));
    assert_eq!(error["code"], "validation_error");
    assert_eq!(error["fields"][0]["field"], "parent");
    assert_eq!(world.done("list_tasks", json!({})).told["tasks"], json!([]));
    assert!(!world.path().exists(), "a refusal makes no file");
}

/// More than anybody has to say is refused before it is read.
#[test]
fn oversize_arguments_are_refused() {
    let world = World::new();
    let said = json!({ "title": "a", "description": "x".repeat(200_000) });
    let error = world.refused("add_task", said);
    assert_eq!(error["code"], "payload_too_large", "{error}");
    let most = json!({ "title": "a", "description": "é".repeat(10_000) });
    world.done("add_task", most);
}
