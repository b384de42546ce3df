//! The reference store: everything in maps, nothing kept. What the other stores are measured by.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::batch::{Batch, Committed, Counters, Inbox};
use crate::event::EventEnvelope;
use crate::facts::{Facts, Needs, TaskIndex, gather};
use crate::ports::{AsyncTaskStore, StoreError, TaskStore};
use crate::query::{Page, Selection, TaskFields, TaskQuery};
use crate::receipt::{KeptReceipt, Receipt};
use crate::reference::TaskRef;
use crate::reminder::{Firing, ReminderId};
use crate::stats::{Stats, StatsQuery};
use crate::step::Step;
use crate::task::{Owner, Task, TaskId};
use crate::time::Timestamp;

#[derive(Debug, Default, Clone)]
struct Shelf {
    tasks: BTreeMap<TaskId, Task>,
    counters: Counters,
    steps: Vec<Step>,
    events: Vec<EventEnvelope>,
    receipts: HashMap<String, KeptReceipt>,
    inbox: HashSet<Inbox>,
    firings: BTreeMap<FiringKey, Firing>,
}

type FiringKey = (TaskId, ReminderId, Timestamp);

/// A store in memory.
#[derive(Debug, Default, Clone)]
pub struct MemoryStore {
    shelves: BTreeMap<Owner, Shelf>,
}

impl MemoryStore {
    /// Every event of an owner, in order.
    pub fn events(&self, owner: Owner) -> &[EventEnvelope] {
        self.shelves.get(&owner).map(|shelf| shelf.events.as_slice()).unwrap_or_default()
    }
}

impl TaskStore for MemoryStore {
    fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        let empty = Shelf::default();
        let shelf = self.shelves.get(&owner).unwrap_or(&empty);
        let (needs, step) = needs.clone().with_step(&shelf.steps);
        let mut facts = Facts {
            step: step.cloned(),
            steps: if needs.steps { shelf.steps.clone() } else { Vec::new() },
            counters: shelf.counters,
            count: shelf.tasks.len() as u64,
            redo: shelf.steps.iter().any(|step| step.undone.is_some()),
            by_clock: shelf.tasks.values().any(TaskFields::is_scheduled),
            receipt: needs.receipt.as_ref().and_then(|key| shelf.receipts.get(key)).cloned(),
            ..Facts::default()
        };
        let Ok(()) = gather(shelf, &needs, &mut facts);
        Ok(facts)
    }

    fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        let mut selection = Selection::new(query);
        for task in self.shelves.get(&owner).into_iter().flat_map(|shelf| shelf.tasks.values()) {
            let Ok(()) = selection.offer(task, |task| Ok::<_, Infallible>(task.clone()));
        }
        Ok(selection.finish())
    }

    fn commit(&mut self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        let shelf = self.shelves.entry(owner).or_default();
        shelf.check(&batch)?;
        let (receipt, at) = (batch.receipt.clone(), batch.meta.at);
        shelf.inbox.extend(batch.inbox.clone());
        let stamped = batch.stamp(owner, shelf.counters);
        shelf.counters = stamped.counters;
        shelf.events.extend(stamped.events.iter().cloned());
        for task in &stamped.upserts {
            shelf.tasks.insert(task.uid, Task::clone(task));
        }
        for task in &stamped.deletes {
            shelf.tasks.remove(task);
            shelf.firings.retain(|(of, ..), _| of != task);
        }
        shelf.firings.extend(stamped.firings.iter().map(|firing| (firing.key(), *firing)));
        if !stamped.deletes.is_empty() {
            let purged = stamped.deletes.iter().copied().collect();
            shelf.steps.retain_mut(|step| step.forget(&purged));
        }
        if let Some(step) = stamped.step.clone() {
            step.apply(&mut shelf.steps);
        }
        let done = Committed::from(stamped);
        if let Some(Receipt { key, fingerprint, answer }) = receipt {
            shelf.receipts.insert(key, KeptReceipt { fingerprint, answer: answer.of(&done), at });
        }
        Ok(done)
    }
}

impl Shelf {
    fn check(&self, batch: &Batch) -> Result<(), StoreError> {
        let taken = |receipt: &Receipt| {
            self.receipts.get(&receipt.key).is_some_and(|kept| kept.counts(batch.meta.at))
        };
        let repeated = batch.receipt.as_ref().is_some_and(taken)
            || batch.inbox.as_ref().is_some_and(|inbox| self.inbox.contains(inbox));
        if repeated {
            return Err(StoreError::Repeated);
        }
        let moved = |(id, version): &(TaskId, _)| {
            self.tasks.get(id).is_none_or(|task| task.version != *version)
        };
        let there = batch.inserts().any(|id| self.tasks.contains_key(&id));
        let seq = batch.expected_seq.is_some_and(|seq| seq != self.counters.next_seq);
        let settled = batch.firings.iter().any(|firing| self.firings.contains_key(&firing.key()));
        if seq || batch.expected.iter().any(moved) || there || settled {
            return Err(StoreError::Conflict);
        }
        Ok(())
    }
}

impl TaskIndex for Shelf {
    type Error = Infallible;

    fn resolve(&self, reference: &TaskRef) -> Vec<TaskId> {
        let fits = |task: &&Task| reference.fits(task.uid, task.id);
        self.tasks.values().filter(fits).map(|task| task.uid).collect()
    }

    fn parent(&self, task: TaskId) -> Option<TaskId> {
        self.tasks.get(&task)?.parent.map(|parent| parent.uid)
    }

    fn children(&self, task: TaskId) -> Vec<TaskId> {
        let below = |t: &&Task| t.parent.is_some_and(|parent| parent.uid == task);
        self.tasks.values().filter(below).map(|task| task.uid).collect()
    }

    fn group(&self, task: TaskId) -> Vec<TaskId> {
        let Some(trash) = self.tasks.get(&task).and_then(|task| task.trash) else {
            return Vec::new();
        };
        let with = |t: &&Task| t.trash.is_some_and(|other| other.group == trash.group);
        self.tasks.values().filter(with).map(|task| task.uid).collect()
    }

    fn later(&self, task: TaskId) -> Vec<TaskId> {
        let Some(task) = self.tasks.get(&task) else { return Vec::new() };
        let later =
            |t: &&Task| task.series.is_some() && t.series == task.series && t.slot > task.slot;
        self.tasks.values().filter(later).map(|task| task.uid).collect()
    }

    fn series(&self, series: Uuid) -> Vec<TaskId> {
        let in_it = |task: &&Task| task.series == Some(series);
        self.tasks.values().filter(in_it).map(|task| task.uid).collect()
    }

    fn firings(&self, task: TaskId) -> Result<Vec<Firing>, Infallible> {
        Ok(self.firings.values().filter(|firing| firing.task == task).copied().collect())
    }

    fn read(&self, task: TaskId) -> Result<Option<Task>, Infallible> {
        Ok(self.tasks.get(&task).cloned())
    }
}

/// Any store without a runtime, behind a lock, as a server's store. Its calls do not wait for
/// anything but the lock, so it is for stores that answer at once, and for tests.
#[derive(Debug, Default)]
pub struct Shared<S>(Mutex<S>);

impl<S> Shared<S> {
    /// Shares a store.
    pub fn new(store: S) -> Self {
        Self(Mutex::new(store))
    }

    /// Does something with the store while nobody else does.
    pub fn with<T>(&self, act: impl FnOnce(&mut S) -> T) -> T {
        // A store is changed all at once or not at all, so a panic elsewhere left it whole.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: TaskStore + Send> AsyncTaskStore for Shared<S> {
    async fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        self.with(|store| store.load(owner, needs))
    }

    async fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        self.with(|store| store.find(owner, query))
    }

    async fn stats(&self, owner: Owner, query: &StatsQuery) -> Result<Stats, StoreError> {
        self.with(|store| store.stats(owner, query))
    }

    async fn commit(&self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        self.with(|store| store.commit(owner, batch))
    }
}
