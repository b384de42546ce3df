//! An owner of whom nothing can be handled takes a consumer's time once, and not with each event (SPEC 9).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use todo_core::Owner;
use todo_core::event::{Actor, ActorKind, Seq};
use todo_events::consumer::{AnyConsumer, Consumer, Reason, Start, Verdict};
use todo_events::letters::{Redriven, redrive};
use todo_events::roles::{Background, Roles};
use todo_events::worker::TRIES;
use todo_store::accounts::Farewell;
use todo_store::log::{Entry, Letter, Work};
use uuid::Uuid;

use crate::support::{ANN, BOB, TestApp, until};

/// Tries what is Ann's in vain until it is mended. How often it was asked about each event is noted.
#[derive(Debug, Default)]
struct Tries {
    mended: AtomicBool,
    led: AtomicU32,
    asked: Mutex<BTreeMap<(Owner, u64), u32>>,
}

impl Consumer for Tries {
    const NAME: &'static str = "tries";
    const START: Start = Start::Beginning;

    fn begins(&self) {
        self.led.fetch_add(1, Ordering::SeqCst);
    }

    async fn handle(&self, entry: &Entry, work: &mut Work) -> Verdict {
        *self.asked.lock().unwrap().entry((entry.owner, entry.seq.0)).or_default() += 1;
        if entry.owner == ANN && !entry.is_farewell() && !self.mended.load(Ordering::SeqCst) {
            return Verdict::Retry(Reason::new("not yet"));
        }
        work.decided();
        Verdict::Done
    }
}

impl Tries {
    /// How often it was asked about Ann's events.
    fn of_ann(&self) -> Vec<(u64, u32)> {
        let asked = self.asked.lock().unwrap();
        let of_ann = asked.iter().filter(|((owner, _), _)| *owner == ANN);
        of_ann.map(|((_, seq), times)| (*seq, *times)).collect()
    }
}

async fn letters(test: &TestApp) -> Vec<Letter> {
    let first = (Owner(Uuid::nil()), Seq(0));
    test.app.store.letters(Tries::NAME, first, 100).await.unwrap()
}

#[tokio::test]
async fn what_waits_behind_a_parked_event_is_not_asked_about() {
    let test = TestApp::new().await;
    for title in ["a", "b", "c"] {
        test.add(ANN, title).await;
        test.add(BOB, title).await;
    }
    let tries: Arc<Tries> = Arc::default();
    let consumers = || -> Vec<Arc<dyn AnyConsumer>> { vec![tries.clone()] };
    let parts = Background::start(&test.app, &Roles::all(), consumers(), None);
    until("three are parked", async || letters(&test).await.len() == 3).await;
    test.add(ANN, "d").await;
    until("four are parked", async || letters(&test).await.len() == 4).await;
    assert_eq!(tries.of_ann(), [(1, TRIES)], "and nothing of what waits for it");
    let reasons = letters(&test).await.into_iter().map(|letter| letter.reason);
    let reasons: Vec<_> = reasons.collect();
    assert_eq!(
        reasons,
        ["not yet", "waits behind seq 1", "waits behind seq 1", "waits behind seq 1"]
    );

    // Played beside the worker, which has to see that nothing waits any more.
    tries.mended.store(true, Ordering::SeqCst);
    let redriven = redrive(&test.app, &consumers(), None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 4, left: 0 });
    test.add(ANN, "e").await;
    let all = [(1, TRIES + 1), (2, 1), (3, 1), (4, 1), (5, 1)];
    until("it goes on", async || tries.of_ann() == all).await;
    parts.end().await;
    assert!(letters(&test).await.is_empty());
    assert_eq!(tries.asked.lock().unwrap().len(), 8, "and all of the other's");
}

/// What was handled before is told again, and can be handled no more: it takes as long as one event, and is not parked.
/// What was not handled before is tried.
#[tokio::test]
async fn what_was_handled_before_is_not_tried_event_by_event() {
    let test = TestApp::new().await;
    for title in ["a", "b", "c"] {
        test.add(ANN, title).await;
    }
    let happened = test.app.clock.now();
    let tries: Arc<Tries> = Arc::default();
    let consumers = || -> Vec<Arc<dyn AnyConsumer>> { vec![tries.clone()] };
    tries.mended.store(true, Ordering::SeqCst);
    let parts = Background::start(&test.app, &Roles::all(), consumers(), None);
    until("all are handled", async || tries.of_ann() == [(1, 1), (2, 1), (3, 1)]).await;
    parts.end().await;

    tries.mended.store(false, Ordering::SeqCst);
    assert_eq!(test.app.store.tell_again(happened, happened).await.unwrap(), 3);
    test.add(ANN, "d").await;
    test.add(ANN, "e").await;
    let parts = Background::start(&test.app, &Roles::all(), consumers(), None);
    until("what is new is parked", async || letters(&test).await.len() == 2).await;
    let tried = [(1, 1 + TRIES), (2, 1), (3, 1), (4, TRIES)];
    assert_eq!(tries.of_ann(), tried);
    assert_eq!(tries.led.load(Ordering::SeqCst), 2, "once at each start");
    parts.end().await;

    // Also where something is parked behind it.
    assert_eq!(test.app.store.tell_again(happened, happened).await.unwrap(), 5);
    let parts = Background::start(&test.app, &Roles::all(), consumers(), None);
    test.add(BOB, "f").await;
    until("it goes on", async || tries.asked.lock().unwrap().contains_key(&(BOB, 1))).await;
    let tried = [(1, 1 + 2 * TRIES), (2, 1), (3, 1), (4, TRIES)];
    assert_eq!(tries.of_ann(), tried);
    assert_eq!(letters(&test).await.len(), 2);
    parts.end().await;
}

/// What was parked goes with the account, and its end is no reason to begin anew with everybody.
#[tokio::test]
async fn the_end_of_an_account_waits_behind_nothing() {
    let test = TestApp::new().await;
    for title in ["a", "b"] {
        test.add(ANN, title).await;
    }
    let tries: Arc<Tries> = Arc::default();
    let parts = Background::start(&test.app, &Roles::all(), vec![tries.clone()], None);
    until("two are parked", async || letters(&test).await.len() == 2).await;
    let actor = Actor { kind: ActorKind::User, id: ANN.0 };
    let farewell = Farewell { owner: ANN, actor, correlation: ANN.0, proven: None };
    assert!(test.app.store.delete_user(&farewell, test.app.clock.now()).await.unwrap());
    test.add(BOB, "c").await;
    until("it is told", async || tries.asked.lock().unwrap().contains_key(&(BOB, 1))).await;
    assert!(letters(&test).await.is_empty());
    // Ann's end was told before that.
    assert_eq!(tries.of_ann(), [(1, TRIES), (3, 1)]);
    assert_eq!(tries.led.load(Ordering::SeqCst), 1);
    parts.end().await;
}
