//! A database is copied while it is served, destroyed, and put back as it was: by the program, on
//! either database (SPEC 7, Operations).

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use todo_tests::http::Asked;
use todo_tests::services::{Database, TodoWeb};
use tokio::runtime::Runtime;

use crate::outage::writers::{Account, Writers};

const SOME: usize = 60;

/// The rows of each table, in one number.
type Sums = BTreeMap<String, String>;

#[test]
fn a_file_comes_back_as_it_was() {
    let runtime = Runtime::new().expect("a runtime");
    let mut server = TodoWeb::start_with(&runtime, None, Vec::new());
    let file = server.folder().join("todo.db");
    let sums = || runtime.block_on(sums_of_file(&file.display().to_string()));
    walk(&runtime, &mut server, &sums, || {
        for name in ["todo.db", "todo.db-wal", "todo.db-shm"] {
            // The log is gone with the server that wrote it.
            let _ = std::fs::remove_file(file.with_file_name(name));
        }
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_database_of_postgres_comes_back_as_it_was() {
    let runtime = Runtime::new().expect("a runtime");
    let database = Database::fresh();
    let mut server = TodoWeb::start_with(&runtime, Some(database.url()), Vec::new());
    walk(&runtime, &mut server, &|| database.sums().into_iter().collect(), || database.empty());
}

fn walk(runtime: &Runtime, server: &mut TodoWeb, sums: &dyn Fn() -> Sums, destroy: impl Fn()) {
    let account = runtime.block_on(Account::register(server.address()));
    let writers = Writers::start(runtime, &account, 4);
    writers.wait_for(SOME);
    let written = writers.stop(runtime);
    for path in ["/api/tasks/1/complete", "/api/undo"] {
        let asked = Asked::new(Method::POST, path).bearer(&account.token).json(&json!({}));
        let answer = runtime.block_on(account.client.ask(asked)).expect("an answer");
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let told = server.run(&["backup", "copy"]).expect("a backup of what is served");
    assert!(told.starts_with("copy: "), "{told}");
    // Somebody works on it: it stays as it is.
    let told = server.run(&["restore", "copy", "--force"]).expect_err("a database in use");
    assert!(told.contains("in use by"), "{told}");

    server.stop();
    // All but which history it is: that is another one then.
    let sums = || {
        let mut sums = sums();
        assert!(sums.remove("meta").is_some(), "{sums:?}");
        sums
    };
    let before = sums();
    assert!(before.len() > 10 && before.contains_key("tasks"), "{before:?}");
    destroy();
    let told = server.run(&["restore", "copy"]).expect("it is put back");
    assert!(told.starts_with("put back: "), "{told}");
    assert_eq!(sums(), before);
    // It holds accounts again, which nobody replaces unasked.
    let told = server.run(&["restore", "copy"]).expect_err("a database that somebody would miss");
    assert!(told.contains("say --force"), "{told}");
    assert_eq!(sums(), before);

    // Who was logged in is so still, and goes on where they were.
    server.start_ready(runtime);
    let list = Asked::new(Method::GET, "/api/tasks?limit=200").bearer(&account.token);
    let list = runtime.block_on(account.client.ask(list)).expect("an answer");
    let list: serde_json::Value = list.json().expect("tasks");
    assert_eq!(list["items"].as_array().map(Vec::len), Some(written.len()), "{list}");
    let add = Asked::new(Method::POST, "/api/tasks").bearer(&account.token);
    let add = runtime.block_on(account.client.ask(add.json(&json!({ "title": "one more" }))));
    assert_eq!(add.expect("an answer").status, StatusCode::CREATED);
}

async fn sums_of_file(file: &str) -> Sums {
    let mut conn = SqliteConnection::connect(file).await.expect("a database");
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let tables: Vec<String> =
        sqlx::query_scalar(tables).fetch_all(&mut conn).await.expect("its tables");
    let mut sums = Sums::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
            .bind(&table)
            .fetch_all(&mut conn)
            .await
            .expect("its columns");
        let columns: Vec<_> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
        let rows =
            format!("SELECT {} AS row FROM \"{table}\" ORDER BY 1", columns.join(" || ',' || "));
        let rows = sqlx::query(AssertSqlSafe(rows)).fetch_all(&mut conn).await.expect("its rows");
        let mut sum = Sha256::new();
        for row in &rows {
            sum.update(row.get::<String, _>(0));
            sum.update("\n");
        }
        let sum = data_encoding::HEXLOWER.encode(&sum.finalize());
        sums.insert(table, format!("{} rows, {sum}", rows.len()));
    }
    conn.close().await.expect("it closes");
    sums
}
