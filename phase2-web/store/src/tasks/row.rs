//! A row of `tasks` made into a task.

use todo_core::{
    Description, Parent, Project, Reminders, Revision, StoreError, Tags, Task, TaskId, TaskNo,
    Timestamp, Title, Trash,
};
use uuid::Uuid;

use super::values::{read_due, read_priority, read_status};
use crate::cells::Cells;

/// The columns that [`task`] reads, in the order in which it does.
pub(crate) const COLUMNS: &str = "uid, id, version, title, description, status, priority, project, \
     tags, parent_uid, parent_id, start_date, due_date, recurrence, series, slot, reminders, \
     created_at, updated_at, completed_at, cancelled_at, deleted_at, trash_id";
/// How many they are: what a statement adds stands behind them.
pub(crate) const WIDTH: usize = 23;

/// A cell that no task can have.
#[derive(Debug, thiserror::Error)]
#[error("task {task}: {column} is not what it may be")]
struct BadCell {
    task: Uuid,
    column: &'static str,
}

/// The task of a row that begins with [`COLUMNS`]. Each value passes its rules again: what breaks
/// them was not written here.
pub(crate) fn task<R: Cells + ?Sized>(row: &R) -> Result<Task, StoreError> {
    let none = Reader { row, task: Uuid::nil() };
    let r = Reader { row, task: none.uuid(0, "uid")? };
    Ok(Task {
        uid: TaskId(r.task),
        id: TaskNo(r.count(1, "id")?),
        version: Revision(r.count(2, "version")?),
        title: r.bad("title", Title::new(r.text(3, "title")?))?,
        description: r.read(4, "description", Description::new)?,
        status: r.some("status", read_status(r.integer(5, "status")?))?,
        priority: r.some("priority", read_priority(r.integer(6, "priority")?))?,
        project: r.read(7, "project", Project::new)?,
        tags: r.read(8, "tags", serde_json::from_str::<Tags>)?.unwrap_or_default(),
        parent: match r.bad("parent_uid", row.uuid(9))? {
            None => None,
            Some(uid) => Some(Parent { uid: TaskId(uid), id: TaskNo(r.count(10, "parent_id")?) }),
        },
        start_date: r.read(11, "start_date", read_due)?,
        due_date: r.read(12, "due_date", read_due)?,
        recurrence: r.read(13, "recurrence", serde_json::from_str)?,
        series: r.bad("series", row.uuid(14))?,
        slot: r.read(15, "slot", str::parse)?,
        reminders: r.read(16, "reminders", serde_json::from_str::<Reminders>)?.unwrap_or_default(),
        created_at: Timestamp::from_millis(r.integer(17, "created_at")?),
        updated_at: Timestamp::from_millis(r.integer(18, "updated_at")?),
        completed_at: r.instant(19, "completed_at")?,
        cancelled_at: r.instant(20, "cancelled_at")?,
        trash: match r.instant(21, "deleted_at")? {
            None => None,
            Some(at) => Some(Trash { at, group: r.uuid(22, "trash_id")? }),
        },
    })
}

/// A row, and the task to name if something is wrong with it.
struct Reader<'r, R: ?Sized> {
    row: &'r R,
    task: Uuid,
}

impl<'r, R: Cells + ?Sized> Reader<'r, R> {
    fn bad<T, E>(&self, column: &'static str, value: Result<T, E>) -> Result<T, StoreError> {
        // The reason may quote what somebody wrote, and stays out of errors that are shown.
        value.map_err(|_| StoreError::Corrupt(Box::new(BadCell { task: self.task, column })))
    }

    fn some<T>(&self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        self.bad(column, value.ok_or(()))
    }

    fn integer(&self, at: usize, column: &'static str) -> Result<i64, StoreError> {
        let cell = self.bad(column, self.row.integer(at))?;
        self.some(column, cell)
    }

    fn count(&self, at: usize, column: &'static str) -> Result<u64, StoreError> {
        self.bad(column, u64::try_from(self.integer(at, column)?))
    }

    fn text(&self, at: usize, column: &'static str) -> Result<&'r str, StoreError> {
        let cell = self.bad(column, self.row.text(at))?;
        self.some(column, cell)
    }

    fn uuid(&self, at: usize, column: &'static str) -> Result<Uuid, StoreError> {
        let cell = self.bad(column, self.row.uuid(at))?;
        self.some(column, cell)
    }

    fn instant(&self, at: usize, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let cell = self.bad(column, self.row.integer(at))?;
        Ok(cell.map(Timestamp::from_millis))
    }

    /// A text that may be absent, read by its type's own rules.
    fn read<T, E>(
        &self,
        at: usize,
        column: &'static str,
        read: impl FnOnce(&'r str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        let cell = self.bad(column, self.row.text(at))?;
        cell.map(|text| self.bad(column, read(text))).transpose()
    }
}
