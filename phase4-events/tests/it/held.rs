//! An owner whose rows somebody holds is told of when they are free, and all others at once (SPEC 9).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use prometheus_client::encoding::text::encode;
use sqlx::{Connection, PgConnection};
use todo_core::{Owner, StoreError, Zone};
use todo_events::consumer::{AnyConsumer, Consumer, Reason, Start, Verdict};
use todo_events::letters::{OperationError, Redriven, redrive};
use todo_events::roles::{Background, Roles};
use todo_store::effects::Deed;
use todo_store::log::{Entry, Work};
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::App;

use crate::database;
use crate::support::{self, ANN, BOB, TestApp, until};

/// Notes what it is told.
#[derive(Debug, Default)]
struct Hears(Mutex<Vec<(Owner, u64)>>);

impl Hears {
    fn of(&self, owner: Owner) -> Vec<u64> {
        let heard = self.0.lock().unwrap();
        heard.iter().filter(|(of, _)| *of == owner).map(|(_, seq)| *seq).collect()
    }
}

impl Consumer for Hears {
    const NAME: &'static str = "hears";
    const START: Start = Start::Beginning;

    async fn handle(&self, entry: &Entry, _: &mut Work) -> Verdict {
        self.0.lock().unwrap().push((entry.owner, entry.seq.0));
        Verdict::Done
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn postgres_others_are_told_of_while_one_is_held() {
    let (url, _kept) = database::postgres().await;
    let test = TestApp::on(&url).await;
    for owner in [ANN, BOB] {
        test.app.store.add_owner(owner, Zone::UTC).await.unwrap();
    }
    test.add(ANN, "held").await;
    let DatabaseUrl::Postgres(url) = url else { panic!("a server") };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut held = conn.begin().await.unwrap();
    let hold = sqlx::query("SELECT FROM outbox WHERE owner = $1 FOR UPDATE").bind(ANN.0);
    assert_eq!(hold.execute(&mut *held).await.unwrap().rows_affected(), 1);

    let hears: Arc<Hears> = Arc::default();
    let consumers: Vec<Arc<dyn AnyConsumer>> = vec![hears.clone()];
    let parts = Background::start(&test.app, &Roles::all(), consumers, None);
    for title in ["a", "b"] {
        test.add(ANN, title).await;
        test.add(BOB, title).await;
    }
    until("the other is told of", async || hears.of(BOB) == [1, 2]).await;
    assert!(hears.of(ANN).is_empty(), "nothing overtakes what is held");
    until("an operator sees it", async || {
        let mut metrics = String::new();
        test.app.add_metrics(|registry| encode(&mut metrics, registry).unwrap());
        metrics.contains("outbox_unpublished 3")
    })
    .await;
    held.rollback().await.unwrap();
    until("it is told when it is free", async || hears.of(ANN) == [1, 2, 3]).await;
    parts.end().await;
}

/// Counts what it is told, once it is mended.
#[derive(Debug, Default)]
struct Counts(AtomicBool);

impl Consumer for Counts {
    const NAME: &'static str = "counts";
    const START: Start = Start::Beginning;

    async fn handle(&self, _: &Entry, work: &mut Work) -> Verdict {
        if !self.0.load(Ordering::SeqCst) {
            return Verdict::Park(Reason::new("broken"));
        }
        work.count("2026-11-21".to_owned(), Deed::Created);
        Verdict::Done
    }
}

/// Two events of each owner are parked by a consumer that is mended since.
async fn parked(url: &DatabaseUrl) -> (TestApp, Vec<Arc<dyn AnyConsumer>>) {
    let test = TestApp::on(url).await;
    let counts: Arc<Counts> = Arc::default();
    let consumers = || -> Vec<Arc<dyn AnyConsumer>> { vec![counts.clone()] };
    let parts = Background::start(&test.app, &Roles::all(), consumers(), None);
    for owner in [ANN, BOB] {
        test.app.store.add_owner(owner, Zone::UTC).await.unwrap();
        test.add(owner, "a").await;
        test.add(owner, "b").await;
    }
    until("all are parked", async || {
        test.app.store.parked().await.unwrap() == [("counts".to_owned(), 4)]
    })
    .await;
    parts.end().await;
    counts.0.store(true, Ordering::SeqCst);
    (test, consumers())
}

/// What is parked of others is played, and what is held stays for the next time.
#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn postgres_others_are_played_again_while_one_is_held() {
    let (url, _kept) = database::postgres().await;
    let (test, consumers) = parked(&url).await;
    let DatabaseUrl::Postgres(url) = url else { panic!("a server") };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut held = conn.begin().await.unwrap();
    let hold = sqlx::query("SELECT FROM dead_letters WHERE owner = $1 FOR UPDATE").bind(ANN.0);
    assert_eq!(hold.execute(&mut *held).await.unwrap().rows_affected(), 2);
    let redriven = redrive(&test.app, &consumers, None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 2, left: 2 });
    held.rollback().await.unwrap();
    let redriven = redrive(&test.app, &consumers, None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 2, left: 0 });
}

/// What nobody can write ends it, and says what it is: nothing is wrong with any owner.
#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn postgres_what_keeps_everybody_from_being_played_again_ends_it() {
    let (url, kept) = database::postgres().await;
    let (test, consumers) = parked(&url).await;
    let DatabaseUrl::Postgres(text) = &url else { panic!("a server") };
    let mut conn = PgConnection::connect(text).await.unwrap();
    let mut held = conn.begin().await.unwrap();
    let hold = sqlx::query("SELECT FROM leaders WHERE name = 'counts' FOR NO KEY UPDATE");
    assert_eq!(hold.execute(&mut *held).await.unwrap().rows_affected(), 1);
    let ended = redrive(&test.app, &consumers, None, None).await;
    let Err(OperationError::Store(error)) = ended else { panic!("{ended:?}") };
    assert!(error.to_string().contains("holds the row of \"counts\""), "{error}");
    held.rollback().await.unwrap();

    // As a server is that only follows another.
    let database::Kept::Database { _database: database } = &kept else { panic!("a server") };
    let read_only = "SET default_transaction_read_only = on";
    database.say(format!("ALTER DATABASE {} {read_only}", database.name())).await;
    let store = Store::open(&url, &Options::default()).await.unwrap();
    let app = App::new(support::parts(store, test.app.clock.clone()));
    app.store.ready().await.unwrap();
    let ended = redrive(&app, &consumers, None, None).await;
    let outage = matches!(ended, Err(OperationError::Store(StoreError::Unavailable(_))));
    assert!(outage, "{ended:?}");
    let redriven = redrive(&test.app, &consumers, None, None).await.unwrap();
    assert_eq!(redriven, Redriven { played: 4, left: 0 }, "by who writes");
}
