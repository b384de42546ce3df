//! History told again, and what is told long ago taken out of the log.

use todo_core::{StoreError, Timestamp};

use super::RELAY;
use crate::Store;
use crate::cells::Cells;
use crate::db::Db;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::number;

/// How long what was told is kept in the log (SPEC 9): seven days.
pub const LOG_KEPT_MILLIS: i64 = 7 * 86_400_000;

/// Most rows that one transaction takes out: on SQLite all others who write wait for it.
const PRUNED_MAX: u32 = 2_000;

/// PostgreSQL ends what takes longer than a request may: of much history this may.
static NO_HURRY: Sql = Sql::new("SET LOCAL statement_timeout = 0");
static ROW: Sql =
    Sql::new("INSERT INTO leaders (name, epoch) VALUES (?, 0) ON CONFLICT DO NOTHING");
static LOCK: Sql = Sql::new("SELECT epoch FROM leaders WHERE name = ?{for update}");
/// From an owner's first event of that time on, whatever the clock said later.
static UNTELL: Sql = Sql::new(
    "UPDATE outbox SET position = NULL, published_at = NULL, created_at = ? FROM \
     (SELECT owner, min(seq) AS first FROM events WHERE at >= ? GROUP BY owner) f \
     WHERE outbox.owner = f.owner AND outbox.seq >= f.first AND outbox.position IS NOT NULL",
);
static FILL: Sql = Sql::new(
    "INSERT INTO outbox (owner, seq, created_at) SELECT e.owner, e.seq, ? FROM \
     (SELECT owner, min(seq) AS first FROM events WHERE at >= ? GROUP BY owner) f \
     JOIN events e ON e.owner = f.owner AND e.seq >= f.first \
     WHERE NOT EXISTS (SELECT 1 FROM outbox x \
     WHERE x.owner = e.owner AND x.seq = e.seq AND x.position IS NULL)",
);

static REACHED: Sql = Sql::new(
    "SELECT position FROM leaders WHERE position IS NOT NULL AND name <> ? ORDER BY position LIMIT 1",
);
static PRUNE: Sql = Sql::new(
    "DELETE FROM outbox WHERE position IN (SELECT position FROM outbox \
     WHERE position <= ? AND published_at < ? ORDER BY position LIMIT ?)",
);

impl Store {
    /// Has everything told again that happened from a moment on, out of the history, with new places at
    /// the log's end: each owner's in its order, nothing between. What a consumer has handled it passes
    /// over; so this is for one that has not seen all. Answers how many events. One transaction: a crash
    /// leaves nothing of it. The relay waits meanwhile, and nobody who writes.
    pub async fn tell_again(&self, since: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.told_again(since, now).await?)
    }

    async fn told_again(&self, since: Timestamp, now: Timestamp) -> StoreResult<u64> {
        let mut tx = self.writing().await?;
        let mut conn = tx.lend();
        if matches!(self.db, Db::Postgres(_)) {
            conn.run(&NO_HURRY, Vec::new()).await?;
        }
        // Nothing newer of an owner may be given a place in between.
        conn.run(&ROW, vec![RELAY.into()]).await?;
        conn.rows(&LOCK, vec![RELAY.into()], |_| Ok(())).await?;
        // By this it is known that it was told before.
        let moment = || vec![(now.millis() + 1).into(), since.millis().into()];
        let kept = conn.run(&UNTELL, moment()).await?;
        let filled = conn.run(&FILL, moment()).await?;
        tx.commit().await?;
        self.wake_writes();
        Ok(kept + filled)
    }

    /// Takes out of the log what was told before a moment and every consumer has come past, some of it at
    /// a time; answers how much. The history keeps all of it, and so do the marks of what was handled.
    pub async fn prune_log(&self, before: Timestamp) -> Result<u64, StoreError> {
        let read = |row: &dyn Cells| number(row, 0);
        let reached = self.asked(&REACHED, vec![RELAY.into()], read).await?;
        let up_to = match reached.first() {
            Some(slowest) => *slowest,
            None => self.log_head().await?.0,
        };
        Ok(self.pruned(up_to, before).await?)
    }

    async fn pruned(&self, up_to: u64, before: Timestamp) -> StoreResult<u64> {
        let mut tx = self.writing().await?;
        let values = vec![up_to.into(), before.millis().into(), PRUNED_MAX.into()];
        let pruned = tx.lend().run(&PRUNE, values).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}
