//! Making the next generation of a document: rows that did not change are copied as they stand.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::{self, Write};

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use todo_core::reminder::Firing;
use todo_core::step::{STEPS_KEPT, StampedStep};
use todo_core::wire::{Compact, FIELD_NAMES};
use todo_core::{Counters, Step, Task, TaskId};

use crate::document::{Document, FORMAT, Span};

/// What the next generation has that this one has not.
#[derive(Debug, Default)]
pub(crate) struct Change<'c> {
    /// The owner's counters.
    pub(crate) counters: Counters,
    /// Rows to replace, by their place.
    pub(crate) replaced: HashMap<usize, &'c Task>,
    /// Rows to leave out, by their place.
    pub(crate) removed: HashSet<usize>,
    /// The tasks of those rows, of which the kept steps must not tell any more.
    pub(crate) purged: HashSet<TaskId>,
    /// Rows to add at the end.
    pub(crate) added: Vec<&'c Task>,
    /// What became of reminders.
    pub(crate) firings: &'c [Firing],
    /// What happens to the kept steps.
    pub(crate) step: Option<&'c StampedStep>,
    /// Other steps in place of all that are kept.
    pub(crate) steps: Option<&'c [Step]>,
    /// New settings, as JSON.
    pub(crate) settings: Option<String>,
    /// New saved filters, as JSON.
    pub(crate) filters: Option<String>,
}

/// Writes the document with the change made to it.
pub(crate) fn write(old: &Document, change: &Change<'_>, out: &mut dyn Write) -> io::Result<()> {
    let empty = |span: &Option<Span>| span.as_ref().map_or("{}", |span| old.part(span)).to_owned();
    let settings = change.settings.clone().unwrap_or_else(|| empty(&old.settings));
    let filters = change.filters.clone().unwrap_or_else(|| empty(&old.filters));
    let Counters { next_id, next_seq } = change.counters;
    writeln!(out, "{{\n  \"format\": {FORMAT},")?;
    writeln!(out, "  \"next_id\": {next_id},\n  \"next_seq\": {next_seq},")?;
    writeln!(out, "  \"settings\": {settings},\n  \"filters\": {filters},")?;
    for (name, span) in &old.others {
        writeln!(out, "  {}: {},", serde_json::to_string(name)?, old.part(span))?;
    }
    let mut rows = Rows::begin(out, "tasks")?;
    for (place, span) in old.tasks.iter().enumerate() {
        if change.removed.contains(&place) {
            continue;
        }
        match change.replaced.get(&place) {
            None => rows.row(old.part(span))?,
            Some(task) => rows.row(&with_unknown(task, old.part(span))?)?,
        }
    }
    for task in &change.added {
        rows.row(&serde_json::to_string(&Compact(task))?)?;
    }
    rows.end(",")?;
    let mut rows = Rows::begin(out, "firings")?;
    for span in &old.firings {
        let row = old.part(span);
        if !tells_of(row, &change.purged) {
            rows.row(row)?;
        }
    }
    for firing in change.firings {
        rows.row(&serde_json::to_string(firing)?)?;
    }
    rows.end(",")?;
    let mut rows = Rows::begin(out, "steps")?;
    for row in steps(old, change)? {
        rows.row(&row)?;
    }
    rows.end("")?;
    out.write_all(b"}\n")
}

/// An array with one element a line.
struct Rows<'w> {
    out: &'w mut dyn Write,
    any: bool,
}

impl<'w> Rows<'w> {
    fn begin(out: &'w mut dyn Write, name: &str) -> io::Result<Self> {
        write!(out, "  \"{name}\": [")?;
        Ok(Self { out, any: false })
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n    " } else { b"\n    " })?;
        self.any = true;
        self.out.write_all(row.as_bytes())
    }

    fn end(self, behind: &str) -> io::Result<()> {
        writeln!(self.out, "{}]{behind}", if self.any { "\n  " } else { "" })
    }
}

/// A changed task's row, with whatever else the old row held.
fn with_unknown(task: &Task, old: &str) -> io::Result<String> {
    let mut row = serde_json::to_string(&Compact(task))?;
    let Entries(unknown) = serde_json::from_str(old)?;
    for (name, value) in unknown {
        if !FIELD_NAMES.contains(&name.as_str()) {
            row.pop();
            row.push(',');
            row.push_str(&serde_json::to_string(&name)?);
            row.push(':');
            row.push_str(value.get());
            row.push('}');
        }
    }
    Ok(row)
}

/// An object's names and values as they stand.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// As much of a step as its place among the others needs: an import's step names every task it
/// made, and most writes have no use for that.
#[derive(Deserialize)]
struct Mark {
    no: u64,
    #[serde(default)]
    undone: Option<u64>,
}

/// A step without what it remembers of purged tasks; empty if nothing is left of it.
fn forget<'r>(row: &str, purged: &HashSet<TaskId>) -> io::Result<Cow<'r, str>> {
    let mut step: Step = serde_json::from_str(row)?;
    let left = step.forget(purged);
    Ok(if left { serde_json::to_string(&step)?.into() } else { Cow::Borrowed("") })
}

fn tells_of(row: &str, tasks: &HashSet<TaskId>) -> bool {
    tasks.iter().any(|task| row.contains(&task.to_string()))
}

fn steps(old: &Document, change: &Change<'_>) -> io::Result<Vec<String>> {
    if let Some(steps) = change.steps {
        return Ok(steps.iter().map(serde_json::to_string).collect::<Result<_, _>>()?);
    }
    let mut rows = Vec::with_capacity(old.steps.len() + 1);
    for span in &old.steps {
        let row = old.part(span);
        let forgotten = if tells_of(row, &change.purged) {
            forget(row, &change.purged)?
        } else {
            Cow::Borrowed(row)
        };
        let row = &*forgotten;
        if row.is_empty() {
            continue;
        }
        let mark: Mark = serde_json::from_str(row)?;
        let undone = match change.step {
            // A new step ends what could be redone (S7).
            Some(StampedStep::Record(_)) if mark.undone.is_some() => continue,
            Some(StampedStep::Undo(no, at)) if no.0 == mark.no => Some(*at),
            Some(StampedStep::Redo(no)) if no.0 == mark.no => None,
            _ => {
                rows.push(row.to_owned());
                continue;
            }
        };
        let step: Step = serde_json::from_str(row)?;
        rows.push(serde_json::to_string(&Step { undone, ..step })?);
    }
    if let Some(StampedStep::Record(step)) = change.step {
        rows.push(serde_json::to_string(step)?);
        let over = rows.len().saturating_sub(STEPS_KEPT);
        rows.drain(..over);
    }
    Ok(rows)
}
