//! A consumer that begins with what happens now (SPEC 9): months that nobody was told of are none of its
//! business, and nothing that comes afterwards is lost.

use todo_core::conformance::OWNERS;
use todo_core::conformance::given::ctx;
use todo_core::service::Server;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::Store;
use todo_store::effects::Deed;
use todo_store::log::{Entry, Handled, Leadership, Outcome, Position, RELAY, Settled, Work};

use crate::support::on_both;
use crate::writers::addition;

const ANN: Owner = OWNERS[0];
const BOB: Owner = OWNERS[1];

/// Seconds after the moment from which on it is to be told.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000 + seconds * 1_000)
}

async fn happens(store: &Store, owner: Owner, k: u32, seconds: i64) {
    let done = Server::scheduled(store).execute(&addition(k), &ctx(owner, at(seconds))).await;
    done.expect("it is written");
}

async fn tell(store: &Store, seconds: i64) {
    let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    while store.publish(&relay, 100, at(seconds)).await.expect("it is told").count > 0 {}
    relay.resign().await;
}

async fn leader(store: &Store) -> Leadership {
    store.lead("notifications").await.expect("it answers").expect("nobody else leads")
}

fn done(entry: &Entry) -> Handled<'_> {
    let mut work = Work::default();
    work.count("2026-11-21".to_owned(), Deed::Created);
    Handled { entry, outcome: Outcome::Done(work) }
}

/// What of the log has an effect, from a place on.
async fn handled(store: &Store, leader: &Leadership, after: Position) -> Vec<(Owner, u64)> {
    let mut effective = Vec::new();
    for entry in store.read_log(after, 100).await.expect("it reads") {
        let up_to = entry.position.expect("a place");
        let settled = store.settle(leader, &[done(&entry)], up_to, at(0)).await;
        let settled = settled.expect("it is written");
        if settled == (Settled { done: 1, ..Settled::default() }) {
            effective.push((entry.owner, entry.seq.0));
        }
    }
    effective.sort_unstable();
    effective
}

/// Whether it was told by then or not, and whatever is told between.
async fn what_is_older_and_was_never_told_is_passed_over(store: &Store) {
    happens(store, ANN, 1, -90 * 86_400).await;
    happens(store, BOB, 1, -3_600).await;
    // A relay that was faster than the consumer.
    tell(store, 1).await;
    happens(store, ANN, 2, -1).await;
    happens(store, BOB, 2, 0).await;
    let consumer = leader(store).await;
    assert_eq!(consumer.begun(), None);
    let begun = async || store.begun_at("notifications").await.expect("it reads");
    assert_eq!(begun().await, None);
    let place = store.begin_since(&consumer, at(0), at(2)).await.expect("it begins");
    assert_eq!(place, Position(0));
    // Late by its clock, and written afterwards all the same.
    happens(store, ANN, 3, -5).await;
    happens(store, BOB, 3, 5).await;
    tell(store, 6).await;
    assert_eq!(handled(store, &consumer, place).await, [(ANN, 3), (BOB, 2), (BOB, 3)]);
    consumer.resign().await;
    assert_eq!(leader(store).await.begun(), Some(Position(6)), "it begins once");
    assert_eq!(begun().await, Some(at(0)));
}

/// What was told before is not gone through.
async fn it_begins_behind_what_was_told_before(store: &Store) {
    for k in 1..=3 {
        happens(store, ANN, k, -7_200).await;
    }
    tell(store, -7_200).await;
    happens(store, ANN, 4, 1).await;
    tell(store, 1).await;
    let consumer = leader(store).await;
    let place = store.begin_since(&consumer, at(0), at(2)).await.expect("it begins");
    assert_eq!(place, Position(3));
    assert_eq!(handled(store, &consumer, place).await, [(ANN, 4)]);
    // Where the log is empty by now, behind its end.
    let far = Timestamp::from_millis(i64::MAX / 2);
    assert_eq!(store.prune_log(far).await.expect("it answers"), 4);
    let other = store.lead("webhooks").await.expect("it answers").expect("nobody else leads");
    let place = store.begin_since(&other, at(0), at(2)).await.expect("it begins");
    assert_eq!(place, Position(4));
}

async fn who_was_given_up_begins_nothing(store: &Store) {
    happens(store, ANN, 1, 0).await;
    tell(store, 0).await;
    let consumer = leader(store).await;
    let place = store.begin_since(&consumer, at(0), at(2)).await.expect("it begins");
    assert_eq!(place, Position(0));
    // The relay's epoch is raised by whoever has history told again.
    let relay = store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    store.tell_again(at(0), at(1)).await.expect("it is told again");
    let refused = store.begin_since(&relay, at(0), at(2)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

on_both! {
    what_is_older_and_was_never_told_is_passed_over
    it_begins_behind_what_was_told_before
    who_was_given_up_begins_nothing
}
