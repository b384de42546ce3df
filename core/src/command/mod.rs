//! What can be asked, and with what in hand it is decided.

mod fields;
mod keeps;

use std::collections::BTreeSet;

use chrono::Weekday;
use uuid::Uuid;

use crate::event::Actor;
use crate::facts::Needs;
use crate::reference::TaskRef;
use crate::reminder::Preferences;
use crate::step::{StepKind, StepNo};
use crate::task::{Owner, Revision, Status, Task, TaskId};
use crate::time::{Timestamp, Zone};

pub use fields::{NewTask, Patch, RemindersPatch, Scope, TagsPatch, TaskPatch};
pub use keeps::{Keep, Keeps};

/// Most items of one bulk command (S5).
pub const BULK_MAX: usize = 1_000;

/// Who asks, when and where: everything a rule may know beside the facts.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// Whose tasks.
    pub owner: Owner,
    /// Who acts.
    pub actor: Actor,
    /// The present.
    pub now: Timestamp,
    /// The asker's zone.
    pub zone: Zone,
    /// The asker's first day of the week.
    pub week_start: Weekday,
    /// What the owner prefers, where a task does not say.
    pub preferences: Preferences,
    /// Shared by all that this request sets off.
    pub correlation: Uuid,
    /// The event that set this off, if one did.
    pub causation: Option<Uuid>,
}

/// What is to happen to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Change fields.
    Change(Box<TaskPatch>),
    /// Go to a status (S1); `cascade` takes open subtasks along (S8).
    Move {
        /// Where to.
        to: Status,
        /// Whether open subtasks follow into a closed status.
        cascade: bool,
    },
    /// Give this occurrence up and go on to the next (R5); `cascade` as in [`Verb::Move`].
    Skip {
        /// Whether open subtasks are given up with it.
        cascade: bool,
    },
    /// Remind again at an instant, and change no due date (R9).
    Snooze {
        /// When; yet to come.
        until: Timestamp,
    },
    /// Move it and its subtasks to the trash (S4).
    Delete,
    /// Bring back what was deleted together with it.
    Restore,
    /// Remove it and its subtasks for good.
    Purge,
}

impl Verb {
    fn kind(&self) -> StepKind {
        match self {
            Self::Change(_) => StepKind::Edit,
            Self::Move { to: Status::Pending, .. } => StepKind::Reopen,
            Self::Move { to: Status::InProgress, .. } => StepKind::Start,
            Self::Move { to: Status::Completed, .. } => StepKind::Complete,
            Self::Move { to: Status::Cancelled, .. } => StepKind::Cancel,
            Self::Skip { .. } => StepKind::Skip,
            Self::Snooze { .. } => StepKind::Snooze,
            // A purge leaves no step; the word is never shown.
            Self::Delete | Self::Purge => StepKind::Delete,
            Self::Restore => StepKind::Restore,
        }
    }
}

/// A verb on a task that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Which task.
    pub task: TaskRef,
    /// What to do.
    pub verb: Verb,
    /// The version the caller has seen, if it matters to it (S3).
    pub expect: Option<Revision>,
}

/// One thing asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Make a task.
    Create(Box<NewTask>),
    /// Do something to one.
    Act(Action),
}

impl Item {
    /// An action without an expected version.
    pub fn act(task: impl Into<TaskRef>, verb: Verb) -> Self {
        Self::Act(Action { task: task.into(), verb, expect: None })
    }

    fn needs(&self, needs: &mut Needs) {
        match self {
            Self::Create(new) => {
                needs.tasks.insert(new.uid.into());
                needs.lineage.extend(new.parent.clone());
                needs.subtree.extend(new.parent.clone());
            }
            Self::Act(Action { task, verb, .. }) => {
                needs.tasks.insert(task.clone());
                match verb {
                    Verb::Change(patch) => {
                        if let Patch::Set(parent) = &patch.parent {
                            needs.lineage.insert(parent.clone());
                            needs.subtree.insert(task.clone());
                        }
                        if patch.status.is_some() {
                            needs.subtree.insert(task.clone());
                        }
                        let series = patch.recurrence != Patch::Keep || patch.scope.is_some();
                        if patch.status.is_some() || series {
                            needs.later.insert(task.clone());
                        }
                    }
                    Verb::Move { .. } | Verb::Skip { .. } => {
                        needs.subtree.insert(task.clone());
                        needs.later.insert(task.clone());
                    }
                    Verb::Snooze { .. } => {}
                    Verb::Delete | Verb::Purge => {
                        needs.subtree.insert(task.clone());
                    }
                    Verb::Restore => {
                        needs.groups.insert(task.clone());
                    }
                }
            }
        }
    }

    fn kind(&self) -> StepKind {
        match self {
            Self::Create(_) => StepKind::Add,
            Self::Act(action) => action.verb.kind(),
        }
    }
}

/// Several things asked at once: one plan, one commit, one step (S5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// What is asked, carried out in order.
    pub items: Vec<Item>,
    /// Refuse all if one is refused.
    pub atomic: bool,
}

/// Tasks from elsewhere, with their identities and times. A parent is known by its uid; a number
/// is kept where this owner has never used it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// What they say nothing of: a task that is here already keeps its own.
    pub keeps: Keeps,
}

impl Import {
    /// What must be known to decide it.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        let keeps_rule = self.keeps.contains(&crate::change::Field::Recurrence);
        for task in &self.tasks {
            needs.tasks.insert(task.uid.into());
            needs.series.extend(task.series);
            needs.lineage.extend(task.parent.map(|parent| parent.uid.into()));
            if task.parent.is_some() || task.trash.is_some() {
                // It may be moved, or deleted, with what lies below it here.
                needs.subtree.insert(task.uid.into());
            }
            if task.series.is_some() || task.recurrence.is_some() || keeps_rule {
                // Its series may have gone on here.
                needs.later.insert(task.uid.into());
                if !task.status.is_open() {
                    // Or go on now, with copies of what lies below.
                    needs.subtree.insert(task.uid.into());
                }
            }
        }
        needs
    }
}

impl From<Vec<Task>> for Import {
    fn from(tasks: Vec<Task>) -> Self {
        Self { tasks, keeps: Keeps::default() }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// One thing.
    One(Item),
    /// Several.
    Bulk(Bulk),
    /// Take back a step, or the newest (S7).
    Undo(Option<StepNo>),
    /// Do again what was undone last.
    Redo,
    /// Take over tasks from elsewhere: all or nothing.
    Import(Import),
    /// Remove what has lain in the trash for 30 days (S4). The system's own.
    PurgeExpired(BTreeSet<TaskId>),
    /// Make the occurrences that the clock has brought, of series that go by it (R5). Names the
    /// tasks that hold the batons. The system's own.
    SpawnDue(BTreeSet<TaskId>),
    /// Settle the reminders of these tasks whose time has come (R10). The system's own.
    Remind(BTreeSet<TaskId>),
}

impl Command {
    /// What must be known to decide it.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        match self {
            Self::One(item) => item.needs(&mut needs),
            Self::Bulk(bulk) => bulk.items.iter().for_each(|item| item.needs(&mut needs)),
            Self::Undo(no) => needs.step = Some(no.map_or(StepWanted::Undo, StepWanted::No)),
            Self::Redo => needs.step = Some(StepWanted::Redo),
            Self::Import(import) => return import.needs(),
            Self::PurgeExpired(tasks) => needs.tasks.extend(tasks.iter().map(|t| (*t).into())),
            Self::SpawnDue(tasks) => {
                for relation in [&mut needs.lineage, &mut needs.subtree, &mut needs.later] {
                    relation.extend(tasks.iter().map(|t| (*t).into()));
                }
            }
            Self::Remind(tasks) => needs.firings.extend(tasks.iter().map(|t| (*t).into())),
        }
        needs
    }

    /// What the step it leaves is called.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::One(item) => item.kind(),
            Self::Bulk(bulk) => {
                let mut kinds = bulk.items.iter().map(Item::kind);
                let first = kinds.next().unwrap_or(StepKind::Bulk);
                if kinds.all(|kind| kind == first) { first } else { StepKind::Bulk }
            }
            Self::Import(_) => StepKind::Import,
            Self::Undo(_)
            | Self::Redo
            | Self::PurgeExpired(_)
            | Self::SpawnDue(_)
            | Self::Remind(_) => StepKind::Bulk,
        }
    }
}

/// Which step a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepWanted {
    /// The newest that stands.
    Undo,
    /// The one undone last.
    Redo,
    /// By number.
    No(StepNo),
}
