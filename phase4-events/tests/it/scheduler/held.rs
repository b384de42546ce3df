//! R10: an owner whose row somebody holds is late alone. On PostgreSQL: a file has one writer for all.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection};
use todo_core::conformance::given::{MINUTE, ZONE, due};
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::{Bulk, Command, Item, NewTask, Owner, TaskId, Timestamp};
use todo_events::scheduler::Scheduler;
use todo_store::WAKING_MAX;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::given::{Place, firings};
use super::reminders::reminding;
use super::running::{fired, remind, scheduler_of};

const DUE: &str = "2026-11-22T18:00+05:00[Asia/Karachi]";
/// Nobody waits so long: then it is not going to happen.
const DEADLINE: Duration = Duration::from_mins(2);
/// After so long the tasks of an owner are given up for a while.
const GIVEN_UP: Duration = Duration::from_secs(10);

/// Rounds until an owner has been reminded so many times of the first task. Answers whether somebody was
/// still worked on then, or held.
async fn rounds(place: &Place, scheduler: &mut Scheduler, owner: Owner, times: usize) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < DEADLINE {
        // A server that is busy may be taken for one that is gone: then it is tried again.
        let Ok(round) = scheduler.round().await else { continue };
        if firings(&place.store, owner, uid(1)).await.len() >= times {
            return round.busy > 0 || round.held > 0;
        }
    }
    panic!("owner {owner:?} is not reminded {times} times");
}

async fn r10_others_are_reminded_meanwhile_and_the_held_one_once(place: &Place) {
    for owner in OWNERS {
        let minutes: Vec<_> = (0..6).map(|minute| 60 * minute).collect();
        Stage::of(&place.store, owner).create(reminding(1, DUE, &minutes)).await;
    }
    let at = due(DUE).starts(ZONE);
    let instants: Vec<Timestamp> =
        (0..6).rev().map(|minute| at.plus_millis(-minute * MINUTE)).collect();
    let held = place.hold(OWNERS[0]).await;
    let mut scheduler = place.scheduler();
    let mut beside = false;
    for (nth, now) in instants.iter().enumerate() {
        place.set(*now);
        for other in &OWNERS[1..] {
            beside |= rounds(place, &mut scheduler, *other, nth + 1).await;
        }
    }
    // On a slow machine some try of it may have been given up, not each.
    assert!(beside, "others were reminded while the held one was waited for");
    assert!(firings(&place.store, OWNERS[0], uid(1)).await.is_empty(), "it is still held");

    held.close().await.expect("it was there");
    // What was put off in the meantime comes soon.
    place.set(at.plus_millis(MINUTE));
    rounds(place, &mut scheduler, OWNERS[0], instants.len()).await;
    scheduler.finish().await.expect("no outage");
    for owner in OWNERS {
        let fired = firings(&place.store, owner, uid(1)).await;
        assert_eq!(fired.iter().map(|firing| firing.at).collect::<Vec<_>>(), instants);
        assert!(fired.iter().all(|firing| firing.settled_at >= firing.at), "{fired:?}");
    }
}

/// Who waited for the lock as long as anybody does is put off, others are reminded, and once it is free the
/// next try comes soon.
async fn r10_who_waits_in_vain_is_tried_again(place: &Place) {
    for owner in OWNERS {
        Stage::of(&place.store, owner).create(reminding(1, DUE, &[0, 60])).await;
    }
    let at = due(DUE).starts(ZONE);
    let before = at.plus_millis(-MINUTE);
    place.set(before);
    let held = place.hold(OWNERS[0]).await;
    let mut scheduler = place.hasty().await;
    while rounds(place, &mut scheduler, OWNERS[1], 1).await {}
    assert!(firings(&place.store, OWNERS[0], uid(1)).await.is_empty(), "it was given up");
    place.set(at);
    rounds(place, &mut scheduler, OWNERS[1], 2).await;
    held.close().await.expect("it was there");
    place.set(at.plus_millis(MINUTE));
    rounds(place, &mut scheduler, OWNERS[0], 2).await;
    for owner in OWNERS {
        let fired = firings(&place.store, owner, uid(1)).await;
        assert_eq!(fired.iter().map(|firing| firing.at).collect::<Vec<_>>(), [before, at]);
    }
}

/// SPEC 9, 11: however many are held, nobody waits until one of them is given up; and each of them is reminded
/// once it is free.
async fn r10_more_are_held_than_are_worked_on_at_a_time(place: &Place) {
    let free = Owner(Uuid::max());
    let held: Vec<_> = (1..=12).map(|k| Owner(Uuid::from_u128(k))).collect();
    let others: Vec<_> = (101..=140).map(|k| Owner(Uuid::from_u128(k))).collect();
    for owner in held.iter().chain(&others).chain([&free]) {
        place.store.add_owner(*owner, ZONE).await.expect("a new owner");
        Stage::of(&place.store, *owner).create(reminding(1, DUE, &[0])).await;
    }
    let mut holds = Vec::new();
    for owner in &held {
        holds.push(place.hold(*owner).await);
    }
    place.set(due(DUE).starts(ZONE));
    let mut scheduler = place.scheduler();
    let begun = Instant::now();
    rounds(place, &mut scheduler, free, 1).await;
    assert!(begun.elapsed() < GIVEN_UP, "it has waited for who is held");
    for owner in &others {
        rounds(place, &mut scheduler, *owner, 1).await;
    }
    for owner in &held {
        assert!(firings(&place.store, *owner, uid(1)).await.is_empty(), "it is still held");
    }
    for ((owner, hold), minutes) in held.iter().zip(holds).zip(1..) {
        hold.close().await.expect("it was there");
        // What was given up in the meantime comes soon.
        place.set(due(DUE).starts(ZONE).plus_millis(minutes * MINUTE));
        rounds(place, &mut scheduler, *owner, 1).await;
    }
    scheduler.finish().await.expect("no outage");
    for owner in held.iter().chain(&others).chain([&free]) {
        assert_eq!(firings(&place.store, *owner, uid(1)).await.len(), 1);
    }
}

/// Who stands behind more tasks than are looked at together, all of owners who are held, is found without a pause.
async fn r10_who_is_behind_many_of_the_held_is_reached_at_once(place: &Place) {
    let free = Owner(Uuid::from_u128(1));
    let held: Vec<_> = (2..=3).map(|k| Owner(Uuid::from_u128(k))).collect();
    for owner in held.iter().chain([&free]) {
        place.store.add_owner(*owner, ZONE).await.expect("a new owner");
    }
    // Whoever has waited the least is looked at first.
    Stage::of(&place.store, free).create(reminding(1, DUE, &[60])).await;
    for owner in &held {
        let task = |k| NewTask { uid: TaskId(Uuid::from_u128(k)), ..reminding(1, DUE, &[0]) };
        let items = (1..=WAKING_MAX as u128).map(|k| Item::Create(Box::new(task(k)))).collect();
        Stage::of(&place.store, *owner).done(&Command::Bulk(Bulk { items, atomic: true })).await;
    }
    let mut holds = Vec::new();
    for owner in &held {
        holds.push(place.hold(*owner).await);
    }
    place.set(due(DUE).starts(ZONE));
    let mut scheduler = place.scheduler();
    scheduler.round().await.expect("no outage");
    scheduler.finish().await.expect("no outage");
    // Where one is held, the other is seen to be, and nothing else is done.
    while firings(&place.store, free, uid(1)).await.is_empty() {
        let round = scheduler.round().await.expect("no outage");
        assert!(round.rest.is_zero(), "it rests before it has looked behind them: {round:?}");
    }
}

/// Where many write for one owner all the time, its row is held whenever it is asked whether it is free, and never
/// so briefly that it could be waited for in passing.
async fn r10_who_is_never_seen_free_has_a_turn(place: &Place) {
    let [first, second, ..] = OWNERS;
    for owner in [first, second] {
        Stage::of(&place.store, owner).create(reminding(1, DUE, &[0])).await;
    }
    let mut writers = JoinSet::new();
    // While one holds it the others stand in line.
    for _ in 0..3 {
        let mut conn = place.begin().await;
        let again = format!(
            "BEGIN; SELECT FROM owners WHERE owner = '{}' FOR UPDATE; SELECT pg_sleep(0.2)",
            first.0
        );
        writers.spawn(async move {
            loop {
                // Who is there again before the next in line has heard of it would have it all the time.
                let pause = "COMMIT; SELECT pg_sleep(0.02)";
                sqlx::raw_sql(pause).execute(&mut conn).await.expect("it obeys");
                let held = sqlx::raw_sql(AssertSqlSafe(again.clone())).execute(&mut conn).await;
                held.expect("it obeys");
            }
        });
    }
    let mut scheduler = place.hasty().await;
    place.set(due(DUE).starts(ZONE));
    rounds(place, &mut scheduler, second, 1).await;
    rounds(place, &mut scheduler, first, 1).await;
    assert!(writers.try_join_next().is_none(), "they write");
}

/// The same by itself, with the clock of this machine.
async fn r10_a_server_goes_on_while_an_owner_is_held(place: &Place) {
    let app = place.living();
    let [first, second, ..] = OWNERS;
    let soon = || app.clock.now().plus_millis(300);
    let early = soon();
    remind(place, first, 1, app.clock.now(), early).await;
    let held = place.hold(first).await;
    let running = scheduler_of(&app);
    for k in 1..=3 {
        let at = soon();
        remind(place, second, k, app.clock.now(), at).await;
        assert!(fired(place, second, k).await.settled_at >= at, "never early");
    }
    assert!(firings(&place.store, first, uid(1)).await.is_empty(), "it is still held");
    held.close().await.expect("it was there");
    assert!(fired(place, first, 1).await.settled_at >= early, "never early");
    running.end().await;
}

mod postgres {
    use crate::scheduler::given::{Place, run};

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn r10_others_are_reminded_meanwhile_and_the_held_one_once() {
        run(async {
            let place = Place::postgres().await;
            super::r10_others_are_reminded_meanwhile_and_the_held_one_once(&place).await;
        });
    }

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn r10_who_waits_in_vain_is_tried_again() {
        run(async {
            super::r10_who_waits_in_vain_is_tried_again(&Place::postgres().await).await;
        });
    }

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn r10_more_are_held_than_are_worked_on_at_a_time() {
        run(async {
            super::r10_more_are_held_than_are_worked_on_at_a_time(&Place::postgres().await).await;
        });
    }

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn r10_who_is_behind_many_of_the_held_is_reached_at_once() {
        run(async {
            let place = Place::postgres().await;
            super::r10_who_is_behind_many_of_the_held_is_reached_at_once(&place).await;
        });
    }

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn r10_who_is_never_seen_free_has_a_turn() {
        run(async {
            super::r10_who_is_never_seen_free_has_a_turn(&Place::postgres().await).await;
        });
    }

    #[test]
    #[ignore = "needs PostgreSQL: tests/run"]
    fn r10_a_server_goes_on_while_an_owner_is_held() {
        run(async {
            super::r10_a_server_goes_on_while_an_owner_is_held(&Place::postgres().await).await;
        });
    }
}
