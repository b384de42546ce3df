//! What a command must know, from one snapshot.

use todo_core::facts::gather;
use todo_core::reference::TaskRef;
use todo_core::reminder::{Firing, ReminderId};
use todo_core::{Facts, KeptReceipt, Needs, Owner, StoreError, Task, TaskId, Timestamp};
use uuid::Uuid;

use super::commit::{Head, head};
use super::index::Index;
use super::row::{WIDTH, task};
use super::steps;
use crate::bind::Value;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;

/// What every one of the next statements answers: the columns of a task or nulls, then the owner's,
/// then those of the receipt that was asked for.
macro_rules! facts {
    (select $tasks:literal) => {
        concat!(
            "SELECT {t.task}, o.next_id, o.next_seq, o.timezone, o.tasks, ",
            "EXISTS (SELECT 1 FROM tasks c ",
            "WHERE c.owner = o.owner AND c.scheduled AND c.deleted_at IS NULL), ",
            "r.fingerprint, r.answer, r.at FROM owners o ",
            "LEFT JOIN receipts r ON r.owner = o.owner AND r.key = ? ",
            "LEFT JOIN ",
            $tasks,
            " WHERE o.owner = ?"
        )
    };
}

static BY_UID: Sql = Sql::new(facts!(select "tasks t ON t.owner = o.owner AND t.uid {uids}"));
static BY_NUMBER: Sql = Sql::new(facts!(select "tasks t ON t.owner = o.owner AND t.id {numbers}"));
/// One task and nothing else, for those who only show it.
macro_rules! look {
    ($named:literal) => {
        concat!(
            "SELECT {t.task}, EXISTS (SELECT 1 FROM tasks c ",
            "WHERE c.owner = t.owner AND c.scheduled AND c.deleted_at IS NULL) ",
            "FROM tasks t WHERE t.owner = ? AND ",
            $named
        )
    };
}

static LOOK_BY_UID: Sql = Sql::new(look!("t.uid = ?"));
static LOOK_BY_NUMBER: Sql = Sql::new(look!("t.id = ?"));
/// The tasks that are named, and what may belong to them; which of it does, the core says. A slot's
/// text sorts as the slot does.
static RELATED: Sql = Sql::new(concat!(
    "WITH RECURSIVE seed AS (SELECT uid, parent_uid, trash_id, series, slot FROM tasks ",
    "WHERE owner = ? AND uid {uids} ",
    "UNION SELECT uid, parent_uid, trash_id, series, slot FROM tasks ",
    "WHERE owner = ? AND id {numbers}), ",
    "grouped AS (SELECT t.uid, t.parent_uid FROM seed s CROSS JOIN tasks t ",
    "WHERE t.owner = ? AND t.trash_id = s.trash_id AND ?), ",
    "above AS (SELECT uid, parent_uid FROM seed WHERE ? ",
    "UNION SELECT uid, parent_uid FROM grouped ",
    "UNION SELECT t.uid, t.parent_uid FROM above a CROSS JOIN tasks t ",
    "WHERE t.owner = ? AND t.uid = a.parent_uid), ",
    "below AS (SELECT uid FROM seed WHERE ? ",
    "UNION SELECT uid FROM grouped ",
    "UNION SELECT t.uid FROM seed s CROSS JOIN tasks t ",
    "WHERE t.owner = ? AND t.series = s.series AND (t.slot > s.slot OR s.slot IS NULL) AND ? ",
    "UNION SELECT t.uid FROM below b CROSS JOIN tasks t ",
    "WHERE t.owner = ? AND t.parent_uid = b.uid), ",
    "found AS (SELECT * FROM tasks WHERE owner = ? AND uid IN (SELECT uid FROM seed ",
    "UNION SELECT uid FROM above UNION SELECT uid FROM below ",
    "UNION SELECT m.uid FROM tasks m WHERE m.owner = ? AND m.series {uids})) ",
    facts!(select "found t ON t.owner = o.owner")
));
static PREFIX: Sql = Sql::new("SELECT uid FROM tasks WHERE owner = ? AND uid >= ? AND uid <= ?");
static FIRINGS: Sql = Sql::new(
    "SELECT task, reminder, at, fate, settled_at FROM reminder_firings WHERE owner = ? \
     AND task {uids} ORDER BY task, reminder, at",
);

/// A cell that no store wrote.
#[derive(Debug, thiserror::Error)]
#[error("a row is not what it may be")]
struct BadRow;

pub(crate) fn bad<E>(_: E) -> Fault {
    StoreError::Corrupt(BadRow.into()).into()
}

/// A counter.
pub(super) fn number(row: &dyn Cells, at: usize) -> StoreResult<u64> {
    u64::try_from(row.integer(at)?.ok_or_else(|| bad(()))?).map_err(bad)
}

/// Whether one statement answers all that is needed. Else the connection must see one snapshot.
pub(super) fn is_simple(needs: &Needs) -> bool {
    let prefix = |reference: &TaskRef| matches!(reference, TaskRef::Prefix(_));
    needs.step.is_none()
        && !needs.steps
        && needs.firings.is_empty()
        && !needs.references().any(prefix)
}

/// The one task that is needed, where it is only to be shown and is there.
async fn look(conn: &mut Conn<'_>, owner: Owner, needs: &Needs) -> StoreResult<Option<Facts>> {
    let Some(reference) =
        needs.tasks.first().filter(|task| *needs == Needs::to_show((*task).clone()))
    else {
        return Ok(None);
    };
    let (sql, named): (_, Value) = match reference {
        TaskRef::No(no) => (&LOOK_BY_NUMBER, no.0.into()),
        TaskRef::Uid(uid) => (&LOOK_BY_UID, uid.0.into()),
        TaskRef::Prefix(_) => return Ok(None),
    };
    let found = |row: &dyn Cells| Ok((task(row)?, row.truth(WIDTH)?.unwrap_or_default()));
    let found = conn.rows(sql, vec![owner.0.into(), named], found).await?.pop();
    Ok(found.map(|(task, by_clock)| {
        let mut facts = Facts { by_clock, ..Facts::default() };
        facts.resolved.insert(reference.clone(), vec![task.uid]);
        facts.tasks.insert(task.uid, task);
        facts
    }))
}

/// All that is needed, and the owner's row.
pub(super) async fn load(
    conn: &mut Conn<'_>,
    owner: Owner,
    needs: &Needs,
) -> StoreResult<(Facts, Option<Head>)> {
    if needs.to_show
        && let Some(facts) = look(conn, owner, needs).await?
    {
        return Ok((facts, None));
    }
    let steps = steps::wanted(conn, owner, needs).await?;
    let (needs, step) = needs.clone().with_step(&steps);
    let named = Named::of(conn, owner, &needs).await?;
    let (sql, values) = named.ask(owner, &needs);
    let mut facts = Facts { step: step.cloned(), ..Facts::default() };
    let (mut owners_row, mut tasks) = (None, Vec::new());
    for (task, found) in conn.rows(sql, values, read).await? {
        tasks.extend(task);
        owners_row.get_or_insert(found);
    }
    let head = owners_row.map(|Found { head, count, by_clock, receipt }| {
        (facts.counters, facts.count, facts.by_clock) = (head.counters, count, by_clock);
        facts.receipt = receipt;
        head
    });
    let mut index = Index::new(tasks);
    let reminding = index.uids(&needs.firings);
    if !reminding.is_empty() {
        let values = vec![owner.0.into(), reminding.into()];
        index.settle(conn.rows(&FIRINGS, values, firing).await?);
    }
    if needs.steps {
        facts.steps = steps;
    }
    let Ok(()) = gather(&index, &needs, &mut facts);
    Ok((facts, head))
}

/// The tasks that are named, by the two ways in which a database finds them.
struct Named {
    uids: Vec<Uuid>,
    numbers: Vec<i64>,
}

impl Named {
    async fn of(conn: &mut Conn<'_>, owner: Owner, needs: &Needs) -> StoreResult<Self> {
        let mut named = Self { uids: Vec::new(), numbers: Vec::new() };
        for reference in needs.references() {
            match reference {
                TaskRef::No(no) => named.numbers.extend(i64::try_from(no.0)),
                TaskRef::Uid(uid) => named.uids.push(uid.0),
                TaskRef::Prefix(prefix) => {
                    // Identities sort as their hexadecimal digits do.
                    let (first, last) = (padded(prefix, '0')?, padded(prefix, 'f')?);
                    let values = vec![owner.0.into(), first.into(), last.into()];
                    let uid = |row: &dyn Cells| row.uuid(0)?.ok_or_else(|| bad(()));
                    named.uids.extend(conn.rows(&PREFIX, values, uid).await?);
                }
            }
        }
        // Several needs name the same tasks.
        named.uids.sort_unstable();
        named.uids.dedup();
        named.numbers.sort_unstable();
        named.numbers.dedup();
        Ok(named)
    }

    /// The statement that finds them, with what belongs to them.
    fn ask(self, owner: Owner, needs: &Needs) -> (&'static Sql, Vec<Value>) {
        let (up, down) = (!needs.lineage.is_empty(), !needs.subtree.is_empty());
        let (groups, later) = (!needs.groups.is_empty(), !needs.later.is_empty());
        let Self { uids, numbers } = self;
        let owner: Value = owner.0.into();
        let key = needs.receipt.clone().into();
        let related = up || down || groups || later || !needs.series.is_empty();
        if !related && numbers.is_empty() {
            return (&BY_UID, vec![key, uids.into(), owner]);
        }
        if !related && uids.is_empty() {
            return (&BY_NUMBER, vec![key, numbers.into(), owner]);
        }
        let series: Vec<_> = needs.series.iter().copied().collect();
        let o = || owner.clone();
        let seed = vec![o(), uids.into(), o(), numbers.into(), o(), groups.into()];
        let above = vec![up.into(), o()];
        let below = vec![down.into(), o(), later.into(), o()];
        let found = vec![o(), o(), series.into(), key, o()];
        (&RELATED, [seed, above, below, found].concat())
    }
}

fn padded(prefix: &str, fill: char) -> StoreResult<Uuid> {
    let digits: String = prefix.chars().chain(std::iter::repeat(fill)).take(32).collect();
    Uuid::try_parse(&digits).map_err(bad)
}

/// What stands in each row beside a task.
struct Found {
    head: Head,
    count: u64,
    by_clock: bool,
    receipt: Option<KeptReceipt>,
}

fn read(row: &dyn Cells) -> StoreResult<(Option<Task>, Found)> {
    let found = match row.uuid(0)? {
        None => None,
        Some(_) => Some(task(row)?),
    };
    let head = head(row, [WIDTH, WIDTH + 1, WIDTH + 2])?;
    let (count, by_clock) = (number(row, WIDTH + 3)?, row.truth(WIDTH + 4)?.unwrap_or_default());
    Ok((found, Found { head, count, by_clock, receipt: receipt(row, WIDTH + 5)? }))
}

fn receipt(row: &dyn Cells, at: usize) -> StoreResult<Option<KeptReceipt>> {
    let Some(fingerprint) = row.bytes(at)? else { return Ok(None) };
    let fingerprint = fingerprint.try_into().map_err(bad)?;
    let answer = row.bytes(at + 1)?.unwrap_or_default().to_vec();
    Ok(Some(KeptReceipt { fingerprint, answer, at: instant(row, at + 2)? }))
}

fn firing(row: &dyn Cells) -> StoreResult<Firing> {
    Ok(Firing {
        task: TaskId(row.uuid(0)?.ok_or_else(|| bad(()))?),
        reminder: ReminderId(u32::try_from(number(row, 1)?).map_err(bad)?),
        at: instant(row, 2)?,
        fate: row.text(3)?.unwrap_or_default().parse().map_err(bad)?,
        settled_at: instant(row, 4)?,
    })
}

fn instant(row: &dyn Cells, at: usize) -> StoreResult<Timestamp> {
    Ok(Timestamp::from_millis(row.integer(at)?.ok_or_else(|| bad(()))?))
}
