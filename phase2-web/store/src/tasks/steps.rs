//! The steps that undo remembers (S7).

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use todo_core::command::StepWanted;
use todo_core::event::{Actor, Seq};
use todo_core::task::TaskId;
use todo_core::{Needs, Owner, Step, StepNo, StoreError, Timestamp};

use super::load::number;
use super::write::{Op, PRUNE_STEPS};
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;

macro_rules! kept {
    ($end:literal) => {
        Sql::new(concat!(
            "SELECT no, at, actor_kind, actor_id, kind, changes, imported, undone FROM ",
            "(SELECT * FROM steps WHERE owner = ? ORDER BY no DESC LIMIT 100) kept ",
            $end
        ))
    };
}

static ALL: Sql = kept!("ORDER BY no");
static UNDO: Sql = kept!("WHERE undone IS NULL ORDER BY no DESC LIMIT 1");
static REDO: Sql = kept!("WHERE undone IS NOT NULL ORDER BY undone DESC LIMIT 1");
static ONE: Sql = kept!("WHERE no = ?");
static FORGET: Sql = Sql::new("DELETE FROM steps WHERE owner = ? AND no = ?{lock}");
static REWRITE: Sql =
    Sql::new("UPDATE steps SET changes = ?, imported = ? WHERE owner = ? AND no = ?{lock}");

/// The kept steps that are asked for, the oldest first.
pub(super) async fn wanted(
    conn: &mut Conn<'_>,
    owner: Owner,
    needs: &Needs,
) -> StoreResult<Vec<Step>> {
    let owner = owner.0.into();
    match needs.step {
        _ if needs.steps => conn.rows(&ALL, vec![owner], read).await,
        None => Ok(Vec::new()),
        Some(StepWanted::Undo) => conn.rows(&UNDO, vec![owner], read).await,
        Some(StepWanted::Redo) => conn.rows(&REDO, vec![owner], read).await,
        Some(StepWanted::No(no)) => conn.rows(&ONE, vec![owner, no.0.into()], read).await,
    }
}

/// What takes out of the steps what they remember of tasks that are purged.
pub(super) async fn forget(
    conn: &mut Conn<'_>,
    owner: Owner,
    purged: &[TaskId],
) -> StoreResult<Vec<Op>> {
    let purged: HashSet<_> = purged.iter().copied().collect();
    let owner = owner.0;
    let mut ops = Vec::new();
    for mut step in conn.rows(&ALL, vec![owner.into()], read).await? {
        let before = step.size();
        if !step.forget(&purged) {
            ops.push(Op::Run(&FORGET, vec![owner.into(), step.no.0.into()]));
        } else if step.size() != before {
            let changes = serde_json::to_string(&step.changes)?;
            let imported = serde_json::to_string(&step.imported)?;
            let values = vec![changes.into(), imported.into(), owner.into(), step.no.0.into()];
            ops.push(Op::Run(&REWRITE, values));
        }
    }
    if !ops.is_empty() {
        // Those that go must not make room among the newest for older ones, which are gone.
        ops.insert(0, Op::Run(&PRUNE_STEPS, vec![owner.into(), owner.into()]));
    }
    Ok(ops)
}

/// A step that no store wrote.
#[derive(Debug, thiserror::Error)]
#[error("a step is not what it may be")]
struct BadStep;

fn bad<E>(_: E) -> Fault {
    StoreError::Corrupt(BadStep.into()).into()
}

fn read(row: &dyn Cells) -> StoreResult<Step> {
    let text = |at| row.text(at)?.ok_or_else(|| bad(()));
    let undone = match row.integer(7)? {
        None => None,
        Some(seq) => Some(Seq(u64::try_from(seq).map_err(bad)?)),
    };
    Ok(Step {
        no: StepNo(number(row, 0)?),
        at: Timestamp::from_millis(row.integer(1)?.ok_or_else(|| bad(()))?),
        actor: Actor { kind: word(text(2)?)?, id: row.uuid(3)?.ok_or_else(|| bad(()))? },
        kind: word(text(4)?)?,
        changes: serde_json::from_str(text(5)?).map_err(bad)?,
        imported: serde_json::from_str(text(6)?).map_err(bad)?,
        undone,
    })
}

/// The value that a word stands for.
pub(super) fn word<'de, T: Deserialize<'de>>(text: &'de str) -> StoreResult<T> {
    let reader: StrDeserializer<'de, WordError> = text.into_deserializer();
    T::deserialize(reader).map_err(bad)
}
