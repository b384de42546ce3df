//! Receipts go when they count no more, and with what they tell of.

use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use todo_core::command::{Command, Item};
use todo_core::conformance::given::rename;
use todo_core::conformance::{Stage, uid};
use todo_core::service::{Once, Server};
use todo_core::{RECEIPT_KEPT_MILLIS, Verb};
use todo_store::Store;

use crate::support;

async fn kept(path: &Path) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut conn = options.connect().await.expect("it opens");
    let keys = sqlx::query_scalar("SELECT key FROM receipts ORDER BY key").fetch_all(&mut conn);
    let keys = keys.await.expect("it is read");
    conn.close().await.expect("it closes");
    keys
}

/// Renames a task to what it is called already, and is remembered.
async fn once(stage: &Stage<'_, Store>, k: u8, key: &str) {
    let command = Command::One(Item::act(uid(k), rename("milk")));
    let answer = Arc::new(move |_: &_| format!("{{\"uid\":\"{}\"}}", uid(k).0).into_bytes());
    let once = Once { key: key.to_owned(), fingerprint: [1; 32], answer };
    Server::scheduled(stage.store).execute_once(&command, &stage.ctx, &once).await.expect("kept");
}

/// SPEC 7: kept for 24 hours, however little happens else.
#[test]
fn old_receipts_go_when_new_ones_come() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let path = folder.path().join("todo.db");
        let mut stage = Stage::new(&store);
        stage.add(1, "milk").await;
        once(&stage, 1, "first").await;
        stage.later(RECEIPT_KEPT_MILLIS);
        once(&stage, 1, "second").await;
        assert_eq!(kept(&path).await, ["first", "second"]);
        stage.later(1);
        once(&stage, 1, "third").await;
        assert_eq!(kept(&path).await, ["second", "third"]);
    });
}

/// SPEC 9: of a task that was purged nothing is left, in no answer either.
#[test]
fn receipts_of_purged_tasks_go_with_them() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let path = folder.path().join("todo.db");
        let stage = Stage::new(&store);
        stage.add(1, "milk").await;
        stage.add(2, "milk").await;
        for k in 0..70 {
            once(&stage, 1, &format!("one {k}")).await;
        }
        once(&stage, 2, "two").await;
        stage.act(1, Verb::Delete).await;
        stage.act(1, Verb::Purge).await;
        assert_eq!(kept(&path).await, ["two"]);
    });
}
