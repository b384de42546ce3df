//! One who does what only one may do at a time.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use todo_core::StoreError;
use todo_core::batch::NUMBER_MAX;
use tokio::time::timeout;

use super::Position;
use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::db::{Db, KEPT_ALIVE};
use crate::fault::{Fault, StoreResult};
use crate::limit::Limit;
use crate::sql::Sql;
use crate::tasks::load::number;

/// What the relay leads. Consumers lead their own names.
pub const RELAY: &str = "relay";

/// How long the connection that a lead hangs on may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who waits for a row that another holds gives up by then, and leaves nobody behind at the server who waits
/// on and holds the lock meanwhile.
const LOCK_TIMEOUT: (&str, &str) = ("lock_timeout", "2000");

const LOCK: &str = "SELECT pg_try_advisory_lock(hashtextextended('todo ' || $1, 0))";
const UNLOCK: &str = "SELECT pg_advisory_unlock(hashtextextended('todo ' || $1, 0))";

static BEGIN: Sql = Sql::new(
    "INSERT INTO leaders (name, epoch) VALUES (?, 1) \
     ON CONFLICT (name) DO UPDATE SET epoch = leaders.epoch + 1 RETURNING epoch, position",
);

/// The relay's place is never before one that was given, or that somebody has come past: its row may have been
/// taken out with those of consumers that are no more. Both are read from the end of an index, or of a table of
/// a few rows; a number that is no counter is none of them.
static CATCH_UP: Sql = Sql::new(
    "UPDATE leaders SET position = l.last FROM (SELECT max(position) AS last FROM \
     (SELECT max(position) AS position FROM outbox WHERE position < ? \
     UNION ALL SELECT max(position) FROM leaders WHERE position < ?) places) l \
     WHERE name = ? AND l.last > COALESCE(leaders.position, 0) RETURNING leaders.position",
);

/// What is led in this process, of a file that nobody else has open.
#[derive(Debug, Default)]
pub(crate) struct Posts(Mutex<HashSet<String>>);

/// The connections of those who stand by, until they try again: a lock is asked for each second, and a
/// connection for each try is what a server feels.
#[derive(Debug, Default)]
pub(crate) struct Standby(Mutex<HashMap<String, PgConnection>>);

impl Standby {
    fn take(&self, name: &str) -> Option<PgConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name)
    }

    fn keep(&self, name: &str, conn: PgConnection) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), conn);
    }

    /// Ends them all.
    pub(crate) fn leave(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Leads for as long as this is kept, unless its connection breaks: what is written under it is refused
/// from the moment on when somebody else leads.
#[derive(Debug)]
pub struct Leadership {
    pub(crate) name: String,
    pub(crate) epoch: u64,
    begun: Option<Position>,
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// By this process.
    Here { _post: Post },
    /// By a lock that goes with its connection.
    There(Box<PgConnection>),
}

/// One of [`Posts`], free again when this is dropped.
#[derive(Debug)]
struct Post(Arc<Posts>, String);

impl Drop for Post {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Store {
    /// Leads what `name` says, if nobody else does. On PostgreSQL by a lock of a session, on a connection
    /// of its own that goes past any pooler: it ends with the process, or with the connection.
    pub async fn lead(&self, name: &str) -> Result<Option<Leadership>, StoreError> {
        Ok(match &self.db {
            Db::Sqlite(_) => self.lead_here(name).await?,
            Db::Postgres(lender) => self.lead_there(&self.direct(lender), name).await?,
        })
    }

    async fn lead_here(&self, name: &str) -> StoreResult<Option<Leadership>> {
        let free = {
            let mut posts = self.posts.0.lock().unwrap_or_else(PoisonError::into_inner);
            posts.insert(name.to_owned())
        };
        if !free {
            return Ok(None);
        }
        let post = Post(Arc::clone(&self.posts), name.to_owned());
        let mut tx = self.writing().await?;
        let begun = begin(&mut tx.lend(), name).await?;
        tx.commit().await?;
        Ok(Some(Leadership::new(name, begun, Held::Here { _post: post })))
    }

    async fn lead_there(
        &self,
        options: &PgConnectOptions,
        name: &str,
    ) -> StoreResult<Option<Leadership>> {
        let late = || Err(Fault::Sql(sqlx::Error::PoolTimedOut));
        let kept = self.standby.take(name);
        let stood_by = kept.is_some();
        let tried =
            timeout(PATIENCE, lead_on(kept, options, name)).await.unwrap_or_else(|_| late());
        // Its connection may have ended since: what counts is whether a new one can be had.
        let tried = match tried {
            Err(_) if stood_by => {
                timeout(PATIENCE, lead_on(None, options, name)).await.unwrap_or_else(|_| late())
            }
            tried => tried,
        };
        Ok(match tried? {
            Tried::Leads(leads) => Some(leads),
            Tried::StandsBy(conn) => {
                self.standby.keep(name, conn);
                None
            }
        })
    }
}

/// What came of asking for a lock.
enum Tried {
    Leads(Leadership),
    /// Somebody else has it.
    StandsBy(PgConnection),
}

async fn lead_on(
    kept: Option<PgConnection>,
    options: &PgConnectOptions,
    name: &str,
) -> StoreResult<Tried> {
    let mut conn = if let Some(conn) = kept {
        conn
    } else {
        let options = options.clone().options(KEPT_ALIVE).options([LOCK_TIMEOUT]);
        PgConnection::connect_with(&options).await?
    };
    let free: bool = sqlx::query_scalar(LOCK).bind(name).fetch_one(&mut conn).await?;
    if !free {
        return Ok(Tried::StandsBy(conn));
    }
    let begun = begin(&mut Conn::Postgres(&mut conn, &Limit::default()), name).await?;
    Ok(Tried::Leads(Leadership::new(name, begun, Held::There(Box::new(conn)))))
}

async fn begin(conn: &mut Conn<'_>, name: &str) -> StoreResult<(u64, Option<Position>)> {
    let read = |row: &dyn Cells| {
        let position = row.integer(1)?.map(|_| number(row, 1)).transpose()?;
        Ok((number(row, 0)?, position.map(Position)))
    };
    let begun = conn.rows(&BEGIN, vec![name.into()], read).await?;
    let (epoch, mut position) =
        begun.first().copied().ok_or(Fault::Sql(sqlx::Error::RowNotFound))?;
    if name == RELAY {
        let values = vec![NUMBER_MAX.into(), NUMBER_MAX.into(), name.into()];
        let later = conn.rows(&CATCH_UP, values, |row| Ok(Position(number(row, 0)?))).await?;
        if let Some(later) = later.first() {
            tracing::warn!(
                position = later.0,
                "the relay goes on from there; its own place was lost"
            );
            position = Some(*later);
        }
    }
    Ok((epoch, position))
}

impl Leadership {
    fn new(name: &str, (epoch, begun): (u64, Option<Position>), held: Held) -> Self {
        Self { name: name.to_owned(), epoch, begun, held }
    }

    /// What is led.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Higher than that of every leader before.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How far the leader before had come, if there was one who went anywhere.
    pub fn begun(&self) -> Option<Position> {
        self.begun
    }

    /// Whether it is still held, as far as can be seen from here. To ask keeps the connection in use, so
    /// that its end is noticed on both sides.
    pub async fn still(&mut self) -> bool {
        match &mut self.held {
            Held::Here { .. } => true,
            Held::There(conn) => matches!(timeout(PATIENCE, conn.ping()).await, Ok(Ok(()))),
        }
    }

    /// Gives it up, so that somebody else may lead at once: once this is done, the lock is free.
    pub async fn resign(self) {
        if let Held::There(mut conn) = self.held {
            let closed = async {
                // To close is said and not answered: the server does it when it comes to it.
                sqlx::query(UNLOCK).bind(&self.name).execute(&mut *conn).await?;
                conn.close().await
            };
            // A server that does not answer notices by itself.
            let _closed = timeout(PATIENCE, closed).await;
        }
    }
}
