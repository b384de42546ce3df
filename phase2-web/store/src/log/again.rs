//! History told again, and what is told long ago taken out of the log.

use todo_core::{StoreError, Timestamp};

use super::RELAY;
use super::publish::HEAD;
use crate::Store;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::number;

/// How long what was told is kept in the log (SPEC 9): seven days.
pub const LOG_KEPT_MILLIS: i64 = 7 * 86_400_000;

/// Most rows that one transaction takes out: on SQLite all others who write wait for it.
const PRUNED_MAX: u32 = 2_000;

/// The relay's lock; and whatever it has chosen by now, it gives no place to: that may overtake what is
/// told again.
static HALT: Sql = Sql::new(
    "INSERT INTO leaders (name, epoch) VALUES (?, 1) \
     ON CONFLICT (name) DO UPDATE SET epoch = leaders.epoch + 1",
);
/// From an owner's first event of that time on, whatever the clock said later. What some consumer has not
/// come to keeps its moment: to that one it is told for the first time.
static UNTELL: Sql = Sql::new(
    "UPDATE outbox SET position = NULL, published_at = NULL, \
     created_at = CASE WHEN position <= ? THEN ? ELSE created_at END FROM \
     (SELECT owner, min(seq) AS first FROM events WHERE at >= ? AND {whose} GROUP BY owner) f \
     WHERE outbox.owner = f.owner AND outbox.seq >= f.first AND outbox.position IS NOT NULL",
);
static FILL: Sql = Sql::new(
    "INSERT INTO outbox (owner, seq, created_at) SELECT e.owner, e.seq, ? FROM \
     (SELECT owner, min(seq) AS first FROM events WHERE at >= ? AND {whose} GROUP BY owner) f \
     JOIN events e ON e.owner = f.owner AND e.seq >= f.first \
     WHERE NOT EXISTS (SELECT 1 FROM outbox x \
     WHERE x.owner = e.owner AND x.seq = e.seq AND x.position IS NULL)",
);

static REACHED: Sql = Sql::new(
    "SELECT position FROM leaders WHERE position IS NOT NULL AND name <> ? ORDER BY position LIMIT 1",
);
/// Of the oldest so many, those that are old enough: it never goes through a week of events that stay. Those that
/// somebody holds stay for another time: the relay waits for nobody.
static PRUNE: Sql = Sql::new(
    "DELETE FROM outbox WHERE position IN (SELECT t.position FROM outbox t WHERE t.position IN \
     (SELECT o.position FROM \
     (SELECT position, published_at FROM outbox WHERE position <= ? ORDER BY position LIMIT ?) o \
     WHERE o.published_at < ?){if free})",
);

impl Store {
    /// Has everything told again that happened from a moment on, out of the history, with new places at
    /// the log's end: each owner's in its order, nothing between. What a consumer has handled it passes
    /// over; so this is for one that has not seen all. Answers how many events. One transaction: a crash
    /// leaves nothing of it. The relay waits meanwhile, and nobody who writes; then it begins to lead anew.
    pub async fn tell_again(&self, since: Timestamp, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.told_again(since, now).await?)
    }

    async fn told_again(&self, since: Timestamp, now: Timestamp) -> StoreResult<u64> {
        let mut tx = self.writing().await?;
        // Of much history.
        tx.take_time().await?;
        let mut conn = tx.lend();
        // Nothing newer of an owner may be given a place in between.
        conn.run(&HALT, vec![RELAY.into()]).await?;
        let reached = reached(&mut conn).await?;
        // By this it is known that it was told before.
        let (again, since) = (now.millis() + 1, since.millis());
        let kept = conn.run(&UNTELL, vec![reached.into(), again.into(), since.into()]).await?;
        let filled = conn.run(&FILL, vec![again.into(), since.into()]).await?;
        tx.commit().await?;
        self.wake_writes();
        Ok(kept + filled)
    }

    /// Takes out of the log what was told before a moment and every consumer has come past, some of it at
    /// a time; answers how much. The history keeps all of it, and so do the marks of what was handled.
    pub async fn prune_log(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(self.pruned(before).await?)
    }

    async fn pruned(&self, before: Timestamp) -> StoreResult<u64> {
        let mut tx = self.writing().await?;
        let mut conn = tx.lend();
        let up_to = reached(&mut conn).await?;
        let values = vec![up_to.into(), PRUNED_MAX.into(), before.millis().into()];
        let pruned = conn.run(&PRUNE, values).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}

/// Up to where every consumer has come; where there is none, all that was told.
async fn reached(conn: &mut Conn<'_>) -> StoreResult<u64> {
    for sql in [&REACHED, &HEAD] {
        let found = conn.rows(sql, vec![RELAY.into()], |row| number(row, 0)).await?;
        if let Some(position) = found.first() {
            return Ok(*position);
        }
    }
    Ok(0)
}
