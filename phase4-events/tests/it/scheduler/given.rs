//! An application that knows it has a scheduler, at a time that the test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use todo_core::conformance::OWNERS;
use todo_core::conformance::given::{ZONE, instant};
use todo_core::reminder::{Firing, FiringFate};
use todo_core::{AsyncTaskStore, Needs, Owner, TaskRef, Timestamp};
use todo_events::metrics::Measures;
use todo_events::scheduler::Scheduler;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{App, Clock};

use crate::database::{self, Kept};
use crate::support::{self, parts};

/// When tests begin: as the suite does.
pub(super) const START: &str = "2026-11-21T12:00:00Z";

pub(super) struct Place {
    pub(super) url: DatabaseUrl,
    pub(super) store: Store,
    clock: Arc<AtomicI64>,
    _kept: Kept,
}

impl Place {
    /// On a file, with the suite's owners.
    pub(super) async fn sqlite() -> Self {
        let (url, kept) = database::sqlite();
        Self::at(url, kept).await
    }

    /// On the server that `TODO_TEST_POSTGRES` names, with the suite's owners.
    pub(super) async fn postgres() -> Self {
        let (url, kept) = database::postgres().await;
        Self::at(url, kept).await
    }

    async fn at(url: DatabaseUrl, kept: Kept) -> Self {
        let store = open(&url, PATIENCE).await;
        store.migrate().await.expect("it migrates");
        for owner in OWNERS {
            store.add_owner(owner, ZONE).await.expect("a new owner");
        }
        let clock = Arc::new(AtomicI64::new(instant(START).millis()));
        Self { url, store, clock, _kept: kept }
    }

    pub(super) fn set(&self, now: Timestamp) {
        self.clock.store(now.millis(), Ordering::SeqCst);
    }

    /// A server with a scheduler, on this store.
    pub(super) fn scheduler(&self) -> Scheduler {
        scheduler(self.app(self.store.clone()))
    }

    /// Another server. A file belongs to one process, and so to one store; a database to any number.
    pub(super) async fn another(&self) -> Scheduler {
        let store = match &self.url {
            DatabaseUrl::Sqlite(_) => self.store.clone(),
            DatabaseUrl::Postgres(_) => open(&self.url, PATIENCE).await,
        };
        scheduler(self.app(store))
    }

    /// Another server, on PostgreSQL, that waits for a lock as long as servers do as a rule, or less.
    pub(super) async fn hasty(&self) -> Scheduler {
        scheduler(self.app(open(&self.url, Duration::from_secs(2)).await))
    }

    pub(super) fn app(&self, store: Store) -> App {
        App::new(parts(store, support::clock(&self.clock)))
    }

    /// A server with the clock of this machine.
    pub(super) fn living(&self) -> App {
        App::new(parts(self.store.clone(), Clock::of_the_machine()))
    }

    /// A transaction of somebody else's.
    pub(super) async fn begin(&self) -> PgConnection {
        let DatabaseUrl::Postgres(url) = &self.url else { panic!("a file has no locks of rows") };
        let mut conn = PgConnection::connect(url).await.expect("it answers");
        sqlx::raw_sql("BEGIN").execute(&mut conn).await.expect("it obeys");
        conn
    }

    /// Holds an owner's row locked, as somebody does who writes for long, until the connection is closed.
    pub(super) async fn hold(&self, owner: Owner) -> PgConnection {
        let mut conn = self.begin().await;
        let lock = format!("SELECT FROM owners WHERE owner = '{}' FOR UPDATE", owner.0);
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut conn).await.expect("it obeys");
        conn
    }

    /// What somebody does to the tables from outside.
    pub(super) async fn say(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let url = format!("sqlite://{}", path.display());
                let mut conn = SqliteConnection::connect(&url).await.expect("it opens");
                sqlx::raw_sql(sql).execute(&mut conn).await.expect("it obeys");
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::connect(url).await.expect("it answers");
                sqlx::raw_sql(sql).execute(&mut conn).await.expect("it obeys");
            }
        }
    }
}

/// How long is waited for a connection or a lock: longer than for the tasks of an owner.
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(url: &DatabaseUrl, patience: Duration) -> Store {
    let options = Options { connections: 8, readers: 4, patience, ..Options::default() };
    Store::open(url, &options).await.expect("it opens")
}

pub(super) fn scheduler(app: App) -> Scheduler {
    let measures = Measures::of(&app);
    Scheduler::new(app, measures)
}

/// Rounds until nothing is left to do. Answers how many tasks were looked at.
pub(super) async fn settle(scheduler: &mut Scheduler) -> usize {
    let mut looked = 0;
    for _ in 0..1_000 {
        let round = scheduler.round().await.expect("no outage");
        assert!(round.rest <= Duration::from_secs(1), "SPEC 9: {round:?}");
        // On a machine that is busy with other things some of it may take long.
        let late = scheduler.finish().await.expect("no outage");
        if round.looked + late + round.held == 0 {
            return looked;
        }
        looked += round.looked + late;
    }
    panic!("{looked} tasks were looked at, and there is no end");
}

/// What became of the reminders of a task, the earliest first.
pub(super) async fn firings(store: &Store, owner: Owner, task: impl Into<TaskRef>) -> Vec<Firing> {
    let needs = Needs { firings: [task.into()].into(), ..Needs::default() };
    let mut firings = store.load(owner, &needs).await.expect("facts").firings;
    firings.sort_by_key(|firing| (firing.at, firing.reminder));
    firings
}

pub(super) fn fates(firings: &[Firing]) -> Vec<(Timestamp, FiringFate)> {
    firings.iter().map(|firing| (firing.at, firing.fate)).collect()
}

/// Runs a test on a runtime of its own.
pub(super) fn run<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime").block_on(future)
}

/// Makes of each `async fn case(place: &Place)` a test on either database.
macro_rules! on_both {
    ($($case:ident)+) => {
        mod sqlite {
            $(#[test]
            fn $case() {
                crate::scheduler::given::run(async {
                    super::$case(&crate::scheduler::given::Place::sqlite().await).await;
                });
            })+
        }

        mod postgres {
            $(#[test]
            #[ignore = "needs PostgreSQL: tests/run"]
            fn $case() {
                crate::scheduler::given::run(async {
                    super::$case(&crate::scheduler::given::Place::postgres().await).await;
                });
            })+
        }
    };
}
pub(super) use on_both;
