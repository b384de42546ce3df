//! Where each task of a document stands, by number and identity, and how they hang together.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use todo_core::facts::TaskIndex;
use todo_core::reminder::Firing;
use todo_core::task::is_expired;
use todo_core::wire::TaskRecord;
use todo_core::{
    Parent, Revision, Slot, Task, TaskFields as _, TaskId, TaskNo, TaskRef, Timestamp, Trash,
};

use uuid::Uuid;

use crate::document::{Document, Span};
use crate::error::FileError;

/// As much of a row as its relations need.
#[derive(Debug)]
struct Row {
    id: TaskNo,
    uid: TaskId,
    version: Revision,
    parent: Option<TaskNo>,
    parent_uid: Option<TaskId>,
    trash: Option<Trash>,
    series: Option<(Uuid, Slot)>,
    /// Whether the clock makes the next occurrence of its series.
    scheduled: bool,
}

/// The relations of a document's tasks. Making it reads and checks every row, so whoever has it
/// knows that the file is whole: every write begins with it, and none replaces a damaged file.
#[derive(Debug)]
pub(crate) struct Index {
    rows: Vec<Row>,
    by_uid: HashMap<TaskId, usize>,
    by_id: HashMap<TaskNo, usize>,
    /// Made when it is first asked for: most commands look at no subtree of theirs.
    children: OnceLock<HashMap<TaskId, Vec<TaskId>>>,
    /// The rows of each series; made when it is first asked for.
    series: OnceLock<HashMap<Uuid, Vec<usize>>>,
    firings: HashMap<TaskId, Vec<Firing>>,
}

impl Index {
    pub(crate) fn new(document: &Document, path: &Path) -> Result<Self, FileError> {
        let mut index = Self {
            rows: Vec::with_capacity(document.tasks.len()),
            by_uid: HashMap::with_capacity(document.tasks.len()),
            by_id: HashMap::with_capacity(document.tasks.len()),
            children: OnceLock::new(),
            series: OnceLock::new(),
            firings: HashMap::new(),
        };
        for (at, span) in document.tasks.iter().enumerate() {
            let damaged = |what: &dyn std::fmt::Display| {
                FileError::damaged(path, &format!("task at line {}: {what}", document.line(span)))
            };
            let record = record_at(document, span, path)?;
            record.check().map_err(|error| damaged(&error))?;
            let row = Row {
                id: record.id(),
                uid: record.uid(),
                version: record.version(),
                parent: record.parent_id(),
                parent_uid: record.parent().map(|parent| parent.uid),
                trash: record.trash(),
                series: record.occurrence(),
                scheduled: record.is_scheduled(),
            };
            // Two rows with one name: whichever were changed, the other would be lost.
            if index.by_uid.insert(row.uid, at).is_some() {
                return Err(damaged(&format_args!("the uid {} occurs twice", row.uid)));
            }
            if index.by_id.insert(row.id, at).is_some() {
                return Err(damaged(&format_args!("the id {} occurs twice", row.id)));
            }
            if row.id >= document.counters.next_id {
                return Err(damaged(&format_args!("the id {} is not below next_id", row.id)));
            }
            index.rows.push(row);
        }
        for firing in document.read_firings(path)? {
            index.firings.entry(firing.task).or_default().push(firing);
        }
        Ok(index)
    }

    /// Where a task's row stands in the document.
    pub(crate) fn place(&self, task: TaskId) -> Option<usize> {
        self.by_uid.get(&task).copied()
    }

    /// Tasks whose 30 days in the trash are over (S4).
    pub(crate) fn expired(&self, now: Timestamp) -> Vec<TaskId> {
        let over = self.rows.iter().filter(|row| is_expired(row.trash, now));
        over.map(|row| row.uid).collect()
    }

    /// Tasks that hold the baton of a series that goes by the clock, outside the trash.
    pub(crate) fn scheduled(&self) -> impl Iterator<Item = TaskId> {
        self.rows.iter().filter(|row| row.scheduled && row.trash.is_none()).map(|row| row.uid)
    }

    /// Whether a reminder was settled already.
    pub(crate) fn has_settled(&self, firing: &Firing) -> bool {
        let known = self.firings.get(&firing.task).into_iter().flatten();
        known.into_iter().any(|known| known.key() == firing.key())
    }

    /// A task's version.
    pub(crate) fn version(&self, task: TaskId) -> Option<Revision> {
        self.row(task).map(|row| row.version)
    }

    /// The places of a series' rows.
    fn series(&self, series: Uuid) -> &[usize] {
        let all = self.series.get_or_init(|| {
            let mut all: HashMap<Uuid, Vec<usize>> = HashMap::new();
            for (at, row) in self.rows.iter().enumerate() {
                if let Some((series, _)) = row.series {
                    all.entry(series).or_default().push(at);
                }
            }
            all
        });
        all.get(&series).map(Vec::as_slice).unwrap_or_default()
    }

    fn row(&self, task: TaskId) -> Option<&Row> {
        self.rows.get(self.place(task)?)
    }

    /// A row's parent: its identity, or for rows written by hand its number.
    fn parent_of(&self, row: &Row) -> Option<TaskId> {
        row.parent_uid.or_else(|| {
            let place = self.by_id.get(&row.parent?)?;
            self.rows.get(*place).map(|parent| parent.uid)
        })
    }
}

/// A document with its index: what the core's rules are shown.
pub(crate) struct Indexed<'d> {
    pub(crate) document: &'d Document,
    pub(crate) index: &'d Index,
    pub(crate) path: &'d Path,
}

impl TaskIndex for Indexed<'_> {
    type Error = FileError;

    fn resolve(&self, reference: &TaskRef) -> Vec<TaskId> {
        let rows = &self.index.rows;
        match reference {
            TaskRef::No(id) => {
                let place = self.index.by_id.get(id).and_then(|place| rows.get(*place));
                place.map(|row| row.uid).into_iter().collect()
            }
            TaskRef::Uid(uid) => self.index.row(*uid).map(|row| row.uid).into_iter().collect(),
            TaskRef::Prefix(_) => {
                let fits = rows.iter().filter(|row| reference.fits(row.uid, row.id));
                fits.map(|row| row.uid).collect()
            }
        }
    }

    fn parent(&self, task: TaskId) -> Option<TaskId> {
        self.index.row(task).and_then(|row| self.index.parent_of(row))
    }

    fn children(&self, task: TaskId) -> Vec<TaskId> {
        let children = self.index.children.get_or_init(|| {
            let mut children: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
            for row in &self.index.rows {
                if let Some(parent) = self.index.parent_of(row) {
                    children.entry(parent).or_default().push(row.uid);
                }
            }
            children
        });
        children.get(&task).cloned().unwrap_or_default()
    }

    fn group(&self, task: TaskId) -> Vec<TaskId> {
        let Some(group) = self.index.row(task).and_then(|row| row.trash).map(|trash| trash.group)
        else {
            return Vec::new();
        };
        let with = |row: &&Row| row.trash.is_some_and(|trash| trash.group == group);
        self.index.rows.iter().filter(with).map(|row| row.uid).collect()
    }

    fn later(&self, task: TaskId) -> Vec<TaskId> {
        let Some((series, slot)) = self.index.row(task).and_then(|row| row.series) else {
            return Vec::new();
        };
        let rows = self.index.series(series).iter().filter_map(|at| self.index.rows.get(*at));
        let later = rows.filter(|row| row.series.is_some_and(|(_, other)| other > slot));
        later.map(|row| row.uid).collect()
    }

    fn series(&self, series: Uuid) -> Vec<TaskId> {
        let rows = self.index.series(series).iter().filter_map(|at| self.index.rows.get(*at));
        rows.map(|row| row.uid).collect()
    }

    fn firings(&self, task: TaskId) -> Result<Vec<Firing>, FileError> {
        Ok(self.index.firings.get(&task).cloned().unwrap_or_default())
    }

    fn read(&self, task: TaskId) -> Result<Option<Task>, FileError> {
        let Some(place) = self.index.place(task) else { return Ok(None) };
        let Some(span) = self.document.tasks.get(place) else { return Ok(None) };
        let mut read = task_at(self.document, span, self.path)?;
        if read.parent.is_none() {
            // Written by hand with the parent's number only.
            read.parent = self.parent(task).and_then(|uid| {
                let id = self.index.row(uid)?.id;
                Some(Parent { uid, id })
            });
        }
        Ok(Some(read))
    }
}

/// The task in a row.
pub(crate) fn task_at(document: &Document, span: &Span, path: &Path) -> Result<Task, FileError> {
    record_at(document, span, path)?
        .into_task()
        .map_err(|error| damaged(document, span, path, &error))
}

/// The row as a record that borrows from the document.
pub(crate) fn record_at<'d>(
    document: &'d Document,
    span: &Span,
    path: &Path,
) -> Result<TaskRecord<'d>, FileError> {
    TaskRecord::parse(document.part(span)).map_err(|error| damaged(document, span, path, &error))
}

pub(crate) fn damaged(
    document: &Document,
    span: &Span,
    path: &Path,
    error: &dyn std::fmt::Display,
) -> FileError {
    let error = error.to_string();
    // A parser counts lines from the row's beginning, which would contradict ours.
    let error = error.split(" at line ").next().unwrap_or_default();
    FileError::damaged(path, &format!("task at line {}: {error}", document.line(span)))
}
