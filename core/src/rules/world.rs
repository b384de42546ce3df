//! The facts, as the events decided so far have left them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::{Decided, Decision, Note};
use crate::change::diff;
use crate::command::Ctx;
use crate::error::{Candidate, TaskError};
use crate::event::{EventData, Origin, TaskEvent, apply};
use crate::facts::Facts;
use crate::reference::TaskRef;
use crate::reminder::Firing;
use crate::step::StepNo;
use crate::task::{Revision, TASKS_MAX, Task, TaskId, TaskNo, is_expired};

/// How many tasks an error names at most.
const NAMED: usize = 10;

pub(super) struct World<'a> {
    pub(super) facts: &'a Facts,
    pub(super) ctx: &'a Ctx,
    /// What is no longer as the facts have it; `None` is no more. Shared with the events that made
    /// them: an import of many is not held twice.
    tasks: BTreeMap<TaskId, Option<Arc<Task>>>,
    /// By number: uids of one millisecond are in no order that anybody would know.
    children: BTreeMap<TaskId, BTreeSet<(TaskNo, TaskId)>>,
    /// Who was ever seen in a series.
    series: BTreeMap<Uuid, BTreeSet<TaskId>>,
    events: Vec<TaskEvent>,
    pub(super) firings: Vec<Firing>,
    pub(super) notes: Vec<Note>,
    /// By what all of it comes about, if by nobody's hand.
    origin: Option<Origin>,
    /// Whether a decision depended on which tasks there are, and not on single ones only.
    relied_on_set: Cell<bool>,
}

impl<'a> World<'a> {
    pub(super) fn new(facts: &'a Facts, ctx: &'a Ctx) -> Self {
        let mut world = Self {
            facts,
            ctx,
            tasks: BTreeMap::new(),
            children: BTreeMap::new(),
            series: BTreeMap::new(),
            events: Vec::new(),
            firings: Vec::new(),
            notes: Vec::new(),
            origin: None,
            relied_on_set: Cell::new(false),
        };
        for task in facts.tasks.values() {
            world.hang(task);
        }
        world
    }

    /// All that follows comes about by an import.
    pub(super) fn imports(&mut self) {
        self.origin = Some(Origin::Import);
    }

    /// By what it comes about, if by nobody's hand.
    pub(super) fn origin(&self) -> Option<Origin> {
        self.origin
    }

    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// What happened, as far as it is settled.
    pub(super) fn into_decision(
        self,
        items: Vec<Result<Decided, TaskError>>,
        step: Option<StepNo>,
    ) -> Decision {
        Decision {
            events: self.events,
            items,
            step,
            notes: self.notes,
            firings: self.firings,
            after: self.tasks,
            relied_on_set: self.relied_on_set.get(),
        }
    }

    /// A decision depends on which tasks there are: none may come or go meanwhile.
    pub(super) fn rely_on_set(&self) {
        self.relied_on_set.set(true);
    }

    /// Something the asker should hear of.
    pub(super) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// A task, in the trash or not; one that has lain there too long is gone (S4).
    pub(super) fn task(&self, id: TaskId) -> Option<&Task> {
        self.any(id).filter(|task| !is_expired(task.trash, self.ctx.now))
    }

    /// A task, expired or not.
    fn any(&self, id: TaskId) -> Option<&Task> {
        match self.tasks.get(&id) {
            Some(task) => task.as_deref(),
            None => self.facts.tasks.get(&id),
        }
    }

    /// Every task there is, those that this command made included.
    pub(super) fn ids(&self) -> impl Iterator<Item = TaskId> {
        let new = self.tasks.keys().filter(|id| !self.facts.tasks.contains_key(id));
        self.facts.tasks.keys().chain(new).copied()
    }

    /// The occurrences of a series, the trash included.
    pub(super) fn in_series(&self, series: Uuid) -> impl Iterator<Item = &Task> {
        let seen = self.series.get(&series).into_iter().flatten();
        seen.filter_map(|id| self.task(*id)).filter(move |task| task.series == Some(series))
    }

    /// Every task that this command made or changed, as it is now.
    pub(super) fn written(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values().filter_map(Option::as_deref)
    }

    /// A task outside the trash.
    pub(super) fn live_task(&self, id: TaskId) -> Option<&Task> {
        self.task(id).filter(|task| task.trash.is_none())
    }

    /// The task a reference names, in the trash or not.
    pub(super) fn find(&self, reference: &TaskRef) -> Result<&Task, TaskError> {
        let known = self.facts.resolved.get(reference).map(Vec::as_slice).unwrap_or_default();
        let fits: Vec<_> = known.iter().filter_map(|id| self.task(*id)).collect();
        match fits.as_slice() {
            // What an earlier item of the same command made is not among the facts.
            [] => match reference {
                TaskRef::Uid(uid) => self.task(*uid),
                _ => None,
            }
            .ok_or_else(|| TaskError::NotFound(reference.clone())),
            [task] => Ok(task),
            several => {
                // In an order that people know, and that is the same whatever the store.
                let mut several = several.to_vec();
                several.sort_by_key(|task| task.id);
                Err(TaskError::Ambiguous {
                    reference: reference.clone(),
                    candidates: several.iter().take(NAMED).map(|t| Candidate::from(*t)).collect(),
                })
            }
        }
    }

    /// The task a reference names; writing to the trash is `not_found` (S4).
    pub(super) fn live(&self, reference: &TaskRef) -> Result<&Task, TaskError> {
        let task = self.find(reference)?;
        if task.trash.is_some() { Err(TaskError::NotFound(reference.clone())) } else { Ok(task) }
    }

    /// Every task below one, trash included, parents before children.
    pub(super) fn below(&self, id: TaskId) -> Vec<TaskId> {
        self.rely_on_set();
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([id]);
        let mut queue = VecDeque::from([id]);
        while let Some(at) = queue.pop_front() {
            for (_, child) in self.children.get(&at).into_iter().flatten() {
                if self.task(*child).is_some() && seen.insert(*child) {
                    found.push(*child);
                    queue.push_back(*child);
                }
            }
        }
        found
    }

    /// The open tasks below one, as far as an error names them.
    pub(super) fn open_below(&self, id: TaskId) -> Vec<Task> {
        let below = self.below(id);
        let open = below.iter().filter_map(|id| self.live_task(*id));
        open.filter(|task| task.status.is_open()).cloned().collect()
    }

    /// Refuses a task that is to be closed while subtasks of it are open (S8), unless these are
    /// `besides`: what one step opened below a task that it closed, it may open again.
    pub(super) fn refuse_open(
        &self,
        id: TaskId,
        besides: &BTreeSet<TaskId>,
    ) -> Result<(), TaskError> {
        let mut open = self.open_below(id);
        open.retain(|task| !besides.contains(&task.uid));
        match self.any(id) {
            Some(task) if !open.is_empty() => Err(TaskError::OpenSubtasks {
                task: task.id,
                open: open.iter().take(NAMED).map(Candidate::from).collect(),
            }),
            _ => Ok(()),
        }
    }

    /// Every task above one, the nearest first; ends at the top, at a gap, or in a circle.
    pub(super) fn above(&self, id: TaskId) -> Vec<TaskId> {
        let mut found = Vec::new();
        let mut next = self.any(id).and_then(|task| task.parent);
        while let Some(parent) = next.filter(|p| p.uid != id && !found.contains(&p.uid)) {
            found.push(parent.uid);
            next = self.any(parent.uid).and_then(|task| task.parent);
        }
        found
    }

    /// Makes a task. One whose place in the trash has expired is removed first, so that nothing
    /// that exists is ever created over.
    pub(super) fn create(&mut self, task: Task) {
        self.created(task, self.origin);
    }

    /// Makes a task of a series, which an import may have brought to go on.
    pub(super) fn spawn(&mut self, task: Task) {
        self.created(task, self.origin.or(Some(Origin::Series)));
    }

    fn created(&mut self, mut task: Task, origin: Option<Origin>) {
        if let Some(gone) = self.any(task.uid) {
            // Versions never restart: a reader that saw the old one must see this as newer.
            task.version = task.version.max(gone.version.next().next());
            self.purge(task.uid);
        }
        let (id, version) = (task.uid, task.version);
        self.emit(TaskEvent {
            task: id,
            version,
            data: EventData::Created { task: Arc::new(task), origin },
        });
    }

    /// Writes a task as it should be; the difference to what it is becomes an event, and where
    /// there is none nothing happens (S2).
    pub(super) fn write(&mut self, task: &Task) {
        let Some(before) = self.any(task.uid) else { return };
        let changes = diff(before, task);
        if changes.is_empty() {
            return;
        }
        let version = before.version.next();
        let data = EventData::Changed { id: before.id, updated_at: task.updated_at, changes };
        self.emit(TaskEvent { task: task.uid, version, data });
    }

    /// Removes a task for good.
    pub(super) fn purge(&mut self, id: TaskId) {
        if let Some(task) = self.any(id) {
            let (version, no) = (task.version.next(), task.id);
            self.emit(TaskEvent { task: id, version, data: EventData::Purged { id: no } });
        }
    }

    /// Tells something about a task that changes nothing of it.
    pub(super) fn tell(&mut self, task: TaskId, version: Revision, data: EventData) {
        self.emit(TaskEvent { task, version, data });
    }

    fn emit(&mut self, event: TaskEvent) {
        let known = || self.facts.tasks.get(&event.task).cloned().map(Arc::new);
        let before = self.tasks.remove(&event.task).unwrap_or_else(known);
        if let Some(Task { id, parent: Some(parent), .. }) = before.as_deref()
            && let Some(children) = self.children.get_mut(&parent.uid)
        {
            children.remove(&(*id, event.task));
        }
        let after = match &event.data {
            EventData::Created { task, .. } => Some(Arc::clone(task)),
            _ => apply(before.map(Arc::unwrap_or_clone), &event).map(Arc::new),
        };
        if let Some(task) = &after {
            self.hang(task);
        }
        self.tasks.insert(event.task, after);
        self.events.push(event);
    }

    /// Notes whose child a task is, and in which series it stands.
    fn hang(&mut self, task: &Task) {
        if let Some(series) = task.series {
            self.series.entry(series).or_default().insert(task.uid);
        }
        if let Some(parent) = task.parent {
            self.children.entry(parent.uid).or_default().insert((task.id, task.uid));
        }
    }

    pub(super) fn check_count(&self) -> Result<(), TaskError> {
        let made = |e: &&TaskEvent| matches!(e.data, EventData::Created { .. });
        let made = self.events.iter().filter(made).count() as u64;
        if made > 0 && self.facts.count + made > TASKS_MAX {
            return Err(TaskError::LimitExceeded { what: "tasks", limit: TASKS_MAX });
        }
        Ok(())
    }
}
