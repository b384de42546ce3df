//! Consumers and what drives them (SPEC 9): in order, once, and whatever happens to one event, the others
//! go on.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use prometheus_client::encoding::text::encode;
use todo_core::event::Seq;
use todo_core::{Owner, Timestamp, Zone};
use todo_events::consumer::{AnyConsumer, Consumer, Reason, Start, Verdict};
use todo_events::letters::{OperationError, Redriven, redrive};
use todo_events::roles::{Background, Roles};
use todo_events::worker::TRIES;
use todo_store::log::{Entry, Letter, RELAY, Work};
use uuid::Uuid;

use crate::database::Database;
use crate::support::{ANN, BOB, START, TestApp, until};

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

/// Notes what it is asked; begins with what happens from now on.
#[derive(Debug, Default)]
struct FromNow(Saw);

impl Consumer for FromNow {
    const NAME: &'static str = "from now";
    const START: Start = Start::Now;

    async fn handle(&self, entry: &Entry, _: &mut Work) -> Verdict {
        assert!(!entry.again, "it was told before");
        self.0.lock().unwrap().push((entry.owner, entry.seq.0));
        Verdict::Done
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
    let mut letters = Vec::new();
    for name in [Probe::NAME, FromNow::NAME] {
        let first = (Owner(Uuid::nil()), Seq(0));
        letters.extend(test.app.store.letters(name, first, 100).await.unwrap());
    }
    letters
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

/// Breaks once where nobody catches it, and then handles what there is.
#[derive(Debug, Default)]
struct Breaks {
    broke: AtomicBool,
    saw: Saw,
}

impl AnyConsumer for Breaks {
    fn name(&self) -> &'static str {
        "breaks"
    }

    fn start(&self) -> Start {
        assert!(self.broke.swap(true, Ordering::SeqCst), "a fault beside the events");
        Start::Beginning
    }

    fn begins(&self) {}

    fn handle<'h>(&'h self, entry: &'h Entry, _: &'h mut Work) -> BoxFuture<'h, Verdict> {
        self.saw.lock().unwrap().push((entry.owner, entry.seq.0));
        Box::pin(async { Verdict::Done })
    }
}

#[tokio::test]
async fn a_part_that_breaks_begins_again() {
    let test = TestApp::new().await;
    let consumer: Arc<Breaks> = Arc::default();
    let parts = Background::start(&test.app, &Roles::all(), vec![consumer.clone()], None);
    test.add(ANN, "a").await;
    until("it is handled", async || seqs(&consumer.saw, ANN) == [1]).await;
    parts.end().await;
    assert!(consumer.broke.load(Ordering::SeqCst));
}

fn metrics(test: &TestApp) -> String {
    let mut text = String::new();
    test.app.add_metrics(|registry| encode(&mut text, registry).unwrap());
    text
}

/// SPEC 9: what waits is seen where nobody leads, and how far behind a consumer is only where it is known.
#[tokio::test]
async fn measures_tell_what_waits_and_nothing_that_is_not_known() {
    let test = TestApp::new().await;
    let relay = test.app.store.lead(RELAY).await.unwrap().unwrap();
    let (probe, saw) = Probe::new(|_, _| Verdict::Done);
    let parts = start(&test, probe);
    test.add(ANN, "a").await;
    until("it waits", async || metrics(&test).contains("outbox_unpublished 1")).await;
    relay.resign().await;
    until("it is handled", async || seqs(&saw, ANN) == [1]).await;
    until("nothing waits", async || metrics(&test).contains("outbox_unpublished 0")).await;
    let lag = "consumer_lag{consumer=\"probe\"} 0";
    until("it is there", async || metrics(&test).contains(lag)).await;
    parts.end().await;
    assert!(!metrics(&test).contains("consumer_lag{"), "who leads it now knows");
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

#[tokio::test]
async fn what_was_parked_is_played_in_order_once_the_fault_is_mended() {
    let test = TestApp::new().await;
    let mended = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&mended);
    let (probe, saw) = Probe::new(move |entry, _| match entry.seq.0 {
        2 if entry.owner == ANN && !now.load(Ordering::SeqCst) => {
            Verdict::Park(Reason::new("broken"))
        }
        _ => Verdict::Done,
    });
    let parts = start(&test, Arc::clone(&probe));
    for k in 0..4 {
        test.add(ANN, &format!("a{k}")).await;
    }
    until("three are parked", async || letters(&test).await.len() == 3).await;
    let consumers: Vec<Arc<dyn AnyConsumer>> = vec![probe];
    let still = redrive(&test.app, &consumers, None, None).await.unwrap();
    assert_eq!(still, Redriven { played: 0, left: 3 });
    mended.store(true, Ordering::SeqCst);
    let unknown = redrive(&test.app, &consumers, Some("nobody"), None).await;
    assert!(matches!(unknown, Err(OperationError::NoConsumer(_))), "{unknown:?}");
    let none = redrive(&test.app, &consumers, None, Some(BOB)).await.unwrap();
    assert_eq!(none, Redriven::default(), "nothing of his is parked");
    let played = redrive(&test.app, &consumers, Some("probe"), Some(ANN)).await.unwrap();
    assert_eq!(played, Redriven { played: 3, left: 0 });
    test.add(ANN, "afterwards").await;
    // Those behind it were looked at before, too; nothing of that was written.
    until("it goes on", async || seqs(&saw, ANN).ends_with(&[2, 3, 4, 5])).await;
    parts.end().await;
    assert!(letters(&test).await.is_empty());
}

/// What is told again is handled by whoever has not seen it, and by nobody twice; who begins with what
/// happens now lets it be.
#[tokio::test]
async fn history_told_again_is_handled_once() {
    let test = TestApp::new().await;
    test.add(ANN, "long ago").await;
    let (probe, saw) = Probe::new(|_, _| Verdict::Done);
    let now: Arc<FromNow> = Arc::default();
    let consumers = || -> Vec<Arc<dyn AnyConsumer>> { vec![probe.clone(), now.clone()] };
    let parts = Background::start(&test.app, &Roles::all(), consumers(), None);
    until("it is handled", async || seqs(&saw, ANN) == [1]).await;
    let since = Timestamp::from_millis(START);
    assert_eq!(test.app.store.tell_again(since, test.app.clock.now()).await.unwrap(), 1);
    test.add(ANN, "now").await;
    until("the rest is handled", async || seqs(&saw, ANN).contains(&2)).await;
    until("so it is there", async || seqs(&now.0, ANN).contains(&2)).await;
    parts.end().await;
    // It is asked about again; what followed has its mark, and is not written twice (the store's `settle`).
    assert_eq!(seqs(&saw, ANN), [1, 1, 2]);
    assert!(letters(&test).await.is_empty(), "nobody was asked who must not be");
}

/// SPEC 9: parts are processes of their own; when one ends, another goes on where it was.
#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn postgres_parts_in_processes_of_their_own_go_on_for_each_other() {
    let database = Database::make().await;
    let one = TestApp::on(&database.url()).await;
    let other = TestApp::on(&database.url()).await;
    one.app.store.add_owner(ANN, Zone::UTC).await.unwrap();
    let (probe, saw) = Probe::new(|_, _| Verdict::Done);
    let consumer = || -> Vec<Arc<dyn AnyConsumer>> { vec![probe.clone()] };
    let roles = |text: &str| text.parse::<Roles>().unwrap();
    let relay = Background::start(&one.app, &roles("api,relay"), Vec::new(), None);
    let worker = Background::start(&other.app, &roles("worker"), consumer(), None);
    for k in 0..10 {
        one.add(ANN, &format!("a{k}")).await;
    }
    until("all is handled", async || seqs(&saw, ANN).len() == 10).await;
    // Another of each stands by, and each first one goes: one in good order, one with its connections.
    let second = Background::start(&other.app, &roles("relay"), Vec::new(), None);
    let standby = Background::start(&one.app, &roles("worker"), consumer(), None);
    relay.end().await;
    let name = database.name();
    database
        .say(format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await;
    for k in 10..20 {
        other.add(ANN, &format!("a{k}")).await;
    }
    until("all is handled", async || seqs(&saw, ANN).len() >= 20).await;
    worker.end().await;
    standby.end().await;
    second.end().await;
    let mut seen = seqs(&saw, ANN);
    // Handled by one whose write was refused, and then by another: what follows is written once.
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    assert!(letters(&one).await.is_empty());
}
