//! What is sent and answered is what the OpenAPI document says: real bodies of the main routes,
//! measured by its schemas.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{alone, with};

/// What a schema may hold beside what is measured here: words for people.
const SILENT: [&str; 6] =
    ["default", "description", "example", "examples", "propertyNames", "title"];

/// The OpenAPI document.
struct Document(Value);

impl Document {
    fn new() -> Self {
        Self(serde_json::from_str(&todo_web::openapi::text()).unwrap())
    }

    /// What stands here, or where this points to.
    fn at<'d>(&'d self, part: &'d Value) -> &'d Value {
        match part.get("$ref").and_then(Value::as_str) {
            None => part,
            Some(to) => self.0.pointer(to.trim_start_matches('#')).expect("it points somewhere"),
        }
    }

    /// Each way in which a value is not what a schema says.
    fn amiss(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let schema = self.at(schema);
        let said = schema.as_object().expect("a schema");
        let each =
            said.iter().flat_map(|(word, said)| self.amiss_in(schema, word, said, value, at));
        each.collect()
    }

    fn amiss_in(
        &self,
        schema: &Value,
        word: &str,
        said: &Value,
        value: &Value,
        at: &str,
    ) -> Vec<String> {
        let told = |fits: bool| {
            if fits { Vec::new() } else { vec![format!("{at}: {value} is not {word} {said}")] }
        };
        let fitting = || {
            let all = said.as_array().unwrap().iter();
            all.filter(|one| self.amiss(one, value, at).is_empty()).count()
        };
        let chars = || value.as_str().map(|text| text.chars().count() as u64);
        match word {
            "type" => told(match said {
                Value::Array(any) => any.iter().any(|kind| is_of(kind, value)),
                kind => is_of(kind, value),
            }),
            "enum" => told(said.as_array().unwrap().contains(value)),
            "const" => told(said == value),
            "oneOf" => told(fitting() == 1),
            "anyOf" => told(fitting() > 0),
            "allOf" => told(fitting() == said.as_array().unwrap().len()),
            "minimum" => told(value.as_f64().is_none_or(|n| n >= said.as_f64().unwrap())),
            "maximum" => told(value.as_f64().is_none_or(|n| n <= said.as_f64().unwrap())),
            "minLength" => told(chars().is_none_or(|n| n >= said.as_u64().unwrap())),
            "maxLength" => told(chars().is_none_or(|n| n <= said.as_u64().unwrap())),
            "maxItems" => {
                told(value.as_array().is_none_or(|all| all.len() as u64 <= said.as_u64().unwrap()))
            }
            "format" => told(value.as_str().is_none_or(|text| is_written(said, text))),
            "required" => {
                let names = said.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                told(
                    value
                        .as_object()
                        .is_none_or(|own| names.clone().all(|name| own.contains_key(name))),
                )
            }
            "additionalProperties" => {
                assert_eq!(said, false, "{at}");
                let known = &schema["properties"];
                let known = |name: &String| known.get(name).is_some();
                told(value.as_object().is_none_or(|own| own.keys().all(known)))
            }
            "properties" => {
                let fields = said.as_object().unwrap().iter();
                let fields = fields.filter_map(|(name, said)| Some((name, said, value.get(name)?)));
                fields
                    .flat_map(|(name, said, own)| self.amiss(said, own, &format!("{at}/{name}")))
                    .collect()
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items.flat_map(|(no, item)| self.amiss(said, item, &format!("{at}/{no}"))).collect()
            }
            word => {
                assert!(SILENT.contains(&word), "{at}: nothing is known of {word}");
                Vec::new()
            }
        }
    }
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        kind => panic!("no type {kind}"),
    }
}

fn is_written(format: &Value, text: &str) -> bool {
    match format.as_str().unwrap() {
        "uuid" => Uuid::try_parse(text).is_ok(),
        "date-time" => text.parse::<todo_core::Timestamp>().is_ok(),
        _ => true,
    }
}

#[tokio::test]
async fn what_is_sent_and_answered_is_what_the_document_says() {
    let (app, ann) = alone().await;
    app.program(&ann, "read").await;
    let document = Document::new();
    let whole = json!({
        "title": "t", "uid": "01a1fd55-0000-7000-8000-000000000001", "description": "d",
        "status": "pending", "priority": "high", "project": "home/bills", "tags": ["a"],
        "start_date": "2026-11-22", "due_date": "2026-11-23T09:00", "timezone": "Asia/Karachi",
        "recurrence": {"rule": "FREQ=WEEKLY", "from": "schedule", "spawn": "on_completion"},
        "reminders": [{"offset": "-PT1H", "channel": "in_app", "message": "now"}],
    });
    let items = json!([
        {"op": "create", "task": {"title": "made", "parent": 1}},
        {"op": "update", "id": 2, "patch": {"priority": "low", "scope": "this"}, "version": 1},
        {"op": "complete", "id": 9, "cascade": true},
        {"op": "update", "id": 3, "patch": {"timezone": "Asia/Karachi"}},
        {"op": "snooze", "id": 1, "minutes": 10},
    ]);
    let file = json!({"format": 1, "tasks": []});
    let reminder = json!({"at": "2026-12-01T00:00:00Z", "channel": "email"});
    let filter = json!({"name": "mine", "filter": "#a"});
    let one = "/api/tasks/{id}";
    for (method, path, below, body, status) in [
        ("POST", "/api/tasks", "", Some(whole), 201),
        ("POST", "/api/tasks", "", Some(json!({"title": "bare"})), 201),
        (
            "POST",
            "/api/tasks/quick",
            "",
            Some(json!({"text": "call !high", "dry_run": false})),
            201,
        ),
        ("GET", "/api/tasks", "?urgency=true&count=exact&limit=1", None, 200),
        ("GET", one, "", None, 200),
        ("GET", "/api/tasks/{id}/recurrence/preview", "", None, 200),
        ("GET", "/api/tasks/{id}/reminders", "", None, 200),
        ("GET", "/api/tasks/{id}/urgency", "", None, 200),
        (
            "PATCH",
            one,
            "",
            Some(
                json!({"tags": null, "parent": null, "scope": "future", "due_date": "2026-11-24T09:00"}),
            ),
            200,
        ),
        ("PATCH", one, "", Some(json!({"title": ""})), 422),
        ("POST", "/api/tasks/{id}/reminders", "", Some(reminder), 200),
        ("POST", "/api/tasks/{id}/snooze", "", Some(json!({"minutes": 5})), 200),
        ("POST", "/api/tasks/bulk", "", Some(json!({"items": items, "atomic": false})), 200),
        ("POST", "/api/tasks/{id}/complete", "", Some(json!({"cascade": true})), 200),
        ("POST", "/api/undo", "", Some(json!({})), 200),
        ("POST", "/api/redo", "", None, 200),
        ("GET", "/api/tasks/{id}/history", "", None, 200),
        ("GET", "/api/steps", "", None, 200),
        ("GET", "/api/sync", "?since=0", None, 200),
        ("GET", "/api/tags", "", None, 200),
        ("GET", "/api/projects", "", None, 200),
        ("GET", "/api/stats", "", None, 200),
        ("POST", "/api/filters", "", Some(filter), 200),
        ("GET", "/api/filters", "", None, 200),
        ("GET", "/api/export", "", None, 200),
        ("GET", "/api/export", "?format=taskwarrior", None, 200),
        ("GET", "/api/export", "?report=true", None, 200),
        ("POST", "/api/import", "", Some(file), 200),
        ("POST", "/api/import", "?format=taskwarrior", Some(json!([])), 200),
        ("PATCH", "/api/auth/me", "", Some(json!({"week_start": "sunday"})), 200),
        ("GET", "/api/auth/me", "", None, 200),
        ("GET", "/api/auth/sessions", "", None, 200),
        ("GET", "/api/auth/tokens", "", None, 200),
        ("DELETE", one, "", None, 200),
        ("GET", one, "", None, 404),
        ("POST", "/api/trash/empty", "", None, 200),
    ] {
        let address = format!("{}{below}", path.replace("{id}", "1"));
        let reply = with(&ann, (method, &address), &[], body.clone()).await;
        assert_eq!(reply.status, status, "{method} {address} {reply:?}");
        let said = &document.0["paths"][path][method.to_lowercase()];
        if let Some(body) = body.filter(|_| status < 400) {
            let schema = &said["requestBody"]["content"]["application/json"]["schema"];
            let amiss = document.amiss(schema, &body, "");
            assert!(amiss.is_empty(), "{method} {address} was sent: {amiss:#?}");
        }
        let answer = document.at(&said["responses"][status.to_string()]);
        let media = reply.header("content-type").unwrap();
        let amiss = document.amiss(&answer["content"][media]["schema"], &reply.json(), "");
        assert!(amiss.is_empty(), "{method} {address} was answered: {amiss:#?}");
    }
    drop(app);
}

#[test]
fn what_is_amiss_is_found() {
    let document = Document::new();
    let task = json!({"$ref": "#/components/schemas/NewTask"});
    for (body, faults) in [
        (json!({"title": "t", "priority": "high"}), 0),
        (json!({"title": "t", "priority": "urgent"}), 1),
        (json!({"title": "t", "titel": "t"}), 1),
        (json!({"tags": "a"}), 2),
        (json!({"title": "t", "uid": "1"}), 1),
        (json!({"title": "t", "recurrence": {"rule": 7}}), 1),
    ] {
        let amiss = document.amiss(&task, &body, "");
        assert_eq!(amiss.len(), faults, "{body} {amiss:?}");
    }
}
