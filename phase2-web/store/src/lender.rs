//! Connections that go from hand to hand.
//!
//! The pool of the library asks each connection that comes back whether it is alive, and waits for
//! the answer: a round trip, on SQLite a change of threads, which takes as long as many a question.
//! One that has just answered in full needs no such test. So it goes to the next who asks as it is,
//! and only one that was given up half-way, or has been out for long, goes back to the pool, which
//! tests it, ends what was left open on it, and replaces it when it is old.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Database, Pool, Transaction};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::fault::StoreResult;
use crate::measures::Connections;
use crate::spans::{asked, system};

/// How long a connection goes from hand to hand before the pool sees to it again.
const OUT_MAX: Duration = Duration::from_secs(30);
/// How long one that was given up half-way may take to come to its end.
const GIVEN_UP_MAX: Duration = Duration::from_secs(30);
/// How long an idle one may take to answer.
const PING_MAX: Duration = Duration::from_secs(1);

/// Lends out the connections of a pool. Clones lend out the same.
#[derive(Debug)]
pub(crate) struct Lender<DB: Database>(Arc<Shelf<DB>>);

impl<DB: Database> Clone for Lender<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Shelf<DB: Database> {
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
}

/// A connection that is out of the pool.
#[derive(Debug)]
struct Out<DB: Database> {
    conn: PoolConnection<DB>,
    since: Instant,
}

/// A connection in somebody's hands. Dropped without [`Lent::done`], it goes back to the pool when it
/// has come to an end.
#[derive(Debug)]
pub(crate) struct Lent<DB: Database> {
    /// There until this is done with.
    out: Option<(Out<DB>, OwnedSemaphorePermit)>,
    shelf: Arc<Shelf<DB>>,
}

/// A transaction. Dropped before it is committed, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Begun<DB: Database> {
    tx: Transaction<'static, DB>,
    _turn: OwnedSemaphorePermit,
}

impl<DB: Database> Lender<DB> {
    pub(crate) fn new(pool: Pool<DB>, pooled: bool) -> Self {
        let options = pool.options();
        let turns = Arc::new(Semaphore::new(options.get_max_connections() as usize));
        let patience = options.get_acquire_timeout();
        let (ready, waiting) = (Mutex::default(), AtomicU32::new(0));
        Self(Arc::new(Shelf { pool, pooled, turns, ready, waiting, patience }))
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
        Ok(Lent { out: Some((out, turn)), shelf: Arc::clone(&self.0) })
    }

    /// Begins a transaction, by these words if they are given.
    pub(crate) async fn begin(&self, words: Option<&'static str>) -> StoreResult<Begun<DB>> {
        let turn = self.turn().await?;
        // The library's transaction takes a connection from the pool: one goes back for it.
        drop(self.0.ready().pop());
        let pool = self.0.pool.clone();
        // Apart, so that it comes to its end if the caller goes away: the library takes no notice of
        // a transaction of whose beginning it has not read the answer, and would lend the connection
        // to others with the transaction open.
        let begun = tokio::spawn(async move {
            let tx = match words {
                Some(words) => pool.begin_with(words).await?,
                None => pool.begin().await?,
            };
            Ok::<_, sqlx::Error>(Begun { tx, _turn: turn })
        });
        let begun = async { begun.await.unwrap_or(Err(sqlx::Error::WorkerCrashed)) };
        asked(system::<DB>(), words.unwrap_or("BEGIN"), begun).await
    }

    /// Lets go of connections that have broken: where one has, others may have too.
    pub(crate) async fn mend(&self) {
        // The pool tests each that comes back.
        drop(std::mem::take(&mut *self.0.ready()));
        for _ in 0..self.0.pool.num_idle() {
            let Some(mut conn) = self.0.pool.try_acquire() else { break };
            if !matches!(timeout(PING_MAX, conn.ping()).await, Ok(Ok(()))) {
                drop(conn.detach());
            }
        }
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

impl<DB: Database> Shelf<DB> {
    fn ready(&self) -> MutexGuard<'_, Vec<Out<DB>>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Database> Drop for Shelf<DB> {
    /// To go back to the pool takes a runtime, which may be gone; and the pool is going too.
    fn drop(&mut self) {
        for out in self.ready().drain(..) {
            drop(out.conn.detach());
        }
    }
}

impl<DB: Database> Lent<DB> {
    /// Hands it on. Only for who has read what he asked for to its end, outside of a transaction.
    pub(crate) fn done(mut self) {
        let Some((out, turn)) = self.out.take() else { return };
        let mut ready = self.shelf.ready();
        let mut back = None;
        if self.shelf.pool.is_closed() || out.since.elapsed() > OUT_MAX {
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
        drop(turn);
    }
}

impl<DB: Database> Drop for Lent<DB> {
    /// It was given up. It comes to the end of what it was asked before it counts as free: else
    /// somebody would wait for it at the pool while others are handed on.
    fn drop(&mut self) {
        let Some((mut out, turn)) = self.out.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return drop(out.conn.detach()) };
        runtime.spawn(async move {
            if !matches!(timeout(GIVEN_UP_MAX, out.conn.ping()).await, Ok(Ok(()))) {
                drop(out.conn.detach());
            }
            drop(turn);
        });
    }
}

impl<DB: Database> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        match &self.out {
            Some((out, _)) => &out.conn,
            None => unreachable!("it is taken out by what ends it"),
        }
    }
}

impl<DB: Database> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        match &mut self.out {
            Some((out, _)) => &mut out.conn,
            None => unreachable!("it is taken out by what ends it"),
        }
    }
}

impl<DB: Database> Begun<DB> {
    pub(crate) async fn commit(self) -> StoreResult<()> {
        asked(system::<DB>(), "COMMIT", self.tx.commit()).await
    }
}

impl<DB: Database> Deref for Begun<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.tx
    }
}

impl<DB: Database> DerefMut for Begun<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.tx
    }
}
