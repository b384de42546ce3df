//! A batch as a list of statements, the same for both databases and for both ways of writing it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use todo_core::batch::{Counters, Stamped};
use todo_core::change::FieldChange;
use todo_core::event::{EventData, EventEnvelope};
use todo_core::fold::fold;
use todo_core::step::StampedStep;
use todo_core::{Batch, Committed, Owner, RECEIPT_KEPT_MILLIS, Tags, Task, Timestamp, Zone};
use uuid::Uuid;

use super::rows;
use super::tables::{EVENTS, FIRINGS, INBOX, OUTBOX, RECEIPTS, STEPS, TASK_TAGS, TASKS, Table};
use crate::bind::{Row, Value};
use crate::fault::StoreResult;
use crate::origin::Origin;
use crate::sql::Sql;
use crate::waking::{anew, anew_values};

/// One thing to do. None relies on another of the same list having been done, except that rows
/// that are taken away go before rows that come: so a database may do all of them at once.
#[derive(Debug)]
pub(crate) enum Op {
    Run(&'static Sql, Vec<Value>),
    /// New rows.
    Insert(&'static Table, Vec<Row>),
    /// New values for rows that are there.
    Update(&'static Table, Vec<Row>),
}

/// What is known of the owner when a batch is written.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) counters: Counters,
    /// Whether there may be undone steps.
    pub(super) redo: bool,
    /// The zone that all-day tasks stand in order by.
    pub(super) zone: Zone,
    /// Which of the batch's tasks are there. Without it those are that the batch expects.
    pub(super) present: Option<HashSet<Uuid>>,
    /// What else to do, before all else.
    pub(super) first: Vec<Op>,
    /// Where what happened comes from.
    pub(super) origin: Origin,
}

/// A batch, ready to be written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) ops: Vec<Op>,
    /// The owner's counters from now on.
    pub(super) counters: Counters,
    /// By how many tasks the owner's have become more.
    pub(super) more: i64,
    /// Whether a row depends on the owner's zone, and which that is.
    pub(super) zoned: bool,
    pub(super) zone: Zone,
    pub(crate) done: Committed,
}

static PURGE_TASKS: Sql = Sql::new("DELETE FROM tasks WHERE owner = ? AND uid {uids}{lock}");
static PURGE_TAGS: Sql = Sql::new("DELETE FROM task_tags WHERE owner = ? AND uid {uids}{lock}");
static PURGE_FIRINGS: Sql =
    Sql::new("DELETE FROM reminder_firings WHERE owner = ? AND task {uids}{lock}");
/// The history of what is gone says that it was, and nothing of what it held (SPEC 9).
static BLANK: Sql = Sql::new(
    "UPDATE events SET data = NULL WHERE owner = ? AND aggregate_id {uids} AND aggregate_type = 'task'{lock}",
);
static UNTAG: Sql = Sql::new("DELETE FROM task_tags WHERE owner = ? AND (tag, uid) {pairs}{lock}");
static MARK: Sql = Sql::new("UPDATE steps SET undone = ? WHERE owner = ? AND no = ?{lock}");
/// A new step ends what could be redone. Those beyond the newest hundred go with it: else they
/// would seem to be among the newest again.
static END_REDO: Sql = Sql::new(
    "DELETE FROM steps WHERE owner = ? \
     AND EXISTS (SELECT 1 FROM steps s WHERE s.owner = ? AND s.undone IS NOT NULL) \
     AND (undone IS NOT NULL OR no < (SELECT min(kept.no) FROM \
     (SELECT s.no FROM steps s WHERE s.owner = ? ORDER BY s.no DESC LIMIT 100) kept)){lock}",
);
pub(super) static PRUNE_STEPS: Sql = Sql::new(
    "DELETE FROM steps WHERE owner = ? AND no < (SELECT min(kept.no) FROM \
     (SELECT s.no FROM steps s WHERE s.owner = ? ORDER BY s.no DESC LIMIT 100) kept){lock}",
);
static PRUNE_RECEIPTS: Sql = Sql::new("DELETE FROM receipts WHERE owner = ? AND at < ?{lock}");

/// A series that goes by the clock, and waits below a task that is open again (S8), is looked at.
/// What this batch writes of itself is left alone: one statement writes no row twice.
static REWAKE_BELOW: Sql = Sql::new(concat!(
    "UPDATE tasks SET wake_at = ",
    anew!(),
    " WHERE owner = ? AND parent_uid {uids} AND scheduled AND deleted_at IS NULL \
     AND NOT uid {uids}{lock}"
));

/// What is kept for a while is swept once in so many events.
const SWEEP_EVERY: u64 = 64;

/// Gives the batch its numbers and makes it into statements.
pub(super) fn write(owner: Owner, batch: Batch, known: Known) -> StoreResult<Written> {
    let Known { counters, redo, zone, present, first, origin } = known;
    let (receipt, inbox, at) = (batch.receipt.clone(), batch.inbox.clone(), batch.meta.at);
    let present =
        present.unwrap_or_else(|| batch.expected.iter().map(|(task, _)| task.0).collect());
    let stamped = batch.stamp(owner, counters);
    let gone: HashSet<_> = stamped.deletes.iter().map(|task| task.0).collect();
    let kept: Vec<_> = stamped.upserts.iter().filter(|task| !gone.contains(&task.uid.0)).collect();
    let is_there = |task: &Arc<Task>| present.contains(&task.uid.0);
    let new: Vec<_> = kept.iter().filter(|task| !is_there(task)).collect();
    let removed = gone.intersection(&present).count();

    let mut ops = first;
    purge(owner, &stamped, &mut ops);
    sweep(owner, &stamped, counters, &mut ops);
    if receipt.is_some() {
        // A receipt comes with requests that change nothing too: each makes room for itself.
        let oldest = at.millis() - RECEIPT_KEPT_MILLIS;
        ops.push(Op::Run(&PRUNE_RECEIPTS, vec![owner.0.into(), oldest.into()]));
    }
    let tags = retag(owner, &kept, &present, &stamped.events, &mut ops);
    rewake(owner, &stamped, at, &mut ops);
    mark(owner, stamped.step.as_ref(), redo, &mut ops);
    let each = |rows: &mut dyn Iterator<Item = StoreResult<Row>>| rows.collect::<Result<_, _>>();
    let more = signed(new.len()) - signed(removed);
    insert(&TASKS, each(&mut new.into_iter().map(|task| rows::task(task, zone)))?, &mut ops);
    let old = kept.iter().filter(|task| is_there(task));
    let old: Vec<_> = each(&mut old.map(|task| rows::task(task, zone)))?;
    if !old.is_empty() {
        ops.push(Op::Update(&TASKS, old));
    }
    insert(&TASK_TAGS, tags, &mut ops);
    insert(&EVENTS, each(&mut stamped.events.iter().map(rows::event))?, &mut ops);
    let told = stamped.events.iter().map(|event| rows::outbox(event, &origin));
    insert(&OUTBOX, told.collect(), &mut ops);
    insert(&FIRINGS, stamped.firings.iter().map(rows::firing).collect(), &mut ops);
    if let Some(StampedStep::Record(step)) = &stamped.step {
        insert(&STEPS, vec![rows::step(step)?], &mut ops);
    }
    insert(&INBOX, inbox.iter().map(|inbox| rows::inbox(inbox, at)).collect(), &mut ops);

    let zoned = kept.iter().any(|task| is_zoned(task));
    let counters = stamped.counters;
    let done = Committed::from(stamped);
    if let Some(receipt) = receipt {
        let answer = receipt.answer.of(&done);
        insert(&RECEIPTS, vec![rows::receipt(&receipt, answer, at)], &mut ops);
    }
    Ok(Written { ops, counters, more, zoned, zone, done })
}

/// Whether a task's row depends on its owner's zone: for its due date, or its place in a series.
fn is_zoned(task: &Task) -> bool {
    let days = [task.due_date, task.recurrence.as_ref().map(|recurrence| recurrence.anchor)];
    days.into_iter().flatten().any(|day| day.zone().is_none())
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn insert(table: &'static Table, rows: Vec<Row>, ops: &mut Vec<Op>) {
    if !rows.is_empty() {
        ops.push(Op::Insert(table, rows));
    }
}

fn purge(owner: Owner, stamped: &Stamped, ops: &mut Vec<Op>) {
    if stamped.deletes.is_empty() {
        return;
    }
    let gone: Vec<_> = stamped.deletes.iter().map(|task| task.0).collect();
    for sql in [&PURGE_TASKS, &PURGE_TAGS, &PURGE_FIRINGS, &BLANK] {
        ops.push(Op::Run(sql, vec![owner.0.into(), gone.clone().into()]));
    }
}

fn sweep(owner: Owner, stamped: &Stamped, was: Counters, ops: &mut Vec<Op>) {
    if was.next_seq.0 / SWEEP_EVERY != stamped.counters.next_seq.0 / SWEEP_EVERY {
        ops.push(Op::Run(&PRUNE_STEPS, vec![owner.0.into(), owner.0.into()]));
    }
}

fn rewake(owner: Owner, stamped: &Stamped, at: Timestamp, ops: &mut Vec<Op>) {
    let opened = |event: &&EventEnvelope| match &event.data {
        EventData::Changed { changes, .. } => changes.iter().any(|change| match change {
            FieldChange::Status(swap) => swap.new.is_open() && !swap.old.is_open(),
            _ => false,
        }),
        _ => false,
    };
    let opened: Vec<_> = stamped.events.iter().filter(opened).map(|e| e.aggregate_id.0).collect();
    if !opened.is_empty() {
        let written: Vec<_> = stamped.upserts.iter().map(|task| task.uid.0).collect();
        let [before, otherwise] = anew_values(at);
        let values = vec![before, otherwise, owner.0.into(), opened.into(), written.into()];
        ops.push(Op::Run(&REWAKE_BELOW, values));
    }
}

fn mark(owner: Owner, step: Option<&StampedStep>, redo: bool, ops: &mut Vec<Op>) {
    let owner = owner.0;
    match step {
        None => {}
        Some(StampedStep::Record(_)) if !redo => {}
        Some(StampedStep::Record(_)) => {
            ops.push(Op::Run(&END_REDO, vec![owner.into(), owner.into(), owner.into()]));
        }
        Some(StampedStep::Undo(no, at)) => {
            ops.push(Op::Run(&MARK, vec![at.0.into(), owner.into(), no.0.into()]));
        }
        Some(StampedStep::Redo(no)) => {
            let none = Value::Integer(None);
            ops.push(Op::Run(&MARK, vec![none, owner.into(), no.0.into()]));
        }
    }
}

/// The tags that come; those that go are taken away. A tag that stays is in neither list, so that
/// both can be done at once.
fn retag(
    owner: Owner,
    kept: &[&Arc<Task>],
    present: &HashSet<Uuid>,
    events: &[EventEnvelope],
    ops: &mut Vec<Op>,
) -> Vec<Row> {
    let before = tags_before(events);
    let (mut come, mut go, mut anew) = (vec![], vec![], vec![]);
    for task in kept {
        let uid = task.uid.0;
        let now = folded(&task.tags);
        let was = match before.get(&uid) {
            _ if !present.contains(&uid) => BTreeSet::new(),
            Some(Before::Unknown) => {
                anew.push(uid);
                BTreeSet::new()
            }
            Some(Before::Tags(tags)) => folded(tags),
            None => continue,
        };
        go.extend(was.difference(&now).map(|tag| (tag.clone(), uid)));
        come.extend(now.difference(&was).map(|tag| rows::tag(tag.clone(), uid)));
    }
    if !go.is_empty() {
        ops.push(Op::Run(&UNTAG, vec![owner.0.into(), go.into()]));
    }
    if !anew.is_empty() {
        ops.push(Op::Run(&PURGE_TAGS, vec![owner.0.into(), anew.into()]));
    }
    come
}

enum Before<'e> {
    /// The tags that it had.
    Tags(&'e Tags),
    /// It was purged and made again: what it had is not told.
    Unknown,
}

/// What the tasks had whose tags these events change: an event tells all that changed.
fn tags_before(events: &[EventEnvelope]) -> BTreeMap<Uuid, Before<'_>> {
    let mut before = BTreeMap::new();
    for event in events {
        let was = match &event.data {
            EventData::Created { .. } => Some(Before::Unknown),
            EventData::Changed { changes, .. } => changes.iter().find_map(|change| match change {
                FieldChange::Tags(swap) => Some(Before::Tags(&swap.old)),
                _ => None,
            }),
            _ => None,
        };
        if let Some(was) = was {
            before.entry(event.aggregate_id.0).or_insert(was);
        }
    }
    before
}

fn folded(tags: &Tags) -> BTreeSet<String> {
    tags.iter().map(|tag| fold(tag.as_str()).into_owned()).collect()
}
