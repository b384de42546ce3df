//! todo.txt and tables: read as their programs mean them, and out and back without loss but those
//! that are named.

mod csv;
mod hostile;
mod laws;
mod todo_txt;
mod todoist;

use todo_core::conformance::given::instant;
use todo_core::interchange::{
    Format, ImportError, Imported, Losses, Reading, Writing, export, import,
};
use todo_core::{Task, Timestamp, Zone};

use crate::words::asking;

/// Saturday noon.
const NOW: &str = "2026-11-21T12:00:00Z";
/// When the files were last changed.
const CHANGED: &str = "2026-11-20T08:00:00.000Z";

fn reading(zone: Zone) -> Reading {
    Reading { asking: asking(NOW, zone), at: instant(CHANGED) }
}

fn writing(zone: Zone) -> Writing {
    Writing { now: instant(NOW), zone }
}

fn read(format: Format, bytes: &[u8]) -> Result<Imported, ImportError> {
    import(format, bytes, &reading(Zone::UTC))
}

/// What is in a file that can be read.
fn taken(format: Format, text: &str) -> Imported {
    read(format, text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Why a file cannot be read.
fn refused(format: Format, bytes: &[u8]) -> String {
    match read(format, bytes) {
        Ok(imported) => panic!("it was read: {imported:?}"),
        Err(error) => error.to_string(),
    }
}

/// The one task of a file.
fn one(format: Format, text: &str) -> Task {
    let mut tasks = taken(format, text).tasks;
    assert_eq!(tasks.len(), 1, "{text}");
    tasks.remove(0)
}

fn written(format: Format, tasks: &[Task]) -> (String, Losses) {
    let mut out = Vec::new();
    let losses = export(format, tasks, &writing(Zone::UTC), &mut out).expect("memory takes all");
    (String::from_utf8(out).expect("UTF-8"), losses)
}

fn lost(losses: &Losses) -> Vec<&str> {
    losses.iter().map(|loss| loss.field.as_str()).collect()
}

fn titles(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(|task| task.title.as_str()).collect()
}

fn changed() -> Timestamp {
    instant(CHANGED)
}
