//! Who did what: names and ids, for the one whose account it is.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;
use todo_store::DatabaseUrl;

use super::{on_both, start, until_audited};
use crate::http::{Client, PASSWORD};
use crate::support::TestApp;

/// Registered, logged in, a token made, a task made and changed by a program, another password.
async fn somebody(test: &TestApp, name: &str) -> (Client, Client) {
    let client = Client::register(&test.app, name).await;
    let program = client.program("write").await;
    let task = json!({"title": format!("secret of {name}")});
    assert_eq!(program.post("/api/tasks", task).await.status, 201);
    let other = json!({"title": "other secret", "priority": "high"});
    assert_eq!(program.send(Method::PATCH, "/api/tasks/1", Some(other)).await.status, 200);
    let body = json!({"current_password": PASSWORD, "new_password": "another horse"});
    let changed = client.post("/api/auth/password", body).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    (client.with_token_of(&changed), program)
}

async fn it_tells_who_did_what_and_no_content(test: &TestApp) {
    // The consumer comes later, and begins at the beginning.
    let (ann, program) = somebody(test, "ann").await;
    let parts = start(&test.app);
    somebody(test, "bob").await;
    until_audited(&ann, 6).await;
    let all = ann.get("/api/audit").await;
    assert_eq!(
        all.each("event_type"),
        [
            "auth.password_changed",
            "task.updated",
            "task.created",
            "auth.token_made",
            "auth.logged_in",
            "user.registered",
        ]
    );
    assert_eq!(all.each("seq"), [6, 5, 4, 3, 2, 1].map(Value::from));
    let actors: Vec<_> =
        all.each("actor").iter().map(|actor| actor["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(actors, ["user", "token", "token", "user", "user", "user"]);
    assert_eq!(all.at("/items/1/fields"), json!(["title", "priority"]));
    assert_eq!(all.at("/items/4/details/user_agent"), "Firefox");
    assert_eq!(all.at("/items/3/details/scope"), "write");
    assert_eq!(all.at("/items/3/details/token"), all.at("/items/1/actor/id"));
    assert_eq!(all.at("/next_before"), Value::Null);
    assert!(!all.body.contains("secret") && !all.body.contains("bob"), "{all:?}");

    let of = async |query: &str| ann.get(&format!("/api/audit?{query}")).await.each("seq");
    assert_eq!(of("type=task.created,task.updated&actor=token").await, [5, 4]);
    assert_eq!(of("type=auth.logged_in&type=USER.registered").await, [2, 1]);
    let task = all.text("/items/1/aggregate_id");
    assert_eq!(of(&format!("task={task}")).await, [5, 4]);
    assert_eq!(of("from=2026-11-21&to=2026-11-22").await.len(), 6);
    assert!(of("to=2026-11-21").await.is_empty());
    let first = ann.get("/api/audit?limit=4").await;
    assert_eq!(first.at("/next_before"), 3);
    assert_eq!(of("limit=4&before=3").await, [2, 1]);

    for wrong in ["type=x", "actor=me", "task=1", "from=now", "limit=501", "before=0", "x=1"] {
        ann.get(&format!("/api/audit?{wrong}")).await.refused(400, "validation_error");
    }
    for path in ["/api/audit", "/api/audit/export"] {
        program.get(path).await.refused(403, "forbidden");
        Client::anonymous(&test.app).get(path).await.refused(401, "unauthorized");
    }
    parts.end().await;
}

async fn it_is_taken_away_as_lines(test: &TestApp) {
    let parts = start(&test.app);
    let (ann, _) = somebody(test, "ann").await;
    until_audited(&ann, 6).await;
    let lines = ann.get("/api/audit/export").await;
    let seqs: Vec<Value> = lines
        .body
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].clone())
        .collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6].map(Value::from), "{lines:?}");
    // It tells of itself, as of every export.
    until_audited(&ann, 7).await;
    assert_eq!(ann.get("/api/audit?limit=1").await.each("event_type"), ["auth.exported"]);
    let few = ann.get("/api/audit/export?type=task.updated").await;
    assert_eq!(few.body.lines().count(), 1);
    let rest = ann.get("/api/audit/export?after=2&type=task.updated,auth.logged_in").await;
    assert_eq!(rest.body.lines().count(), 1, "{rest:?}");
    for wrong in ["limit=3", "after=0", "after=x"] {
        let refused = ann.get(&format!("/api/audit/export?{wrong}")).await;
        refused.refused(400, "validation_error");
    }
    parts.end().await;
}

/// The next piece of what is taken away; nothing when it broke off.
async fn piece(body: &mut Body) -> Option<String> {
    let frame = body.frame().await.expect("it is not whole").ok()?;
    let piece = frame.into_data().unwrap();
    assert!(piece.len() < 20_000, "little is on its way");
    Some(String::from_utf8(piece.to_vec()).unwrap())
}

fn last(lines: &str) -> u64 {
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    last["seq"].as_u64().unwrap()
}

/// More than a page of it.
const ROWS: u64 = 1_200;

async fn somebody_of_many_rows(folder: &TempDir) -> Client {
    let path = folder.path().join("todo.db");
    let test = TestApp::on(&DatabaseUrl::Sqlite(path.clone())).await;
    let ann = Client::register(&test.app, "ann").await;
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let many = format!(
        "WITH RECURSIVE k (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM k WHERE k < {ROWS}) \
         INSERT INTO audit (owner, seq, event_type, schema_version, actor_kind, actor_id, \
         aggregate_type, aggregate_id, aggregate_version, at, correlation_id) \
         SELECT owner, k, 'task.updated', 1, 'user', owner, 'task', owner, k, 0, owner FROM owners, k"
    );
    sqlx::query(AssertSqlSafe(many)).execute(&mut conn).await.unwrap();
    ann
}

/// Whoever takes it too slowly is given up after ten minutes, and goes on where that was.
#[tokio::test]
async fn who_takes_it_slowly_holds_nothing_for_longer_than_ten_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let ann = somebody_of_many_rows(&folder).await;
    let mut slow = ann.stream("/api/audit/export").await;
    let mut lines = piece(&mut slow).await.unwrap();
    ann.get("/api/audit/export").await.refused(429, "rate_limited");
    // Time stands still for what is between these.
    tokio::time::pause();
    tokio::time::advance(Duration::from_mins(10) + Duration::from_secs(1)).await;
    tokio::time::resume();
    // What was on its way comes, and no more.
    while let Some(more) = piece(&mut slow).await {
        lines += &more;
    }
    assert!(lines.lines().count() < 200, "{}", lines.lines().count());
    let rest = ann.get(&format!("/api/audit/export?after={}", last(&lines))).await;
    assert_eq!(rest.status, 200, "{rest:?}");
    lines += &rest.body;
    let seqs: Vec<_> = lines.lines().map(last).collect();
    assert_eq!(seqs, (1..=ROWS).collect::<Vec<_>>());
}

/// What is not there any more cannot be said to be all.
#[tokio::test]
async fn an_account_that_ends_meanwhile_breaks_it_off() {
    let folder = tempfile::tempdir().unwrap();
    let ann = somebody_of_many_rows(&folder).await;
    let mut slow = ann.stream("/api/audit/export").await;
    let mut lines = piece(&mut slow).await.unwrap();
    let leave = json!({"password": PASSWORD});
    assert_eq!(ann.send(Method::DELETE, "/api/auth/me", Some(leave)).await.status, 204);
    while let Some(more) = piece(&mut slow).await {
        lines += &more;
    }
    assert!((lines.lines().count() as u64) < ROWS);
}

/// Nobody can mend a row of it: one that is damaged is shown with what is left, among the others.
#[tokio::test]
async fn a_damaged_row_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let test = TestApp::on(&DatabaseUrl::Sqlite(path.clone())).await;
    let ann = Client::register(&test.app, "ann").await;
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let rows = "INSERT INTO audit (owner, seq, event_type, schema_version, actor_kind, actor_id, \
         aggregate_type, aggregate_id, aggregate_version, at, correlation_id, fields) \
         SELECT owner, column1, column2, 1, 'user', owner, 'user', owner, 1, column1, owner, column3 \
         FROM owners, (VALUES (1, 'user.updated', '[\"name\"]'), \
         (2, CAST(x'ff' AS TEXT), 'x'), (3, 'user.updated', '[\"email\"]'))";
    sqlx::query(rows).execute(&mut conn).await.unwrap();

    let list = ann.get("/api/audit").await;
    let lines = ann.get("/api/audit/export").await;
    assert_eq!((list.status.as_u16(), lines.status.as_u16()), (200, 200), "{list:?}");
    let mut exported: Vec<Value> =
        lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    exported.reverse();
    assert_eq!(list.at("/items"), Value::Array(exported));
    let damage = "its row is damaged: event_type, fields cannot be read";
    assert_eq!(list.each("damage"), [Value::Null, json!(damage), Value::Null]);
    assert_eq!(list.each("fields"), [json!(["email"]), Value::Null, json!(["name"])]);
    assert_eq!(list.each("event_type"), ["user.updated", "unreadable", "user.updated"]);
    assert_eq!(list.at("/items/1/timestamp"), "1970-01-01T00:00:00.002Z");
}

/// SPEC 9: nothing is written of an account that is gone, however far behind a consumer is.
async fn it_goes_with_its_account(test: &TestApp) {
    let (ann, _) = somebody(test, "ann").await;
    let parts = start(&test.app);
    let leave = json!({"password": "another horse"});
    let left = ann.send(Method::DELETE, "/api/auth/me", Some(leave)).await;
    assert_eq!(left.status, 204, "{left:?}");
    let (bob, _) = somebody(test, "bob").await;
    // What bob did was told after ann's end.
    until_audited(&bob, 6).await;
    assert!(!bob.get("/api/audit/export").await.body.contains("user.deleted"));
    parts.end().await;
}

on_both! {
    it_tells_who_did_what_and_no_content
    it_is_taken_away_as_lines
    it_goes_with_its_account
}
