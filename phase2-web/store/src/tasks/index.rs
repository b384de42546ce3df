//! Tasks of one owner in memory, by their relations.
//!
//! The database answers what may be wanted; which of it is, the core says itself ([`gather`]), so
//! that the rules of what belongs together stand in one place.
//!
//! [`gather`]: todo_core::facts::gather

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use todo_core::facts::TaskIndex;
use todo_core::reference::TaskRef;
use todo_core::reminder::Firing;
use todo_core::{Task, TaskId, TaskNo};
use uuid::Uuid;

#[derive(Debug, Default)]
pub(super) struct Index {
    tasks: BTreeMap<TaskId, Task>,
    numbers: HashMap<TaskNo, TaskId>,
    children: HashMap<TaskId, Vec<TaskId>>,
    groups: HashMap<Uuid, Vec<TaskId>>,
    series: HashMap<Uuid, Vec<TaskId>>,
    firings: HashMap<TaskId, Vec<Firing>>,
}

impl Index {
    pub(super) fn new(tasks: Vec<Task>) -> Self {
        let mut index = Self::default();
        for task in tasks {
            index.numbers.insert(task.id, task.uid);
            if let Some(parent) = task.parent {
                index.children.entry(parent.uid).or_default().push(task.uid);
            }
            if let Some(trash) = task.trash {
                index.groups.entry(trash.group).or_default().push(task.uid);
            }
            if let Some(series) = task.series {
                index.series.entry(series).or_default().push(task.uid);
            }
            index.tasks.insert(task.uid, task);
        }
        index
    }

    /// Adds what became of reminders.
    pub(super) fn settle(&mut self, firings: Vec<Firing>) {
        for firing in firings {
            self.firings.entry(firing.task).or_default().push(firing);
        }
    }

    /// The tasks that are named.
    pub(super) fn uids(&self, references: &BTreeSet<TaskRef>) -> Vec<Uuid> {
        references.iter().flat_map(|reference| self.resolve(reference)).map(|uid| uid.0).collect()
    }
}

fn members<K: std::hash::Hash + Eq>(lists: &HashMap<K, Vec<TaskId>>, key: &K) -> Vec<TaskId> {
    lists.get(key).cloned().unwrap_or_default()
}

impl TaskIndex for Index {
    type Error = Infallible;

    fn resolve(&self, reference: &TaskRef) -> Vec<TaskId> {
        match reference {
            TaskRef::No(no) => self.numbers.get(no).copied().into_iter().collect(),
            TaskRef::Uid(uid) => {
                self.tasks.get_key_value(uid).map(|(uid, _)| *uid).into_iter().collect()
            }
            TaskRef::Prefix(_) => {
                let fits = |task: &&Task| reference.fits(task.uid, task.id);
                self.tasks.values().filter(fits).map(|task| task.uid).collect()
            }
        }
    }

    fn parent(&self, task: TaskId) -> Option<TaskId> {
        self.tasks.get(&task)?.parent.map(|parent| parent.uid)
    }

    fn children(&self, task: TaskId) -> Vec<TaskId> {
        members(&self.children, &task)
    }

    fn group(&self, task: TaskId) -> Vec<TaskId> {
        let trash = self.tasks.get(&task).and_then(|task| task.trash);
        trash.map(|trash| members(&self.groups, &trash.group)).unwrap_or_default()
    }

    fn later(&self, task: TaskId) -> Vec<TaskId> {
        let Some((series, slot)) = self.tasks.get(&task).and_then(|t| Some((t.series?, t.slot)))
        else {
            return Vec::new();
        };
        let mut later = members(&self.series, &series);
        later.retain(|other| self.tasks.get(other).is_some_and(|other| other.slot > slot));
        later
    }

    fn series(&self, series: Uuid) -> Vec<TaskId> {
        members(&self.series, &series)
    }

    fn firings(&self, task: TaskId) -> Result<Vec<Firing>, Infallible> {
        Ok(self.firings.get(&task).cloned().unwrap_or_default())
    }

    fn read(&self, task: TaskId) -> Result<Option<Task>, Infallible> {
        Ok(self.tasks.get(&task).cloned())
    }
}
