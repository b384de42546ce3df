//! Events that a consumer could not handle: looked at, and played again.

use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};

use super::entry::{ILLEGIBLE, Parts, WIDTH, columns, entry};
use super::settle::Effects;
use super::{Damage, Entry, Handled, Outcome};
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::{Fault, StoreResult};
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
    /// What of this cannot be read, beside the event, if something cannot.
    pub damage: Option<Damage>,
}

/// A parked event of which it cannot be read whose it is, or which, or who has parked it: nobody can play
/// it again. What can be read is here.
#[derive(Debug, Clone)]
pub struct Stray {
    /// Who could not handle it.
    pub consumer: Option<String>,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Which it is.
    pub seq: Option<Seq>,
    /// Why it was parked.
    pub reason: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// What of it cannot be read.
    pub damage: Damage,
}

/// All [`Stray`]s of one owner that one consumer has parked, as far as these can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strays {
    /// Who could not handle them.
    pub consumer: Option<String>,
    /// Whose they are.
    pub owner: Option<Owner>,
    /// How many.
    pub many: u64,
}

/// Nothing of a consumer can be written as long as this lasts, whoever's it is.
#[derive(Debug, thiserror::Error)]
#[error(
    "somebody holds the row of {0:?} in `leaders`, as a worker that stands still in a transaction does"
)]
struct Occupied(String);

/// Most strays that are shown.
const STRAYS_MAX: u32 = 1_000;

static LETTERS: Sql = Sql::new(concat!(
    "SELECT ",
    columns!("d"),
    ", d.consumer, d.reason, d.attempts, d.at, x.address, e.seq FROM \
     (SELECT * FROM dead_letters WHERE consumer = ? AND (owner, seq) > (?, ?) AND {whose} \
     ORDER BY owner, seq LIMIT ?) d \
     LEFT JOIN events e ON e.owner = d.owner AND e.seq = d.seq \
     LEFT JOIN outbox x ON x.owner = d.owner AND x.seq = d.seq ORDER BY d.owner, d.seq"
));
/// The consumers are those whose names can be read.
static STRAYS: Sql = Sql::new(
    "SELECT consumer, owner, seq, reason, at FROM dead_letters \
     WHERE NOT ({whose} AND consumer {texts}) LIMIT ?",
);
/// All of them: who plays what is parked has to know whose events may come behind such a one.
static STRAYS_OF: Sql = Sql::new(
    "SELECT consumer, owner, {whose} AS whose, count(*) FROM dead_letters \
     WHERE NOT ({whose} AND consumer {texts}) GROUP BY 1, 2, 3",
);
static COUNTS: Sql =
    Sql::new("SELECT consumer, count(*) FROM dead_letters GROUP BY consumer ORDER BY consumer");
static LOCK: Sql = Sql::new("SELECT epoch FROM leaders WHERE name = ?{for update}");
static TAKE: Sql =
    Sql::new("DELETE FROM dead_letters WHERE owner = ? AND consumer = ? AND seq = ?");
/// What nobody has tried so often is damaged, and counted anew.
static KEEP: Sql = Sql::new(
    "UPDATE dead_letters SET reason = ?, at = ?, \
     attempts = ? + CASE WHEN attempts BETWEEN 0 AND 1000000000 THEN attempts ELSE 0 END \
     WHERE owner = ? AND consumer = ? AND seq = ?",
);

/// Both work beside a server, and change nothing: a file that one has open is looked at, too.
impl DatabaseUrl {
    /// See [`Store::parked`].
    pub async fn parked(&self) -> Result<Vec<(String, u64)>, StoreError> {
        self.look(async |mut conn| counts(&mut conn).await).await
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

    /// See [`Store::strays`].
    pub async fn strays(&self) -> Result<Vec<Stray>, StoreError> {
        self.look(async |mut conn| strays(&mut conn).await).await
    }
}

impl Store {
    /// How many events each consumer has parked whose name can be read.
    pub async fn parked(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let counts = self.asked(&COUNTS, Vec::new(), count).await?;
        Ok(counts.into_iter().flatten().collect())
    }

    /// What a consumer has parked after one of them, owner by owner, each one's in the order in which it
    /// happened; [`Store::strays`] are not among them.
    pub async fn letters(
        &self,
        consumer: &str,
        after: (Owner, Seq),
        max: u32,
    ) -> Result<Vec<Letter>, StoreError> {
        Ok(self.asked(&LETTERS, of(consumer, after, max), letter).await?)
    }

    /// What is parked and cannot be known: some of it, if there is much.
    pub async fn strays(&self) -> Result<Vec<Stray>, StoreError> {
        let mut reader = self.reader().await?;
        let found = strays(&mut reader.lend()).await?;
        reader.done();
        Ok(found)
    }

    /// How much is parked and cannot be known, and whose and by whom as far as that can: all of it.
    pub async fn strays_of_owners(&self) -> Result<Vec<Strays>, StoreError> {
        let names: Vec<_> = self.parked().await?.into_iter().map(|(name, _)| name).collect();
        let found = self.asked(&STRAYS_OF, vec![names.into()], strays_of).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Writes what was made of a parked event at last: its effects, and it is parked no more; or why it
    /// stays. `Conflict` when somebody else played it meanwhile. Where somebody holds what is its owner's, this
    /// [`is_held`](crate::is_held).
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
        // What comes in after it waits: behind it, or for its end.
        let locked = tx.lend().rows(&LOCK, vec![consumer.into()], |_| Ok(())).await;
        locked.map_err(|fault| match fault {
            fault if fault.is_held() => {
                StoreError::Unavailable(Occupied(consumer.to_owned()).into()).into()
            }
            fault => fault,
        })?;
        // The consumer waits for this, and everybody for the consumer.
        tx.wait_briefly().await?;
        let mut conn = tx.lend();
        let key = || [entry.owner.0.into(), consumer.into(), entry.seq.0.into()];
        // First of all that is its owner's: who ends the account comes to this row before any other that follows
        // from it, and each would wait for the other.
        let touched = match outcome {
            Outcome::Done(_) => conn.run(&TAKE, key().into()).await?,
            Outcome::Waits => 0,
            Outcome::Parked { reason, attempts } => {
                let mut values =
                    vec![reason.as_str().into(), now.millis().into(), (*attempts).into()];
                values.extend(key());
                conn.run(&KEEP, values).await?
            }
        };
        if touched != 1 {
            return Err(StoreError::Conflict.into());
        }
        if let Outcome::Done(work) = outcome {
            let mut effects = Effects::default();
            effects.add(entry.owner, work.clone());
            effects.write(&mut conn).await?;
        }
        tx.commit().await
    }
}

fn of(consumer: &str, (owner, seq): (Owner, Seq), max: u32) -> Vec<Value> {
    vec![consumer.into(), owner.0.into(), seq.0.into(), max.into()]
}

/// Nothing of a consumer whose name cannot be read.
fn count(row: &dyn Cells) -> StoreResult<Option<(String, u64)>> {
    let many = number(row, 1)?;
    Ok(row.text(0).ok().flatten().map(|name| (name.to_owned(), many)))
}

async fn counts(conn: &mut Conn<'_>) -> StoreResult<Vec<(String, u64)>> {
    Ok(conn.rows(&COUNTS, Vec::new(), count).await?.into_iter().flatten().collect())
}

fn letter(row: &dyn Cells) -> StoreResult<Letter> {
    // It leaves the log a week after it was told.
    let address = row.text(WIDTH + 4).ok().flatten().map(str::to_owned);
    let mut entry = Entry { address, ..entry(row)? };
    if row.integer(WIDTH + 5)?.is_none() {
        entry.damage = Some(Damage::Missing);
    }
    let mut parts = Parts::default();
    let attempts = number(row, WIDTH + 2).and_then(|many| u32::try_from(many).map_err(bad));
    Ok(Letter {
        consumer: text(row, WIDTH)?,
        entry,
        reason: parts.read("reason", text(row, WIDTH + 1)).unwrap_or_else(|| ILLEGIBLE.to_owned()),
        attempts: parts.read("attempts", attempts).unwrap_or_default(),
        at: Timestamp::from_millis(row.integer(WIDTH + 3)?.ok_or_else(|| bad(()))?),
        damage: parts.damage(),
    })
}

async fn strays(conn: &mut Conn<'_>) -> StoreResult<Vec<Stray>> {
    let names: Vec<_> = counts(conn).await?.into_iter().map(|(name, _)| name).collect();
    let found = conn.rows(&STRAYS, vec![names.into(), STRAYS_MAX.into()], stray).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Nothing of one that can be read: it was parked between two questions, by a consumer who had none.
fn stray(row: &dyn Cells) -> StoreResult<Option<Stray>> {
    let mut parts = Parts::default();
    let (consumer, seq) = (text(row, 0), number(row, 2).and_then(counted));
    let owner = row.uuid(1).map_err(Fault::from).and_then(|owner| owner.ok_or_else(|| bad(())));
    let consumer = parts.read("consumer", consumer);
    let owner = parts.read("owner", owner).map(Owner);
    let seq = parts.read("seq", seq).map(Seq);
    let at = Timestamp::from_millis(row.integer(4)?.ok_or_else(|| bad(()))?);
    let reason = text(row, 3).ok();
    Ok(parts.damage().map(|damage| Stray { consumer, owner, seq, reason, at, damage }))
}

/// As [`stray`].
fn strays_of(row: &dyn Cells) -> StoreResult<Option<Strays>> {
    let (consumer, owner) = (text(row, 0).ok(), row.uuid(1).ok().flatten().map(Owner));
    let known = consumer.is_some() && row.truth(2)?.unwrap_or_default();
    let many = number(row, 3)?;
    Ok((!known).then_some(Strays { consumer, owner, many }))
}

/// Events are counted from 1.
fn counted(seq: u64) -> StoreResult<u64> {
    if seq > 0 { Ok(seq) } else { Err(bad(())) }
}

fn text(row: &dyn Cells, at: usize) -> StoreResult<String> {
    Ok(row.text(at)?.ok_or_else(|| bad(()))?.to_owned())
}
