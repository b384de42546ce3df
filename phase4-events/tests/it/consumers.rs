//! Consumers and what drives them (SPEC 9): in order, once, and whatever happens to one event, the others
//! go on.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use todo_core::Owner;
use todo_core::event::Seq;
use todo_events::consumer::{AnyConsumer, Consumer, Reason, Start, Verdict};
use todo_events::roles::{Background, Roles};
use todo_events::worker::TRIES;
use todo_store::log::{Entry, Letter, Work};
use uuid::Uuid;

use crate::support::{ANN, BOB, TestApp, until};

type Saw = Arc<Mutex<Vec<(Owner, u64)>>>;
type Says = dyn Fn(&Entry, u32) -> Verdict + Send + Sync;

/// Notes what it is asked, and answers as the test says; how often it was asked of an event is told.
struct Probe {
    saw: Saw,
    asked: Mutex<HashMap<Uuid, u32>>,
    says: Box<Says>,
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

impl Probe {
    fn new(says: impl Fn(&Entry, u32) -> Verdict + Send + Sync + 'static) -> (Arc<Self>, Saw) {
        let saw = Saw::default();
        let (asked, says) = (Mutex::default(), Box::new(says));
        (Arc::new(Self { saw: Arc::clone(&saw), asked, says }), saw)
    }
}

impl Consumer for Probe {
    const NAME: &'static str = "probe";
    const START: Start = Start::Beginning;

    async fn handle(&self, entry: &Entry, _: &mut Work) -> Verdict {
        let asked = {
            let mut asked = self.asked.lock().unwrap();
            let asked = asked.entry(entry.event_id).or_default();
            *asked += 1;
            *asked
        };
        let verdict = (self.says)(entry, asked);
        if matches!(verdict, Verdict::Done) {
            self.saw.lock().unwrap().push((entry.owner, entry.seq.0));
        }
        verdict
    }
}

fn start(test: &TestApp, probe: Arc<Probe>) -> Background {
    let consumer: Arc<dyn AnyConsumer> = probe;
    Background::start(&test.app, &Roles::all(), vec![consumer], None)
}

fn seqs(saw: &Saw, owner: Owner) -> Vec<u64> {
    saw.lock().unwrap().iter().filter(|(of, _)| *of == owner).map(|(_, seq)| *seq).collect()
}

async fn letters(test: &TestApp) -> Vec<Letter> {
    test.app.store.letters("probe", (Owner(Uuid::nil()), Seq(0)), 100).await.unwrap()
}

#[tokio::test]
async fn each_event_is_handled_once_in_its_owners_order_across_restarts() {
    let test = TestApp::new().await;
    let (probe, saw) = Probe::new(|_, _| Verdict::Done);
    test.add(ANN, "before the start").await;
    let parts = start(&test, Arc::clone(&probe));
    for k in 0..20 {
        test.add(ANN, &format!("a{k}")).await;
        test.add(BOB, &format!("b{k}")).await;
    }
    until("all is handled", async || saw.lock().unwrap().len() == 41).await;
    parts.end().await;
    test.add(BOB, "while nothing runs").await;
    let parts = start(&test, probe);
    until("the rest is handled", async || saw.lock().unwrap().len() >= 42).await;
    parts.end().await;
    assert_eq!(seqs(&saw, ANN), (1..=21).collect::<Vec<_>>());
    assert_eq!(seqs(&saw, BOB), (1..=21).collect::<Vec<_>>());
}

/// A relay that is told to stop tells what was written before that: nothing waits for the next start.
#[tokio::test]
async fn what_was_written_before_the_end_is_told_before_it() {
    let test = TestApp::new().await;
    let (probe, _) = Probe::new(|_, _| Verdict::Done);
    let parts = start(&test, probe);
    test.add(ANN, "the last one").await;
    parts.end().await;
    assert_eq!(test.app.store.unpublished().await.unwrap(), 0);
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_is_parked_with_what_follows() {
    let test = TestApp::new().await;
    let (probe, saw) = Probe::new(|entry, asked| match entry.seq.0 {
        1 if asked < 3 => Verdict::Retry(Reason::new("not yet")),
        2 if entry.owner == ANN => Verdict::Retry(Reason::new("never")),
        _ => Verdict::Done,
    });
    let parts = start(&test, probe);
    for k in 0..3 {
        test.add(ANN, &format!("a{k}")).await;
    }
    test.add(BOB, "b").await;
    until("two are parked", async || letters(&test).await.len() == 2).await;
    until("the other owner goes on", async || seqs(&saw, BOB) == [1]).await;
    parts.end().await;
    let parked: Vec<_> = letters(&test)
        .await
        .into_iter()
        .map(|letter| (letter.entry.seq.0, letter.reason, letter.attempts))
        .collect();
    let expected = [(2, "never".to_owned(), TRIES), (3, "waits behind seq 2".to_owned(), 0)];
    assert_eq!(parked, expected);
    assert_eq!(seqs(&saw, ANN)[0], 1);
}

#[tokio::test]
async fn a_panic_parks_its_event_and_stops_nobody() {
    let test = TestApp::new().await;
    let (probe, saw) = Probe::new(|entry, _| {
        assert!(entry.owner != ANN, "a fault of the consumer");
        Verdict::Done
    });
    let parts = start(&test, probe);
    test.add(ANN, "a").await;
    test.add(BOB, "b").await;
    until("the other goes on", async || seqs(&saw, BOB) == [1]).await;
    until("it is parked", async || letters(&test).await.len() == 1).await;
    parts.end().await;
    assert_eq!(letters(&test).await[0].reason, "it panicked: a fault of the consumer");
}

/// An outage is no try: however long it lasts, nothing is parked.
#[tokio::test]
async fn an_outage_is_waited_for() {
    let test = TestApp::new().await;
    let away = std::io::Error::other("away");
    let (probe, saw) = Probe::new(move |_, asked| match asked {
        0..=2 => Verdict::Retry(Reason::outage(&away)),
        _ => Verdict::Done,
    });
    let parts = start(&test, probe);
    test.add(ANN, "a").await;
    until("it is handled at last", async || seqs(&saw, ANN) == [1]).await;
    parts.end().await;
    assert!(letters(&test).await.is_empty());
}
