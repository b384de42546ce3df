//! What the OpenAPI document says of tasks is what is answered.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use todo_core::wire::FIELD_NAMES;

use super::{add, alone};

fn document() -> Value {
    serde_json::from_str(&todo_web::openapi::text()).unwrap()
}

fn properties(document: &Value, schema: &str) -> BTreeSet<String> {
    let found = &document["components"]["schemas"][schema]["properties"];
    found.as_object().unwrap_or_else(|| panic!("no schema {schema}")).keys().cloned().collect()
}

#[test]
fn a_task_has_the_names_of_the_core() {
    let document = document();
    let mut told = properties(&document, "Task");
    // Beside the task, in lists, if it was asked.
    assert!(told.remove("urgency"));
    assert_eq!(told, FIELD_NAMES.iter().map(ToString::to_string).collect());
    let required = &document["components"]["schemas"]["Task"]["required"];
    assert_eq!(required.as_array().unwrap().len(), FIELD_NAMES.len());
}

#[tokio::test]
async fn answers_have_the_names_that_are_told() {
    let (_app, ann) = alone().await;
    let document = document();
    add(&ann, json!({"title": "t", "due_date": "2026-11-22", "recurrence": "FREQ=DAILY"})).await;
    for (schema, answer) in [
        ("TaskChange", ann.post("/api/tasks/1/start", json!({})).await.json()),
        ("TaskChanges", ann.post("/api/undo", json!({})).await.json()),
        ("Series", ann.get("/api/tasks/1/recurrence/preview").await.json()),
        ("Coming", ann.get("/api/tasks/1/recurrence/preview").await.at("/coming/0")),
        ("Urgency", ann.get("/api/tasks/1/urgency").await.json()),
        ("Stats", ann.get("/api/stats").await.json()),
        ("History", ann.get("/api/tasks/1/history").await.json()),
        ("Event", ann.get("/api/tasks/1/history").await.at("/items/0")),
        ("Changes", ann.get("/api/sync?since=0").await.json()),
        ("Change", ann.get("/api/sync?since=0").await.at("/items/0")),
        ("ShownReminders", ann.get("/api/tasks/1/reminders").await.json()),
        ("ExportReport", ann.get("/api/export?report=true").await.json()),
        ("Recurrence", ann.get("/api/tasks/1").await.at("/recurrence")),
        (
            "SavedFilter",
            ann.post("/api/filters", json!({"name": "n", "filter": "#x"})).await.json(),
        ),
        ("Problem", ann.get("/api/tasks/9").await.json()),
    ] {
        let names: BTreeSet<_> = answer.as_object().unwrap().keys().cloned().collect();
        let told = properties(&document, schema);
        assert!(names.is_subset(&told), "{schema}: {names:?} {told:?}");
        let required = document["components"]["schemas"][schema]["required"].clone();
        for name in required.as_array().unwrap() {
            assert!(names.contains(name.as_str().unwrap()), "{schema} lacks {name}");
        }
    }
}

/// What a schema of a request says is taken, is: each name alone comes to something else than an
/// unknown field.
#[tokio::test]
async fn requests_take_the_names_that_are_told() {
    let (_app, ann) = alone().await;
    let document = document();
    add(&ann, json!({"title": "t"})).await;
    for (schema, method, path) in [
        ("NewTask", "POST", "/api/tasks?dry_run=true"),
        ("TaskPatch", "PATCH", "/api/tasks/1?dry_run=true"),
        ("WholeTask", "PUT", "/api/tasks/1?dry_run=true"),
        ("Cascade", "POST", "/api/tasks/1/complete?dry_run=true"),
        ("Snooze", "POST", "/api/tasks/1/snooze?dry_run=true"),
        ("QuickAdd", "POST", "/api/tasks/quick?dry_run=true"),
        ("Undo", "POST", "/api/undo?dry_run=true"),
        ("SetRecurrence", "POST", "/api/tasks/1/recurrence?dry_run=true"),
        ("NewReminder", "POST", "/api/tasks/1/reminders?dry_run=true"),
        ("BulkTasks", "POST", "/api/tasks/bulk?dry_run=true"),
        ("SaveFilter", "POST", "/api/filters?dry_run=true"),
    ] {
        for name in properties(&document, schema) {
            let reply =
                super::with(&ann, (method, path), &[], Some(json!({ name.clone(): [[]] }))).await;
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            assert!(!text.contains("is not a field here"), "{schema} {name}: {text}");
            assert!(!text.contains("read_only"), "{schema} {name}: {text}");
        }
        let closed = &document["components"]["schemas"][schema]["additionalProperties"];
        assert_eq!(closed, &json!(false), "{schema}");
    }
}
