//! What is derived in the tables, brought up to date with the world: zone data and folding.
//!
//! A time's instant follows from its zone's rules, and these change; so may the folding of texts.
//! Which versions the columns were derived with is written down in `meta`. When a version differs,
//! all are derived anew, owner by owner under the owner's lock; only then is the new version
//! written down, so that an interrupted renewal is taken up again.

use std::collections::BTreeSet;

use todo_core::fold::{FOLD_VERSION, fold};
use todo_core::{Owner, Task};
use uuid::Uuid;

use crate::Store;
use crate::bind::{Kind, Row, Value};
use crate::cells::Cells;
use crate::conn::Tx;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::row::{WIDTH, task};
use crate::tasks::tables::{TASK_TAGS, TASKS};
use crate::tasks::write::Op;
use crate::tasks::{apply, commit, rows};

/// Most rows that are held at once.
const ROWS_MAX: i64 = 1_000;

pub(crate) static META: Sql = Sql::new("SELECT name, value FROM meta");
pub(crate) static SET_META: Sql = Sql::new(
    "INSERT INTO meta (name, value) VALUES (?, ?) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
);
static OWNERS: Sql = Sql::new("SELECT owner FROM owners WHERE owner > ? ORDER BY owner LIMIT ?");
static TASKS_OF: Sql = Sql::new(
    "SELECT {task}, start_day, start_at, due_day, due_at, due_key, title_fold, project_fold, \
     search, scheduled, wake_at FROM tasks WHERE owner = ? AND uid > ? ORDER BY uid LIMIT ?",
);
static TAGS_OF: Sql = Sql::new("DELETE FROM task_tags WHERE owner = ? AND uid {uids}");

/// The versions of the world that this program derives with.
pub(crate) fn versions() -> [(&'static str, String); 2] {
    [("zones", chrono_tz::IANA_TZDB_VERSION.to_owned()), ("fold", FOLD_VERSION.to_string())]
}

/// A row of `META`.
pub(crate) fn pair(row: &dyn Cells) -> StoreResult<(String, String)> {
    let text = |at| Ok::<_, sqlx::Error>(row.text(at)?.unwrap_or_default().to_owned());
    Ok((text(0)?, text(1)?))
}

/// Derives anew what was derived with other versions.
pub(crate) async fn renew(store: &Store) -> StoreResult<()> {
    let known = store.asked(&META, Vec::new(), pair).await?;
    let is_known =
        |(name, version): &(&str, String)| known.iter().any(|(n, v)| n == name && v == version);
    if versions().iter().all(is_known) {
        return Ok(());
    }
    let mut last = Uuid::nil();
    loop {
        let values = vec![last.into(), ROWS_MAX.into()];
        let owner = |row: &dyn Cells| Ok(row.uuid(0)?.unwrap_or_default());
        let owners = store.asked(&OWNERS, values, owner).await?;
        for owner in &owners {
            renew_owner(store, Owner(*owner)).await?;
        }
        let Some(owner) = owners.last() else { break };
        last = *owner;
    }
    let mut tx = store.writing().await?;
    for (name, version) in versions() {
        tx.lend().run(&SET_META, vec![name.into(), version.into()]).await?;
    }
    tx.commit().await
}

async fn renew_owner(store: &Store, owner: Owner) -> StoreResult<()> {
    let mut tx = store.writing().await?;
    let zone = commit::lock(&mut tx.lend(), owner).await?.zone;
    let mut last = Uuid::nil();
    loop {
        let values = vec![owner.0.into(), last.into(), ROWS_MAX.into()];
        let found =
            tx.lend().rows(&TASKS_OF, values, |row| Ok((task(row)?, derived(row)?))).await?;
        let Some((task, _)) = found.last() else { break };
        last = task.uid.0;
        let mut stale = Vec::new();
        for (task, was) in found {
            let row = rows::task(&task, zone)?;
            if row[WIDTH..] != was {
                stale.push((task, row));
            }
        }
        rewrite(&mut tx, owner, stale).await?;
    }
    tx.commit().await
}

async fn rewrite(tx: &mut Tx, owner: Owner, stale: Vec<(Task, Row)>) -> StoreResult<()> {
    if stale.is_empty() {
        return Ok(());
    }
    let uids: Vec<_> = stale.iter().map(|(task, _)| task.uid.0).collect();
    let folded = |task: &Task| -> BTreeSet<_> {
        task.tags.iter().map(|tag| fold(tag.as_str()).into_owned()).collect()
    };
    let tags = stale
        .iter()
        .flat_map(|(task, _)| folded(task).into_iter().map(|tag| rows::tag(tag, task.uid.0)));
    let mut ops = vec![Op::Run(&TAGS_OF, vec![owner.0.into(), uids.into()])];
    let tags: Vec<_> = tags.collect();
    if !tags.is_empty() {
        ops.push(Op::Insert(&TASK_TAGS, tags));
    }
    ops.push(Op::Update(&TASKS, stale.into_iter().map(|(_, row)| row).collect()));
    match tx {
        Tx::Sqlite(tx) => apply::sqlite(tx, owner, ops, "").await,
        Tx::Postgres(tx) => apply::postgres(tx, owner, ops).await,
    }
}

/// The derived columns as they stand, for comparison.
fn derived(row: &dyn Cells) -> StoreResult<Vec<Value>> {
    let columns = TASKS.columns[WIDTH..].iter().enumerate();
    columns
        .map(|(at, (_, kind))| {
            let at = WIDTH + at;
            Ok(match kind {
                Kind::Integer => row.integer(at)?.into(),
                Kind::Text => row.text(at)?.map(str::to_owned).into(),
                Kind::Uuid => row.uuid(at)?.into(),
                Kind::Bytes => row.bytes(at)?.unwrap_or_default().to_vec().into(),
                Kind::Truth => row.truth(at)?.unwrap_or_default().into(),
            })
        })
        .collect()
}
