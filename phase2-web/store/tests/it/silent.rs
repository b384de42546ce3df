//! Connections to PostgreSQL that go silent, on either side: whoever waits for them does so for a while and
//! then goes on.

use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use todo_core::conformance::{OWNERS, Stage};
use todo_core::event::Seq;
use todo_core::{StoreError, Timestamp};
use todo_store::effects::ToRead;
use todo_store::log::{Position, RELAY};
use todo_store::{Options, Store};
use tokio::time::timeout;

use crate::proxy::Proxy;
use crate::support::{self, Database};

/// Longer than anything here takes, and much shorter than until the system notices.
const IN_TIME: Duration = Duration::from_secs(20);

fn options() -> Options {
    Options { answer: Duration::from_millis(500), ..support::options() }
}

async fn connect(database: &Database) -> PgConnection {
    PgConnection::connect(&database.text()).await.expect("the server answers")
}

async fn say(conn: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(conn).await.expect("it obeys");
}

/// Something in between has forgotten the connections: what reads, and what begins to write, is answered on
/// another; and however often that happens, there are as many as before.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_waits_for_a_silent_connection_is_answered_on_another() {
    support::run(async {
        let (direct, database) = support::postgres().await;
        direct.close().await;
        let (proxy, url) = Proxy::before(&database);
        let store = Store::open(&url, &options()).await.expect("it opens");
        let now = Timestamp::from_millis(1_795_262_400_000);
        for k in 1..=3 {
            let asking = async {
                store.ready().await.expect("it reads");
                proxy.forget();
                store.ready().await.expect("it reads on another");
                proxy.forget();
                let read = ToRead::UpTo(Seq(1));
                store.mark_read(OWNERS[0], &read, now).await.expect("it writes on another");
                proxy.forget();
                Stage::new(&store).add(k, "stored").await;
            };
            timeout(IN_TIME, asking).await.expect("in time");
        }
    });
}

/// What was asked last may have been done or not: that is told, in time.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_commit_without_an_answer_is_an_outage() {
    support::run(async {
        let (direct, database) = support::postgres().await;
        direct.close().await;
        let (proxy, url) = Proxy::before(&database);
        let store = Store::open(&url, &options()).await.expect("it opens");
        let now = Timestamp::from_millis(1_795_262_400_000);
        for _ in 0..6 {
            proxy.forget_at("COMMIT");
            let read = ToRead::UpTo(Seq(1));
            let marking = store.mark_read(OWNERS[0], &read, now);
            let told = timeout(IN_TIME, marking).await.expect("in time");
            assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
        }
    });
}

/// A machine that stops in the middle of a transaction holds its rows for some seconds and no longer, and who
/// is to lead instead does.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_stops_within_a_transaction_is_ended_by_the_server() {
    const CONSUMER: &str = "audit";
    support::run(async {
        let (other, database) = support::postgres().await;
        let (proxy, url) = Proxy::before(&database);
        let pause = Duration::from_secs(1);
        let options = Options { direct: Some(database.url()), pause, ..options() };
        let stops = Store::open(&url, &options).await.expect("it opens");
        let leader = stops.lead(CONSUMER).await.expect("it answers").expect("nobody else leads");
        proxy.forget_at("COMMIT");
        let now = Timestamp::from_millis(1_795_262_400_000);
        let settled = stops.settle(&leader, &[], Position(0), now).await;
        assert!(matches!(settled, Err(StoreError::Unavailable(_))), "{settled:?}");
        // Its lead ends with it; what it has locked does not.
        drop(leader);
        let until = Instant::now() + IN_TIME;
        let next = loop {
            if let Ok(Some(next)) = other.lead(CONSUMER).await {
                break next;
            }
            assert!(Instant::now() < until, "nobody leads any more");
        };
        assert_eq!(next.epoch(), 2);
    });
}

const LEADS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' \
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Who gives up to lead, because the row is held, leaves nobody behind who waits for it with the lock in hand.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn who_gives_up_to_lead_leaves_no_lock_behind() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (mut holder, mut watcher) = (connect(&database).await, connect(&database).await);
        say(&mut holder, "INSERT INTO leaders (name, epoch) VALUES ('relay', 1)").await;
        say(&mut holder, "BEGIN; SELECT FROM leaders FOR UPDATE").await;
        let tried = store.lead(RELAY).await;
        assert!(matches!(tried, Err(StoreError::Unavailable(_))), "{tried:?}");
        let until = Instant::now() + IN_TIME;
        loop {
            let held: i64 = sqlx::query_scalar(LEADS).fetch_one(&mut watcher).await.expect("told");
            if held == 0 {
                break;
            }
            assert!(Instant::now() < until, "somebody waits on, with the lock");
        }
    });
}
