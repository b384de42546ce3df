//! What a command must know, from one snapshot.

use todo_core::facts::gather;
use todo_core::reminder::{Firing, ReminderId};
use todo_core::{Facts, KeptReceipt, Needs, Owner, StoreError, TaskId, Timestamp};

use super::commit::{Head, head};
use super::index::Index;
use super::row::task;
use super::steps;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;

static HEAD: Sql = Sql::new(
    "SELECT next_id, next_seq, timezone, tasks, EXISTS (SELECT 1 FROM tasks t \
     WHERE t.owner = owners.owner AND t.scheduled AND t.deleted_at IS NULL) \
     FROM owners WHERE owner = ?",
);
static RECEIPT: Sql =
    Sql::new("SELECT fingerprint, answer, at FROM receipts WHERE owner = ? AND key = ?");
static TASKS: Sql = Sql::new("SELECT {task} FROM tasks WHERE owner = ?");
static FIRINGS: Sql = Sql::new(
    "SELECT task, reminder, at, fate, settled_at FROM reminder_firings WHERE owner = ? \
     ORDER BY task, reminder, at",
);

/// A cell that no store wrote.
#[derive(Debug, thiserror::Error)]
#[error("a row is not what it may be")]
struct BadRow;

pub(crate) fn bad<E>(_: E) -> Fault {
    StoreError::Corrupt(BadRow.into()).into()
}

/// A counter.
pub(super) fn number(row: &dyn Cells, at: usize) -> StoreResult<u64> {
    u64::try_from(row.integer(at)?.ok_or_else(|| bad(()))?).map_err(bad)
}

/// All that is needed; the connection sees one snapshot.
pub(super) async fn load(conn: &mut Conn<'_>, owner: Owner, needs: &Needs) -> StoreResult<Facts> {
    let mut facts = Facts::default();
    let read = |row: &dyn Cells| {
        let Head { counters, .. } = head(row, [0, 1, 2])?;
        Ok((counters, number(row, 3)?, row.truth(4)?.unwrap_or_default()))
    };
    let heads = conn.rows(&HEAD, vec![owner.0.into()], read).await?;
    let Some((counters, count, by_clock)) = heads.first().copied() else { return Ok(facts) };
    (facts.counters, facts.count, facts.by_clock) = (counters, count, by_clock);
    if let Some(key) = &needs.receipt {
        let values = vec![owner.0.into(), key.as_str().into()];
        facts.receipt = conn.rows(&RECEIPT, values, receipt).await?.pop();
    }
    let steps = steps::wanted(conn, owner, needs).await?;
    let (needs, step) = needs.clone().with_step(&steps);
    facts.step = step.cloned();
    let tasks = conn.rows(&TASKS, vec![owner.0.into()], |row| Ok(task(row)?)).await?;
    let firings = conn.rows(&FIRINGS, vec![owner.0.into()], firing).await?;
    if needs.steps {
        facts.steps = steps;
    }
    let Ok(()) = gather(&Index::new(tasks, firings), &needs, &mut facts);
    Ok(facts)
}

fn receipt(row: &dyn Cells) -> StoreResult<KeptReceipt> {
    Ok(KeptReceipt {
        fingerprint: row.bytes(0)?.unwrap_or_default().try_into().map_err(bad)?,
        answer: row.bytes(1)?.unwrap_or_default().to_vec(),
        at: instant(row, 2)?,
    })
}

fn firing(row: &dyn Cells) -> StoreResult<Firing> {
    Ok(Firing {
        task: TaskId(row.uuid(0)?.ok_or_else(|| bad(()))?),
        reminder: ReminderId(u32::try_from(number(row, 1)?).map_err(bad)?),
        at: instant(row, 2)?,
        fate: row.text(3)?.unwrap_or_default().parse().map_err(bad)?,
        settled_at: instant(row, 4)?,
    })
}

fn instant(row: &dyn Cells, at: usize) -> StoreResult<Timestamp> {
    Ok(Timestamp::from_millis(row.integer(at)?.ok_or_else(|| bad(()))?))
}
