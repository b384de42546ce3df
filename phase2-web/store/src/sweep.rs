//! Emptying the trash of what has lain in it for 30 days (S4), whosever it is.
//!
//! Such a task counts as gone wherever tasks are read and written, so nothing hangs on when it is
//! removed, nor on whether a sweep is cut short by a crash, a full disk or an outage: each
//! transaction is whole, and the next sweep goes on with what is left. Several may sweep at once.

use std::collections::{BTreeSet, HashSet};

use chrono::Weekday;
use todo_core::service::execute_async;
use todo_core::task::{TRASH_KEPT_MILLIS, TaskId};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Owner, Preferences, ServiceError, StoreError, Timestamp, Zone,
};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::bad;

/// Most tasks of one transaction: on SQLite all others who write wait for it. As the statements
/// have it.
const TASKS_MAX: usize = 500;

macro_rules! of_all {
    ($explain:literal) => {
        Sql::new(concat!(
            $explain,
            "SELECT deleted_at, owner FROM tasks WHERE deleted_at IS NOT NULL AND deleted_at < ? \
             AND (deleted_at, owner) > (?, ?) ORDER BY deleted_at, owner LIMIT 500"
        ))
    };
}

macro_rules! of_one {
    ($explain:literal) => {
        Sql::new(concat!(
            $explain,
            "SELECT uid FROM tasks WHERE owner = ? AND trash_id IS NOT NULL AND deleted_at < ? \
             LIMIT 500"
        ))
    };
}

static OF_ALL: Sql = of_all!("");
static OF_ONE: Sql = of_one!("");

impl Store {
    /// Removes for good whatever has lain in the trash for 30 days, owner by owner, and answers how
    /// many tasks that were. An owner whose trash cannot be emptied is named to `failed` once, and
    /// keeps nobody else's waiting; if the database cannot be reached at all, this ends.
    ///
    /// As the system's own command: with events that say so, as no step, and with `correlation` for
    /// whatever comes of it. Drop it at any moment. Between two transactions it rests for as long as
    /// the one before took, so that it never has more than half of a database's time.
    pub async fn sweep(
        &self,
        now: Timestamp,
        correlation: Uuid,
        mut failed: impl FnMut(Owner, ServiceError) + Send,
    ) -> Result<u64, StoreError> {
        let mut purged = 0;
        let mut given_up = HashSet::new();
        let mut after = (i64::MIN, Uuid::nil());
        loop {
            let values = vec![before(now), after.0.into(), after.1.into()];
            let found = self.asked(&OF_ALL, values, place).await?;
            let Some(last) = found.last() else { return Ok(purged) };
            after = *last;
            let owners: BTreeSet<_> = found.into_iter().map(|(_, owner)| Owner(owner)).collect();
            for owner in owners {
                if given_up.contains(&owner) {
                    continue;
                }
                match self.sweep_owner(owner, now, correlation).await {
                    Ok(count) => purged += count,
                    Err(error) => {
                        failed(owner, error);
                        given_up.insert(owner);
                        // Or it is no fault of this owner's.
                        self.ready().await?;
                    }
                }
            }
        }
    }

    /// Removes for good what has lain in one owner's trash for 30 days, a part at a time, and answers
    /// how many tasks that were. See [`Store::sweep`].
    pub async fn sweep_owner(
        &self,
        owner: Owner,
        now: Timestamp,
        correlation: Uuid,
    ) -> Result<u64, ServiceError> {
        let ctx = ctx(owner, now, correlation);
        let mut purged = 0;
        loop {
            let began = Instant::now();
            let values = vec![owner.0.into(), before(now)];
            let expired = self.asked(&OF_ONE, values, uid).await.map_err(StoreError::from)?;
            if expired.is_empty() {
                return Ok(purged);
            }
            let more = expired.len() >= TASKS_MAX;
            let expired = BTreeSet::from_iter(expired);
            let done = execute_async(self, &Command::PurgeExpired(expired), &ctx).await?;
            purged += done.purged.len() as u64;
            sleep(began.elapsed()).await;
            // Where another server was faster with all of them, the rest is left to it.
            if !more || done.purged.is_empty() {
                return Ok(purged);
            }
        }
    }
}

/// Whatever was deleted before this has expired.
fn before(now: Timestamp) -> Value {
    now.plus_millis(-TRASH_KEPT_MILLIS).millis().into()
}

/// The system itself, which is in no place: nothing that expires hangs on one.
fn ctx(owner: Owner, now: Timestamp, correlation: Uuid) -> Ctx {
    Ctx {
        owner,
        actor: Actor { kind: ActorKind::System, id: owner.0 },
        now,
        zone: Zone::UTC,
        week_start: Weekday::Mon,
        preferences: Preferences::default(),
        correlation,
        causation: None,
    }
}

fn place(row: &dyn Cells) -> StoreResult<(i64, Uuid)> {
    let at = row.integer(0)?.ok_or_else(|| bad(()))?;
    Ok((at, row.uuid(1)?.ok_or_else(|| bad(()))?))
}

fn uid(row: &dyn Cells) -> StoreResult<TaskId> {
    row.uuid(0)?.map(TaskId).ok_or_else(|| bad(()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::{DatabaseUrl, Options};

    /// Whose trash is to be emptied is asked of what has expired, and what goes of the owner's trash.
    #[tokio::test]
    async fn neither_question_goes_through_all_tasks() {
        static ALL: Sql = of_all!("EXPLAIN QUERY PLAN ");
        static ONE: Sql = of_one!("EXPLAIN QUERY PLAN ");
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        store.migrate().await.expect("it migrates");
        let line = |row: &dyn Cells| Ok(row.text(3)?.unwrap_or_default().to_owned());
        let now = before(Timestamp::from_millis(0));
        let values = vec![now.clone(), 0_i64.into(), Uuid::nil().into()];
        let all = store.asked(&ALL, values, line).await.expect("a plan");
        let range = "COVERING INDEX tasks_expiring ((deleted_at,owner)>(?,?) AND deleted_at<?)";
        assert_eq!(all, [format!("SEARCH tasks USING {range}")]);
        let one = store.asked(&ONE, vec![Uuid::nil().into(), now], line).await.expect("a plan");
        assert_eq!(one, ["SEARCH tasks USING INDEX tasks_trash (owner=? AND trash_id>?)"]);
    }
}
