//! Our own JSON: the file's own shape, without what belongs to one place only (counters, steps,
//! settings). Nothing of a task is lost on the way out and back.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use super::records::{Place, Records, refuse_twice};
use super::{ImportError, Imported};
use crate::batch::NUMBER_MAX;
use crate::error::{FieldError, Problem};
use crate::task::{Parent, Task, TaskNo};
use crate::wire::{Compact, RecordError, TaskRecord};

/// Largest version taken over: versions must still be able to rise (S3).
const VERSION_MAX: u64 = NUMBER_MAX / 2;
/// The format's number; format 1 is this one without recurrence and reminders.
const FORMAT: u64 = 2;

/// Writes tasks, one a line.
pub fn export<'t>(
    tasks: impl IntoIterator<Item = &'t Task>,
    out: &mut impl Write,
) -> io::Result<()> {
    write!(out, "{{\"format\":{FORMAT},\"tasks\":[")?;
    for (at, task) in tasks.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &Compact(task))?;
    }
    out.write_all(b"\n]}\n")
}

/// Reads an export, or a tasks' file itself.
pub fn import(source: impl BufRead) -> Result<Imported, ImportError> {
    let mut records = Records::new(source)?;
    let (mut format, mut found) = (None, None);
    records.open(b'{', "an object with \"format\" and \"tasks\"")?;
    let mut first = true;
    while records.next_item(first, b'}')? {
        first = false;
        match records.name()?.as_str() {
            "format" if format.is_none() => format = Some(check_format(&mut records)?),
            "tasks" if found.is_none() => found = Some(tasks(&mut records)?),
            "format" | "tasks" => return Err(records.refuse("this name occurs twice")),
            _ => records.skip()?,
        }
    }
    let Some((mut tasks, by_hand)) = found.filter(|_| format.is_some()) else {
        let missing = if format.is_none() { "format" } else { "tasks" };
        return Err(records.refuse(format!("missing field `{missing}`")));
    };
    records.finish()?;
    name_parents(&mut tasks, &by_hand);
    Ok(Imported { tasks, ..Imported::default() })
}

fn check_format(records: &mut Records<impl BufRead>) -> Result<(), ImportError> {
    let format: u64 = records.value()?;
    if (1..=FORMAT).contains(&format) {
        return Ok(());
    }
    Err(records.refuse(format!("format {format} is not known; this todo reads formats 1 and 2")))
}

/// The tasks, and the parents that are known by number only, by the place of their subtasks.
type Tasks = (Vec<Task>, Vec<(usize, TaskNo)>);

fn tasks(records: &mut Records<impl BufRead>) -> Result<Tasks, ImportError> {
    records.open(b'[', "a list of tasks")?;
    let (mut tasks, mut lines) = (Vec::new(), Vec::new());
    let mut by_hand = Vec::new();
    while records.next_item(tasks.is_empty(), b']')? {
        let place = records.record()?;
        let (task, parent) = task(&place)?;
        by_hand.extend(parent.filter(|_| task.parent.is_none()).map(|id| (tasks.len(), id)));
        lines.push(place.line());
        tasks.push(task);
    }
    refuse_twice(&tasks, &lines)?;
    Ok((tasks, by_hand))
}

fn task(place: &Place<'_>) -> Result<(Task, Option<TaskNo>), ImportError> {
    let record = match TaskRecord::parse(place.text) {
        Ok(record) => record,
        Err(RecordError::Json(error)) => return Err(place.syntax(&error)),
        Err(RecordError::Field(error)) => return Err(place.refuse("", error)),
    };
    let title = crate::query::TaskFields::title(&record).to_owned();
    let parent = record.parent_id();
    let task = record.into_task().map_err(|error| place.refuse(&title, error))?;
    if task.version.0 > VERSION_MAX {
        let problem = Problem::OutOfRange { min: 1, max: VERSION_MAX };
        return Err(place.refuse(&title, FieldError::new("version", problem)));
    }
    Ok((task, parent))
}

/// A record written by hand may name its parent by number only.
fn name_parents(tasks: &mut [Task], by_hand: &[(usize, TaskNo)]) {
    if by_hand.is_empty() {
        return;
    }
    let uids: HashMap<_, _> = tasks.iter().map(|task| (task.id, task.uid)).collect();
    for (at, id) in by_hand {
        tasks[*at].parent = uids.get(id).map(|uid| Parent { uid: *uid, id: *id });
    }
}
