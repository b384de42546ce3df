//! Our own JSON: the file's own shape, without what belongs to one place only (counters, steps,
//! settings). Nothing of a task is lost on the way out and back.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ImportError, Imported, Place};
use crate::batch::NUMBER_MAX;
use crate::error::{FieldError, Problem};
use crate::task::{Parent, Task, TaskNo};
use crate::wire::{Compact, RecordError, TaskRecord};

/// Largest version taken over: versions must still be able to rise (S3).
const VERSION_MAX: u64 = NUMBER_MAX / 2;
/// The format's number; format 1 is this one without recurrence and reminders.
const FORMAT: u64 = 2;

#[derive(Deserialize)]
struct Document<'a> {
    format: u64,
    #[serde(borrow)]
    tasks: Vec<&'a RawValue>,
}

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
pub fn import(text: &str) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let document: Document<'_> = serde_json::from_str(text)?;
    if !(1..=FORMAT).contains(&document.format) {
        let known = "this todo reads formats 1 and 2";
        let what = format!("format {} is not known; {known}", document.format);
        return Err(ImportError::Syntax { line: 1, column: 1, what });
    }
    let mut tasks = Vec::with_capacity(document.tasks.len());
    let mut by_hand: Vec<(usize, TaskNo)> = Vec::new();
    for (at, raw) in document.tasks.iter().enumerate() {
        let place = Place::new(text, raw, at);
        let record = match TaskRecord::parse(raw.get()) {
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
        by_hand.extend(parent.filter(|_| task.parent.is_none()).map(|parent| (at, parent)));
        tasks.push(task);
    }
    name_parents(&mut tasks, &by_hand);
    Ok(Imported { tasks, ..Imported::default() })
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
