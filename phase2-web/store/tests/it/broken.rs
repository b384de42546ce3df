//! Connections to PostgreSQL that break: nothing is done twice, and nobody else notices.

use sqlx::{Connection, PgConnection};
use todo_core::command::Command;
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::event::Seq;
use todo_core::query::TaskQuery;
use todo_core::service::Server;
use todo_core::words::Asking;
use todo_core::{AsyncTaskStore, ErrorCode, Patch};
use todo_store::Store;
use todo_store::accounts::{Email, NewUser, PasswordHash, Profile, ProfilePatch};

use crate::proxy::Proxy;
use crate::support::{self, Database};

async fn connect(database: &Database) -> PgConnection {
    PgConnection::connect(&database.text()).await.expect("the server answers")
}

async fn say(conn: &mut PgConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(conn).await.expect("it obeys");
}

const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// Until so many wait for a lock.
async fn waiting(watcher: &mut PgConnection, wanted: i64) {
    loop {
        let found: i64 = sqlx::query_scalar(WAITING).fetch_one(&mut *watcher).await.expect("told");
        if found == wanted {
            return;
        }
        tokio::task::yield_now().await;
    }
}

const HOLD: &str = "BEGIN; SELECT FROM owners FOR UPDATE";

/// S7: the answer to an undoing is lost while its statement waits for the owner's lock. It is
/// carried out when the lock is free, and must not be planned anew as the undoing of one more step.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn what_still_waits_is_not_done_twice() {
    support::run(async {
        let (direct, database) = support::postgres().await;
        let stage = Stage::new(&direct);
        stage.add(1, "first").await;
        stage.add(2, "second").await;
        let (proxy, url) = Proxy::before(&database);
        let store = support::open(&url).await;

        let (mut holder, mut watcher) = (connect(&database).await, connect(&database).await);
        say(&mut holder, HOLD).await;
        let ctx = stage.ctx.clone();
        let undoing = tokio::spawn(async move {
            Server::scheduled(&store).execute(&Command::Undo(None), &ctx).await.map(|_| ())
        });
        waiting(&mut watcher, 1).await;
        proxy.cut();
        // Whoever asks again waits behind the one whose answer is lost.
        waiting(&mut watcher, 2).await;
        say(&mut holder, "COMMIT").await;
        undoing.await.expect("no panic").expect("it is undone");
        let undone: Vec<_> = stage.steps().await.iter().map(|step| step.undone.is_some()).collect();
        assert_eq!(undone.iter().filter(|undone| **undone).count(), 1, "{undone:?}");
    });
}

/// The same for a batch that was not written while another was: nobody can tell what became of it.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn what_may_have_been_done_is_not_planned_anew() {
    support::run(async {
        let (direct, database) = support::postgres().await;
        let stage = Stage::new(&direct);
        stage.add(1, "first").await;
        let store = support::open(&database.url()).await;
        let (mut holder, mut watcher) = (connect(&database).await, connect(&database).await);
        say(&mut holder, HOLD).await;
        let ctx = stage.ctx.clone();
        let undoing = tokio::spawn(async move {
            Server::scheduled(&store).execute(&Command::Undo(None), &ctx).await.map(|_| ())
        });
        waiting(&mut watcher, 1).await;
        say(&mut watcher, END_WAITING).await;
        waiting(&mut watcher, 1).await;
        say(&mut holder, "UPDATE owners SET next_seq = next_seq + 1; COMMIT").await;
        let told = undoing.await.expect("no panic").expect_err("nobody can tell");
        assert_eq!(told.code(), ErrorCode::StorageUnavailable, "{told:?}");
        assert!(stage.steps().await.iter().all(|step| step.undone.is_none()));
    });
}

const END_WAITING: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

const END_ALL: &str = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

const OPEN: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// A store all of whose connections are open.
async fn full(database: &Database) -> Store {
    let store = support::open(&database.url()).await;
    let mut watcher = connect(database).await;
    let all = i64::from(support::options().connections);
    loop {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.ready().await })
            })
            .collect();
        for asked in asking {
            asked.await.expect("no panic").expect("it answers");
        }
        let found: i64 = sqlx::query_scalar(OPEN).fetch_one(&mut watcher).await.expect("told");
        if found >= all {
            return store;
        }
    }
}

/// Every connection has ended when it is asked.
async fn survives<T, E: std::fmt::Debug>(
    name: &str,
    store: &Store,
    database: &Database,
    ask: impl AsyncFn(&Store) -> Result<T, E>,
) {
    say(&mut connect(database).await, END_ALL).await;
    let told = ask(store).await;
    assert!(told.is_ok(), "{name}: {:?}", told.err());
}

/// After a restart of the server each connection of the pool is dead: all who ask are answered
/// nevertheless, the first time.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn whoever_asks_first_is_answered() {
    support::run(async {
        let (direct, database) = support::postgres().await;
        let stage = Stage::new(&direct);
        stage.add(1, "first").await;
        let (owner, moment, now) = (OWNERS[0], stage.moment(), stage.ctx.now);
        let user = |k: u8| NewUser {
            owner: todo_core::Owner(uid(k).0),
            email: Email::new(&format!("ann{k}@example.org")).expect("an address"),
            password: PasswordHash::new("$argon2id$…".to_owned()),
            profile: Profile::default(),
        };
        direct.create_user(&user(1), &support::by(now)).await.expect("a user");
        direct.close().await;
        let asking = Asking { moment, date_order: None };
        let name = ProfilePatch { name: Patch::Set("Ann".to_owned()), ..ProfilePatch::default() };
        macro_rules! each {
            ($($name:literal $ask:expr;)+) => {
                $(survives($name, &full(&database).await, &database, $ask).await;)+
            };
        }
        each! {
            "ready" async |store: &Store| store.ready().await;
            "migrated" async |store: &Store| store.migrated().await;
            "changes" async |store: &Store| store.changes(owner, Seq(0), 10).await;
            "history" async |store: &Store| store.history(owner, uid(1), None, 10).await;
            "labels" async |store: &Store| store.labels(owner).await;
            "filters" async |store: &Store| store.filters(owner).await;
            "find" async |store: &Store| store.find(owner, &TaskQuery::new(moment)).await;
            "save" async |store: &Store| store.save_filter(owner, "a", "#b", &asking).await;
            "profile" async |store: &Store| {
                store.change_profile(user(1).owner, &name, None, &support::by(now)).await
            };
            "register" async |store: &Store| store.create_user(&user(2), &support::by(now)).await;
            "user" async |store: &Store| store.user(user(1).owner).await;
        }
    });
}

const LEFT_OPEN: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND state LIKE 'idle in transaction%'";

/// A request that is dropped while its transaction begins leaves none behind: whoever is lent that
/// connection next would write into it, and be told that all is stored.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn whoever_goes_away_leaves_no_transaction_open() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let now = Stage::new(&store).ctx.now;
        let mut watcher = connect(&database).await;
        for patience in 0..300_u32 {
            let writer = store.clone();
            let ending =
                async move { writer.end_session(OWNERS[0], uid(9).0, &support::by(now)).await };
            let ending = tokio::spawn(ending);
            for _ in 0..patience % 60 {
                tokio::task::yield_now().await;
            }
            ending.abort();
            // It may have been faster.
            let _ended = ending.await;
        }
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let left: i64 =
                sqlx::query_scalar(LEFT_OPEN).fetch_one(&mut watcher).await.expect("told");
            if left == 0 {
                break;
            }
            assert!(std::time::Instant::now() < until, "{left} transactions are left open");
        }
        let stage = Stage::new(&store);
        stage.add(1, "stored").await;
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM tasks")
            .fetch_one(&mut watcher)
            .await
            .expect("told");
        assert_eq!(stored, 1);
    });
}
