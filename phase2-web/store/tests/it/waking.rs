//! When tasks are looked at by themselves (R5, R9, R10), whosever they are.

use todo_core::command::{Command, NewTask, Verb};
use todo_core::conformance::given::{DAY, MINUTE, ZONE, due, go, title};
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::recurrence::Spawn;
use todo_core::{NewRecurrence, NewReminder, Patch, Status, TaskPatch, Timestamp, Zone};
use todo_store::accounts::ProfilePatch;
use todo_store::{Rest, Store, WAKING_MAX, Waking};

use crate::schema::register;
use crate::support::{by, on_both};

/// 18:00 on the next day, where the suite's owners are.
const DUE: &str = "2026-11-22T18:00+05:00[Asia/Karachi]";

/// A task that reminds when it is due.
fn due_at(k: u8, text: &str) -> NewTask {
    let reminders = vec![NewReminder::new(todo_core::reminder::Trigger::Offset(
        todo_core::reminder::Offset::ZERO,
    ))];
    let new = NewTask::new(uid(k), title("Dentist"));
    NewTask { due_date: Some(due(text)), reminders: Some(reminders), ..new }
}

async fn waking(store: &Store, now: Timestamp) -> Vec<Waking> {
    store.waking(now, Vec::new()).await.expect("it answers")
}

async fn next(store: &Store, now: Timestamp) -> Option<Timestamp> {
    store.next_waking(now).await.expect("it answers")
}

fn rest(waking: &Waking, until: Option<Timestamp>) -> Rest {
    let Waking { owner, task, version, since, .. } = *waking;
    Rest { owner, task, version, was: since, until }
}

async fn whoever_has_come_is_found(store: &Store) {
    let (ann, bob) = (Stage::new(store), Stage::of(store, OWNERS[1]));
    let at = due(DUE).starts(ZONE);
    ann.create(due_at(1, DUE)).await;
    ann.add(2, "not planned").await;
    bob.create(due_at(1, "2026-11-22T17:59+05:00[Asia/Karachi]")).await;
    let (sooner, before) = (at.plus_millis(-MINUTE), at.plus_millis(-1));
    assert_eq!(waking(store, sooner.plus_millis(-1)).await, []);
    assert_eq!(next(store, ann.ctx.now).await, Some(sooner));
    assert_eq!((waking(store, before).await.len(), next(store, before).await), (1, Some(at)));
    assert_eq!(store.backlog(at).await.expect("it answers"), 2);
    let come = waking(store, at).await;
    let owners: Vec<_> = come.iter().map(|w| (w.owner, w.since, w.scheduled)).collect();
    let expected = [(OWNERS[0], at, false), (OWNERS[1], sooner, false)];
    assert_eq!(owners, expected, "those that have waited the least come first");
    // Whoever is being worked on is passed over, however many of them.
    for (but, left) in [(vec![OWNERS[0]], vec![come[1]]), (OWNERS.to_vec(), vec![])] {
        assert_eq!(store.waking(at, but).await.expect("it answers"), left);
    }

    // Until another instant, or for good.
    let until = at.plus_millis(DAY);
    let rests = vec![rest(&come[0], Some(until)), rest(&come[1], None)];
    assert_eq!(store.rest(rests.clone()).await.expect("they rest"), 2);
    assert_eq!(waking(store, at).await, []);
    assert_eq!(next(store, at).await, Some(until));
    assert_eq!(store.rest(rests).await.expect("answered"), 0, "they are not as they were found");
}

async fn what_changed_meanwhile_is_looked_at_again(store: &Store) {
    let ann = Stage::new(store);
    let at = due(DUE).starts(ZONE);
    ann.create(due_at(1, DUE)).await;
    let found = waking(store, at).await;
    ann.rename(1, "Doctor").await;
    let rested = store.rest(vec![rest(&found[0], None)]).await.expect("answered");
    assert_eq!(rested, 0, "another version");
    assert_eq!(waking(store, at).await.len(), 1);
    // R10: what is closed or gone sends nothing, and what comes back is looked at again.
    for verb in [go(Status::Completed), Verb::Delete] {
        ann.act(1, verb).await;
        assert_eq!((waking(store, at).await, next(store, ann.ctx.now).await), (vec![], None));
        ann.undo(None).await;
        assert_eq!(next(store, ann.ctx.now).await, Some(at));
    }
}

/// S8, R5: below a closed task no series goes on; once that is open again, it does.
async fn what_waited_below_a_closed_task_is_looked_at(store: &Store) {
    let mut ann = Stage::new(store);
    ann.add(1, "garden").await;
    let rule = "FREQ=DAILY".parse().expect("a rule");
    let daily = NewRecurrence { spawn: Spawn::OnSchedule, ..NewRecurrence::new(rule) };
    let below = NewTask { recurrence: Some(daily), parent: Some(uid(1).into()), ..due_at(2, DUE) };
    ann.create(NewTask { reminders: Some(vec![]), ..below }).await;
    ann.act(1, Verb::Move { to: Status::Completed, cascade: true }).await;
    ann.later(3 * DAY);
    let found = waking(store, ann.ctx.now).await;
    assert_eq!(found.iter().map(|w| (w.task, w.scheduled)).collect::<Vec<_>>(), [(uid(2), true)]);
    let spawned = ann.done(&Command::SpawnDue([uid(2)].into())).await;
    assert!(spawned.changed.is_empty(), "what it lies below is closed");
    store.rest(vec![rest(&found[0], None)]).await.expect("it rests");
    assert_eq!(waking(store, ann.ctx.now).await, []);

    for _ in 0..2 {
        ann.act(1, go(Status::Pending)).await;
        let found = waking(store, ann.ctx.now).await;
        assert_eq!(found.iter().map(|w| w.task).collect::<Vec<_>>(), [uid(2)]);
        ann.act(1, go(Status::Completed)).await;
        ann.act(1, go(Status::Pending)).await;
        let rested = store.rest(vec![rest(&found[0], None)]).await.expect("answered");
        assert_eq!(rested, 0, "it was opened once more since it was found");
        let found = waking(store, ann.ctx.now).await;
        assert_eq!(store.rest(vec![rest(&found[0], None)]).await.expect("answered"), 1);
        ann.act(1, go(Status::Completed)).await;
        ann.later(MINUTE);
    }
}

/// R9: with another zone, or another time from which days count, what depends on it is looked at.
async fn a_profile_wakes_what_depends_on_it(store: &Store) {
    let owner = todo_core::Owner(uuid::Uuid::from_u128(0xd0e));
    register(store, owner, "doe@example.org").await;
    let ann = Stage::of(store, owner);
    ann.create(due_at(11, "2026-11-25")).await;
    ann.create(due_at(12, "2026-11-25T10:00Z[UTC]")).await;
    ann.create(due_at(13, "2025-01-01")).await;
    let late = ann.ctx.now.plus_millis(20 * DAY);
    let all: Vec<_> = waking(store, late).await.iter().map(|w| rest(w, None)).collect();
    assert_eq!(store.rest(all).await.expect("they rest"), 3);
    let change = async |patch| {
        store.change_profile(owner, &patch, None, &by(ann.ctx.now)).await.expect("it is changed");
        waking(store, ann.ctx.now).await
    };
    let named = ProfilePatch { name: Patch::Set("Ann".into()), ..ProfilePatch::default() };
    assert_eq!(change(named).await, []);
    let time = chrono::NaiveTime::from_hms_opt(7, 0, 0);
    let found = change(ProfilePatch { all_day_time: time, ..ProfilePatch::default() }).await;
    assert_eq!(found.iter().map(|w| w.task).collect::<Vec<_>>(), [uid(11)], "others do not change");
    let zone: Zone = "Asia/Tokyo".parse().expect("a zone");
    let again = change(ProfilePatch { zone: Some(zone), ..ProfilePatch::default() }).await;
    assert_eq!((again.len(), again[0].version), (1, found[0].version));
    let rested = store.rest(vec![rest(&found[0], None)]).await.expect("answered");
    assert_eq!(rested, 0, "who found it before does not know of the new zone");
    let profiles = store.profiles(vec![owner, OWNERS[0]]).await.expect("profiles");
    let zones = [owner, OWNERS[0]].map(|owner| profiles[&owner].as_ref().expect("read").zone);
    assert_eq!(zones, [zone, ZONE]);
}

async fn no_more_are_answered_than_are_done_at_a_time(store: &Store) {
    let ann = Stage::new(store);
    let items = (0..=u8::MAX).map(|k| todo_core::Item::Create(Box::new(due_at(k, DUE))));
    let bulk = todo_core::Bulk { items: items.collect(), atomic: true };
    ann.done(&Command::Bulk(bulk)).await;
    let at = due(DUE).starts(ZONE);
    let found = waking(store, at).await;
    assert_eq!((found.len(), store.backlog(at).await.expect("a number")), (WAKING_MAX, 256));
    let rests = found.iter().map(|w| rest(w, None)).collect();
    assert_eq!(store.rest(rests).await.expect("they rest"), WAKING_MAX as u64);
    assert_eq!(waking(store, at).await.len(), 256 - WAKING_MAX);
}

/// The database's clock is this machine's, in these tests.
async fn the_clock_is_the_databases(store: &Store) {
    let first = store.now().await.expect("a time");
    let then = store.now().await.expect("a time");
    assert!(first <= then && first.millis() > 1_700_000_000_000, "{first} {then}");
}

async fn a_change_of_plan_is_followed(store: &Store) {
    let ann = Stage::new(store);
    ann.create(due_at(1, DUE)).await;
    let later = due("2026-11-24T18:00+05:00[Asia/Karachi]");
    let patch = TaskPatch { due_date: Patch::Set(later), ..TaskPatch::default() };
    ann.act(1, Verb::Change(Box::new(patch))).await;
    assert_eq!(next(store, ann.ctx.now).await, Some(later.starts(ZONE)));
    let until = ann.ctx.now.plus_millis(MINUTE);
    ann.act(1, Verb::Snooze { until }).await;
    assert_eq!(next(store, ann.ctx.now).await, Some(until));
}

on_both! {
    whoever_has_come_is_found
    what_changed_meanwhile_is_looked_at_again
    what_waited_below_a_closed_task_is_looked_at
    a_profile_wakes_what_depends_on_it
    no_more_are_answered_than_are_done_at_a_time
    the_clock_is_the_databases
    a_change_of_plan_is_followed
}
