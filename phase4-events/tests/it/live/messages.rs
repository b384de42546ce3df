//! What clients are told: the schema of docs/live.md.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use todo_core::event::{Actor, ActorKind};
use todo_core::{Command, Ctx, Preferences, Zone};

use super::support::{Person, Place, Server, Socket};

pub(super) async fn change(
    server: &Server,
    person: &Person,
    method: &str,
    path: &str,
    body: Value,
) -> Value {
    let (status, answer) = server.ask(method, path, Some(&person.token), Some(body)).await;
    assert!((200..300).contains(&status), "{path}: {status} {answer}");
    answer
}

/// The members of an object.
fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn set<const N: usize>(names: [&'static str; N]) -> BTreeSet<&'static str> {
    names.into()
}

const ALWAYS: [&str; 5] = ["type", "data", "timestamp", "correlation_id", "seq"];

/// SPEC 9: `{type, data, timestamp, correlation_id, seq}`, types as the events, and all that a client needs
/// to show what has changed.
#[tokio::test]
async fn each_event_is_a_message() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    let (hello, mut seq) = socket.expect("hello").await;
    assert_eq!(names(&hello), set(ALWAYS));
    let (_, sync) = server.ask("GET", "/api/sync?since=0", Some(&ann.token), None).await;
    let history = sync["history"].as_str().expect("a history");
    assert_eq!(
        hello["data"],
        json!({
            "user_id": ann.id, "resumed": false, "silence_seconds": 75, "history": history,
        })
    );
    let task = server.add(&ann, "Tea").await;
    let path = format!("/api/tasks/{}", task["id"]);
    change(&server, &ann, "PATCH", &path, json!({"priority": "high"})).await;
    change(&server, &ann, "POST", &format!("{path}/complete"), json!({})).await;
    change(&server, &ann, "POST", &format!("{path}/reopen"), json!({})).await;
    change(&server, &ann, "POST", &format!("{path}/cancel"), json!({})).await;
    change(&server, &ann, "DELETE", &path, json!({})).await;
    change(&server, &ann, "POST", &format!("{path}/restore"), json!({})).await;
    let mut told = Vec::new();
    for kind in ["created", "updated", "completed", "reopened", "cancelled", "deleted", "restored"]
    {
        let (message, at) = socket.expect(&format!("task.{kind}")).await;
        seq += 1;
        assert_eq!(at, seq);
        assert_eq!(names(&message), set(ALWAYS), "{message}");
        assert_eq!(message["data"]["uid"], task["uid"]);
        assert_eq!(message["data"]["actor"], json!({"kind": "user", "id": ann.id}));
        told.push(message);
    }
    let about = ["event_id", "uid", "version", "actor", "causation_id"];
    let created = set(about).into_iter().chain(["task"]).collect();
    assert_eq!(names(&told[0]["data"]), created);
    assert_eq!(told[0]["data"]["task"]["title"], "Tea");
    let changed: BTreeSet<_> =
        set(about).into_iter().chain(["id", "updated_at", "changes"]).collect();
    for message in &told[1..] {
        assert_eq!(names(&message["data"]), changed, "{message}");
    }
    assert_eq!(
        told[1]["data"]["changes"],
        json!([
            {"field": "priority", "old": "medium", "new": "high"},
        ])
    );
    assert_eq!(told[1]["data"]["version"], 2);
    assert_ne!(told[1]["correlation_id"], told[2]["correlation_id"]);
}

/// SPEC 9: `reminder.triggered` is sent as `reminder`. It comes with what its task is called.
#[tokio::test]
async fn a_reminder_says_what_it_is_about() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let now = server.app.clock.now();
    let due = now.plus_millis(60_000).to_string();
    let body = json!({"title": "Tea", "due_date": due, "timezone": "UTC"});
    let task = change(&server, &ann, "POST", "/api/tasks", body).await["task"].clone();
    let mut socket = server.listen(&ann).await;
    socket.expect("hello").await;
    place.pass_seconds(61);
    remind(&server, std::slice::from_ref(&task), &ann).await;
    let (reminder, _) = socket.expect("reminder").await;
    let data = &reminder["data"];
    assert_eq!((&data["title"], &data["uid"]), (&json!("Tea"), &task["uid"]), "{reminder}");
    assert_eq!(data["firing"]["fate"], "sent", "{reminder}");
    assert_eq!(data["actor"]["kind"], "system");
    // The same when it is read in the history.
    let missed = reminder["seq"].as_u64().expect("a number") - 1;
    let mut again: Socket = server.listen_since(&ann, missed).await;
    again.expect("hello").await;
    assert_eq!(again.told().await, reminder);
}

/// SPEC 9: whatever is due at once, each reminder is told by itself, and never as an import is.
#[tokio::test]
async fn many_reminders_of_one_look_are_told_one_by_one() {
    const MANY: usize = 120;
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let due = server.app.clock.now().plus_millis(60_000).to_string();
    let mut tasks = Vec::new();
    for number in 0..MANY {
        let title = format!("task {number}");
        let body = json!({"title": title, "due_date": due, "timezone": "UTC"});
        let made = change(&server, &ann, "POST", "/api/tasks", body).await;
        tasks.push(made["task"].clone());
    }
    let mut socket = server.listen(&ann).await;
    let (_, begun) = socket.expect("hello").await;
    place.pass_seconds(61);
    remind(&server, &tasks, &ann).await;
    let mut titles = BTreeSet::new();
    for number in 1..=MANY {
        let (reminder, seq) = socket.expect("reminder").await;
        assert_eq!(seq, begun + number as u64);
        titles.insert(reminder["data"]["title"].as_str().expect("a title").to_owned());
    }
    assert_eq!(titles.len(), MANY);
}

/// What the scheduler does in one look.
pub(super) async fn remind(server: &Server, tasks: &[Value], person: &Person) {
    let uid = |task: &Value| task["uid"].as_str().and_then(|uid| uid.parse().ok()).expect("a uid");
    let command = Command::Remind(tasks.iter().map(|task| todo_core::TaskId(uid(task))).collect());
    done(server, person, &command).await;
}

/// What the scheduler does in one look at the tasks of somebody.
pub(super) async fn done(server: &Server, person: &Person, command: &Command) {
    let owner = todo_core::Owner(person.id.parse().expect("an id"));
    let ctx = Ctx {
        owner,
        actor: Actor { kind: ActorKind::System, id: owner.0 },
        now: server.app.clock.now(),
        zone: Zone::UTC,
        week_start: chrono::Weekday::Mon,
        preferences: Preferences::default(),
        correlation: uuid::Uuid::nil(),
        causation: None,
    };
    server.app.server().execute(command, &ctx).await.expect("it is done");
}
