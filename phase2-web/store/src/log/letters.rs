//! Events that a consumer could not handle: looked at, and played again.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};

use super::entry::{WIDTH, columns, entry};
use super::settle::Effects;
use super::{Entry, Handled, Outcome};
use crate::bind::Value;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::{bad, number};
use crate::{DatabaseUrl, Store};

/// An event that was parked.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Who could not handle it.
    pub consumer: String,
    /// What happened.
    pub entry: Entry,
    /// Why it was parked.
    pub reason: String,
    /// How often it was tried; never, if it waits behind another.
    pub attempts: u32,
    /// Since when.
    pub at: Timestamp,
}

static LETTERS: Sql = Sql::new(concat!(
    "SELECT ",
    columns!(),
    ", d.consumer, d.reason, d.attempts, d.at, x.address FROM dead_letters d \
     JOIN events e ON e.owner = d.owner AND e.seq = d.seq \
     LEFT JOIN outbox x ON x.owner = d.owner AND x.seq = d.seq \
     WHERE d.consumer = ? AND (d.owner, d.seq) > (?, ?) ORDER BY d.owner, d.seq LIMIT ?"
));
static COUNTS: Sql =
    Sql::new("SELECT consumer, count(*) FROM dead_letters GROUP BY consumer ORDER BY consumer");
static LOCK: Sql = Sql::new("SELECT epoch FROM leaders WHERE name = ?{for update}");
static TAKE: Sql =
    Sql::new("DELETE FROM dead_letters WHERE owner = ? AND consumer = ? AND seq = ?");
static KEEP: Sql = Sql::new(
    "UPDATE dead_letters SET reason = ?, attempts = attempts + ?, at = ? \
     WHERE owner = ? AND consumer = ? AND seq = ?",
);

/// Both work beside a server, and change nothing: a file that one has open is looked at, too.
impl DatabaseUrl {
    /// See [`Store::parked`].
    pub async fn parked(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.look(async |mut conn| conn.rows(&COUNTS, Vec::new(), count).await).await
    }

    /// See [`Store::letters`].
    pub async fn letters(
        &self,
        consumer: &str,
        after: (Owner, Seq),
        max: u32,
    ) -> Result<Vec<Letter>, StoreError> {
        let values = of(consumer, after, max);
        self.look(async |mut conn| conn.rows(&LETTERS, values, letter).await).await
    }
}

impl Store {
    /// How many events each consumer has parked.
    pub async fn parked(&self) -> Result<Vec<(String, u64)>, StoreError> {
        Ok(self.asked(&COUNTS, Vec::new(), count).await?)
    }

    /// What a consumer has parked after one of them, owner by owner, each one's in the order in which it
    /// happened.
    pub async fn letters(
        &self,
        consumer: &str,
        after: (Owner, Seq),
        max: u32,
    ) -> Result<Vec<Letter>, StoreError> {
        Ok(self.asked(&LETTERS, of(consumer, after, max), letter).await?)
    }

    /// Writes what was made of a parked event at last: its effects, and it is parked no more; or why it
    /// stays. `Conflict` when somebody else played it meanwhile.
    pub async fn replayed(
        &self,
        consumer: &str,
        handled: &Handled<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.played(consumer, handled, now).await?)
    }

    async fn played(
        &self,
        consumer: &str,
        Handled { entry, outcome }: &Handled<'_>,
        now: Timestamp,
    ) -> StoreResult<()> {
        let mut tx = self.writing().await?;
        let mut conn = tx.lend();
        // What comes in after it waits: behind it, or for its end.
        conn.rows(&LOCK, vec![consumer.into()], |_| Ok(())).await?;
        let key = || [entry.owner.0.into(), consumer.into(), entry.seq.0.into()];
        let touched = match outcome {
            Outcome::Done(work) => {
                let mut effects = Effects::default();
                effects.add(entry.owner, work.clone());
                effects.write(&mut conn).await?;
                conn.run(&TAKE, key().into()).await?
            }
            Outcome::Parked { reason, attempts } => {
                let mut values =
                    vec![reason.as_str().into(), (*attempts).into(), now.millis().into()];
                values.extend(key());
                conn.run(&KEEP, values).await?
            }
        };
        if touched != 1 {
            return Err(StoreError::Conflict.into());
        }
        tx.commit().await
    }
}

fn of(consumer: &str, (owner, seq): (Owner, Seq), max: u32) -> Vec<Value> {
    vec![consumer.into(), owner.0.into(), seq.0.into(), max.into()]
}

fn count(row: &dyn Cells) -> StoreResult<(String, u64)> {
    Ok((row.text(0)?.ok_or_else(|| bad(()))?.to_owned(), number(row, 1)?))
}

fn letter(row: &dyn Cells) -> StoreResult<Letter> {
    let text = |at| Ok::<_, crate::fault::Fault>(row.text(at)?.ok_or_else(|| bad(()))?.to_owned());
    // It leaves the log a week after it was told.
    let address = row.text(WIDTH + 4).ok().flatten().map(str::to_owned);
    Ok(Letter {
        consumer: text(WIDTH)?,
        entry: Entry { address, ..entry(row)? },
        reason: text(WIDTH + 1)?,
        attempts: u32::try_from(number(row, WIDTH + 2)?).map_err(bad)?,
        at: Timestamp::from_millis(row.integer(WIDTH + 3)?.ok_or_else(|| bad(()))?),
    })
}
