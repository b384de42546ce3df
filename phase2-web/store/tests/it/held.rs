//! An owner whose rows somebody holds waits alone: all others are told of (SPEC 9). On PostgreSQL, for a file has
//! one writer.

use std::time::Duration;

use sqlx::{Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::effects::Deed;
use todo_store::log::{Entry, Handled, Leadership, Outcome, Position, Published, RELAY, Work};
use todo_store::{Store, is_held};
use tokio::time::{Instant, sleep};

use crate::support;
use crate::writers::{addition, insist};

const ANN: Owner = OWNERS[0];
const BOB: Owner = OWNERS[1];

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000)
}

async fn read(store: &Store) -> Vec<(Owner, Seq)> {
    let log = store.read_log(Position(0), 100).await.expect("it reads");
    let places: Vec<_> = log.iter().filter_map(|entry| entry.position).collect();
    assert_eq!(places, (1..=log.len() as u64).map(Position).collect::<Vec<_>>(), "no gap");
    log.into_iter().map(|entry| (entry.owner, entry.seq)).collect()
}

/// Holds one row of an owner's until it is closed.
const HOLD: &str = "SELECT 1 FROM outbox WHERE owner = $1 AND seq = $2 FOR UPDATE";

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_who_is_held_waits_alone_and_is_not_overtaken() {
    support::run(async {
        let (store, database) = support::postgres().await;
        for k in 1..=3 {
            insist(&store, ANN, &addition(k)).await;
            insist(&store, BOB, &addition(k)).await;
        }
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let mut held = conn.begin().await.expect("it begins");
        let hold = sqlx::query(HOLD).bind(ANN.0).bind(2_i64);
        assert_eq!(hold.execute(&mut *held).await.expect("it is held").rows_affected(), 1);

        let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
        let publish = async || store.publish(&relay, 100, now()).await.expect("nobody waits");
        let told = publish().await;
        assert_eq!(told, Published { count: 4, held: 2, all: true, head: Some(Position(4)) });
        let bobs = (1..=3).map(|seq| (BOB, Seq(seq)));
        let mut all: Vec<_> = std::iter::once((ANN, Seq(1))).chain(bobs).collect();
        let mut seen = read(&store).await;
        seen.sort_unstable();
        assert_eq!(seen, all, "the third does not overtake the second");
        assert_eq!(
            publish().await,
            Published { count: 0, held: 2, all: true, head: Some(Position(4)) }
        );
        // In the circle, too, where there is room for no more than is held.
        insist(&store, BOB, &addition(4)).await;
        let mut more = 0;
        while more == 0 {
            more = store.publish(&relay, 1, now()).await.expect("nobody waits").count;
        }
        all.push((BOB, Seq(4)));

        held.rollback().await.expect("it is free");
        assert_eq!(publish().await.count, 2, "all that waited");
        all.extend([(ANN, Seq(2)), (ANN, Seq(3))]);
        let seen = read(&store).await;
        assert_eq!(seen[4..], all[4..], "in its order");
    });
}

/// What was told long ago goes, but for what somebody holds, who is not waited for.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_what_is_held_stays_in_the_log_for_another_time() {
    support::run(async {
        let (store, database) = support::postgres().await;
        for k in 1..=3 {
            insist(&store, ANN, &addition(k)).await;
        }
        let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
        assert_eq!(store.publish(&relay, 100, now()).await.expect("nobody waits").count, 3);
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let mut held = conn.begin().await.expect("it begins");
        let hold = sqlx::query(HOLD).bind(ANN.0).bind(2_i64);
        assert_eq!(hold.execute(&mut *held).await.expect("it is held").rows_affected(), 1);
        let prune = async || store.prune_log(now().plus_millis(1)).await;
        assert_eq!(prune().await.expect("nobody waits"), 2);
        held.rollback().await.expect("it is free");
        assert_eq!(prune().await.expect("it is free"), 1);
    });
}

const CONSUMER: &str = "stats";
const DAY: &str = "2026-11-21";

fn counts(entry: &Entry) -> Handled<'_> {
    let mut work = Work::default();
    work.count(DAY.to_owned(), Deed::Created);
    Handled { entry, outcome: Outcome::Done(work) }
}

fn parks(entry: &Entry) -> Handled<'_> {
    let outcome = Outcome::Parked { reason: "broken".to_owned(), attempts: 1 };
    Handled { entry, outcome }
}

/// Waits until somebody waits for a lock in this database.
async fn until_somebody_waits(conn: &mut PgConnection) {
    let waits = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let many: i64 = sqlx::query_scalar(waits).fetch_one(&mut *conn).await.expect("it answers");
        if many > 0 {
            return;
        }
        assert!(Instant::now() < deadline, "nobody waits");
        sleep(Duration::from_millis(5)).await;
    }
}

/// The first of Ann's events is counted and the second parked; answers all that was told, and who leads.
async fn with_a_letter(store: &Store) -> (Vec<Entry>, Leadership) {
    for k in 1..=2 {
        insist(store, ANN, &addition(k)).await;
    }
    insist(store, BOB, &addition(1)).await;
    let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    assert_eq!(store.publish(&relay, 100, now()).await.expect("it is told").count, 3);
    let mut log = store.read_log(Position(0), 100).await.expect("it reads");
    log.sort_unstable_by_key(|entry| (entry.owner, entry.seq));
    let leader = store.lead(CONSUMER).await.expect("it answers").expect("nobody else leads");
    let handled = [counts(&log[0]), parks(&log[1])];
    store.settle(&leader, &handled, Position(2), now()).await.expect("it is written");
    (log, leader)
}

/// Who plays what is parked of somebody whose rows are held gives that up, for the consumer waits meanwhile, and all
/// others for it.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_a_consumer_does_not_wait_long_for_who_plays_what_is_held() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (log, leader) = with_a_letter(&store).await;
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let mut held = conn.begin().await.expect("it begins");
        let hold = sqlx::query("SELECT FROM activity WHERE owner = $1 FOR UPDATE").bind(ANN.0);
        assert_eq!(hold.execute(&mut *held).await.expect("it is held").rows_affected(), 1);
        let (second, plays) = (log[1].clone(), store.clone());
        let plays =
            tokio::spawn(async move { plays.replayed(CONSUMER, &counts(&second), now()).await });
        until_somebody_waits(&mut held).await;
        let asked = Instant::now();
        let settled = store.settle(&leader, &[counts(&log[2])], Position(3), now()).await;
        assert_eq!(settled.expect("it is written").done, 1);
        let played = plays.await.expect("it does not panic");
        assert!(played.as_ref().is_err_and(is_held), "{played:?}");
        // A lock is waited for twice as long in these tests.
        assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    });
}

/// Who plays a parked event and who ends its account come to its rows in one order: neither waits for the other
/// while that one waits for him.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_who_plays_what_is_parked_holds_nothing_while_the_account_ends() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let (log, _leader) = with_a_letter(&store).await;
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let mut ends = conn.begin().await.expect("it begins");
        let delete = sqlx::query("DELETE FROM dead_letters WHERE owner = $1").bind(ANN.0);
        assert_eq!(delete.execute(&mut *ends).await.expect("it is deleted").rows_affected(), 1);
        let (second, plays) = (log[1].clone(), store.clone());
        let plays =
            tokio::spawn(async move { plays.replayed(CONSUMER, &counts(&second), now()).await });
        until_somebody_waits(&mut ends).await;
        let free = "SELECT 1 FROM activity WHERE owner = $1 FOR UPDATE NOWAIT";
        sqlx::query(free).bind(ANN.0).execute(&mut *ends).await.expect("nobody holds it");
        ends.commit().await.expect("it ends");
        let played = plays.await.expect("it does not panic");
        assert!(matches!(played, Err(StoreError::Conflict)), "it is parked no more: {played:?}");
        let days = store.activity(ANN, DAY, "2026-11-22").await.expect("it reads");
        assert_eq!(days.iter().map(|day| day.created).sum::<u64>(), 1, "and counts no more");
    });
}
