//! The one writer of a SQLite file, who commits in groups.
//!
//! A commit waits for the disk, and while it does, others come to write. They are taken together:
//! one transaction, each batch in a savepoint of its own, one wait for the disk for all of them. A
//! batch that is refused takes back only itself; if the commit fails, all of the group are told.
//! Whoever asked and has gone away loses the answer, and nothing else.
//!
//! Between two groups the connection goes back, and accounts take their turn on it.

use std::sync::Arc;

use sqlx::{Sqlite, SqlitePool, Transaction};
use todo_core::{Batch, Committed, Owner, StoreError};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument, Span};

use crate::conn::Conn;
use crate::failpoint;
use crate::fault::{Fault, StoreResult};
use crate::lock_file::LockFile;
use crate::origin::Origin;
use crate::pool::WRITING;
use crate::spans::shared;
use crate::tasks::{apply, commit};

/// Most batches of one group: those who wait longest are answered in good time.
pub(crate) const GROUP_MAX: usize = 64;
/// Most batches that wait; more wait to be let in.
const WAITING_MAX: usize = 1_024;

type Reply = oneshot::Sender<Result<Committed, StoreError>>;

#[derive(Debug)]
struct Job {
    owner: Owner,
    batch: Batch,
    origin: Origin,
    reply: Reply,
    span: Span,
}

/// Where batches are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Writer(mpsc::Sender<Job>);

/// The writer is gone: its runtime is shutting down, or it failed.
#[derive(Debug, thiserror::Error)]
#[error("the writer stopped")]
struct Stopped;

/// Why a batch was not written whose group failed.
#[derive(Debug, thiserror::Error)]
#[error("the transaction failed: {0}")]
struct GroupFailed(Arc<StoreError>);

impl Writer {
    /// Starts the writer. It ends when nobody can hand in anything more, and holds the file's lock
    /// until then.
    pub(crate) fn start(pool: SqlitePool, lock: Arc<LockFile>) -> Self {
        let (sender, jobs) = mpsc::channel(WAITING_MAX);
        tokio::spawn(serve(pool, jobs, lock));
        Self(sender)
    }

    pub(crate) async fn commit(
        &self,
        owner: Owner,
        batch: Batch,
        origin: Origin,
    ) -> StoreResult<Committed> {
        let (reply, answer) = oneshot::channel();
        let stopped = || StoreError::Unavailable(Stopped.into());
        let span = shared();
        let job = Job { owner, batch, origin, reply, span: span.clone() };
        let written = async {
            self.0.send(job).await.map_err(|_| stopped())?;
            answer.await.map_err(|_| stopped())?
        };
        Ok(written.instrument(span).await?)
    }
}

async fn serve(pool: SqlitePool, mut jobs: mpsc::Receiver<Job>, _lock: Arc<LockFile>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while jobs.recv_many(&mut group, GROUP_MAX).await > 0 {
        let (pool, taken) = (pool.clone(), std::mem::take(&mut group));
        // Apart, so that a panic in the making of one answer ends its group and not the writer.
        if let Err(error) = tokio::spawn(write_group(pool, taken)).await {
            tracing::error!(%error, "a group of writes was given up");
        }
    }
}

async fn write_group(pool: SqlitePool, group: Vec<Job>) {
    let mut written = Vec::with_capacity(group.len());
    let failed = match pool.begin_with(WRITING).await {
        Ok(mut tx) => match write_each(&mut tx, group, &mut written).await {
            // Of one that is alone and failed half-way there is something to take back.
            Ok(()) if written.iter().all(|(_, result)| result.is_err()) => None,
            Ok(()) => {
                failpoint("write.written");
                tx.commit().await.err().map(Fault::from)
            }
            Err(failed) => Some(failed),
        },
        Err(error) => {
            written.extend(group.into_iter().map(|job| (job.reply, Ok(Committed::default()))));
            Some(error.into())
        }
    };
    let failed = failed.map(|fault| Arc::new(StoreError::from(fault)));
    for (reply, result) in written {
        let result = match &failed {
            Some(failed) if result.is_ok() => Err(told(failed)),
            _ => result,
        };
        // Who has gone away does not want to know.
        let _ = reply.send(result);
    }
}

/// The same failure, for one more who asks.
fn told(failed: &Arc<StoreError>) -> StoreError {
    let cause = GroupFailed(Arc::clone(failed)).into();
    match **failed {
        StoreError::Unavailable(_) => StoreError::Unavailable(cause),
        StoreError::Corrupt(_) => StoreError::Corrupt(cause),
        _ => StoreError::Backend(cause),
    }
}

const MARK: &str = "SAVEPOINT batch";
const NEXT: &str = "RELEASE batch; SAVEPOINT batch";
const BACK: &str = "ROLLBACK TO batch";

/// Writes one after the other. An error is of the whole transaction.
async fn write_each(
    tx: &mut Transaction<'_, Sqlite>,
    group: Vec<Job>,
    written: &mut Vec<(Reply, Result<Committed, StoreError>)>,
) -> StoreResult<()> {
    let alone = group.len() == 1;
    let mut failed = None;
    if !alone {
        failed = say(tx, MARK).await.err();
    }
    for Job { owner, batch, origin, reply, span } in group {
        if failed.is_some() {
            written.push((reply, Ok(Committed::default())));
            continue;
        }
        let last = if alone { "" } else { NEXT };
        let result = write_one(tx, (owner, batch, origin), last).instrument(span).await;
        // A database that is full or broken may have ended the transaction: then this fails too.
        if matches!(result, Err(Fault::Sql(_))) && !alone {
            failed = say(tx, BACK).await.err();
        }
        written.push((reply, result.map_err(Fault::into)));
    }
    failed.map_or(Ok(()), Err)
}

async fn write_one(
    tx: &mut Transaction<'_, Sqlite>,
    (owner, batch, origin): (Owner, Batch, Origin),
    last: &'static str,
) -> StoreResult<Committed> {
    let written = commit::prepare(&mut Conn::Sqlite(tx), owner, batch, origin).await?;
    apply::sqlite(tx, owner, written.ops, last).await?;
    Ok(written.done)
}

async fn say(tx: &mut Transaction<'_, Sqlite>, sql: &'static str) -> StoreResult<()> {
    sqlx::query(sql).execute(&mut **tx).await?;
    Ok(())
}
