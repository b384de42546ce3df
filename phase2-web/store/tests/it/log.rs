//! The log (SPEC 9): places without a gap that can be seen in their order, one who gives them, and
//! nothing passed over.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_core::event::{Actor, ActorKind, Seq};
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::accounts::{Email, Farewell, NewUser, PasswordHash, Profile};
use todo_store::log::{Entry, Leadership, Position, Published, RELAY, Unreadable};
use todo_store::{Options, Origin, Store};
use tokio::time::timeout;

use crate::support::{self, on_both};
use crate::writers::{addition, insist};

const ANN: Owner = OWNERS[0];
const BOB: Owner = OWNERS[1];

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000)
}

async fn leader(store: &Store) -> Leadership {
    store.lead(RELAY).await.expect("it answers").expect("nobody else leads")
}

/// Tells everything, so many at a time.
async fn tell(store: &Store, leader: &Leadership, max: u32) -> Vec<Published> {
    let mut told = Vec::new();
    loop {
        let published = store.publish(leader, max, now()).await.expect("it is told");
        if published.count == 0 {
            return told;
        }
        told.push(published);
    }
}

async fn read(store: &Store, after: u64) -> Vec<Entry> {
    store.read_log(Position(after), 1_000).await.expect("it reads")
}

fn places(entries: &[Entry]) -> Vec<u64> {
    entries.iter().filter_map(|entry| entry.position).map(|position| position.0).collect()
}

fn seqs(entries: &[Entry], owner: Owner) -> Vec<u64> {
    entries.iter().filter(|entry| entry.owner == owner).map(|entry| entry.seq.0).collect()
}

async fn places_have_no_gap_and_follow_each_owners_order(store: &Store) {
    for k in 1..=7 {
        insist(store, ANN, &addition(k)).await;
        insist(store, BOB, &addition(k)).await;
    }
    assert_eq!(store.unpublished().await.expect("it counts"), 14);
    assert!(read(store, 0).await.is_empty(), "nothing was told");
    let leader = leader(store).await;
    let told = tell(store, &leader, 4).await;
    assert_eq!(told.iter().map(|told| told.count).sum::<usize>(), 14);
    assert_eq!(told.last().and_then(|told| told.head), Some(Position(14)));
    let entries = read(store, 0).await;
    assert_eq!(places(&entries), (1..=14).collect::<Vec<_>>());
    for owner in OWNERS {
        assert_eq!(seqs(&entries, owner), (1..=7).collect::<Vec<_>>());
    }
    assert_eq!(places(&read(store, 11).await), [12, 13, 14]);
    assert_eq!(store.log_head().await.expect("it answers"), Position(14));
    assert_eq!(store.unpublished().await.expect("it counts"), 0);
    let history = store.read_history(BOB, Seq(5), 10).await.expect("it reads");
    assert_eq!(seqs(&history, BOB), [6, 7]);
}

async fn nobody_waits_behind_all_of_an_import(store: &Store) {
    for k in 1..=30 {
        insist(store, ANN, &addition(k)).await;
    }
    let leader = leader(store).await;
    // The circle stands at the one with many.
    store.publish(&leader, 10, now()).await.expect("it is told");
    insist(store, BOB, &addition(1)).await;
    for _ in 0..2 {
        store.publish(&leader, 10, now()).await.expect("it is told");
    }
    assert_eq!(seqs(&read(store, 0).await, BOB), [1], "he was told of within one round");
}

async fn who_leads_next_ends_whoever_led_before(store: &Store) {
    insist(store, ANN, &addition(1)).await;
    let first = leader(store).await;
    assert!(store.lead(RELAY).await.expect("it answers").is_none(), "one leads");
    assert!(store.lead("another").await.expect("it answers").is_some(), "that is another post");
    store.publish(&first, 1, now()).await.expect("it is told");
    let epoch = first.epoch();
    first.resign().await;
    let mut second = leader(store).await;
    assert!(second.still().await);
    assert_eq!((second.epoch(), second.begun()), (epoch + 1, Some(Position(1))));
}

async fn entries_say_what_happened(store: &Store) {
    insist(store, ANN, &addition(1)).await;
    let leader = leader(store).await;
    tell(store, &leader, 100).await;
    let entries = read(store, 0).await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    let event = entry.envelope().expect("it is understood");
    assert_eq!((event.event_id, event.seq, event.user_id), (entry.event_id, Seq(1), ANN));
    let json: serde_json::Value = serde_json::from_str(&entry.json()).expect("JSON");
    assert_eq!(json, serde_json::to_value(&event).expect("JSON"), "both are the wire's envelope");

    let strange = Entry { event_type: "task.painted".to_owned(), ..entry.clone() };
    assert!(matches!(strange.envelope(), Err(Unreadable::Unknown(_))));
    let newer = Entry { schema_version: 2, ..entry.clone() };
    assert!(matches!(newer.envelope(), Err(Unreadable::Version(2))));
    let blank = Entry { data: None, ..entry.clone() };
    assert!(matches!(blank.envelope(), Err(Unreadable::Blank)));
    let user = Entry { aggregate_type: "user".to_owned(), ..entry.clone() };
    assert!(matches!(user.envelope(), Err(Unreadable::NotOfATask(_))));
}

async fn an_account_that_goes_leaves_its_last_word(store: &Store) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    insist(store, BOB, &addition(1)).await;
    let leader = leader(store).await;
    tell(store, &leader, 100).await;
    insist(store, ANN, &addition(4)).await;
    let actor = Actor { kind: ActorKind::User, id: ANN.0 };
    let farewell = Farewell { owner: ANN, actor, correlation: ANN.0, proven: None };
    let mut wakes = store.wakes();
    assert!(store.delete_user(&farewell, now()).await.expect("it is deleted"));
    timeout(Duration::from_mins(1), wakes.writes()).await.expect("the relay is woken");
    tell(store, &leader, 100).await;
    let entries = read(store, 0).await;
    let told: Vec<_> = entries.iter().map(|entry| (entry.owner, &*entry.event_type)).collect();
    assert_eq!(told, [(BOB, "task.created"), (ANN, "user.deleted")]);
    assert_eq!(seqs(&entries, ANN), [5]);
}

async fn who_waits_is_woken(store: &Store) {
    let mut wakes = store.wakes();
    let leader = leader(store).await;
    insist(store, ANN, &addition(1)).await;
    // It rang before this was waited for.
    timeout(Duration::from_mins(1), wakes.writes()).await.expect("something was written");
    assert!(timeout(Duration::ZERO, wakes.log()).await.is_err(), "nothing was told");
    tell(store, &leader, 10).await;
    timeout(Duration::from_mins(1), wakes.log()).await.expect("something was told");
    assert!(timeout(Duration::ZERO, wakes.log()).await.is_err(), "that was all");
}

on_both! {
    places_have_no_gap_and_follow_each_owners_order
    nobody_waits_behind_all_of_an_import
    who_leads_next_ends_whoever_led_before
    entries_say_what_happened
    an_account_that_goes_leaves_its_last_word
    who_waits_is_woken
    readers_miss_nothing
}

#[test]
fn what_happens_is_marked_with_where_it_comes_from() {
    support::run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let url = todo_store::DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let origin: fn() -> Origin = || Origin {
            trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            address: Some("192.0.2.7".to_owned()),
        };
        let options = Options { origin: Some(origin), ..support::options() };
        let store = Store::open(&url, &options).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        support::add_owner(&store, ANN).await;
        insist(&store, ANN, &addition(1)).await;
        // What happens to accounts as well, to their end.
        let owner = Owner(uuid::Uuid::from_u128(7));
        let email = Email::new("bob@example.org").expect("an address");
        let password = PasswordHash::new("$argon2id$".to_owned());
        let user = NewUser { owner, email, password, profile: Profile::default() };
        store.create_user(&user, &support::by(now())).await.expect("a user");
        let leader = leader(&store).await;
        tell(&store, &leader, 10).await;
        let marks = async || {
            let told = read(&store, 0).await.into_iter();
            told.map(|entry| (entry.event_type, entry.trace, entry.address)).collect::<Vec<_>>()
        };
        // Of accounts the data says who asked from where.
        let marked = |name: &str| (name.to_owned(), origin().trace, None);
        let created = ("task.created".to_owned(), origin().trace, origin().address);
        assert_eq!(marks().await, [marked("user.registered"), created.clone()]);
        let actor = Actor { kind: ActorKind::User, id: owner.0 };
        let farewell = Farewell { owner, actor, correlation: owner.0, proven: None };
        assert!(store.delete_user(&farewell, now()).await.expect("answered"));
        tell(&store, &leader, 10).await;
        assert_eq!(marks().await, [created, marked("user.deleted")]);
    });
}

/// Anchors of events, 3.2: numbers are handed out before commits, so who pages by them passes over
/// whoever commits late.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_a_late_committer_is_not_passed_over() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let mut late = PgConnection::connect(&database.text()).await.expect("it connects");
        let mut late = late.begin().await.expect("it begins");
        let written = "WITH o AS (UPDATE owners SET next_seq = 2 WHERE owner = $1 RETURNING owner), \
             e AS (INSERT INTO events (owner, seq, event_type, schema_version, actor_kind, actor_id, \
             aggregate_type, aggregate_id, aggregate_version, at, correlation_id, data) \
             SELECT owner, 1, 'task.created', 1, 'user', owner, 'task', owner, 1, 0, owner, '{}' \
             FROM o) INSERT INTO outbox (owner, seq, created_at) SELECT owner, 1, 0 FROM o";
        sqlx::query(written).bind(ANN.0).execute(&mut *late).await.expect("it is written");
        for k in 1..=3 {
            insist(&store, BOB, &addition(k)).await;
        }
        let leader = leader(&store).await;
        tell(&store, &leader, 2).await;
        let seen = read(&store, 0).await;
        assert_eq!((seqs(&seen, BOB), seqs(&seen, ANN)), (vec![1, 2, 3], vec![]));
        late.commit().await.expect("it commits at last");
        tell(&store, &leader, 2).await;
        let later = read(&store, 3).await;
        assert_eq!((places(&later), seqs(&later, ANN)), (vec![4], vec![1]));
    });
}

/// Anchors of events, 3.5: nothing guarantees that a lock ends before its holder knows.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_a_leader_who_was_given_up_writes_nothing() {
    support::run(async {
        let (one, database) = support::postgres().await;
        let other = support::open(&database.url()).await;
        insist(&one, ANN, &addition(1)).await;
        let mut first = leader(&one).await;
        assert!(other.lead(RELAY).await.expect("it answers").is_none());
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_locks l \
             JOIN pg_database d ON d.oid = l.database \
             WHERE l.locktype = 'advisory' AND d.datname = current_database()";
        sqlx::query(end).execute(&mut conn).await.expect("it is ended");
        let second = leader(&other).await;
        let refused = one.publish(&first, 10, now()).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        assert!(!first.still().await);
        let told = other.publish(&second, 10, now()).await.expect("it is told");
        assert_eq!((told.count, places(&read(&one, 0).await)), (1, vec![1]));
    });
}

/// A lock is asked for each second by whoever stands by: on one connection, until that breaks.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_who_stands_by_keeps_his_connection() {
    support::run(async {
        let (one, database) = support::postgres().await;
        let other = support::open(&database.url()).await;
        let first = leader(&one).await;
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
             AND query LIKE 'SELECT pg_try_advisory_lock%'";
        let mut pids = Vec::new();
        for _ in 0..3 {
            assert!(other.lead(RELAY).await.expect("it answers").is_none(), "one leads");
            let asking: Vec<i32> =
                sqlx::query_scalar(asked).fetch_all(&mut conn).await.expect("it answers");
            pids.extend(asking);
        }
        assert_eq!(pids, [pids[0]; 3]);
        let end = "SELECT pg_terminate_backend($1, 60000)";
        sqlx::query(end).bind(pids[0]).execute(&mut conn).await.expect("it is ended");
        assert!(other.lead(RELAY).await.expect("it asks on a new one").is_none(), "one leads");
        first.resign().await;
        assert!(other.lead(RELAY).await.expect("it answers").is_some(), "at once");
    });
}

/// However much was told, the relay looks among what was not, and who deletes an account finds what was
/// told of it.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_what_was_told_is_not_gone_through() {
    support::run(async {
        let (_store, database) = support::postgres().await;
        let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
        let many = "INSERT INTO outbox (owner, seq, created_at, position, published_at) \
             SELECT md5((k % 500)::text)::uuid, k, 0, k, 0 FROM generate_series(1, 50000) k; \
             INSERT INTO outbox (owner, seq, created_at) \
             SELECT md5((k % 500)::text)::uuid, k, 0 FROM generate_series(50001, 50020) k; \
             ANALYZE outbox";
        sqlx::raw_sql(many).execute(&mut conn).await.expect("it is written");
        let look = "EXPLAIN SELECT owner, seq FROM outbox WHERE position IS NULL \
             AND owner > $1 ORDER BY owner, seq LIMIT 1000";
        let forget = "EXPLAIN DELETE FROM outbox WHERE owner = $1";
        for (sql, index) in [(look, "outbox_unpublished"), (forget, "outbox_pkey")] {
            let plan: Vec<String> =
                sqlx::query_scalar(sql).bind(ANN.0).fetch_all(&mut conn).await.expect("a plan");
            assert!(plan.iter().any(|line| line.contains(index)), "{plan:#?}");
        }
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_processes_wake_each_other() {
    support::run(async {
        let (one, database) = support::postgres().await;
        let other = support::open(&database.url()).await;
        let keep = |store: Store| tokio::spawn(async move { store.keep_told().await });
        let kept = [keep(one.clone()), keep(other.clone())];
        let mut wakes = other.wakes();
        let deadline = Duration::from_mins(1);
        // What listens rings once when it begins to, whatever was said before.
        timeout(deadline, wakes.writes()).await.expect("it listens");
        timeout(deadline, wakes.log()).await.expect("it listens");
        insist(&one, ANN, &addition(1)).await;
        timeout(deadline, wakes.writes()).await.expect("the other hears of it");
        let leader = leader(&one).await;
        tell(&one, &leader, 10).await;
        timeout(deadline, wakes.log()).await.expect("the other hears of it");
        kept.iter().for_each(tokio::task::JoinHandle::abort);
    });
}

/// Places are given while others write, and each reader sees every event once and in order.
async fn readers_miss_nothing(store: &Store) {
    const EACH: u32 = 25;
    let writers: Vec<_> = OWNERS
        .into_iter()
        .map(|owner| {
            let store = store.clone();
            tokio::spawn(async move {
                for k in 1..=EACH {
                    insist(&store, owner, &addition(k)).await;
                }
            })
        })
        .collect();
    let relay = tokio::spawn({
        let store = store.clone();
        async move {
            let leader = leader(&store).await;
            let mut told = 0;
            while told < 2 * EACH as usize {
                told += store.publish(&leader, 3, now()).await.expect("it is told").count;
            }
        }
    });
    let mut seen: BTreeMap<Owner, Vec<u64>> = BTreeMap::new();
    let mut at = 0;
    while at < u64::from(2 * EACH) {
        for entry in read(store, at).await {
            let place = entry.position.expect("a place").0;
            assert_eq!(place, at + 1, "no place comes late");
            at = place;
            seen.entry(entry.owner).or_default().push(entry.seq.0);
        }
    }
    for writer in writers {
        writer.await.expect("it writes");
    }
    relay.await.expect("it tells");
    for owner in OWNERS {
        assert_eq!(seen[&owner], (1..=u64::from(EACH)).collect::<Vec<_>>());
    }
}
