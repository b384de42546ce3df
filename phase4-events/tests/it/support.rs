//! An application whose parts are started and ended by the test, at a time that the test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::given::{self, ctx};
use todo_core::{Owner, TaskId, Timestamp, Zone};
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{
    App, Clock, Keys, Parts, PasswordCost, Passwords, Registration, Secret, SessionCache,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::database::{self, Kept};

/// When tests begin.
pub(crate) const START: i64 = 1_795_262_400_000;

pub(crate) const ANN: Owner = Owner(Uuid::from_u128(0xa));
pub(crate) const BOB: Owner = Owner(Uuid::from_u128(0xb));

/// Hashes that take no time: never for real passwords.
const CHEAP: PasswordCost = PasswordCost { memory: 8, passes: 1, lanes: 1 };

/// What a server of a test is made of. It knows that there is a scheduler.
pub(crate) fn parts(store: Store, clock: Clock) -> Parts {
    let keys = Keys::new(&Secret::new(&[7; 32]).expect("long enough"), None);
    Parts {
        store,
        clock,
        cursors: keys.cursors(),
        keys,
        passwords: Passwords::new(CHEAP).expect("a cost"),
        registration: Registration::Open,
        sessions: SessionCache::default(),
        scheduled: true,
    }
}

/// A clock that stands at these milliseconds until they are moved.
pub(crate) fn clock(millis: &Arc<AtomicI64>) -> Clock {
    let millis = Arc::clone(millis);
    Clock::new(move || Timestamp::from_millis(millis.load(Ordering::SeqCst)))
}

pub(crate) struct TestApp {
    pub(crate) app: App,
    _kept: Option<Kept>,
}

impl TestApp {
    /// On SQLite, with two owners.
    pub(crate) async fn new() -> Self {
        let (url, kept) = database::sqlite();
        let test = Self { _kept: Some(kept), ..Self::on(&url).await };
        for owner in [ANN, BOB] {
            test.app.store.add_owner(owner, Zone::UTC).await.unwrap();
        }
        test
    }

    /// On PostgreSQL, in a database of its own, without owners.
    pub(crate) async fn postgres() -> Self {
        let (url, kept) = database::postgres().await;
        Self { _kept: Some(kept), ..Self::on(&url).await }
    }

    /// A process of its own, as far as the database can tell.
    pub(crate) async fn on(url: &DatabaseUrl) -> Self {
        let store = Store::open(url, &Options::default()).await.unwrap();
        store.migrate().await.unwrap();
        let clock = clock(&Arc::new(AtomicI64::new(START)));
        Self { app: App::new(parts(store, clock)), _kept: None }
    }

    /// Makes a task; that is one event.
    pub(crate) async fn add(&self, owner: Owner, title: &str) {
        let now = self.app.clock.now();
        let uid = TaskId(Uuid::new_v5(&owner.0, title.as_bytes()));
        let new = NewTask::new(uid, given::title(title));
        let command = Command::One(Item::Create(Box::new(new)));
        let ctx = ctx(owner, now);
        self.app.server().execute(&command, &ctx).await.unwrap();
    }
}

/// Waits until something is so; a machine may be slow.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(2);
    while !holds().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
