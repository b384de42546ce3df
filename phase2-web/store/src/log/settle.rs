//! What a consumer makes of events, written once.
//!
//! The mark that an event was handled (its row in `inbox`), its effects and the place up to which the
//! consumer has come are one transaction: after a crash all of it is there or nothing, and what is read
//! again finds its mark. An event that cannot be handled is parked in `dead_letters`, and all later ones
//! of its owner with it, so that none overtakes another.
//!
//! A mark stays as long as the account: history may be told again from any moment, and counting twice is
//! prevented by nothing else. Of an event from which nothing follows there is none, unless the consumer has
//! said that it is decided: to find that again does no harm.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::work::Effect;
use super::{Entry, Handled, Leadership, Outcome, Position, Settled, Work};
use crate::Store;
use crate::accounts::leftovers;
use crate::bind::Row;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::effects::{Counts, forget, make_room};
use crate::failpoint;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;
use crate::tasks::apply::{Clash, gather};
use crate::tasks::load::{bad, number};
use crate::tasks::tables::{ACTIVITY, DEAD_LETTERS, NOTIFICATIONS, Table};

pub(super) static ADVANCE: Sql =
    Sql::new("UPDATE leaders SET position = ? WHERE name = ? AND epoch = ? RETURNING epoch");
static MARK: Sql = Sql::new(
    "INSERT INTO inbox (owner, consumer, event, at) SELECT i.owner, ?, i.id, ? FROM {ids} i \
     WHERE true ON CONFLICT DO NOTHING RETURNING event",
);
static MARKED: Sql = Sql::new(
    "SELECT i.event FROM {ids} k JOIN inbox i ON i.owner = k.owner AND i.event = k.id \
     WHERE i.consumer = ?",
);
/// One row of each by the key: there may be any number.
static PARKED: Sql = Sql::new(
    "SELECT i.owner, (SELECT d.seq FROM dead_letters d WHERE d.owner = i.owner AND d.consumer = ? \
     ORDER BY d.seq LIMIT 1) FROM {ids} i",
);

impl Store {
    /// Writes what a consumer has made of events, and that it has come up to a place: all or nothing.
    /// What was handled before is passed over. `Conflict` when another leads by now, or when what an event was to
    /// wait behind was played meanwhile. The epoch's row is the consumer's lock: who plays parked events again
    /// waits for it.
    ///
    /// When an account has gone, what consumers had written of it since goes with its last word.
    pub async fn settle(
        &self,
        leader: &Leadership,
        handled: &[Handled<'_>],
        up_to: Position,
        now: Timestamp,
    ) -> Result<Settled, StoreError> {
        Ok(self.settled(leader, handled, up_to, now).await?)
    }

    async fn settled(
        &self,
        leader: &Leadership,
        handled: &[Handled<'_>],
        up_to: Position,
        now: Timestamp,
    ) -> StoreResult<Settled> {
        let consumer = leader.name.as_str();
        // A consumer's first place is where it begins: that does not come about again.
        let first = handled.is_empty();
        let mut tx = if first { self.writing().await? } else { self.writing_redoable().await? };
        let mut conn = tx.lend();
        let values = vec![up_to.0.into(), consumer.into(), leader.epoch.into()];
        if conn.rows(&ADVANCE, values, |_| Ok(())).await?.is_empty() {
            return Err(StoreError::Conflict.into());
        }
        let handled = without_the_gone(&mut conn, handled).await?;
        let mut waiting = parked(&mut conn, consumer, &handled).await?;
        let marked = to_mark(&handled, &waiting);
        let fresh = mark(&mut conn, consumer, &marked, now).await?;
        let repeated: HashSet<_> = marked.into_iter().map(|(_, event)| event).collect();
        let repeated = |event: Uuid| repeated.contains(&event) && !fresh.contains(&event);
        let (mut settled, mut effects) = (Settled::default(), Effects::default());
        for one in handled {
            if repeated(one.entry.event_id) {
                settled.repeated += 1;
                continue;
            }
            let work = match letter(&mut waiting, one) {
                None => {
                    let Outcome::Done(work) = &one.outcome else {
                        return Err(StoreError::Conflict.into());
                    };
                    settled.done += 1;
                    work.clone()
                }
                Some((reason, attempts)) => {
                    settled.parked += 1;
                    let mut work = Work::default();
                    work.insert(&DEAD_LETTERS, row(consumer, one.entry, reason, attempts, now));
                    work
                }
            };
            effects.add(one.entry.owner, work);
        }
        settled.notified = effects.new_rows(&NOTIFICATIONS);
        effects.write(&mut conn).await?;
        failpoint("consumer.written");
        tx.commit().await?;
        failpoint("consumer.committed");
        Ok(settled)
    }
}

impl Store {
    /// The first event of an owner that a consumer has parked, if there is one: those after it wait.
    pub async fn first_parked(
        &self,
        consumer: &str,
        owner: Owner,
    ) -> Result<Option<Seq>, StoreError> {
        let values = vec![consumer.into(), vec![(owner.0, owner.0)].into()];
        let found = self.asked(&PARKED, values, first_parked).await?;
        Ok(found.into_iter().flatten().next().map(|(_, first)| first))
    }

    /// Which of these events of owners a consumer has handled or parked before.
    pub async fn handled_before(
        &self,
        consumer: &str,
        events: &[(Owner, Uuid)],
    ) -> Result<HashSet<Uuid>, StoreError> {
        let events: Vec<_> = events.iter().map(|(owner, event)| (owner.0, *event)).collect();
        let event = |row: &dyn Cells| row.uuid(0)?.ok_or_else(|| bad(()));
        let found = self.asked(&MARKED, vec![events.into(), consumer.into()], event).await?;
        Ok(found.into_iter().collect())
    }
}

/// Leaves out what happened to accounts whose end is among it, and takes away what was written of them
/// after they were deleted: all that was told before their end, and nothing comes after it.
async fn without_the_gone<'h, 'e>(
    conn: &mut Conn<'_>,
    handled: &'h [Handled<'e>],
) -> StoreResult<Vec<&'h Handled<'e>>> {
    let farewell = |one: &&Handled<'_>| one.entry.is_farewell();
    // In one order, whoever does it: two consumers that come to the same ends would wait for each other.
    let gone: BTreeSet<_> = handled.iter().filter(farewell).map(|one| one.entry.owner).collect();
    for owner in &gone {
        leftovers(conn, *owner).await?;
    }
    let stays = |one: &&Handled<'_>| farewell(one) || !gone.contains(&one.entry.owner);
    Ok(handled.iter().filter(stays).collect())
}

/// Those from which something follows, by their owners; and all of owners some of whose events are parked,
/// since they are to be played behind those.
fn to_mark(handled: &[&Handled<'_>], waiting: &HashMap<Owner, Seq>) -> Vec<(Uuid, Uuid)> {
    let mut parked: HashSet<_> = waiting.keys().copied().collect();
    let mut marked = Vec::new();
    for Handled { entry, outcome } in handled {
        if matches!(outcome, Outcome::Parked { .. }) {
            parked.insert(entry.owner);
        }
        let nothing = matches!(outcome, Outcome::Done(work) if work.is_empty());
        if !nothing || parked.contains(&entry.owner) {
            marked.push((entry.owner.0, entry.event_id));
        }
    }
    marked
}

/// Marks them as handled; answers which were not before.
pub(super) async fn mark(
    conn: &mut Conn<'_>,
    consumer: &str,
    marked: &[(Uuid, Uuid)],
    now: Timestamp,
) -> StoreResult<HashSet<Uuid>> {
    if marked.is_empty() {
        return Ok(HashSet::new());
    }
    let values = vec![consumer.into(), now.millis().into(), marked.to_vec().into()];
    let fresh = |row: &dyn Cells| row.uuid(0)?.ok_or_else(|| bad(()));
    Ok(conn.rows(&MARK, values, fresh).await?.into_iter().collect())
}

/// The first parked event of each of these owners who has one.
async fn parked(
    conn: &mut Conn<'_>,
    consumer: &str,
    handled: &[&Handled<'_>],
) -> StoreResult<HashMap<Owner, Seq>> {
    let owners: HashSet<_> = handled.iter().map(|one| one.entry.owner.0).collect();
    let owners: Vec<_> = owners.into_iter().map(|owner| (owner, owner)).collect();
    let found = conn.rows(&PARKED, vec![consumer.into(), owners.into()], first_parked).await?;
    Ok(found.into_iter().flatten().collect())
}

fn first_parked(row: &dyn Cells) -> StoreResult<Option<(Owner, Seq)>> {
    let owner = Owner(row.uuid(0)?.ok_or_else(|| bad(()))?);
    // What follows one whose number is damaged waits as well: it may be any.
    let first = row.integer(1)?.map(|_| number(row, 1).unwrap_or_default());
    Ok(first.map(|first| (owner, Seq(first))))
}

/// Why an event is parked, and how often it was tried; nothing if it is not.
fn letter(waiting: &mut HashMap<Owner, Seq>, one: &Handled<'_>) -> Option<(String, u32)> {
    let Entry { owner, seq, .. } = one.entry;
    // What is told again and came before it was done with then.
    if let Some(first) = waiting.get(owner)
        && seq > first
    {
        let reason = match first {
            Seq(0) => "waits behind one whose number cannot be read".to_owned(),
            first => format!("waits behind seq {first}"),
        };
        return Some((reason, 0));
    }
    let Outcome::Parked { reason, attempts } = &one.outcome else { return None };
    waiting.insert(*owner, *seq);
    Some((reason.clone(), *attempts))
}

fn row(consumer: &str, entry: &Entry, reason: String, attempts: u32, now: Timestamp) -> Row {
    vec![
        consumer.into(),
        entry.seq.0.into(),
        entry.event_id.into(),
        reason.into(),
        attempts.into(),
        now.millis().into(),
    ]
}

/// What follows from many events: rows by their tables, so that one statement writes those of many owners.
#[derive(Debug, Default)]
pub(super) struct Effects {
    rows: BTreeMap<&'static str, (Option<&'static Table>, Vec<Row>)>,
    counts: Counts,
    /// Tasks that are gone, and by which event.
    gone: Vec<(Uuid, Uuid, i64)>,
    /// Who was told something.
    told: BTreeSet<Uuid>,
}

impl Effects {
    pub(super) fn add(&mut self, owner: Owner, work: Work) {
        for effect in work.0 {
            match effect {
                Effect::Insert(table, mut row) => {
                    row.insert(0, owner.0.into());
                    if table.name == NOTIFICATIONS.name {
                        self.told.insert(owner.0);
                    }
                    let (known, rows) = self.rows.entry(table.name).or_default();
                    *known = Some(table);
                    rows.push(row);
                }
                Effect::Decided => {}
                Effect::Count(day, deed) => self.counts.add(owner, day, deed),
                Effect::Forget(task, Seq(gone)) => {
                    // Counters stay far below the largest number (`NUMBER_MAX`).
                    let gone = i64::try_from(gone).unwrap_or(i64::MAX);
                    self.gone.push((owner.0, task.0, gone));
                }
            }
        }
    }

    /// How many rows of a table there are among them.
    fn new_rows(&self, table: &Table) -> usize {
        self.rows.get(table.name).map_or(0, |(_, rows)| rows.len())
    }

    /// Writes them under their consumer's lock: what is there already is no sign that another leads.
    pub(super) async fn write(self, conn: &mut Conn<'_>) -> StoreResult<()> {
        self.written(conn).await.map_err(Fault::of_a_leader)
    }

    async fn written(self, conn: &mut Conn<'_>) -> StoreResult<()> {
        for (table, rows) in self.rows.into_values() {
            if let Some(table) = table {
                gather(conn, table, rows, Clash::Passed).await?;
            }
        }
        gather(conn, &ACTIVITY, self.counts.rows(), Clash::Added).await?;
        forget(conn, self.gone).await?;
        make_room(conn, self.told.into_iter().collect()).await
    }
}
