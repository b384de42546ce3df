//! Tasks in tables: the three verbs.

pub(crate) mod apply;
pub(crate) mod commit;
mod conditions;
mod dates;
mod days;
mod find;
mod index;
mod labels;
pub(crate) mod load;
mod order;
mod past;
mod quick;
mod receipts;
pub(crate) mod row;
pub(crate) mod rows;
mod stats;
mod steps;
pub(crate) mod tables;
pub(crate) mod values;
pub(crate) mod write;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use quick::Quick;
use todo_core::batch::{Batch, Committed};
use todo_core::ports::stats_of_tasks;
use todo_core::query::{Page, TaskQuery};
use todo_core::stats::{Stats, StatsQuery};
use todo_core::{AsyncTaskStore, Facts, Needs, Owner, StoreError, Task};
use tokio::time::timeout;

use crate::Store;
use crate::conn::Conn;
use crate::db::Db;
use crate::failpoint;
use crate::fault::{Fault, StoreResult};
use crate::pool::{IN_PASSING, begin};

pub(crate) use find::{ask_count, ask_page};
pub use labels::Labels;
pub(crate) use labels::ask_labels;
pub use past::{Changes, PastEvent, Touched};
pub(crate) use past::{ask_changes, ask_history};
pub(crate) use stats::ask_stats;

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The longest pause after a first conflict: a few times as long as a write takes.
const PAUSE_MICROS: u64 = 2_000;
/// How often it doubles. Others of the owner may be waiting for this one's turn to end.
const PAUSE_GROWS: u32 = 5;

/// Some number; another one each time, and in each process. Nobody must be unable to guess it.
pub(crate) fn jitter() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl AsyncTaskStore for Store {
    async fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        self.facts(owner, needs).await.map_err(Fault::into)
    }

    async fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        Ok(self.answer(owner, query).await?)
    }

    async fn stats(&self, owner: Owner, query: &StatsQuery) -> Result<Stats, StoreError> {
        match self.counted(owner, query).await? {
            Some(stats) => Ok(stats),
            None => stats_of_tasks(self, owner, query).await,
        }
    }

    async fn commit(&self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        failpoint("write.begins");
        let done = self.carry_out(owner, batch).await?;
        failpoint("write.committed");
        self.tally.count(&done);
        if !done.events.is_empty() {
            self.wake_writes();
        }
        Ok(done)
    }

    /// No connection and no lock of the database is held meanwhile. On PostgreSQL whoever has the turn may
    /// himself be waiting for a row that somebody holds; on a file he never does.
    async fn turn(&self, owner: Owner) -> impl Send {
        let turn = self.turns.take(owner);
        let in_passing = self.in_passing && matches!(self.db, Db::Postgres(_));
        if in_passing { timeout(IN_PASSING, turn).await.ok().flatten() } else { turn.await }
    }

    /// Longer each time, and never as long as those do who were refused together with this one.
    async fn pause(&self, attempt: u32) {
        let longest = PAUSE_MICROS << attempt.min(PAUSE_GROWS);
        tokio::time::sleep(Duration::from_micros(longest / 2 + jitter() % (longest / 2))).await;
    }
}

impl Store {
    /// A read is asked once more if its connection turns out to be no more.
    async fn facts(&self, owner: Owner, needs: &Needs) -> StoreResult<Facts> {
        let found = match self.facts_once(owner, needs).await {
            Err(fault) if fault.is_broken() => {
                self.db.mend().await;
                self.facts_once(owner, needs).await
            }
            found => found,
        };
        let (facts, head) = found?;
        if let Some(head) = head {
            self.zones.learn(owner, head.zone);
        }
        Ok(facts)
    }

    async fn facts_once(
        &self,
        owner: Owner,
        needs: &Needs,
    ) -> StoreResult<(Facts, Option<commit::Head>)> {
        if load::is_simple(needs) {
            let mut reader = self.reader().await?;
            let found = load::load(&mut reader.lend(), owner, needs).await?;
            reader.done();
            return Ok(found);
        }
        match &self.db {
            Db::Sqlite(db) => {
                let mut tx = db.readers.begin(None).await?;
                load::load(&mut Conn::Sqlite(tx.parts().0), owner, needs).await
            }
            Db::Postgres(lender) => {
                let mut tx = lender.begin(Some(SNAPSHOT)).await?;
                load::load(&mut tx.lend(), owner, needs).await
            }
        }
    }

    async fn carry_out(&self, owner: Owner, batch: Batch) -> StoreResult<Committed> {
        let origin = self.origin();
        let lender = match &self.db {
            Db::Sqlite(db) => return db.commits.commit(owner, batch, origin).await,
            Db::Postgres(lender) => lender,
        };
        let mut lost = None;
        let (zone, in_passing) = (self.zones.last_seen(owner), self.in_passing);
        if let Some(quick) = Quick::of(owner, &batch, zone, origin.clone(), in_passing)? {
            match quick.write(lender).await {
                Ok(Some(done)) => return Ok(done),
                // Somebody was faster, or is at it: look closer. Or the key of a receipt is taken, by a
                // request that left no other trace, or so long ago that it counts no more.
                Ok(None) => {}
                Err(failed) if failed.fault.is_taken() => {}
                Err(failed) if failed.fault.is_broken() => {
                    self.db.mend().await;
                    lost = Some(failed);
                }
                Err(failed) => return Err(failed.fault),
            }
        }
        let mut tx = begin(lender, in_passing).await?;
        if let Some(lost) = lost
            && let Some(done) = lost.settle(&mut tx.lend()).await?
        {
            return Ok(done);
        }
        let written = commit::prepare(&mut tx.lend(), owner, batch, origin).await?;
        self.zones.learn(owner, written.zone);
        apply::postgres(&mut tx, owner, written.ops).await?;
        failpoint("write.written");
        tx.commit().await?;
        Ok(written.done)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;
    use crate::{DatabaseUrl, Options};

    /// A file has no rows that somebody holds: in turns, nobody plans in vain.
    #[tokio::test]
    async fn a_turn_on_a_file_is_waited_for_in_passing_too() {
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        let (owner, passing) = (Owner(Uuid::nil()), store.in_passing());
        let first = store.turn(owner).await;
        let next = timeout(4 * IN_PASSING, passing.turn(owner)).await;
        assert!(next.is_err(), "it has not waited for its turn");
        drop((first, next));
        let next = timeout(Duration::from_mins(1), passing.turn(owner)).await;
        assert!(next.is_ok(), "nobody has it");
    }
}
