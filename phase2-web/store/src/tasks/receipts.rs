//! Receipts that tell of what is gone.

use std::collections::HashSet;

use todo_core::Owner;
use todo_core::task::TaskId;
use uuid::Uuid;

use super::write::Op;
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;

static SOME: Sql =
    Sql::new("SELECT key, answer FROM receipts WHERE owner = ? AND key > ? ORDER BY key LIMIT 64");
static FORGET: Sql = Sql::new("DELETE FROM receipts WHERE owner = ? AND key = ?{lock}");

/// How long an identity is, as answers write it.
const WRITTEN: usize = 36;

/// What takes away the receipts whose answers tell of tasks that are purged: of those nothing is
/// kept (SPEC 9), and an answer cannot be told without them. A few at a time: answers may be long.
pub(super) async fn forget(
    conn: &mut Conn<'_>,
    owner: Owner,
    purged: &[TaskId],
) -> StoreResult<Vec<Op>> {
    let purged: HashSet<_> = purged.iter().map(|task| task.0).collect();
    let mut ops = Vec::new();
    let mut after = String::new();
    loop {
        let read = |row: &dyn Cells| {
            let key = row.text(0)?.ok_or_else(|| super::load::bad(()))?.to_owned();
            Ok((key, row.bytes(1)?.is_some_and(|answer| tells_of(answer, &purged))))
        };
        let values: Vec<Value> = vec![owner.0.into(), after.into()];
        let some = conn.rows(&SOME, values, read).await?;
        for (key, _) in some.iter().filter(|(_, tells)| *tells) {
            ops.push(Op::Run(&FORGET, vec![owner.0.into(), key.as_str().into()]));
        }
        match some.into_iter().next_back() {
            Some((last, _)) => after = last,
            None => return Ok(ops),
        }
    }
}

/// Whether an answer names one of these tasks.
fn tells_of(answer: &[u8], tasks: &HashSet<Uuid>) -> bool {
    answer
        .windows(WRITTEN)
        .filter(|text| text[8] == b'-' && text[13] == b'-')
        .filter_map(|text| Uuid::try_parse_ascii(text).ok())
        .any(|uid| tasks.contains(&uid))
}
