//! Where a consumer begins that has nothing to do with what happened before.
//!
//! How far the log goes does not say it: where no relay has run for months, as beside a server that is the API
//! alone, all of these months are told only now, between what happens. So all that is older is marked as
//! handled, event by event, and what is told from then on is handled like everything else.

use todo_core::event::{Seq, event_id};
use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::settle::{ADVANCE, mark};
use super::{Leadership, Position, RELAY};
use crate::Store;
use crate::cells::Cells;
use crate::derived::SET_META;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;
use crate::tasks::load::{bad, number};

/// How many are marked at a time.
const PAGE: u32 = 2_000;

/// The last place that was given before a moment.
static PLACE: Sql = Sql::new(
    "SELECT COALESCE((SELECT position FROM outbox WHERE position IS NOT NULL AND published_at < ? \
     ORDER BY position DESC LIMIT 1), \
     (SELECT min(position) - 1 FROM outbox WHERE position IS NOT NULL), \
     (SELECT position FROM leaders WHERE name = ?), 0)",
);
/// What stands behind that place or will, and is older. The relay changes nothing about which these are.
static OLDER: Sql = Sql::new(
    "SELECT owner, seq FROM outbox WHERE (owner, seq) > (?, ?) \
     AND (position IS NULL OR position > ?) AND created_at < ? AND {whose} \
     ORDER BY owner, seq LIMIT ?",
);

static BEGUN: Sql = Sql::new("SELECT value FROM meta WHERE name = ?");

/// Under which name of `meta` it stands when a consumer began.
fn began(consumer: &str) -> String {
    format!("{consumer} began")
}

impl Store {
    /// Has a consumer that was never there begin with what happens from a moment on; answers its place. What
    /// is in the database by now and older it passes over, whenever it is told. What is committed later it
    /// handles, whatever its time. One transaction: a crash leaves nothing of it. `Conflict` when another
    /// leads by now.
    pub async fn begin_since(
        &self,
        leader: &Leadership,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Position, StoreError> {
        Ok(self.begun_since(leader, since, now).await?)
    }

    async fn begun_since(
        &self,
        leader: &Leadership,
        since: Timestamp,
        now: Timestamp,
    ) -> StoreResult<Position> {
        let (consumer, since) = (leader.name.as_str(), since.millis());
        let mut tx = self.writing().await?;
        // Months may have passed.
        tx.take_time().await?;
        let mut conn = tx.lend();
        let places = conn.rows(&PLACE, vec![since.into(), RELAY.into()], |row| number(row, 0));
        let place = *places.await?.first().ok_or(Fault::Sql(sqlx::Error::RowNotFound))?;
        let values = vec![place.into(), consumer.into(), leader.epoch.into()];
        if conn.rows(&ADVANCE, values, |_| Ok(())).await?.is_empty() {
            return Err(StoreError::Conflict.into());
        }
        let moment = since.to_string();
        conn.run(&SET_META, vec![began(consumer).into(), moment.into()]).await?;
        let mut after = (Owner(Uuid::nil()), Seq(0));
        loop {
            let (Owner(owner), Seq(seq)) = after;
            let values = vec![owner.into(), seq.into(), place.into(), since.into(), PAGE.into()];
            let older = conn.rows(&OLDER, values, event).await?;
            let Some(last) = older.last() else { break };
            after = *last;
            let events: Vec<_> =
                older.iter().map(|(owner, seq)| (owner.0, event_id(*owner, *seq))).collect();
            mark(&mut conn, consumer, &events, now).await?;
        }
        tx.commit().await?;
        Ok(Position(place))
    }

    /// From which moment on what happens is a consumer's business that began by [`Store::begin_since`]; nothing
    /// if it began before that was noted. What is written later may be about what was before.
    pub async fn begun_at(&self, consumer: &str) -> Result<Option<Timestamp>, StoreError> {
        let moment = |row: &dyn Cells| {
            let millis = row.text(0)?.and_then(|moment| moment.parse().ok());
            Ok(Timestamp::from_millis(millis.ok_or_else(|| bad(()))?))
        };
        Ok(self.asked(&BEGUN, vec![began(consumer).into()], moment).await?.pop())
    }
}

fn event(row: &dyn Cells) -> StoreResult<(Owner, Seq)> {
    Ok((Owner(row.uuid(0)?.ok_or_else(|| bad(()))?), Seq(number(row, 1)?)))
}
