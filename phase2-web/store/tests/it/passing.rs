//! An owner's row that somebody holds, and who has others to see to.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use todo_core::conformance::given::title;
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::service::{Server, ServiceError};
use todo_core::{Bulk, Command, ErrorCode, Item, NewTask};
use todo_store::Store;
use tokio::time::{Instant, timeout};

use crate::support::{on_both, open, postgres, run};

/// Less than a lock is waited for in these tests, and much more than in passing.
const SOON: Duration = Duration::from_secs(15);

/// Some are written at once, and others, who are many, one after the other.
fn adding(tasks: std::ops::Range<u8>) -> Command {
    let items = tasks.map(|k| Item::Create(Box::new(NewTask::new(uid(k), title("Milk")))));
    Command::Bulk(Bulk { items: items.collect(), atomic: true })
}

async fn add(store: &Store, tasks: std::ops::Range<u8>) -> Result<(), ServiceError> {
    let ann = Stage::new(store);
    Server::scheduled(store).execute(&adding(tasks), &ann.ctx).await.map(drop)
}

/// Where nobody is in the way it is like any other store.
async fn in_passing_is_written_what_is_written(store: &Store) {
    let passing = store.in_passing();
    add(&passing, 0..2).await.expect("a few");
    add(&passing, 2..200).await.expect("many");
    // What another store has written meanwhile is in nobody's way.
    let (one, other) = tokio::join!(add(&passing, 200..202), add(store, 202..204));
    one.and(other).expect("both");
    let there = Stage::new(store).filtered(todo_core::Filter::default()).await;
    assert_eq!(there.len(), 204);
    let all = store.free(OWNERS.to_vec()).await.expect("it answers");
    assert_eq!(all.len(), OWNERS.len());
}

on_both! {
    in_passing_is_written_what_is_written
}

/// SPEC 9: whose row is held costs who passes by a moment, and nothing is written.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_passes_by_on_postgres_does_not_wait_for_who_is_held() {
    run(async {
        let (store, database) = postgres().await;
        let passing = store.in_passing();
        add(&store, 0..2).await.expect("it is free");
        let mut holder = PgConnection::connect(&database.text()).await.expect("it answers");
        let lock = format!("BEGIN; SELECT FROM owners WHERE owner = '{}' FOR UPDATE", OWNERS[0].0);
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut holder).await.expect("it obeys");
        for tasks in [2..4, 4..200] {
            let told = timeout(SOON, add(&passing, tasks)).await.expect("it does not wait");
            assert_eq!(told.expect_err("it is held").code(), ErrorCode::StorageUnavailable);
        }
        let free = timeout(SOON, store.free(OWNERS.to_vec())).await.expect("it does not wait");
        assert_eq!(free.expect("it answers"), OWNERS[1..]);

        holder.close().await.expect("it was there");
        add(&passing, 2..4).await.expect("it is free");
        assert_eq!(Stage::new(&store).filtered(todo_core::Filter::default()).await.len(), 4);
        assert_eq!(store.free(vec![OWNERS[0]]).await.expect("it answers"), [OWNERS[0]]);
        // Who only refers to an owner, as another table's new row does, is in nobody's way.
        let mut other = PgConnection::connect(&database.text()).await.expect("it answers");
        let refer = "BEGIN; SELECT FROM owners FOR KEY SHARE";
        sqlx::raw_sql(refer).execute(&mut other).await.expect("it obeys");
        add(&passing, 4..6).await.expect("it is free");
        assert_eq!(store.free(OWNERS.to_vec()).await.expect("it answers").len(), OWNERS.len());
    });
}

/// Each end of a transaction that waits for the disk, or for another server, waits here for a tenth of a second;
/// this one is done each tenth of a second, and holds rows until its end.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_is_free_on_postgres_is_asked_without_waiting_for_the_disk() {
    run(async {
        let (store, database) = postgres().await;
        let text = database.text();
        let (_, name) = text.rsplit_once('/').expect("a URL with a database");
        let mut conn = PgConnection::connect(&text).await.expect("it answers");
        for slow in ["commit_delay = 100000", "commit_siblings = 0"] {
            let slow = format!("ALTER DATABASE {name} SET {slow}");
            sqlx::raw_sql(AssertSqlSafe(slow)).execute(&mut conn).await.expect("it obeys");
        }
        store.close().await;
        let store = open(&database.url()).await;
        let asked = Instant::now();
        for _ in 0..20 {
            let free = store.free(OWNERS.to_vec()).await.expect("it answers");
            assert_eq!(free.len(), OWNERS.len());
        }
        let took = asked.elapsed();
        let written = Instant::now();
        add(&store, 0..1).await.expect("it is written");
        assert!(written.elapsed() >= Duration::from_millis(100), "an end that waits is slow");
        assert!(took < Duration::from_secs(2), "{took:?}");
    });
}
