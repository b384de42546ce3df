//! What a user did, kept so that it can be undone (S7).

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::change::FieldChange;
use crate::error::{Problem, excerpt};
use crate::event::{Actor, Seq};
use crate::facts::Needs;
use crate::task::{Task, TaskId};
use crate::text::Title;
use crate::time::Timestamp;

/// How many steps of an owner are kept.
pub const STEPS_KEPT: usize = 100;

/// A step's number: the `seq` of its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepNo(pub u64);

impl fmt::Display for StepNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for StepNo {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        text.trim().parse().map(Self).map_err(|_| Problem::NotAReference(excerpt(text)))
    }
}

/// What kind of command made a step, for people to recognise it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A task was added.
    Add,
    /// Fields were edited.
    Edit,
    /// Work was begun.
    Start,
    /// Completed.
    Complete,
    /// Given up.
    Cancel,
    /// Made pending again.
    Reopen,
    /// Moved to the trash.
    Delete,
    /// Brought back from the trash.
    Restore,
    /// Taken over from another program or file.
    Import,
    /// This occurrence given up for the next.
    Skip,
    /// To be reminded of again.
    Snooze,
    /// Several of the above in one.
    Bulk,
}

impl StepKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Start => "start",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::Reopen => "reopen",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Import => "import",
            Self::Skip => "skip",
            Self::Snooze => "snooze",
            Self::Bulk => "bulk",
        }
    }
}

/// What a step did to one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepChange {
    /// The task.
    pub task: TaskId,
    /// Set when the step made the task: the title it began with, from which `fields` start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Title>,
    /// What changed.
    pub fields: Vec<FieldChange>,
}

impl StepChange {
    /// The task as the step made it, if it did: what undo compares with what stands.
    pub fn as_created(&self, like: &Task) -> Option<Task> {
        let title = self.created.clone()?;
        let mut task = Task::blank(self.task, title, like.created_at);
        for field in &self.fields {
            field.apply(&mut task);
        }
        Some(task)
    }
}

/// One user command that changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number.
    pub no: StepNo,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What it was.
    pub kind: StepKind,
    /// What it did, task by task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<StepChange>,
    /// Tasks an import made. Undo moves them to the trash as they are, so that no second copy of
    /// thousands of tasks is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imported: Vec<TaskId>,
    /// Set while the step is undone; the greatest one is the next to redo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Seq>,
}

impl Step {
    /// How many tasks it touched.
    pub fn size(&self) -> usize {
        self.changes.len() + self.imported.len()
    }

    /// Every task it touched.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> {
        self.changes.iter().map(|change| change.task).chain(self.imported.iter().copied())
    }

    /// Takes out what the step remembers of tasks that are purged: gone for good means here too.
    /// Answers whether anything is left; a step of nothing is no longer kept. A store does this
    /// to its steps with the `deletes` of every batch.
    pub fn forget(&mut self, purged: &HashSet<TaskId>) -> bool {
        self.changes.retain(|change| !purged.contains(&change.task));
        self.imported.retain(|task| !purged.contains(task));
        self.size() > 0
    }

    /// What must be known to write its old or new values: the tasks, what lies below them,
    /// where they were or will be put, and what came after them in a series.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for task in self.tasks() {
            needs.subtree.insert(task.into());
            needs.lineage.insert(task.into());
        }
        for field in self.changes.iter().flat_map(|change| &change.fields) {
            if let FieldChange::Parent(swap) = field {
                let parents = swap.old.iter().chain(&swap.new);
                needs.lineage.extend(parents.map(|parent| parent.uid.into()));
            }
        }
        for change in &self.changes {
            // Its series may have gone on since.
            if change.fields.iter().any(|field| matches!(field, FieldChange::Recurrence(_))) {
                needs.later.insert(change.task.into());
            }
        }
        needs
    }
}

/// The step that plain `undo` takes back.
pub fn next_undo(steps: &[Step]) -> Option<&Step> {
    steps.iter().rev().find(|step| step.undone.is_none())
}

/// The step that `redo` does again: the one undone last.
pub fn next_redo(steps: &[Step]) -> Option<&Step> {
    steps.iter().filter(|step| step.undone.is_some()).max_by_key(|step| step.undone)
}

/// What a batch does to the kept steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepWrite {
    /// Keep a new one; those undone can no longer be redone.
    Record {
        /// What it was.
        kind: StepKind,
        /// What it did.
        changes: Vec<StepChange>,
        /// What it imported.
        imported: Vec<TaskId>,
    },
    /// Mark one as undone.
    Undo(StepNo),
    /// Mark one as done again.
    Redo(StepNo),
}

/// A [`StepWrite`] with its number: what a store applies to the steps it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StampedStep {
    /// See [`StepWrite::Record`].
    Record(Step),
    /// See [`StepWrite::Undo`]; with the `seq` at which it was undone.
    Undo(StepNo, Seq),
    /// See [`StepWrite::Redo`].
    Redo(StepNo),
}

impl StampedStep {
    /// The number to answer.
    pub fn no(&self) -> StepNo {
        match self {
            Self::Record(step) => step.no,
            Self::Undo(no, _) | Self::Redo(no) => *no,
        }
    }

    /// Carries it out on a list, the oldest first.
    pub fn apply(self, steps: &mut Vec<Step>) {
        match self {
            Self::Record(step) => {
                steps.retain(|step| step.undone.is_none());
                steps.push(step);
                let over = steps.len().saturating_sub(STEPS_KEPT);
                steps.drain(..over);
            }
            Self::Undo(no, at) => mark(steps, no, Some(at)),
            Self::Redo(no) => mark(steps, no, None),
        }
    }
}

fn mark(steps: &mut [Step], no: StepNo, undone: Option<Seq>) {
    if let Some(step) = steps.iter_mut().find(|step| step.no == no) {
        step.undone = undone;
    }
}
