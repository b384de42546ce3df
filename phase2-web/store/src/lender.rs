//! Connections that go from hand to hand.
//!
//! The pool of the library asks each connection that comes back whether it is alive, and waits for
//! the answer: a round trip, on SQLite a change of threads, which takes as long as many a question.
//! One that has just answered in full needs no such test. So it goes to the next who asks as it is,
//! and only one that has been out for long, or was given up half-way outside of a transaction, goes back to
//! the pool, which tests it, and replaces it when it is old. A transaction that was given up is ended here: the
//! library does not know of it, and none goes back to the pool with one open. One that owes an answer for longer than
//! its server takes for any is let go of.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Database, Pool, Postgres, Sqlite};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::fault::StoreResult;
use crate::limit::Limit;
use crate::measures::Connections;
use crate::spans::{asked, system};

/// How long a connection goes from hand to hand before the pool sees to it again.
const OUT_MAX: Duration = Duration::from_secs(30);
/// How long one that was given up half-way may take to come to its end.
const GIVEN_UP_MAX: Duration = Duration::from_secs(30);
/// How long an idle one may take to answer.
const PING_MAX: Duration = Duration::from_secs(1);

const BEGIN: &str = "BEGIN";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// A database to whose connections words can be said that answer nothing.
pub(crate) trait Spoken: Database {
    fn say(
        conn: &mut Self::Connection,
        words: &'static str,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;
}

impl Spoken for Postgres {
    async fn say(conn: &mut PgConnection, words: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(words).execute(conn).await.map(drop)
    }
}

impl Spoken for Sqlite {
    async fn say(conn: &mut SqliteConnection, words: &'static str) -> sqlx::Result<()> {
        sqlx::raw_sql(words).execute(conn).await.map(drop)
    }
}

/// Lends out the connections of a pool. Clones lend out the same.
#[derive(Debug)]
pub(crate) struct Lender<DB: Spoken>(Arc<Shelf<DB>>);

impl<DB: Spoken> Clone for Lender<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Shelf<DB: Spoken> {
    pool: Pool<DB>,
    /// Whether what is asked next may reach the database by another connection, because a pooler is
    /// in between.
    pooled: bool,
    /// As many as the pool has connections. Whoever holds one finds a connection on the shelf, or
    /// room in the pool; and those who wait are served in their order.
    turns: Arc<Semaphore>,
    /// The one that answered last lies on top.
    ready: Mutex<Vec<Out<DB>>>,
    waiting: AtomicU32,
    patience: Duration,
    /// How long an answer is waited for.
    answer: Option<Duration>,
}

/// A connection that is out of the pool.
#[derive(Debug)]
struct Out<DB: Spoken> {
    conn: PoolConnection<DB>,
    since: Instant,
}

/// A connection in somebody's hands. Dropped without [`Lent::done`], it goes back to the pool when it
/// has come to an end.
#[derive(Debug)]
pub(crate) struct Lent<DB: Spoken> {
    /// There until this is done with.
    out: Option<(Out<DB>, OwnedSemaphorePermit)>,
    shelf: Arc<Shelf<DB>>,
    limit: Limit,
    /// Whether a transaction is open on it, or may be.
    open: bool,
}

/// A transaction. Dropped before it is committed, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Begun<DB: Spoken>(Lent<DB>);

impl<DB: Spoken> Lender<DB> {
    /// Lends those of a pool. Whoever waits for an answer gives up after `answer`.
    pub(crate) fn new(pool: Pool<DB>, pooled: bool, answer: Option<Duration>) -> Self {
        let options = pool.options();
        let turns = Arc::new(Semaphore::new(options.get_max_connections() as usize));
        let patience = options.get_acquire_timeout();
        let (ready, waiting) = (Mutex::default(), AtomicU32::new(0));
        Self(Arc::new(Shelf { pool, pooled, turns, ready, waiting, patience, answer }))
    }

    pub(crate) fn pool(&self) -> &Pool<DB> {
        &self.0.pool
    }

    /// See [`Shelf::pooled`].
    pub(crate) fn is_pooled(&self) -> bool {
        self.0.pooled
    }

    /// How many there are.
    pub(crate) fn connections(&self) -> Connections {
        let most = self.0.pool.options().get_max_connections();
        let free = u32::try_from(self.0.turns.available_permits()).unwrap_or(most);
        Connections {
            most,
            open: self.0.pool.size(),
            used: most.saturating_sub(free),
            waiting: self.0.waiting.load(Ordering::Relaxed),
        }
    }

    /// A connection, which may turn out to be no more.
    pub(crate) async fn lend(&self) -> StoreResult<Lent<DB>> {
        let turn = self.turn().await?;
        let ready = self.0.ready().pop();
        let out = match ready {
            Some(out) => out,
            None => Out { conn: self.0.pool.acquire().await?, since: Instant::now() },
        };
        let limit = Limit::of(self.0.answer);
        Ok(Lent { out: Some((out, turn)), shelf: Arc::clone(&self.0), limit, open: false })
    }

    /// Begins a transaction, by these words if they are given.
    pub(crate) async fn begin(&self, words: Option<&'static str>) -> StoreResult<Begun<DB>> {
        let words = words.unwrap_or(BEGIN);
        let mut lent = self.lend().await?;
        // Whoever goes away before the answer comes may have begun one.
        lent.open = true;
        lent.say(words).await?;
        Ok(Begun(lent))
    }

    /// Lets go of connections that have broken: where one has, others may have too.
    pub(crate) async fn mend(&self) {
        let shelved = std::mem::take(&mut *self.0.ready()).into_iter().map(|out| out.conn);
        let idle = (0..self.0.pool.num_idle()).map_while(|_| self.0.pool.try_acquire());
        let all: Vec<_> = shelved.chain(idle).collect();
        // All at once: each that is silent is waited for.
        join_all(all.into_iter().map(|mut conn| async move {
            if !matches!(timeout(PING_MAX, conn.ping()).await, Ok(Ok(()))) {
                drop(conn.detach());
            }
        }))
        .await;
    }

    /// Ends all connections, once what is being done is done.
    pub(crate) async fn close(&self) {
        // From here on none is put on the shelf.
        let closing = self.0.pool.close();
        self.0.ready().clear();
        closing.await;
    }

    async fn turn(&self) -> StoreResult<OwnedSemaphorePermit> {
        let turns = || Arc::clone(&self.0.turns);
        if let Ok(turn) = turns().try_acquire_owned() {
            return Ok(turn);
        }
        let _waiting = Waiting::among(&self.0.waiting);
        match timeout(self.0.patience, turns().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(sqlx::Error::PoolClosed.into()),
            Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }
}

/// One who waits, counted until they have waited or given up.
struct Waiting<'w>(&'w AtomicU32);

impl<'w> Waiting<'w> {
    fn among(all: &'w AtomicU32) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<DB: Spoken> Shelf<DB> {
    fn ready(&self) -> MutexGuard<'_, Vec<Out<DB>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes back one that has answered in full, outside of a transaction.
    fn put(&self, out: Out<DB>) {
        let mut ready = self.ready();
        let mut back = None;
        if self.pool.is_closed() || out.since.elapsed() > OUT_MAX {
            back = Some(out);
        } else {
            ready.push(out);
            // Those that nobody asks for lie at the bottom.
            if ready.first().is_some_and(|first| first.since.elapsed() > OUT_MAX) {
                back = Some(ready.remove(0));
            }
        }
        drop(ready);
        drop(back);
    }
}

impl<DB: Spoken> Drop for Shelf<DB> {
    /// To go back to the pool takes a runtime, which may be gone; and the pool is going too.
    fn drop(&mut self) {
        for out in self.ready().drain(..) {
            drop(out.conn.detach());
        }
    }
}

impl<DB: Spoken> Lent<DB> {
    /// Hands it on. Only for who has read what he asked for to its end, outside of a transaction.
    pub(crate) fn done(mut self) {
        let Some((out, turn)) = self.out.take() else { return };
        self.shelf.put(out);
        drop(turn);
    }

    /// To be asked, and how long it may take to answer.
    pub(crate) fn parts(&mut self) -> (&mut DB::Connection, &Limit) {
        match &mut self.out {
            Some((out, _)) => (&mut out.conn, &self.limit),
            None => unreachable!("it is taken out by what ends it"),
        }
    }

    async fn say(&mut self, words: &'static str) -> StoreResult<()> {
        let (conn, limit) = self.parts();
        asked(system::<DB>(), words, limit.on(DB::say(conn, words))).await
    }
}

impl<DB: Spoken> Drop for Lent<DB> {
    /// It was given up. It comes to the end of what it was asked before it counts as free: else
    /// somebody would wait for it at the pool while others are handed on.
    fn drop(&mut self) {
        let Some((mut out, turn)) = self.out.take() else { return };
        if self.limit.was_passed() {
            return drop(out.conn.detach());
        }
        let Ok(runtime) = Handle::try_current() else { return drop(out.conn.detach()) };
        let (shelf, open) = (Arc::clone(&self.shelf), self.open);
        runtime.spawn(async move {
            let ends = async {
                if open { DB::say(&mut out.conn, ROLLBACK).await } else { out.conn.ping().await }
            };
            match timeout(GIVEN_UP_MAX, ends).await {
                Ok(Ok(())) if open => shelf.put(out),
                Ok(Ok(())) => drop(out),
                Ok(Err(_)) => drop(out.conn.detach()),
                // The way there is gone, for others perhaps as well.
                Err(_) => {
                    drop(out.conn.detach());
                    Lender(shelf).mend().await;
                }
            }
            drop(turn);
        });
    }
}

impl<DB: Spoken> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match &self.out {
            Some((out, _)) => &out.conn,
            None => unreachable!("it is taken out by what ends it"),
        }
    }
}

impl<DB: Spoken> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.parts().0
    }
}

impl<DB: Spoken> Begun<DB> {
    pub(crate) async fn commit(mut self) -> StoreResult<()> {
        self.0.say(COMMIT).await?;
        self.0.open = false;
        self.0.done();
        Ok(())
    }

    /// See [`Lent::parts`].
    pub(crate) fn parts(&mut self) -> (&mut DB::Connection, &Limit) {
        self.0.parts()
    }

    /// Its answers may take long.
    pub(crate) fn lift(&mut self) {
        self.0.limit.lift();
    }
}
