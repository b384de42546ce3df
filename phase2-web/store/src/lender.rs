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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::fault::StoreResult;
use crate::measures::Connections;

/// How long a connection goes from hand to hand before the pool sees to it again.
const OUT_MAX: Duration = Duration::from_secs(30);

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

/// A connection in somebody's hands. Dropped without [`Lent::done`], it goes back to the pool.
#[derive(Debug)]
pub(crate) struct Lent<DB: Database> {
    out: Out<DB>,
    shelf: Arc<Shelf<DB>>,
    _turn: OwnedSemaphorePermit,
}

/// A transaction. Dropped before it is committed, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Begun<DB: Database> {
    tx: Transaction<'static, DB>,
    _turn: OwnedSemaphorePermit,
}

impl<DB: Database> Lender<DB> {
    pub(crate) fn new(pool: Pool<DB>) -> Self {
        let options = pool.options();
        let turns = Arc::new(Semaphore::new(options.get_max_connections() as usize));
        let patience = options.get_acquire_timeout();
        let (ready, waiting) = (Mutex::default(), AtomicU32::new(0));
        Self(Arc::new(Shelf { pool, turns, ready, waiting, patience }))
    }

    pub(crate) fn pool(&self) -> &Pool<DB> {
        &self.0.pool
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
        Ok(Lent { out, shelf: Arc::clone(&self.0), _turn: turn })
    }

    /// Begins a transaction, by these words if they are given.
    pub(crate) async fn begin(&self, words: Option<&'static str>) -> StoreResult<Begun<DB>> {
        let turn = self.turn().await?;
        // The library's transaction takes a connection from the pool: one goes back for it.
        drop(self.0.ready().pop());
        let tx = match words {
            Some(words) => self.0.pool.begin_with(words).await?,
            None => self.0.pool.begin().await?,
        };
        Ok(Begun { tx, _turn: turn })
    }

    /// Lets go of connections that have broken: where one has, others may have too.
    pub(crate) async fn mend(&self) {
        let ready = std::mem::take(&mut *self.0.ready());
        for mut out in ready {
            if out.conn.ping().await.is_ok() {
                self.0.ready().push(out);
            } else {
                drop(out.conn.detach());
            }
        }
        for _ in 0..self.0.pool.num_idle() {
            let Some(mut conn) = self.0.pool.try_acquire() else { break };
            if conn.ping().await.is_err() {
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
    pub(crate) fn done(self) {
        if self.out.since.elapsed() > OUT_MAX {
            return;
        }
        let Self { out, shelf, _turn: turn } = self;
        let mut ready = shelf.ready();
        if !shelf.pool.is_closed() {
            ready.push(out);
        }
        drop(ready);
        drop(turn);
    }
}

impl<DB: Database> Deref for Lent<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.out.conn
    }
}

impl<DB: Database> DerefMut for Lent<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.out.conn
    }
}

impl<DB: Database> Begun<DB> {
    pub(crate) async fn commit(self) -> StoreResult<()> {
        Ok(self.tx.commit().await?)
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
