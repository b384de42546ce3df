//! Which tasks the clock has something to do with (R5, R10), whosever they are.
//!
//! Each task keeps an instant, `wake_at`, before which nobody must look at it: reckoned by the core
//! when it is written ([`wake::earliest`]), and made exact by whoever has looked at it
//! ([`Store::rest`]). So the question what has come is one look at one index, however many tasks
//! there are.
//!
//! The instant only says when to look: what is done then is decided by the task, its firings and its
//! series, each of which happens once (R6, R10). Whoever looks and is killed before he has said until
//! when the task may rest has done no harm, and somebody looks again; two who look at once do no
//! harm either. An instant is only replaced where task and instant are as they were found, so that
//! what others change meanwhile is looked at again.
//!
//! [`wake::earliest`]: todo_core::wake::earliest

use chrono::Days;
use todo_core::task::{Revision, TaskId};
use todo_core::{Owner, StoreError, Timestamp};

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::{bad, number};

/// Most tasks that are answered at a time. As the statement has it.
pub const WAKING_MAX: usize = 200;

/// A task whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waking {
    /// Whose.
    pub owner: Owner,
    /// Which task.
    pub task: TaskId,
    /// As it stands.
    pub version: Revision,
    /// Since when; before 1970 where it must be looked at now.
    pub since: Timestamp,
    /// Whether it holds the baton of a series that goes by the clock (R5).
    pub scheduled: bool,
}

/// A task that was looked at, and until when nobody needs to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Whose.
    pub owner: Owner,
    /// Which task.
    pub task: TaskId,
    /// As it stood.
    pub version: Revision,
    /// As it was found: [`Waking::since`].
    pub was: Timestamp,
    /// Until then, or until it is written again.
    pub until: Option<Timestamp>,
}

macro_rules! come {
    ($explain:literal) => {
        Sql::new(concat!(
            $explain,
            "SELECT owner, uid, version, wake_at, scheduled FROM tasks \
             WHERE wake_at IS NOT NULL AND wake_at <= ? AND NOT (owner {uids}) \
             ORDER BY wake_at DESC, owner DESC LIMIT 200"
        ))
    };
}

macro_rules! next {
    ($explain:literal) => {
        Sql::new(concat!(
            $explain,
            "SELECT wake_at FROM tasks WHERE wake_at IS NOT NULL AND wake_at > ? \
             ORDER BY wake_at LIMIT 1"
        ))
    };
}

static COME: Sql = come!("");
static NEXT: Sql = next!("");
static BACKLOG: Sql = Sql::new(
    "SELECT count(*) FROM (SELECT 1 FROM tasks WHERE wake_at IS NOT NULL AND wake_at <= ? \
     LIMIT 100000) AS come",
);
/// A transaction of its own, whose end waits for nothing: who asks holds them no longer than the question takes.
static FREE: Sql =
    Sql::new("SELECT t.owner{in no hurry} FROM owners t WHERE t.owner {uids}{if free}");
static NOW: Sql = Sql::new("SELECT {now}");
/// Whoever writes a task at this moment has it looked at again.
static REST: Sql = Sql::new(
    "WITH held AS (SELECT t.owner, t.uid, k.until FROM {rests} AS k \
     JOIN tasks t ON t.owner = k.owner AND t.uid = k.uid AND t.version = k.version \
     AND t.wake_at = k.was{if free}) \
     UPDATE tasks SET wake_at = held.until FROM held \
     WHERE tasks.owner = held.owner AND tasks.uid = held.uid",
);

/// An instant at which a task must be looked at now, and that it has not had before: whoever is
/// looking at it for another reason does not put it to rest. Its values are [`anew_values`].
macro_rules! anew {
    () => {
        "CASE WHEN wake_at < ? THEN wake_at ELSE ? END - 1"
    };
}
pub(crate) use anew;

pub(crate) fn anew_values(now: Timestamp) -> [Value; 2] {
    let before = -now.millis().abs();
    [before.into(), before.into()]
}

/// What depends on when days begin. The reminders of a date that is over by more than a day and a
/// half are over too, wherever one is: they were settled, and would only be missed once more.
static REWAKE: Sql = Sql::new(concat!(
    "UPDATE tasks SET wake_at = ",
    anew!(),
    " WHERE owner = ? AND deleted_at IS NULL AND (scheduled OR (status < 2 \
     AND reminders IS NOT NULL AND (due_day >= ? OR start_day IS NOT NULL)))"
));

/// Has an owner's tasks looked at that depend on when days begin for them, within a transaction of
/// the caller's that changes it, and under the owner's lock.
pub(crate) async fn rewake(conn: &mut Conn<'_>, owner: Owner, now: Timestamp) -> StoreResult<()> {
    let today = now.utc().date_naive();
    let since = today.checked_sub_days(Days::new(3)).unwrap_or(today);
    let [before, otherwise] = anew_values(now);
    let values = vec![before, otherwise, owner.0.into(), since.to_string().into()];
    conn.run(&REWAKE, values).await?;
    Ok(())
}

impl Store {
    /// The present, by the clock of the database: the same for all who ask it, and never ahead.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let now =
            |row: &dyn Cells| Ok(Timestamp::from_millis(row.integer(0)?.ok_or_else(|| bad(()))?));
        let found = self.asked(&NOW, Vec::new(), now).await?;
        Ok(found.into_iter().next().ok_or_else(|| bad(()))?)
    }

    /// Tasks whose time has come, [`WAKING_MAX`] at most. Those that have waited the least come
    /// first: when more comes at once than can be done, as after a time in which nothing ran, that
    /// holds up nothing that comes later. Those of the owners in `but` are passed over.
    pub async fn waking(&self, now: Timestamp, but: Vec<Owner>) -> Result<Vec<Waking>, StoreError> {
        let but: Vec<_> = but.into_iter().map(|owner| owner.0).collect();
        Ok(self.asked(&COME, vec![now.millis().into(), but.into()], waking).await?)
    }

    /// Those of these owners whose rows nobody holds at this moment. On a file all of them.
    pub async fn free(&self, owners: Vec<Owner>) -> Result<Vec<Owner>, StoreError> {
        let owner = |row: &dyn Cells| Ok(Owner(row.uuid(0)?.ok_or_else(|| bad(()))?));
        let owners: Vec<_> = owners.into_iter().map(|owner| owner.0).collect();
        Ok(self.asked(&FREE, vec![owners.into()], owner).await?)
    }

    /// When the next task's time comes after `now`.
    pub async fn next_waking(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let found = self.asked(&NEXT, vec![now.millis().into()], |row| Ok(row.integer(0)?)).await?;
        Ok(found.into_iter().flatten().next().map(Timestamp::from_millis))
    }

    /// How many tasks' time has come; a hundred thousand means at least as many.
    pub async fn backlog(&self, now: Timestamp) -> Result<u64, StoreError> {
        let count = |row: &dyn Cells| number(row, 0);
        let found = self.asked(&BACKLOG, vec![now.millis().into()], count).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// Lets tasks rest that were looked at, in one transaction; answers how many. One that was
    /// written meanwhile, or is being written, does not rest.
    pub async fn rest(&self, rests: Vec<Rest>) -> Result<u64, StoreError> {
        if rests.is_empty() {
            return Ok(0);
        }
        let mut tx = self.writing_redoable().await?;
        let rested = tx.lend().run(&REST, vec![rests.into()]).await?;
        tx.commit().await?;
        Ok(rested)
    }
}

fn waking(row: &dyn Cells) -> StoreResult<Waking> {
    Ok(Waking {
        owner: Owner(row.uuid(0)?.ok_or_else(|| bad(()))?),
        task: TaskId(row.uuid(1)?.ok_or_else(|| bad(()))?),
        version: Revision(number(row, 2)?),
        since: Timestamp::from_millis(row.integer(3)?.ok_or_else(|| bad(()))?),
        scheduled: row.truth(4)?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{DatabaseUrl, Options};

    /// However many tasks there are, none is looked at whose time has not come.
    #[tokio::test]
    async fn neither_question_goes_through_all_tasks() {
        static COME: Sql = come!("EXPLAIN QUERY PLAN ");
        static NEXT: Sql = next!("EXPLAIN QUERY PLAN ");
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        let line = |row: &dyn Cells| Ok(row.text(3)?.unwrap_or_default().to_owned());
        let but = vec![Value::from(0_i64), Vec::<uuid::Uuid>::new().into()];
        for (sql, values, range) in
            [(&COME, but, "wake_at>? AND wake_at<?"), (&NEXT, vec![0_i64.into()], "wake_at>?")]
        {
            let plan = store.asked(sql, values, line).await.expect("a plan");
            assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "nothing is sorted");
            assert!(plan[0].ends_with(&format!("INDEX tasks_waking ({range})")), "{plan:?}");
            // The owners who are passed over are a list of their own, read once.
            assert!(!plan[1..].iter().any(|line| line.contains("tasks")), "{plan:?}");
        }
    }
}
