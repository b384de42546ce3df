//! What consumers make of events, written once (SPEC 9): their marks, their place, and what they could
//! not handle.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use todo_core::conformance::OWNERS;
use todo_core::event::{Actor, ActorKind, Seq};
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::Store;
use todo_store::accounts::Farewell;
use todo_store::effects::Deed;
use todo_store::log::{
    Entry, Handled, Leadership, Letter, Outcome, Position, RELAY, Settled, Work,
};
use uuid::Uuid;

use crate::support::{self, on_both};
use crate::writers::{addition, insist};

const ANN: Owner = OWNERS[0];
const BOB: Owner = OWNERS[1];
const CONSUMER: &str = "audit";
const FIRST: (Owner, Seq) = (Owner(Uuid::nil()), Seq(0));

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000)
}

/// Tells all that was written; answers it.
async fn told(store: &Store) -> Vec<Entry> {
    let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    while store.publish(&relay, 100, now()).await.expect("it is told").count > 0 {}
    relay.resign().await;
    store.read_log(Position(0), 100).await.expect("it reads")
}

async fn leader(store: &Store) -> Leadership {
    store.lead(CONSUMER).await.expect("it answers").expect("nobody else leads")
}

const DAY: &str = "2026-11-21";

/// Something follows: it is counted.
fn done(entry: &Entry) -> Handled<'_> {
    let mut work = Work::default();
    work.count(DAY.to_owned(), Deed::Created);
    Handled { entry, outcome: Outcome::Done(work) }
}

/// Nothing does.
fn idle(entry: &Entry) -> Handled<'_> {
    Handled { entry, outcome: Outcome::Done(Work::default()) }
}

/// How often something of an owner was counted.
async fn counted(store: &Store, owner: Owner) -> u64 {
    let days = store.activity(owner, DAY, "2026-11-22").await.expect("it reads");
    days.iter().map(|day| day.created).sum()
}

fn parked(entry: &Entry) -> Handled<'_> {
    let outcome = Outcome::Parked { reason: "it is broken".to_owned(), attempts: 5 };
    Handled { entry, outcome }
}

async fn settle(
    store: &Store,
    leader: &Leadership,
    handled: &[Handled<'_>],
) -> Result<Settled, StoreError> {
    let up_to = handled.last().and_then(|one| one.entry.position).unwrap_or_default();
    store.settle(leader, handled, up_to, now()).await
}

async fn letters(store: &Store) -> Vec<Letter> {
    store.letters(CONSUMER, FIRST, 100).await.expect("it reads")
}

fn reasons(letters: &[Letter]) -> Vec<(u64, &str, u32)> {
    letters.iter().map(|l| (l.entry.seq.0, l.reason.as_str(), l.attempts)).collect()
}

async fn what_comes_again_is_passed_over(store: &Store) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    let entries = told(store).await;
    let first = leader(store).await;
    assert_eq!(first.begun(), None, "nobody was there before");
    let handled: Vec<_> = entries[..2].iter().map(done).collect();
    let settled = settle(store, &first, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 2, ..Settled::default() });
    first.resign().await;
    let second = leader(store).await;
    assert_eq!(second.begun(), Some(Position(2)), "it goes on there");
    let handled: Vec<_> = entries.iter().map(done).collect();
    let settled = settle(store, &second, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 1, repeated: 2, ..Settled::default() });
}

async fn what_follows_a_parked_event_waits_and_is_played_in_order(store: &Store) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    insist(store, BOB, &addition(1)).await;
    let entries = told(store).await;
    let of = |owner: Owner| -> Vec<_> { entries.iter().filter(|e| e.owner == owner).collect() };
    let (ann, bob) = (of(ANN), of(BOB));
    let leader = leader(store).await;
    let handled = [parked(ann[0]), done(ann[1]), done(bob[0])];
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(
        settled,
        Settled { done: 1, parked: 2, ..Settled::default() },
        "another owner goes on"
    );
    settle(store, &leader, &[done(ann[2])]).await.expect("it is written");
    let waiting = letters(store).await;
    let behind = "waits behind seq 1";
    assert_eq!(reasons(&waiting), [(1, "it is broken", 5), (2, behind, 0), (3, behind, 0)]);
    assert_eq!(store.parked().await.expect("it counts"), [(CONSUMER.to_owned(), 3)]);
    let rest = store.letters(CONSUMER, (ANN, Seq(2)), 100).await.expect("it reads");
    assert_eq!(reasons(&rest), [(3, behind, 0)]);

    // It is still broken: it stays, and so does what waits behind it.
    store.replayed(CONSUMER, &parked(&waiting[0].entry), now()).await.expect("it is written");
    assert_eq!(letters(store).await[0].attempts, 10);
    for letter in &waiting {
        store.replayed(CONSUMER, &done(&letter.entry), now()).await.expect("it is written");
    }
    assert!(letters(store).await.is_empty());
    let again = store.replayed(CONSUMER, &done(&waiting[0].entry), now()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "somebody was faster: {again:?}");
    let settled = settle(store, &leader, &[done(ann[0])]).await.expect("it is written");
    assert_eq!(settled.repeated, 1, "what was played has its mark");
    assert_eq!((counted(store, ANN).await, counted(store, BOB).await), (3, 1));
}

/// Of what nothing follows from there is no mark: it may come again, and be something by then. Behind an
/// event that is parked it is, for it is played when that is.
async fn what_nothing_follows_from_is_marked_only_behind_what_is_parked(store: &Store) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    let entries = told(store).await;
    let leader = leader(store).await;
    let all = Settled { done: 1, ..Settled::default() };
    for handled in [idle(&entries[0]), idle(&entries[0]), done(&entries[0])] {
        let settled = settle(store, &leader, &[handled]).await.expect("it is written");
        assert_eq!(settled, all);
    }
    let settled = settle(store, &leader, &[idle(&entries[0])]).await.expect("it is written");
    assert_eq!(settled, all, "nothing follows from it this time");
    let settled = settle(store, &leader, &[done(&entries[0])]).await.expect("it is written");
    assert_eq!(settled, Settled { repeated: 1, ..Settled::default() });
    assert_eq!(counted(store, ANN).await, 1);

    let handled = [parked(&entries[1]), idle(&entries[2])];
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { parked: 2, ..Settled::default() });
    for letter in letters(store).await {
        store.replayed(CONSUMER, &done(&letter.entry), now()).await.expect("it is written");
    }
    let handled = [done(&entries[1]), done(&entries[2])];
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { repeated: 2, ..Settled::default() });
    assert_eq!(counted(store, ANN).await, 3);
}

/// What is told again and came before a parked event was done with then: it does not wait behind it.
async fn what_came_before_a_parked_event_is_not_parked_when_it_is_told_again(store: &Store) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    let entries = told(store).await;
    let leader = leader(store).await;
    let handled = [idle(&entries[0]), parked(&entries[1]), done(&entries[2])];
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 1, parked: 2, ..Settled::default() });
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 1, repeated: 2, ..Settled::default() });
    assert_eq!(letters(store).await.len(), 2);
}

async fn nothing_comes_after_the_end_of_an_account(store: &Store) {
    insist(store, ANN, &addition(1)).await;
    insist(store, ANN, &addition(2)).await;
    insist(store, BOB, &addition(1)).await;
    let before = told(store).await;
    let ann: Vec<_> = before.iter().filter(|entry| entry.owner == ANN).collect();
    let actor = Actor { kind: ActorKind::User, id: ANN.0 };
    let farewell = Farewell { owner: ANN, actor, correlation: ANN.0, proven: None };
    assert!(store.delete_user(&farewell, now()).await.expect("it is deleted"));
    // A consumer that was some events behind writes of it after all.
    let leader = leader(store).await;
    settle(store, &leader, &[parked(ann[0])]).await.expect("it is written");
    assert_eq!(store.parked().await.expect("it counts"), [(CONSUMER.to_owned(), 1)]);
    let after = told(store).await;
    let last = after.iter().find(|entry| entry.event_type == "user.deleted").expect("it is told");
    let handled = [done(ann[1]), idle(last)];
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 1, ..Settled::default() });
    assert!(store.parked().await.expect("it counts").is_empty(), "it went with the last word");
}

async fn history_is_told_again_in_each_owners_order(store: &Store) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
        insist(store, BOB, &addition(k)).await;
    }
    let first = told(store).await;
    assert!(first.iter().all(|entry| !entry.again));
    let leader = leader(store).await;
    let handled: Vec<_> = first[..2].iter().map(done).collect();
    settle(store, &leader, &handled).await.expect("it is written");
    // What was told long ago goes, but for what a consumer has not come to.
    let far = Timestamp::from_millis(i64::MAX / 2);
    assert_eq!(store.prune_log(now()).await.expect("it answers"), 0, "it was told just now");
    assert_eq!(store.prune_log(far).await.expect("it answers"), 2);
    assert_eq!(store.prune_log(far).await.expect("it answers"), 0);
    insist(store, ANN, &addition(4)).await;

    let happened = first[0].timestamp;
    let later = Timestamp::from_millis(happened.millis() + 1);
    assert_eq!(store.tell_again(later, now()).await.expect("it answers"), 0);
    // One of them was not told yet, and is told in its turn.
    assert_eq!(store.tell_again(happened, now()).await.expect("it answers"), 6);
    let again = told(store).await;
    let seqs = |owner: Owner| -> Vec<_> {
        again.iter().filter(|e| e.owner == owner).map(|entry| entry.seq.0).collect()
    };
    assert_eq!((seqs(ANN), seqs(BOB)), (vec![1, 2, 3, 4], vec![1, 2, 3]));
    assert!(again.iter().all(|entry| entry.position > Some(Position(6))));
    // Who has not come to it is told it for the first time.
    let told_before = |entry: &&Entry| entry.again;
    let before: Vec<_> = again.iter().filter(told_before).map(|entry| entry.event_id).collect();
    assert_eq!(before.len(), 2);
    assert!(first[..2].iter().all(|entry| before.contains(&entry.event_id)));
    let handled: Vec<_> = again.iter().map(done).collect();
    let settled = settle(store, &leader, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 5, repeated: 2, ..Settled::default() });
}

/// SPEC 9: nobody misses what an operator has told again before he came to it.
async fn what_a_slow_consumer_has_not_come_to_is_told_as_if_for_the_first_time(store: &Store) {
    for k in 1..=4 {
        insist(store, ANN, &addition(k)).await;
    }
    let first = told(store).await;
    let quick = leader(store).await;
    let handled: Vec<_> = first.iter().map(done).collect();
    settle(store, &quick, &handled).await.expect("it is written");
    let slow = store.lead("notifications").await.expect("it answers").expect("nobody leads it");
    settle(store, &slow, &handled[..1]).await.expect("it is written");
    let happened = first[0].timestamp;
    assert_eq!(store.tell_again(happened, now()).await.expect("it answers"), 4);
    let told_before = |entries: &[Entry]| -> Vec<_> {
        entries.iter().map(|entry| (entry.seq.0, entry.again)).collect()
    };
    let again = told(store).await;
    assert_eq!(told_before(&again), [(1, true), (2, false), (3, false), (4, false)]);
    let handled: Vec<_> = again.iter().map(done).collect();
    let settled = settle(store, &quick, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { repeated: 4, ..Settled::default() }, "nobody handles it twice");
    let settled = settle(store, &slow, &handled).await.expect("it is written");
    assert_eq!(settled, Settled { done: 3, repeated: 1, ..Settled::default() });
    // Once all have come past it, it was told before.
    assert_eq!(store.tell_again(happened, now()).await.expect("it answers"), 4);
    assert!(told(store).await.iter().all(|entry| entry.again));
}

/// SPEC 9: an owner's events keep their order, whatever a relay had chosen when history came back.
async fn a_relay_that_leads_while_history_is_told_again_begins_anew(store: &Store) {
    insist(store, ANN, &addition(1)).await;
    let happened = told(store).await[0].timestamp;
    let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    insist(store, ANN, &addition(2)).await;
    assert_eq!(store.tell_again(happened, now()).await.expect("it answers"), 1);
    let refused = store.publish(&relay, 10, now()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    relay.resign().await;
    let again = told(store).await;
    assert_eq!(again.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), [1, 2]);
}

/// What he has written when he was given up, and what another has since.
async fn nothing_of_whom_was_given_up_is_written(
    store: &Store,
    given_up: impl AsyncFnOnce(&[Entry]),
) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    let entries = told(store).await;
    let first = leader(store).await;
    settle(store, &first, &[done(&entries[0])]).await.expect("it is written");
    given_up(&entries).await;
    // Up to where he was, and beyond it.
    for handled in [vec![done(&entries[0])], entries.iter().map(done).collect()] {
        let refused = settle(store, &first, &handled).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    first.resign().await;
    assert_eq!(counted(store, ANN).await, 2);
}

/// SPEC 9: on a file there is one process, so somebody else is only in the database.
#[test]
fn a_consumer_who_was_given_up_writes_nothing() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        nothing_of_whom_was_given_up_is_written(&store, async |entries| {
            let another = "UPDATE leaders SET epoch = epoch + 1, position = 2 WHERE name = 'audit'; \
                 UPDATE activity SET created = 2";
            let options = SqliteConnectOptions::new().filename(folder.path().join("todo.db"));
            let mut conn = options.connect().await.expect("it connects");
            sqlx::raw_sql(another).execute(&mut conn).await.expect("it is written");
            assert_eq!(entries[1].position, Some(Position(2)));
        })
        .await;
        assert_eq!(leader(&store).await.begun(), Some(Position(2)), "it does not go back");
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_a_consumer_who_was_given_up_writes_nothing() {
    support::run(async {
        let (one, database) = support::postgres().await;
        let other = support::open(&database.url()).await;
        nothing_of_whom_was_given_up_is_written(&one, async |entries| {
            let end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_locks l \
                 JOIN pg_database d ON d.oid = l.database \
                 WHERE l.locktype = 'advisory' AND d.datname = current_database()";
            let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
            sqlx::query(end).execute(&mut conn).await.expect("it is ended");
            let second = leader(&other).await;
            settle(&other, &second, &[done(&entries[1])]).await.expect("it is written");
            second.resign().await;
        })
        .await;
        assert_eq!(leader(&other).await.begun(), Some(Position(2)), "it does not go back");
    });
}

on_both! {
    what_a_slow_consumer_has_not_come_to_is_told_as_if_for_the_first_time
    a_relay_that_leads_while_history_is_told_again_begins_anew
    history_is_told_again_in_each_owners_order
    what_comes_again_is_passed_over
    what_follows_a_parked_event_waits_and_is_played_in_order
    what_came_before_a_parked_event_is_not_parked_when_it_is_told_again
    what_nothing_follows_from_is_marked_only_behind_what_is_parked
    nothing_comes_after_the_end_of_an_account
}
