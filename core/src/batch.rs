//! A unit of work as a value: a store writes all of it or none of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cause;
use crate::change::{FieldChange, Swap};
use crate::command::Ctx;
use crate::event::{
    Actor, AggregateType, EventData, EventEnvelope, SCHEMA_VERSION, Seq, TaskEvent, event_id,
};
use crate::receipt::Receipt;
use crate::reminder::Firing;
use crate::step::{StampedStep, Step, StepChange, StepNo, StepWrite};
use crate::task::{Owner, Parent, Revision, TASKS_MAX, Task, TaskId, TaskNo};
use crate::time::Timestamp;

/// Largest number of a task, an event or a version: what every reader of JSON holds exactly. No
/// honest counter gets there.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;
/// How far ahead of the next number a new task may wish for one, however few tasks come.
const WISHED_GAP: u64 = 10_000;
/// How much further for each task that comes: of ten numbers a list may have lost nine.
const WISHED_RATIO: u64 = 10;

/// The owner's two counters. Their row is the lock of all writing for this owner, so the order of
/// `seq` is the order of commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// The number of the next new task.
    pub next_id: TaskNo,
    /// The sequence number of the next event.
    pub next_seq: Seq,
}

impl Default for Counters {
    fn default() -> Self {
        Self { next_id: TaskNo(1), next_seq: Seq(1) }
    }
}

/// What a plan saw of its owner, in one snapshot with everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// The counters. Every change of a task raises them.
    pub counters: Counters,
    /// Whether there may be undone steps, which a new step ends.
    pub redo: bool,
}

/// Who did a batch, when, and for which request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// Shared by all that a request set off.
    pub correlation: Uuid,
    /// The event that set this off.
    pub causation: Option<Uuid>,
}

impl From<&Ctx> for Meta {
    fn from(ctx: &Ctx) -> Self {
        Self {
            actor: ctx.actor,
            at: ctx.now,
            correlation: ctx.correlation,
            causation: ctx.causation,
        }
    }
}

/// A consumer's note that it has handled an event, stored with the effect: taken once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Inbox {
    /// The consumer's name.
    pub consumer: String,
    /// The event it handled.
    pub event: Uuid,
}

/// Everything one command writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Tasks that were read and must not have moved. A row of `upserts` that is not named here is
    /// new: a store that finds it present answers `Conflict`.
    pub expected: Vec<(TaskId, Revision)>,
    /// Set when the plan relied on a set of tasks or on the steps: nothing of this owner may have
    /// been written since.
    pub expected_seq: Option<Seq>,
    /// What else the plan saw of the owner. A store that finds the counters unmoved need look no
    /// further: all that is expected still holds, and the numbers to give are known beforehand.
    pub seen: Option<Seen>,
    /// Tasks as they are from now on.
    pub upserts: Vec<Arc<Task>>,
    /// Tasks that are no more.
    pub deletes: Vec<TaskId>,
    /// What happened, in order.
    pub events: Vec<TaskEvent>,
    /// What undo must know.
    pub step: Option<StepWrite>,
    /// What became of reminders. A store that finds one there already answers `Conflict`: each
    /// happens once (R10). Those of `deletes` go with their tasks.
    pub firings: Vec<Firing>,
    /// See [`Receipt`].
    pub receipt: Option<Receipt>,
    /// See [`Inbox`].
    pub inbox: Option<Inbox>,
    /// Who and when.
    pub meta: Meta,
}

/// A batch with its numbers, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// Tasks as they are from now on.
    pub upserts: Vec<Arc<Task>>,
    /// Tasks that are no more.
    pub deletes: Vec<TaskId>,
    /// What happened, numbered.
    pub events: Vec<EventEnvelope>,
    /// What became of reminders.
    pub firings: Vec<Firing>,
    /// What undo must know, numbered.
    pub step: Option<StampedStep>,
    /// The owner's counters from now on.
    pub counters: Counters,
}

/// What a store wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// The tasks as written.
    pub tasks: Vec<Arc<Task>>,
    /// The events as written.
    pub events: Vec<EventEnvelope>,
    /// The step to answer, if there is one.
    pub step: Option<StepNo>,
}

impl From<Stamped> for Committed {
    fn from(stamped: Stamped) -> Self {
        let step = stamped.step.as_ref().map(StampedStep::no);
        Self { tasks: stamped.upserts, events: stamped.events, step }
    }
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.step.is_none()
            && self.receipt.is_none()
            && self.inbox.is_none()
    }

    /// The tasks among `upserts` that are new: a store must not find them present.
    pub fn inserts(&self) -> impl Iterator<Item = TaskId> {
        let known: HashSet<_> = self.expected.iter().map(|(id, _)| *id).collect();
        self.upserts.iter().map(|task| task.uid).filter(move |id| !known.contains(id))
    }

    /// Gives numbers to new tasks and events. A store calls it once it holds the owner's lock; or
    /// before, if it writes what comes of it only where the counters are still these.
    ///
    /// A new task may wish for a number (import does); it gets it if this owner has never used it.
    pub fn stamp(mut self, owner: Owner, counters: Counters) -> Stamped {
        let Counters { mut next_id, next_seq } = counters;
        let shared = self.part();
        let numbers = self.number_new_tasks(&mut next_id);
        self.share_again(&shared);
        let meta = self.meta;
        let mut seq = next_seq;
        let mut made = HashSet::new();
        let mut events: Vec<_> = self
            .events
            .into_iter()
            .map(|event| {
                let event = number_event(event, &numbers, &mut made);
                let envelope = envelope(owner, seq, &meta, event);
                seq = Seq(seq.0.saturating_add(1));
                envelope
            })
            .collect();
        cause::link(&mut events);
        let last = Seq(seq.0.saturating_sub(1));
        let step = self.step.map(|step| match step {
            StepWrite::Undo(no) => StampedStep::Undo(no, last),
            StepWrite::Redo(no) => StampedStep::Redo(no),
            StepWrite::Record { kind, mut changes, imported } => {
                for change in &mut changes {
                    number_change(change, &numbers);
                }
                let no = StepNo(last.0);
                let (at, actor) = (meta.at, meta.actor);
                StampedStep::Record(Step { no, at, actor, kind, changes, imported, undone: None })
            }
        });
        Stamped {
            upserts: self.upserts,
            deletes: self.deletes,
            events,
            firings: self.firings,
            step,
            counters: Counters { next_id, next_seq: seq },
        }
    }

    /// Takes from the events the tasks that they share with `upserts`, so that these are numbered
    /// where they are and not copied. Answers which event shares which.
    fn part(&mut self) -> Vec<(usize, usize)> {
        let Some(any) = self.upserts.first().map(|task| Arc::new(Task::clone(task))) else {
            return Vec::new();
        };
        let places: HashMap<_, _> =
            self.upserts.iter().enumerate().map(|(at, task)| (task.uid, at)).collect();
        let mut shared = Vec::new();
        for (event, TaskEvent { task: id, data, .. }) in self.events.iter_mut().enumerate() {
            let EventData::Created { task, .. } = data else { continue };
            let Some(row) = places.get(id).copied() else { continue };
            if Arc::ptr_eq(task, &self.upserts[row]) {
                *task = Arc::clone(&any);
                shared.push((event, row));
            }
        }
        shared
    }

    fn share_again(&mut self, shared: &[(usize, usize)]) {
        for (event, row) in shared {
            if let EventData::Created { task, .. } = &mut self.events[*event].data {
                *task = Arc::clone(&self.upserts[*row]);
            }
        }
    }

    fn number_new_tasks(&mut self, next_id: &mut TaskNo) -> Numbers {
        let mut known: HashSet<_> = self.expected.iter().map(|(id, _)| *id).collect();
        let made = self.events.iter().filter(|e| matches!(e.data, EventData::Created { .. }));
        let made: BTreeSet<_> = made.map(|event| event.task).collect();
        // What was purged and made again in this batch is expected, and yet new.
        known.retain(|id| !made.contains(id));
        let mut fresh: Vec<_> =
            self.upserts.iter_mut().filter(|task| !known.contains(&task.uid)).collect();
        // Wishes first and in order, so that one cannot push the counter past another.
        fresh.sort_by_key(|task| (task.id == TaskNo::UNSTAMPED, task.id));
        let mut numbers = BTreeMap::new();
        // A foreign number must not move all that follow: no list of ours has gaps so wide.
        let gaps = WISHED_GAP + WISHED_RATIO * fresh.len() as u64;
        let furthest = TaskNo(next_id.0.saturating_add(gaps.min(TASKS_MAX)).min(NUMBER_MAX));
        let mut take = |wish: TaskNo| {
            let free = (*next_id..furthest).contains(&wish);
            let number = if free { wish } else { *next_id };
            *next_id = TaskNo(number.0.saturating_add(1));
            number
        };
        for task in fresh {
            let number = take(task.id);
            Arc::make_mut(task).id = number;
            numbers.insert(task.uid, number);
        }
        // Made and purged in one: its events have a number all the same.
        for id in made {
            numbers.entry(id).or_insert_with(|| take(TaskNo::UNSTAMPED));
        }
        for task in self.upserts.iter_mut().filter(|task| task.parent.is_some()) {
            number_parent(&mut Arc::make_mut(task).parent, &numbers);
        }
        numbers
    }
}

type Numbers = BTreeMap<TaskId, TaskNo>;

fn number_parent(parent: &mut Option<Parent>, numbers: &Numbers) {
    if let Some(parent) = parent
        && let Some(id) = numbers.get(&parent.uid)
    {
        parent.id = *id;
    }
}

fn number_swap(change: &mut FieldChange, numbers: &Numbers) {
    if let FieldChange::Parent(Swap { old, new }) = change {
        number_parent(old, numbers);
        number_parent(new, numbers);
    }
}

fn number_change(change: &mut StepChange, numbers: &Numbers) {
    change.fields.iter_mut().for_each(|field| number_swap(field, numbers));
}

/// `made` holds the tasks made so far: what happened to an earlier task of that name keeps the
/// number which that one had.
fn number_event(mut event: TaskEvent, numbers: &Numbers, made: &mut HashSet<TaskId>) -> TaskEvent {
    if matches!(event.data, EventData::Created { .. }) {
        made.insert(event.task);
    }
    let number = numbers.get(&event.task).filter(|_| made.contains(&event.task));
    match &mut event.data {
        EventData::Created { task, .. } => {
            let id = number.copied().unwrap_or(task.id);
            let mut parent = task.parent;
            number_parent(&mut parent, numbers);
            // One that is shared has its numbers already.
            if (task.id, task.parent) != (id, parent) {
                let task = Arc::make_mut(task);
                (task.id, task.parent) = (id, parent);
            }
        }
        EventData::Changed { id, changes, .. } => {
            *id = number.copied().unwrap_or(*id);
            for change in changes {
                number_swap(change, numbers);
            }
        }
        EventData::Purged { id }
        | EventData::Spawned { id, .. }
        | EventData::SeriesEnded { id, .. }
        | EventData::Reminded { id, .. } => *id = number.copied().unwrap_or(*id),
    }
    event
}

fn envelope(owner: Owner, seq: Seq, meta: &Meta, event: TaskEvent) -> EventEnvelope {
    EventEnvelope {
        event_id: event_id(owner, seq),
        seq,
        event_type: event.event_type(),
        schema_version: SCHEMA_VERSION,
        user_id: owner,
        actor: meta.actor,
        aggregate_type: AggregateType::Task,
        aggregate_id: event.task,
        aggregate_version: event.version,
        timestamp: meta.at,
        correlation_id: meta.correlation,
        causation_id: meta.causation,
        data: event.data,
    }
}
