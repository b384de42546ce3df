//! What was parked is played again (SPEC 9), whatever becomes of one of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_events::consumer::{AnyConsumer, Consumer, Reason, Start, Verdict};
use todo_events::letters::{OperationError, Redriven, redrive};
use todo_events::roles::{Background, Roles};
use todo_events::worker::TRIES;
use todo_store::effects::Deed;
use todo_store::log::{Entry, Handled, Letter, Outcome, Work};
use todo_store::{DatabaseUrl, Store};
use uuid::Uuid;

use crate::database::{self, Kept};
use crate::support::{ANN, BOB, TestApp, until};

const DAY: &str = "2026-11-21";

/// Understands nothing until it is mended; then it counts, and may have somebody else play the event first.
#[derive(Debug, Default)]
struct Counts {
    mended: AtomicBool,
    taken: Option<(Store, Seq)>,
}

impl Consumer for Counts {
    const NAME: &'static str = "counts";
    const START: Start = Start::Beginning;

    async fn handle(&self, entry: &Entry, work: &mut Work) -> Verdict {
        if !self.mended.load(Ordering::SeqCst) {
            return Verdict::Park(Reason::new("broken"));
        }
        work.count(DAY.to_owned(), Deed::Created);
        if let Some((store, seq)) = &self.taken
            && entry.seq == *seq
        {
            let handled = Handled { entry, outcome: Outcome::Done(work.clone()) };
            let now = entry.timestamp;
            store.replayed(Self::NAME, &handled, now).await.unwrap();
        }
        Verdict::Done
    }
}

async fn letters(test: &TestApp) -> Vec<Letter> {
    let first = (Owner(Uuid::nil()), Seq(0));
    test.app.store.letters(Counts::NAME, first, 100).await.unwrap()
}

async fn counted(test: &TestApp, owner: Owner) -> u64 {
    let days = test.app.store.activity(owner, DAY, "2026-11-22").await.unwrap();
    days.iter().map(|day| day.created).sum()
}

/// Has two events of each owner parked.
async fn parked(test: &TestApp) {
    for owner in [ANN, BOB] {
        test.app.store.add_owner(owner, todo_core::Zone::UTC).await.unwrap();
        for title in ["a", "b"] {
            test.add(owner, title).await;
        }
    }
    let consumers: Vec<Arc<dyn AnyConsumer>> = vec![Arc::new(Counts::default())];
    let parts = Background::start(&test.app, &Roles::all(), consumers, None);
    until("all are parked", async || letters(test).await.len() == 4).await;
    parts.end().await;
}

fn mended(taken: Option<(Store, Seq)>) -> Vec<Arc<dyn AnyConsumer>> {
    vec![Arc::new(Counts { mended: AtomicBool::new(true), taken })]
}

async fn file() -> (TestApp, SqliteConnection, Kept) {
    let (url, kept) = database::sqlite();
    let test = TestApp::on(&url).await;
    let DatabaseUrl::Sqlite(path) = url else { panic!("a file") };
    let conn = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    (test, conn, kept)
}

async fn say(conn: &mut SqliteConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_written_again_holds_up_its_owner_alone() {
    let (test, mut conn, _kept) = file().await;
    parked(&test).await;
    let refuse = format!(
        "CREATE TRIGGER refuses BEFORE INSERT ON activity WHEN hex(NEW.owner) = '{}' \
         BEGIN SELECT RAISE(ABORT, 'no more of these'); END",
        ANN.0.simple().to_string().to_uppercase()
    );
    say(&mut conn, refuse).await;
    let redriven = redrive(&test.app, &mended(None), None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 2, left: 2 });
    assert_eq!([counted(&test, ANN).await, counted(&test, BOB).await], [0, 2]);
    let stay = letters(&test).await;
    let stay: Vec<_> = stay.iter().map(|letter| (letter.entry.seq.0, letter)).collect();
    let [(1, first), (2, behind)] = stay.as_slice() else { panic!("{stay:?}") };
    assert!(first.reason.contains("no more of these"), "{first:?}");
    assert_eq!(first.attempts, 2, "once when it was parked, and once more");
    assert_eq!(behind.reason, "waits behind seq 1");

    say(&mut conn, "DROP TRIGGER refuses".to_owned()).await;
    let redriven = redrive(&test.app, &mended(None), None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 2, left: 0 });
    assert_eq!([counted(&test, ANN).await, counted(&test, BOB).await], [2, 2]);
    assert!(letters(&test).await.is_empty());
}

/// Two operators at once: each event is played once, and neither of them is stopped by the other.
#[tokio::test]
async fn what_somebody_else_has_played_meanwhile_is_read_past() {
    let (test, _conn, _kept) = file().await;
    parked(&test).await;
    let taken = Some((test.app.store.clone(), Seq(1)));
    let redriven = redrive(&test.app, &mended(taken), None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 2, left: 0 }, "the other one has played two");
    assert_eq!([counted(&test, ANN).await, counted(&test, BOB).await], [2, 2]);
    assert!(letters(&test).await.is_empty());
}

/// What is damaged stays and says so; others are played, and what happens to them is handled.
#[tokio::test]
async fn a_letter_that_cannot_be_known_holds_up_its_owner_alone() {
    let number = "seq cannot be read";
    let owner = "owner cannot be read";
    let event = "its event is not in the history";
    for (damage, left, said) in [
        ("UPDATE dead_letters SET seq = -1", 2, number),
        // Whose it was nobody knows.
        ("UPDATE dead_letters SET owner = x'01'", 1, owner),
        ("DELETE FROM events", 2, event),
    ] {
        let (test, mut conn, _kept) = file().await;
        parked(&test).await;
        let ann = ANN.0.simple().to_string().to_uppercase();
        say(&mut conn, format!("{damage} WHERE hex(owner) = '{ann}' AND seq = 1")).await;
        for _ in 0..2 {
            let redriven = redrive(&test.app, &mended(None), None, None).await.unwrap();
            assert_eq!(redriven.left, left, "{damage}");
        }
        assert_eq!(counted(&test, BOB).await, 2, "{damage}");
        assert_eq!(counted(&test, ANN).await, 2 - left as u64, "{damage}");
        let strays = test.app.store.strays().await.unwrap();
        let strays = strays.into_iter().map(|stray| stray.damage);
        let damaged: Vec<_> =
            letters(&test).await.into_iter().filter_map(|letter| letter.entry.damage).collect();
        let damaged: Vec<_> = strays.chain(damaged).map(|damage| damage.to_string()).collect();
        assert!(matches!(&*damaged, [one] if one.ends_with(said)), "{damage}: {damaged:?}");

        let parts = Background::start(&test.app, &Roles::all(), mended(None), None);
        test.add(ANN, "c").await;
        test.add(BOB, "c").await;
        until("the other goes on", async || counted(&test, BOB).await == 3).await;
        parts.end().await;
    }
}

/// However much else is damaged that nobody can play.
#[tokio::test]
async fn a_letter_that_cannot_be_known_holds_up_its_owner_behind_a_thousand_others() {
    let (test, mut conn, _kept) = file().await;
    parked(&test).await;
    let ann = ANN.0.simple();
    let damage = format!(
        "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 1000) \
         INSERT INTO dead_letters (owner, consumer, seq, event, reason, attempts, at) \
         SELECT zeroblob(16), 'counts', -n, randomblob(16), 'lost', 1, 0 FROM k; \
         INSERT INTO dead_letters (owner, consumer, seq, event, reason, attempts, at) \
         SELECT owner, consumer, -1, randomblob(16), reason, attempts, at FROM dead_letters \
         WHERE owner = x'{ann}' AND seq = 1; \
         DELETE FROM dead_letters WHERE owner = x'{ann}' AND seq = 1"
    );
    say(&mut conn, damage).await;
    let redriven = redrive(&test.app, &mended(None), None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 2, left: 1_002 });
    let redriven = redrive(&test.app, &mended(None), None, Some(ANN)).await.unwrap();
    assert_eq!(redriven, Redriven { played: 0, left: 2 });
    assert_eq!([counted(&test, ANN).await, counted(&test, BOB).await], [0, 2]);
}

/// A file in which nothing can be written is no trouble of those whose events are parked: it is said once, and not
/// waited for with each of them.
#[tokio::test]
async fn an_outage_of_writing_ends_it() {
    let (test, mut conn, _kept) = file().await;
    parked(&test).await;
    say(&mut conn, "BEGIN IMMEDIATE".to_owned()).await;
    let ended = redrive(&test.app, &mended(None), None, None).await;
    let outage = matches!(ended, Err(OperationError::Store(StoreError::Unavailable(_))));
    assert!(outage, "{ended:?}");
    say(&mut conn, "ROLLBACK".to_owned()).await;
    let redriven = redrive(&test.app, &mended(None), None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 4, left: 0 });
}

/// Somebody who wrote the same is no other leader: the event that it follows from is parked, and all else goes on.
#[tokio::test]
async fn what_is_there_already_is_a_fault_of_its_event() {
    let (test, mut conn, _kept) = file().await;
    for owner in [ANN, BOB] {
        test.app.store.add_owner(owner, todo_core::Zone::UTC).await.unwrap();
    }
    say(&mut conn, "CREATE UNIQUE INDEX once ON activity (created)".to_owned()).await;
    let parts = Background::start(&test.app, &Roles::all(), mended(None), None);
    test.add(ANN, "a").await;
    until("it is counted", async || counted(&test, ANN).await == 1).await;
    test.add(BOB, "a").await;
    until("it is parked", async || letters(&test).await.len() == 1).await;
    let letter = letters(&test).await.remove(0);
    assert_eq!((letter.entry.owner, letter.attempts), (BOB, TRIES));
    assert!(letter.reason.contains("UNIQUE constraint failed"), "{letter:?}");
    let still = redrive(&test.app, &mended(None), None, None).await.unwrap();
    assert_eq!(still, Redriven { played: 0, left: 1 });
    assert_eq!(letters(&test).await[0].attempts, TRIES + 1);
    test.add(ANN, "b").await;
    until("others go on", async || counted(&test, ANN).await == 2).await;
    let played = redrive(&test.app, &mended(None), None, None).await.unwrap();
    assert_eq!(played, Redriven { played: 1, left: 0 });
    parts.end().await;
}
