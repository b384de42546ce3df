//! Writing a batch under the owner's lock: look whether all that it was planned on still holds,
//! give the numbers, write.
//!
//! The owner's row is the lock. Whoever holds it is alone with this owner's rows, so nothing that
//! was looked at can move before it is written, and `seq` goes in the order of commits. On SQLite
//! the one writer of the file holds every lock there is.

use std::collections::HashSet;

use todo_core::batch::Counters;
use todo_core::event::Seq;
use todo_core::task::TaskId;
use todo_core::{Batch, KeptReceipt, Owner, StoreError, TaskNo, Timestamp, Zone};
use uuid::Uuid;

use super::write::{Known, Op, Written, write};
use super::{receipts, steps};
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::origin::Origin;
use crate::sql::Sql;

/// There is no row for an owner who is to be written for: an account is made before its tasks.
#[derive(Debug, thiserror::Error)]
#[error("there is no such owner")]
struct NoOwner;

/// A zone that the zone data does not know (any more).
#[derive(Debug, thiserror::Error)]
#[error("the zone of an owner is not known")]
struct UnknownZone;

/// An owner's row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(super) counters: Counters,
    pub(crate) zone: Zone,
}

/// What an owner's row says, and whether there are undone steps. To undo what is gone already writes
/// no event, so unmoved counters do not tell.
static LOCK_ALL: Sql = Sql::new(
    "SELECT next_id, next_seq, timezone, \
     EXISTS (SELECT 1 FROM steps s WHERE s.owner = owners.owner AND s.undone IS NOT NULL) \
     FROM owners WHERE owner = ?{for update}",
);

static LOCK: Sql =
    Sql::new("SELECT next_id, next_seq, timezone FROM owners WHERE owner = ?{for update}");
static RECEIPT: Sql = Sql::new("SELECT at FROM receipts WHERE owner = ? AND key = ?");
static INBOX: Sql = Sql::new("SELECT at FROM inbox WHERE owner = ? AND consumer = ? AND event = ?");
static VERSIONS: Sql = Sql::new("SELECT uid, version FROM tasks WHERE owner = ? AND uid {uids}");
static DROP_RECEIPT: Sql = Sql::new("DELETE FROM receipts WHERE owner = ? AND key = ?{lock}");
static COUNT: Sql =
    Sql::new("UPDATE owners SET next_id = ?, next_seq = ?, tasks = tasks + ? WHERE owner = ?");

/// Takes the owner's lock and makes the batch into statements, or says why it may not be written.
/// The connection is in a transaction; what is taken holds until that ends.
pub(crate) async fn prepare(
    conn: &mut Conn<'_>,
    owner: Owner,
    batch: Batch,
    origin: Origin,
) -> StoreResult<Written> {
    let read = |row: &dyn Cells| Ok((head(row, [0, 1, 2])?, row.truth(3)?.unwrap_or_default()));
    let heads = conn.rows(&LOCK_ALL, vec![owner.0.into()], read).await?;
    let (head, redo) = *heads.first().ok_or_else(|| StoreError::Backend(NoOwner.into()))?;
    let mut first = settled(conn, owner, &batch).await?;
    // Every change raises the counters: what has not moved need not be looked at. What is purged
    // is counted, and so looked at in any case.
    let seen = batch.seen.filter(|seen| seen.counters == head.counters);
    let unmoved = seen.is_some() && batch.deletes.is_empty();
    // What moved while the lock was waited for may have been an undo.
    let redo = redo || seen.is_none();
    let present =
        if unmoved { None } else { Some(expected(conn, owner, &batch, head.counters).await?) };
    if !batch.deletes.is_empty() {
        first.extend(steps::forget(conn, owner, &batch.deletes).await?);
        first.extend(receipts::forget(conn, owner, &batch.deletes).await?);
    }
    let known = Known { counters: head.counters, redo, zone: head.zone, present, first, origin };
    let mut written = write(owner, batch, known)?;
    written.ops.push(count(owner, &written));
    Ok(written)
}

fn count(owner: Owner, written: &Written) -> Op {
    let Counters { next_id, next_seq } = written.counters;
    let values = vec![next_id.0.into(), next_seq.0.into(), written.more.into(), owner.0.into()];
    Op::Run(&COUNT, values)
}

pub(crate) async fn lock(conn: &mut Conn<'_>, owner: Owner) -> StoreResult<Head> {
    let heads = conn.rows(&LOCK, vec![owner.0.into()], |row| head(row, [0, 1, 2])).await?;
    heads.first().copied().ok_or_else(|| StoreError::Backend(NoOwner.into()).into())
}

/// Reads an owner's row out of these places.
pub(super) fn head(row: &dyn Cells, at: [usize; 3]) -> StoreResult<Head> {
    let zone = row.text(at[2])?.unwrap_or_default();
    let zone = todo_core::time::zone(zone).map_err(|_| StoreError::Corrupt(UnknownZone.into()))?;
    let next_id = TaskNo(super::load::number(row, at[0])?);
    let next_seq = Seq(super::load::number(row, at[1])?);
    Ok(Head { counters: Counters { next_id, next_seq }, zone })
}

/// Whether this was done before. A repeat outranks a conflict: the caller then looks up what was
/// answered, instead of planning again. Answers what makes room for a receipt whose key was taken
/// so long ago that it counts no more.
async fn settled(conn: &mut Conn<'_>, owner: Owner, batch: &Batch) -> StoreResult<Vec<Op>> {
    let mut room = Vec::new();
    if let Some(receipt) = &batch.receipt {
        let values: Vec<Value> = vec![owner.0.into(), receipt.key.as_str().into()];
        let at = |row: &dyn Cells| Ok(Timestamp::from_millis(row.integer(0)?.unwrap_or_default()));
        for at in conn.rows(&RECEIPT, values.clone(), at).await? {
            let kept = KeptReceipt { fingerprint: receipt.fingerprint, answer: Vec::new(), at };
            if kept.counts(batch.meta.at) {
                return Err(StoreError::Repeated.into());
            }
            room.push(Op::Run(&DROP_RECEIPT, values.clone()));
        }
    }
    if let Some(inbox) = &batch.inbox {
        let values = vec![owner.0.into(), inbox.consumer.as_str().into(), inbox.event.into()];
        if !conn.rows(&INBOX, values, |_| Ok(())).await?.is_empty() {
            return Err(StoreError::Repeated.into());
        }
    }
    Ok(room)
}

/// Whether all that the batch expects still holds. Answers which of its tasks are there. That no
/// reminder was settled twice the key of its table says.
async fn expected(
    conn: &mut Conn<'_>,
    owner: Owner,
    batch: &Batch,
    counters: Counters,
) -> StoreResult<HashSet<Uuid>> {
    if batch.expected_seq.is_some_and(|seq| seq != counters.next_seq) {
        return Err(StoreError::Conflict.into());
    }
    let inserts: Vec<_> = batch.inserts().collect();
    let seen = batch.expected.iter().map(|(task, _)| *task);
    let asked: Vec<_> = seen
        .chain(inserts.iter().copied())
        .chain(batch.deletes.iter().copied())
        .map(|task: TaskId| task.0)
        .collect();
    let version =
        |row: &dyn Cells| Ok((row.uuid(0)?.unwrap_or_default(), super::load::number(row, 1)?));
    let found = if asked.is_empty() {
        Vec::new()
    } else {
        conn.rows(&VERSIONS, vec![owner.0.into(), asked.into()], version).await?
    };
    let found: std::collections::HashMap<_, _> = found.into_iter().collect();
    let moved = batch.expected.iter().any(|(task, seen)| found.get(&task.0) != Some(&seen.0));
    if moved || inserts.iter().any(|task| found.contains_key(&task.0)) {
        return Err(StoreError::Conflict.into());
    }
    Ok(found.into_keys().collect())
}

/// Whether these statements may be carried out all at once, each seeing what was there before.
pub(super) fn at_once(batch: &Batch) -> bool {
    let remade = |event: &todo_core::TaskEvent| {
        matches!(event.data, todo_core::event::EventData::Created { .. })
            && batch.expected.iter().any(|(task, _)| *task == event.task)
    };
    batch.deletes.is_empty() && !batch.events.iter().any(remade)
}
