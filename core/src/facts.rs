//! What a command must know, and what a store found.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use uuid::Uuid;

use crate::batch::Counters;
use crate::command::StepWanted;
use crate::receipt::KeptReceipt;
use crate::reference::TaskRef;
use crate::reminder::Firing;
use crate::step::{Step, next_redo, next_undo};
use crate::task::{Task, TaskId};

/// What to load. Each set names tasks; the sets say what to load with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// These tasks.
    pub tasks: BTreeSet<TaskRef>,
    /// These and every task above them.
    pub lineage: BTreeSet<TaskRef>,
    /// These and every task below them.
    pub subtree: BTreeSet<TaskRef>,
    /// These, what was deleted together with them, and every task above those.
    pub groups: BTreeSet<TaskRef>,
    /// These, the later occurrences of their series, the trash included, and every task below
    /// those.
    pub later: BTreeSet<TaskRef>,
    /// Every task of these series, the trash included.
    pub series: BTreeSet<Uuid>,
    /// What became of the reminders of these.
    pub firings: BTreeSet<TaskRef>,
    /// A step, with what it needs in turn ([`Step::needs`]).
    pub step: Option<StepWanted>,
    /// All kept steps.
    pub steps: bool,
    /// What was answered to the request of this `Idempotency-Key`.
    pub receipt: Option<String>,
    /// Nothing will be decided on what is found: the owner's counters need not be told.
    pub to_show: bool,
}

impl Needs {
    /// Every kept step and no task.
    pub fn all_steps() -> Self {
        Self { steps: true, ..Self::default() }
    }

    /// One task, to be shown.
    pub fn to_show(task: TaskRef) -> Self {
        Self { tasks: BTreeSet::from([task]), to_show: true, ..Self::default() }
    }

    /// Every reference that must be resolved.
    pub fn references(&self) -> impl Iterator<Item = &TaskRef> {
        let relations = [&self.lineage, &self.subtree, &self.groups, &self.later, &self.firings];
        self.tasks.iter().chain(relations.into_iter().flatten())
    }

    /// Adds what the wanted step needs, and names it. A store calls this with the steps it keeps.
    #[must_use]
    pub fn with_step(mut self, steps: &[Step]) -> (Self, Option<&Step>) {
        let step = match self.step {
            None => None,
            Some(StepWanted::Undo) => next_undo(steps),
            Some(StepWanted::Redo) => next_redo(steps),
            Some(StepWanted::No(no)) => steps.iter().find(|step| step.no == no),
        };
        if let Some(more) = step.map(Step::needs) {
            self.tasks.extend(more.tasks);
            self.lineage.extend(more.lineage);
            self.subtree.extend(more.subtree);
            self.later.extend(more.later);
        }
        (self, step)
    }
}

/// What was found: one snapshot, and nothing but what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The tasks, trashed ones included.
    pub tasks: BTreeMap<TaskId, Task>,
    /// What each reference fits: none, one, or several for a short prefix.
    pub resolved: BTreeMap<TaskRef, Vec<TaskId>>,
    /// The wanted step.
    pub step: Option<Step>,
    /// All kept steps, the oldest first, if they were asked for.
    pub steps: Vec<Step>,
    /// What became of the reminders that were asked for.
    pub firings: Vec<Firing>,
    /// The next number and event of this owner.
    pub counters: Counters,
    /// Whether there may be steps that were undone. One that says there are none spares the search
    /// for them before each write.
    pub redo: bool,
    /// How many tasks this owner has, trash included.
    pub count: u64,
    /// Whether a task of this owner may hold a series that goes by the clock (R5). One that may
    /// not spares the search for them before each write.
    pub by_clock: bool,
    /// What was answered to the request that was asked for, if it was carried out. It may be too
    /// old to count.
    pub receipt: Option<KeptReceipt>,
}

/// What [`gather`] walks: the tasks of one owner, by their relations.
pub trait TaskIndex {
    /// Why a task could not be read.
    type Error;
    /// Which tasks a reference fits.
    fn resolve(&self, reference: &TaskRef) -> Vec<TaskId>;
    /// The task above.
    fn parent(&self, task: TaskId) -> Option<TaskId>;
    /// The tasks directly below.
    fn children(&self, task: TaskId) -> Vec<TaskId>;
    /// The tasks deleted together with this one, itself included; none if it is not in the trash.
    fn group(&self, task: TaskId) -> Vec<TaskId>;
    /// The later occurrences of the task's series, the trash included.
    fn later(&self, task: TaskId) -> Vec<TaskId>;
    /// Every task of a series, the trash included.
    fn series(&self, series: Uuid) -> Vec<TaskId>;
    /// What became of the task's reminders.
    fn firings(&self, task: TaskId) -> Result<Vec<Firing>, Self::Error>;
    /// The task itself.
    fn read(&self, task: TaskId) -> Result<Option<Task>, Self::Error>;
}

/// Follows every relation that `needs` names. For stores that hold their tasks in memory; SQL
/// stores ask the database the same questions.
pub fn gather<I: TaskIndex>(index: &I, needs: &Needs, facts: &mut Facts) -> Result<(), I::Error> {
    let mut wanted = BTreeSet::new();
    for reference in needs.references() {
        if !facts.resolved.contains_key(reference) {
            facts.resolved.insert(reference.clone(), index.resolve(reference));
        }
    }
    let found = |set: &BTreeSet<TaskRef>| -> Vec<TaskId> {
        set.iter()
            .filter_map(|reference| facts.resolved.get(reference))
            .flatten()
            .copied()
            .collect()
    };
    wanted.extend(found(&needs.tasks));
    for task in found(&needs.lineage) {
        climb(index, task, &mut wanted);
    }
    // Collected apart: `descend` stops at what it has seen, and must not stop at what others saw.
    let mut below = BTreeSet::new();
    for task in found(&needs.groups) {
        wanted.insert(task);
        for member in index.group(task) {
            climb(index, member, &mut wanted);
            descend(index, member, &mut below);
        }
    }
    for task in found(&needs.subtree) {
        descend(index, task, &mut below);
    }
    for task in found(&needs.later) {
        wanted.insert(task);
        for occurrence in index.later(task) {
            descend(index, occurrence, &mut below);
        }
    }
    for series in &needs.series {
        wanted.extend(index.series(*series));
    }
    let reminding = found(&needs.firings);
    wanted.extend(below);
    wanted.extend(reminding.iter().copied());
    for task in reminding {
        facts.firings.extend(index.firings(task)?);
    }
    for task in wanted {
        if let Some(read) = index.read(task)? {
            facts.tasks.insert(task, read);
        }
    }
    Ok(())
}

fn climb<I: TaskIndex>(index: &I, task: TaskId, wanted: &mut BTreeSet<TaskId>) {
    let mut next = Some(task);
    // A file edited by hand may hold a circle.
    let mut seen = BTreeSet::new();
    while let Some(task) = next.filter(|task| seen.insert(*task)) {
        wanted.insert(task);
        next = index.parent(task);
    }
}

fn descend<I: TaskIndex>(index: &I, task: TaskId, wanted: &mut BTreeSet<TaskId>) {
    let mut queue = VecDeque::from([task]);
    while let Some(task) = queue.pop_front() {
        if wanted.insert(task) {
            queue.extend(index.children(task));
        }
    }
}

/// Namespace of derived trash groups: v5 of the deleted task's uid and version.
const TRASH_NAMESPACE: Uuid = Uuid::from_u128(0x1b0c_94a2_8d5e_5f67_b1d3_0a7e_44c9_2e15);

/// The group of an occurrence that the system took back: nobody else deleted it, and if its turn
/// comes again it may be written anew.
pub fn taken_back_group(task: TaskId) -> Uuid {
    Uuid::new_v5(&TRASH_NAMESPACE, task.0.as_bytes())
}

/// The group of what is deleted with `task` now: derived, so that a retry names the same one.
pub fn trash_group(task: &Task) -> Uuid {
    let mut name = [0; 24];
    name[..16].copy_from_slice(task.uid.0.as_bytes());
    name[16..].copy_from_slice(&task.version.0.to_be_bytes());
    Uuid::new_v5(&TRASH_NAMESPACE, &name)
}
