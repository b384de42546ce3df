//! What an operator does about parked events (SPEC 9), as programs: what they say, and how they end.

use std::process::Command;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;
use todo_core::Zone;
use todo_store::DatabaseUrl;

use crate::program::Program;
use crate::support::{ANN, BOB, TestApp, until};

/// How a program ended, and what it has said.
#[derive(Debug, PartialEq)]
struct Ended {
    status: i32,
    said: String,
    complained: String,
}

fn run(folder: &TempDir, words: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-server"));
    command.env_clear().env("LOG", "off").current_dir(folder.path()).args(words.split(' '));
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended {
        status: output.status.code().unwrap(),
        said: text(output.stdout),
        complained: text(output.stderr),
    }
}

/// It did what was asked, and says so.
fn says(folder: &TempDir, words: &str, said: &str) {
    let expected = Ended { status: 0, said: said.to_owned(), complained: String::new() };
    assert_eq!(run(folder, words), expected, "{words}");
}

/// It did not, and says why.
fn fails(folder: &TempDir, words: &str, status: i32, complained: &str) {
    let ended = run(folder, words);
    assert_eq!(ended.status, status, "{words}: {ended:?}");
    assert!(ended.complained.contains(complained), "{words}: {ended:?}");
}

async fn change(folder: &TempDir, sql: &str) {
    let options = SqliteConnectOptions::new().filename(folder.path().join("todo.db"));
    let mut conn = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
}

/// Two events of Ann, of which the statistics do not understand the first.
async fn with_poison() -> TempDir {
    let folder = TempDir::new().unwrap();
    let test = TestApp::on(&DatabaseUrl::Sqlite(folder.path().join("todo.db"))).await;
    test.app.store.add_owner(ANN, Zone::UTC).await.unwrap();
    test.add(ANN, "poison").await;
    test.add(ANN, "behind it").await;
    test.app.store.close().await;
    drop(test);
    change(&folder, "UPDATE events SET schema_version = 99 WHERE seq = 1").await;
    folder
}

#[tokio::test]
async fn what_is_parked_is_looked_at_beside_a_server_and_played_again_without_one() {
    let folder = with_poison().await;
    let mut server = Program::start(&folder);
    server.address("open http://");
    until("two are parked", async || run(&folder, "dead-letters list").said.lines().count() == 2)
        .await;
    let ann = ANN.0;
    let reason = "it is of version 99, and this server reads version 1";
    let list = run(&folder, "dead-letters list");
    assert_eq!((list.status, list.complained.as_str()), (0, ""));
    let lines: Vec<_> = list.said.lines().collect();
    assert!(lines[0].starts_with(&format!("stats {ann} 1 task.created since ")), "{list:?}");
    assert!(lines[0].ends_with(&format!(", 1 tries: {reason}")), "{list:?}");
    assert!(lines[1].ends_with(", 0 tries: waits behind seq 1"), "{list:?}");
    let json = run(&folder, "dead-letters list --json").said;
    assert_eq!(json.lines().count(), 2);

    let shown = run(&folder, &format!("dead-letters show stats {ann} 1"));
    assert_eq!(
        (shown.status, shown.said.as_str()),
        (0, format!("{}\n", json.lines().next().unwrap()).as_str())
    );
    let letter: Value = serde_json::from_str(&shown.said).unwrap();
    assert_eq!((&letter["reason"], &letter["attempts"]), (&reason.into(), &1.into()));
    assert_eq!(letter["event"]["data"]["task"]["title"], "poison");
    let none = "nothing like that is parked";
    for other in [format!("stats {ann} 3"), format!("audit {ann} 1"), format!("stats {} 1", BOB.0)]
    {
        fails(&folder, &format!("dead-letters show {other}"), 1, none);
    }
    // A file is one process's.
    for words in ["redrive", "dead-letters redrive", "replay --since 2026-11-21T00:00:00Z"] {
        fails(&folder, words, 1, "in use by another server");
    }
    server.stop();

    for words in ["redrive", "redrive stats", "dead-letters redrive stats"] {
        let ended = run(&folder, words);
        assert_eq!((ended.status, ended.said.as_str()), (1, "0 handled\n"), "{words}");
        let stay = "todo-server: 2 of these stay parked; `dead-letters list` says why\n";
        assert_eq!(ended.complained, stay, "{words}");
    }
    fails(&folder, "redrive nobody", 1, "there is no consumer \"nobody\"");
    fails(&folder, "redrive --owner nobody", 2, "invalid value");
    change(&folder, "UPDATE events SET schema_version = 1").await;
    says(&folder, &format!("redrive stats --owner {}", BOB.0), "0 handled\n");
    says(&folder, "redrive audit", "0 handled\n");
    says(&folder, &format!("redrive stats --owner {ann}"), "2 handled\n");
    says(&folder, "dead-letters redrive", "0 handled\n");
    says(&folder, "dead-letters list", "");
}

/// What of a letter cannot be read is said of it, and all others are shown and played.
#[tokio::test]
async fn a_damaged_letter_is_listed_and_stays() {
    let folder = with_poison().await;
    let mut server = Program::start(&folder);
    server.address("open http://");
    until("two are parked", async || run(&folder, "dead-letters list").said.lines().count() == 2)
        .await;
    change(&folder, "UPDATE dead_letters SET attempts = -1 WHERE seq = 1").await;
    change(&folder, "UPDATE dead_letters SET owner = x'01' WHERE seq = 2").await;
    let list = run(&folder, "dead-letters list");
    assert_eq!((list.status, list.complained.as_str()), (0, ""));
    let lines: Vec<_> = list.said.lines().collect();
    let [letter, stray] = lines.as_slice() else { panic!("{list:?}") };
    assert!(letter.ends_with("; its row is damaged: attempts cannot be read"), "{letter}");
    assert!(stray.starts_with("stats ? 2 since "), "{stray}");
    let damage = "its row is damaged: owner cannot be read";
    assert!(stray.ends_with(&format!(": waits behind seq 1; {damage}")), "{stray}");
    let json = run(&folder, "dead-letters list --json").said;
    let json: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json[0]["damage"], "its row is damaged: attempts cannot be read");
    assert_eq!((&json[1]["damage"], &json[1]["seq"]), (&damage.into(), &2.into()));
    assert_eq!((&json[1]["owner"], &json[1]["event"]), (&Value::Null, &Value::Null));
    let shown = run(&folder, &format!("dead-letters show stats {} 1", ANN.0));
    assert_eq!((shown.status, shown.said.contains("attempts cannot be read")), (0, true));
    server.stop();

    change(&folder, "UPDATE events SET schema_version = 1").await;
    let ended = run(&folder, "redrive");
    assert_eq!((ended.status, ended.said.as_str()), (1, "1 handled\n"), "{ended:?}");
    let stay = "todo-server: 1 of these stay parked; `dead-letters list` says why\n";
    assert_eq!(ended.complained, stay);
    let list = run(&folder, "dead-letters list").said;
    assert!(list.lines().count() == 1 && list.contains(damage), "{list}");
}

/// Nobody can be told of it, so an operator is.
#[tokio::test]
async fn what_is_nobodys_is_said_and_found() {
    let folder = with_poison().await;
    for table in ["events", "outbox"] {
        change(&folder, &format!("UPDATE {table} SET owner = x'01' WHERE seq = 1")).await;
    }
    let mut server = Program::start(&folder);
    let said = server.line("events whose owner or number is damaged are not told");
    assert_eq!((&said["level"], &said["events"]), (&"ERROR".into(), &1.into()), "{said}");
    server.stop();
    let doctor = run(&folder, "doctor");
    let found = "1 rows of events have an owner or a number that is none";
    assert!(doctor.status == 1 && doctor.said.contains(found), "{doctor:?}");
    says(&folder, "dead-letters list", "");
}

#[tokio::test]
async fn history_is_told_again_by_a_program() {
    let folder = with_poison().await;
    fails(&folder, "replay", 2, "--since");
    fails(&folder, "replay --since yesterday", 2, "write it like 2026-11-21T12:00:00Z");
    // Neither was told yet: both are, in their turn.
    says(&folder, "replay --since 2026-11-21T00:00:00Z", "0 events are told again\n");
    let mut server = Program::start(&folder);
    server.address("open http://");
    until("two are parked", async || run(&folder, "dead-letters list").said.lines().count() == 2)
        .await;
    server.stop();
    says(&folder, "replay --since 2026-11-21T00:00:00Z", "2 events are told again\n");
    says(&folder, "replay --since 2027-01-01T00:00:00Z", "0 events are told again\n");
}
