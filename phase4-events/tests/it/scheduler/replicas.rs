//! R6, R10: two schedulers at once, by mistake, do no harm; and one that is cut short leaves nothing
//! undone.

use todo_core::conformance::given::{ZONE, due};
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::{Bulk, Command, Filter, Item};

use super::given::{Place, firings, on_both, settle};
use super::reminders::reminding;
use super::series::daily;

const DUE: &str = "2026-11-22T18:00+05:00[Asia/Karachi]";
/// Some of each owner's; more than a round takes.
const TASKS: u8 = 120;

/// Three owners, and a time at which all that they plan has come.
async fn filled(place: &Place) {
    for owner in OWNERS {
        let ann = Stage::of(&place.store, owner);
        let items = (0..TASKS).map(|k| {
            let series = k % 10 == 0;
            Item::Create(Box::new(if series { daily(k, DUE) } else { reminding(k, DUE, &[0, 60]) }))
        });
        ann.done(&Command::Bulk(Bulk { items: items.collect(), atomic: true })).await;
    }
    place.set(due("2026-11-23T18:00+05:00[Asia/Karachi]").starts(ZONE));
}

/// Each reminder has fired once, each series has gone on once, and each event was written once.
async fn everything_once(place: &Place) {
    for owner in OWNERS {
        let ann = Stage::of(&place.store, owner);
        let mut fired = 0;
        for k in 0..TASKS {
            let count = firings(&place.store, owner, uid(k)).await.len();
            assert_eq!(count, if k % 10 == 0 { 1 } else { 2 }, "task {k}");
            fired += count;
        }
        let series = usize::from(TASKS.div_ceil(10));
        let there = ann.filtered(Filter { waiting: true, ..Filter::default() }).await;
        assert_eq!(there.len(), usize::from(TASKS) + series);
        let made: Vec<_> = there.iter().filter(|task| task.recurrence.is_some()).collect();
        for task in &made {
            fired += firings(&place.store, owner, task.uid).await.len();
        }
        assert_eq!(
            (made.len(), fired),
            (series, 2 * usize::from(TASKS)),
            "one each of the new ones"
        );
        // Creation; each series: the baton passes (2), and that it did.
        let events = usize::from(TASKS) + 3 * series + fired;
        let counters = ann.load(&todo_core::Needs::default()).await.counters;
        assert_eq!(counters.next_seq.0, events as u64 + 1);
    }
}

async fn r10_two_at_once(place: &Place) {
    filled(place).await;
    let (mut one, mut other) = (place.scheduler(), place.another().await);
    tokio::join!(settle(&mut one), settle(&mut other));
    everything_once(place).await;
    assert_eq!(settle(&mut place.scheduler()).await, 0);
}

/// Killed anywhere in a round: what it began is whole or not there, and the next one does the rest.
async fn r10_cut_short(place: &Place) {
    filled(place).await;
    for turn in 0..40_u32 {
        let mut scheduler = place.scheduler();
        let mut round = std::pin::pin!(scheduler.round());
        // So many steps, and then no more.
        for _ in 0..turn {
            let step = std::future::poll_fn(|cx| std::task::Poll::Ready(round.as_mut().poll(cx)));
            if step.await.is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    settle(&mut place.scheduler()).await;
    everything_once(place).await;
}

on_both! {
    r10_two_at_once
    r10_cut_short
}
