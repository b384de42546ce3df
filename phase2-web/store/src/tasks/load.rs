//! What a command must know, from one snapshot.

use std::collections::BTreeSet;

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

/// A statement that answers the owner's row with each task that was found, or once without any.
struct Ask {
    plain: Sql,
    /// The same, with the receipt of a key.
    once: Sql,
    /// Where the owner's columns begin.
    owner: usize,
}

/// The columns are those of a task or nulls, if tasks are asked for, then the owner's, then whether
/// there are tasks below this one, then those of a receipt.
macro_rules! ask {
    (of the owner) => { ask!(with "", "", 0, "FALSE", "") };
    (of tasks where $named:literal) => {
        ask!(with "", "{t.task}, ", WIDTH, "FALSE",
            concat!("LEFT JOIN tasks t ON t.owner = o.owner AND t.", $named, " "))
    };
    (of lone tasks where $named:literal) => {
        ask!(with "", "{t.task}, ", WIDTH,
            "EXISTS (SELECT 1 FROM tasks b WHERE b.owner = o.owner AND b.parent_uid = t.uid)",
            concat!("LEFT JOIN tasks t ON t.owner = o.owner AND t.", $named, " "))
    };
    (with $with:expr, $task:literal, $owner:expr, $more:literal, $tasks:expr) => {
        Ask {
            owner: $owner,
            plain: Sql::new(ask!(text $with, $task, $more, $tasks, "", "")),
            once: Sql::new(ask!(text $with, $task, $more, $tasks,
                ", r.fingerprint, r.answer, r.at",
                "LEFT JOIN receipts r ON r.owner = o.owner AND r.key = ? ")),
        }
    };
    (text $with:expr, $task:literal, $more:literal, $tasks:expr, $columns:literal,
     $receipt:literal) => {
        concat!(
            $with, "SELECT ", $task, "o.next_id, o.next_seq, o.timezone, o.tasks, ",
            "EXISTS (SELECT 1 FROM tasks c ",
            "WHERE c.owner = o.owner AND c.scheduled AND c.deleted_at IS NULL), ",
            "EXISTS (SELECT 1 FROM steps s WHERE s.owner = o.owner AND s.undone IS NOT NULL), ",
            $more, $columns, " FROM owners o ", $tasks, $receipt, "WHERE o.owner = ?"
        )
    };
}

static OWNER: Ask = ask!(of the owner);
static BY_UID: Ask = ask!(of tasks where "uid {uids}");
static BY_NUMBER: Ask = ask!(of tasks where "id {numbers}");
static LONE_BY_UID: Ask = ask!(of lone tasks where "uid {uids}");
static LONE_BY_NUMBER: Ask = ask!(of lone tasks where "id {numbers}");
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
static RELATED: Ask = ask!(with concat!(
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
), "{t.task}, ", WIDTH, "FALSE", "LEFT JOIN found t ON t.owner = o.owner ");
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
pub(crate) fn number(row: &dyn Cells, at: usize) -> StoreResult<u64> {
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
    let mut facts = Facts { step: step.cloned(), ..Facts::default() };
    let mut rows = named.lone(conn, owner, &needs).await?;
    if rows.is_empty() {
        rows = named.related(conn, owner, &needs).await?;
    }
    let (mut owners_row, mut tasks) = (None, Vec::new());
    for Found { task, head, count, by_clock, redo, receipt, .. } in rows {
        tasks.extend(task);
        if owners_row.is_none() {
            (facts.counters, facts.count) = (head.counters, count);
            (facts.by_clock, facts.redo) = (by_clock, redo);
            facts.receipt = receipt;
            owners_row = Some(head);
        }
    }
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
    Ok((facts, owners_row))
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

    /// The tasks themselves, if that is all there is to find: nothing is asked for that belongs to
    /// them, or nothing does, as with most. Else nothing.
    async fn lone(
        &self,
        conn: &mut Conn<'_>,
        owner: Owner,
        needs: &Needs,
    ) -> StoreResult<Vec<Found>> {
        let Self { uids, numbers } = self;
        if !needs.series.is_empty() {
            return Ok(Vec::new());
        }
        let relations = [&needs.lineage, &needs.subtree, &needs.groups, &needs.later];
        let alone = relations.into_iter().all(BTreeSet::is_empty);
        let (tasks, ask) = match (uids.is_empty(), numbers.is_empty(), alone) {
            (true, true, _) => return found(conn, &OWNER, Vec::new(), owner, needs).await,
            (false, true, true) => (uids.clone().into(), &BY_UID),
            (false, true, false) => (uids.clone().into(), &LONE_BY_UID),
            (true, false, true) => (numbers.clone().into(), &BY_NUMBER),
            (true, false, false) => (numbers.clone().into(), &LONE_BY_NUMBER),
            (false, false, _) => return Ok(Vec::new()),
        };
        let mut rows = found(conn, ask, vec![tasks], owner, needs).await?;
        if rows.iter().any(|row| row.has_more(needs)) {
            rows.clear();
        }
        Ok(rows)
    }

    /// The tasks and all that may belong to them.
    async fn related(
        self,
        conn: &mut Conn<'_>,
        owner: Owner,
        needs: &Needs,
    ) -> StoreResult<Vec<Found>> {
        let (up, down) = (!needs.lineage.is_empty(), !needs.subtree.is_empty());
        let (groups, later) = (!needs.groups.is_empty(), !needs.later.is_empty());
        let Self { uids, numbers } = self;
        let o = || owner.0.into();
        let series: Vec<_> = needs.series.iter().copied().collect();
        let seed = vec![o(), uids.into(), o(), numbers.into(), o(), groups.into()];
        let above = vec![up.into(), o()];
        let below = vec![down.into(), o(), later.into(), o()];
        let values = [seed, above, below, vec![o(), o(), series.into()]].concat();
        found(conn, &RELATED, values, owner, needs).await
    }
}

fn padded(prefix: &str, fill: char) -> StoreResult<Uuid> {
    let digits: String = prefix.chars().chain(std::iter::repeat(fill)).take(32).collect();
    Uuid::try_parse(&digits).map_err(bad)
}

/// A row: a task if one was found, and what stands beside it.
struct Found {
    task: Option<Task>,
    head: Head,
    count: u64,
    by_clock: bool,
    /// Whether there are undone steps.
    redo: bool,
    /// Whether there are tasks below this one, if that was asked.
    below: bool,
    receipt: Option<KeptReceipt>,
}

impl Found {
    /// Whether something of what is needed may belong to the task.
    fn has_more(&self, needs: &Needs) -> bool {
        let Some(task) = &self.task else { return false };
        (self.below && !needs.subtree.is_empty())
            || (task.parent.is_some() && !needs.lineage.is_empty())
            || (task.trash.is_some() && !needs.groups.is_empty())
            || (task.series.is_some() && !needs.later.is_empty())
    }
}

async fn found(
    conn: &mut Conn<'_>,
    ask: &'static Ask,
    mut values: Vec<Value>,
    owner: Owner,
    needs: &Needs,
) -> StoreResult<Vec<Found>> {
    let (at, keyed) = (ask.owner, needs.receipt.is_some());
    let sql = if keyed { &ask.once } else { &ask.plain };
    values.extend(needs.receipt.clone().map(Value::from));
    values.push(owner.0.into());
    let read = |row: &dyn Cells| {
        Ok(Found {
            task: if at > 0 && row.uuid(0)?.is_some() { Some(task(row)?) } else { None },
            head: head(row, [at, at + 1, at + 2])?,
            count: number(row, at + 3)?,
            by_clock: row.truth(at + 4)?.unwrap_or_default(),
            redo: row.truth(at + 5)?.unwrap_or_default(),
            below: row.truth(at + 6)?.unwrap_or_default(),
            receipt: if keyed { receipt(row, at + 7)? } else { None },
        })
    };
    conn.rows(sql, values, read).await
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
