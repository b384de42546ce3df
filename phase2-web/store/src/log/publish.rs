//! The relay's work: places for what has none.

use std::sync::Mutex;

use todo_core::{StoreError, Timestamp};
use uuid::Uuid;

use super::{Leadership, Position, RELAY};
use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::db::Db;
use crate::failpoint;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;
use crate::tasks::load::{bad, number};

/// What one call has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// How many events.
    pub count: usize,
    /// How many were passed over: somebody holds them, or they went with their account meanwhile.
    pub held: usize,
    /// Whether no more waited, but for those.
    pub all: bool,
    /// The last place there is, if one was given.
    pub head: Option<Position>,
}

/// By state, never by a number that was remembered: whoever commits late has a low number. First who comes
/// after the last one's turn, then from the beginning; each half by the index. What is nobody's gets no place.
static NEXT: Sql = Sql::new(
    "SELECT turn, owner, seq FROM (SELECT 0 AS turn, owner, seq FROM outbox \
     WHERE position IS NULL AND owner > ? AND {whose} ORDER BY owner, seq LIMIT ?) later \
     UNION ALL \
     SELECT turn, owner, seq FROM (SELECT 1 AS turn, owner, seq FROM outbox \
     WHERE position IS NULL AND owner <= ? AND {whose} ORDER BY owner, seq LIMIT ?) sooner",
);
/// The lock that makes places visible in their order, and the end of a leader who was given up.
static COUNT: Sql = Sql::new(
    "UPDATE leaders SET position = COALESCE(position, 0) + ? WHERE name = ? AND epoch = ? \
     RETURNING position",
);
static PLACE: Sql = Sql::new(
    "UPDATE outbox SET position = ? + s.nth, published_at = ? FROM {seqs} s \
     WHERE outbox.owner = s.owner AND outbox.seq = s.seq AND outbox.position IS NULL",
);
/// Both on PostgreSQL, in one trip and a transaction of its own. The leader's row is locked first, then those
/// that still wait. Nobody is waited for: what somebody holds, as who deletes the account does, gets no place
/// yet, and neither does what comes after it of the same owner.
static PLACE_AT_ONCE: Sql = Sql::new(
    "WITH lead AS (SELECT position FROM leaders WHERE name = ? AND epoch = ? FOR UPDATE), \
     wanted AS (SELECT owner, seq, nth, row_number() OVER (PARTITION BY owner ORDER BY nth) AS own \
     FROM {seqs} s), \
     free AS (SELECT o.owner, o.seq, w.nth, w.own FROM lead CROSS JOIN wanted w \
     JOIN outbox o ON o.owner = w.owner AND o.seq = w.seq WHERE o.position IS NULL \
     ORDER BY w.nth FOR UPDATE OF o SKIP LOCKED), \
     chosen AS (SELECT owner, seq, nth FROM (SELECT owner, seq, nth, own, \
     row_number() OVER (PARTITION BY owner ORDER BY nth) AS own_free FROM free) f \
     WHERE own = own_free), \
     places AS (SELECT owner, seq, row_number() OVER (ORDER BY nth) AS place FROM chosen), \
     placed AS (UPDATE outbox SET position = COALESCE(lead.position, 0) + p.place, published_at = ? \
     FROM places p CROSS JOIN lead WHERE outbox.owner = p.owner AND outbox.seq = p.seq RETURNING 1), \
     head AS (UPDATE leaders SET position = COALESCE(position, 0) + (SELECT count(*) FROM places) \
     WHERE name = ? AND epoch = ? RETURNING position) \
     SELECT position, (SELECT count(*) FROM placed) FROM head",
);
pub(super) static HEAD: Sql =
    Sql::new("SELECT position FROM leaders WHERE name = ? AND position IS NOT NULL");
static WAITING: Sql = Sql::new(
    "SELECT count(*) FROM \
     (SELECT 1 FROM outbox WHERE position IS NULL AND {whose} LIMIT 100000) waiting",
);
/// In the index of what was not told.
static NOBODYS: Sql = Sql::new(
    "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE position IS NULL AND NOT {whose} LIMIT 1000) n",
);

/// Whose turn it is: owners are gone through in a circle, so that nobody waits behind all of an import.
#[derive(Debug, Default)]
pub(crate) struct Circle(Mutex<Uuid>);

impl Circle {
    fn at(&self) -> Uuid {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn go_on(&self, owner: Uuid) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = owner;
    }
}

impl Store {
    /// Gives places to up to `max` events that have none, in one transaction. An owner's are taken in
    /// their order; owners in a circle, each with at most `max` until it comes round. `Conflict` when
    /// somebody else leads by now, or on SQLite when an account went away meanwhile: then nothing was
    /// written. On PostgreSQL the others get theirs; so they do when somebody holds an owner's rows, who is
    /// come back to when the circle does.
    pub async fn publish(
        &self,
        leader: &Leadership,
        max: u32,
        now: Timestamp,
    ) -> Result<Published, StoreError> {
        debug_assert_eq!(leader.name, RELAY, "places are the relay's");
        Ok(self.place(leader, max, now).await?)
    }

    /// Up to where the log goes.
    pub async fn log_head(&self) -> Result<Position, StoreError> {
        let found = self.asked(&HEAD, vec![RELAY.into()], |row| number(row, 0)).await?;
        Ok(Position(found.first().copied().unwrap_or_default()))
    }

    /// How many events have no place yet, and will have one; a hundred thousand stand for more than that.
    pub async fn unpublished(&self) -> Result<u64, StoreError> {
        let found = self.asked(&WAITING, Vec::new(), |row| number(row, 0)).await?;
        Ok(found.first().copied().unwrap_or_default())
    }

    /// How many events get no place because it cannot be read whose they are, or which; a thousand stand
    /// for more than that.
    pub async fn nobodys(&self) -> Result<u64, StoreError> {
        let found = self.asked(&NOBODYS, Vec::new(), |row| number(row, 0)).await?;
        Ok(found.first().copied().unwrap_or_default())
    }

    async fn place(&self, leader: &Leadership, max: u32, now: Timestamp) -> StoreResult<Published> {
        let next = self.next(max).await?;
        let Some(&(last, _)) = next.last() else {
            return Ok(Published { count: 0, held: 0, all: true, head: None });
        };
        let (chosen, all) = (next.len(), next.len() < max as usize);
        failpoint("relay.chosen");
        let placed = match &self.db {
            Db::Sqlite(_) => self.place_in_turn(leader, next, now).await,
            Db::Postgres(_) => self.place_at_once(leader, next, now).await,
        };
        let (count, head) = placed.map_err(Fault::of_a_leader)?;
        failpoint("relay.committed");
        self.circle.go_on(last);
        // Also where nothing was placed: it may have been on a connection that broke.
        self.wake_log();
        let held = chosen.saturating_sub(count);
        Ok(Published { count, held, all, head: Some(Position(head)) })
    }

    async fn place_in_turn(
        &self,
        leader: &Leadership,
        next: Vec<(Uuid, i64)>,
        now: Timestamp,
    ) -> StoreResult<(usize, u64)> {
        let count = next.len();
        let more = i64::try_from(count).unwrap_or(i64::MAX);
        let mut tx = self.writing_redoable().await?;
        let epoch = Value::from(leader.epoch);
        let values = vec![more.into(), leader.name.as_str().into(), epoch];
        let heads = tx.lend().rows(&COUNT, values, |row| number(row, 0)).await?;
        let head = *heads.first().ok_or(StoreError::Conflict)?;
        let before = head.saturating_sub(more.unsigned_abs());
        let values = vec![before.into(), now.millis().into(), next.into()];
        let placed = tx.lend().run(&PLACE, values).await?;
        // One of them went away with its account: there would be a place that nothing stands at.
        if placed != more.unsigned_abs() {
            return Err(StoreError::Conflict.into());
        }
        failpoint("relay.placed");
        tx.commit().await?;
        Ok((count, head))
    }

    /// Asked again when the connection was no more: what was placed by then does not wait any longer.
    async fn place_at_once(
        &self,
        leader: &Leadership,
        next: Vec<(Uuid, i64)>,
        now: Timestamp,
    ) -> StoreResult<(usize, u64)> {
        let (name, epoch) = (leader.name.as_str(), Value::from(leader.epoch));
        let values =
            vec![name.into(), epoch.clone(), next.into(), now.millis().into(), name.into(), epoch];
        // All of it is one statement: there is no place within.
        failpoint("relay.placed");
        let read = |row: &dyn Cells| Ok((number(row, 0)?, number(row, 1)?));
        let placed = self.asked(&PLACE_AT_ONCE, values, read).await?;
        let &(head, count) = placed.first().ok_or(StoreError::Conflict)?;
        Ok((usize::try_from(count).unwrap_or(usize::MAX), head))
    }

    /// Those whose turn it is. Read before the lock is taken: nobody but the leader gives places, and
    /// another leader, or who has history told again, raises the epoch.
    async fn next(&self, max: u32) -> StoreResult<Vec<(Uuid, i64)>> {
        let read = |row: &dyn Cells| {
            let (turn, seq) = (row.integer(0)?, row.integer(2)?.ok_or_else(|| bad(()))?);
            Ok((turn, row.uuid(1)?.ok_or_else(|| bad(()))?, seq))
        };
        let at = self.circle.at();
        let values = vec![at.into(), max.into(), at.into(), max.into()];
        let mut next = self.asked(&NEXT, values, read).await?;
        next.sort_unstable();
        next.truncate(max as usize);
        Ok(next.into_iter().map(|(_, owner, seq)| (owner, seq)).collect())
    }
}
