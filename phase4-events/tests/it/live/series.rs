//! What sockets are told of what a series makes: a reminder of it rings, though it was made after its time.

use serde_json::{Value, json};
use todo_core::conformance::Stage;
use todo_core::{Command, Owner};
use todo_store::Store;

use super::messages::{change, done};
use super::support::{PASSWORD, Person, Place, Server};

#[tokio::test]
async fn a_subtask_of_a_series_rings() {
    rings(&Place::new().await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn a_subtask_of_a_series_rings_on_postgres() {
    rings(&Place::postgres().await.0).await;
}

/// The same person, after a token has expired.
async fn back(server: &Server, ann: &Person) -> Person {
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    let (status, answer) = server.ask("POST", "/api/auth/login", None, Some(body)).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().expect("a token").to_owned();
    Person { token, id: ann.id.clone() }
}

/// What the scheduler does in one look at all tasks of somebody.
async fn look(server: &Server, ann: &Person) {
    let owner = Owner(ann.id.parse().expect("an id"));
    let stage: Stage<'_, Store> = Stage::of(&server.app.store, owner);
    for look in [Command::SpawnDue, Command::Remind] {
        let tasks = stage.all().await.iter().map(|task| task.uid).collect();
        done(server, ann, &look(tasks)).await;
    }
}

/// R5, S8: the series goes by the clock, and what lies below it reminds at the moment it is made, or before.
async fn rings(place: &Place) {
    let server = place.serve().await;
    let mut ann = server.register("ann").await;
    let due = server.app.clock.now().plus_millis(60_000).to_string();
    let rule = json!({"rule": "FREQ=DAILY", "spawn": "on_schedule"});
    let garden = json!({
        "title": "Garden", "due_date": due, "timezone": "UTC", "reminders": [], "recurrence": rule,
    });
    let garden = change(&server, &ann, "POST", "/api/tasks", garden).await["task"].clone();
    let water = json!({
        "title": "Water", "due_date": due, "timezone": "UTC", "parent": garden["id"],
    });
    change(&server, &ann, "POST", "/api/tasks", water).await;
    place.pass_seconds(61);
    look(&server, &ann).await;
    let (mut begun, mut told, mut copy) = (0, Vec::new(), Value::Null);
    // A second late, and after a time in which nothing ran.
    for (seconds, fate) in [(86_400, "sent"), (3 * 86_400 + 7_200, "late")] {
        place.pass_seconds(seconds);
        ann = back(&server, &ann).await;
        let mut socket = server.listen(&ann).await;
        let (_, seq) = socket.expect("hello").await;
        (begun, told) = (seq, Vec::new());
        look(&server, &ann).await;
        loop {
            let message = socket.told().await;
            told.push(message.clone());
            if message["type"] == "reminder" {
                assert_eq!(message["data"]["title"], "Water", "{message}");
                assert_eq!(message["data"]["firing"]["fate"], fate, "{message}");
                copy = message["data"]["id"].clone();
                break;
            }
            assert_ne!(message["type"], "reminder.past", "{message}");
        }
    }
    let made = told.iter().filter(|message| message["type"] == "task.created");
    let origins: Vec<_> = made.map(|message| &message["data"]["origin"]).collect();
    assert_eq!(origins, ["series"; 2]);
    // The same when it is read in the history, whatever becomes of the task after it was told of: a date
    // that is past when it is set silences what comes.
    let past = server.app.clock.now().plus_millis(-60_000).to_string();
    let path = format!("/api/tasks/{copy}");
    change(&server, &ann, "PATCH", &path, json!({"due_date": past})).await;
    let mut again = server.listen_since(&ann, begun).await;
    again.expect("hello").await;
    for message in &told {
        assert_eq!(&again.told().await, message);
    }
    again.expect("task.updated").await;
    look(&server, &ann).await;
    again.expect("reminder.past").await;
}
