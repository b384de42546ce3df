//! Our own JSON: the file's own shape, without what belongs to one place only (counters, steps,
//! settings). Nothing of a task is lost on the way out and back.

use std::io::{self, BufRead, Write};

use super::identity::Numbered;
use super::records::{Place, Records};
use super::{Format, ImportError, Imported, Losses, VERSION_MAX, together};
use crate::error::{FieldError, Problem};
use crate::task::{Task, TaskNo};
use crate::wire::{Compact, RecordError, TaskRecord};

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
    const WHOLE: &str = "an object with \"format\" and \"tasks\"";
    let mut records = Records::new(source)?;
    read(&mut records).map_err(|error| records.fault(error, Format::Json, WHOLE))
}

fn read(records: &mut Records<impl BufRead>) -> Result<Imported, ImportError> {
    let (mut format, mut found) = (None, None);
    records.open(b'{', "expected an object with \"format\" and \"tasks\"")?;
    let mut first = true;
    while records.next_item(first, b'}')? {
        first = false;
        match records.name()?.as_str() {
            "format" if format.is_none() => format = Some(check_format(records)?),
            "tasks" if found.is_none() => found = Some(tasks(records)?),
            "format" | "tasks" => return Err(records.refuse("this name occurs twice")),
            _ => records.skip()?,
        }
    }
    let Some(Read { mut tasks, lines, by_hand }) = found.filter(|_| format.is_some()) else {
        let missing = if format.is_none() { "format" } else { "tasks" };
        return Err(records.refuse(format!("missing field `{missing}`")));
    };
    records.finish()?;
    let mut losses = Losses::default();
    by_hand.settle(&mut tasks, &mut losses);
    together::check(&tasks, &lines)?;
    Ok(Imported { tasks, losses, ..Imported::default() })
}

fn check_format(records: &mut Records<impl BufRead>) -> Result<(), ImportError> {
    let format: u64 = records.value()?;
    if (1..=FORMAT).contains(&format) {
        return Ok(());
    }
    Err(records.refuse(format!("format {format} is not known; this todo reads formats 1 and 2")))
}

#[derive(Default)]
struct Read {
    tasks: Vec<Task>,
    /// Where each begins.
    lines: Vec<usize>,
    /// A record written by hand may name its parent by number only.
    by_hand: Numbered,
}

fn tasks(records: &mut Records<impl BufRead>) -> Result<Read, ImportError> {
    records.open(b'[', "expected a list of tasks")?;
    let mut read = Read::default();
    while records.next_item(read.tasks.is_empty(), b']')? {
        let place = records.record()?;
        let (task, parent) = task(&place)?;
        if let Some(parent) = parent.filter(|_| task.parent.is_none()) {
            read.by_hand.hang(read.tasks.len(), parent);
        }
        read.lines.push(place.line());
        read.tasks.push(task);
    }
    Ok(read)
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
