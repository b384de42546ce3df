//! Tasks as `task import` reads them.

use std::io::{self, Write};

use serde::Serialize;
use uuid::Uuid;

use super::STAMP;
use crate::due::Due;
use crate::interchange::{Losses, Writing};
use crate::task::{Priority, Status, Task};
use crate::text::Tag;
use crate::time::{Timestamp, Zone};

#[derive(Serialize)]
struct Record<'a> {
    uuid: Uuid,
    description: &'a str,
    status: &'static str,
    entry: String,
    modified: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
struct Annotation<'a> {
    entry: String,
    description: &'a str,
}

/// Writes tasks for Taskwarrior. All-day dates become midnights in the zone.
pub fn export(tasks: &[Task], writing: &Writing, out: &mut impl Write) -> io::Result<Losses> {
    let mut losses = Losses::default();
    out.write_all(b"[")?;
    for (at, task) in tasks.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let record = convert(task, writing.zone, writing.now, &mut losses);
        serde_json::to_writer(&mut *out, &record)?;
    }
    out.write_all(if tasks.is_empty() { b"]\n" } else { b"\n]\n" })?;
    Ok(losses)
}

fn convert<'t>(task: &'t Task, zone: Zone, now: Timestamp, losses: &mut Losses) -> Record<'t> {
    let title = task.title.as_str();
    if task.parent.is_some() {
        losses.add("parent", "no home for it there; subtasks stand alone", title);
    }
    if task.description.is_some() {
        losses.add("description", "becomes an annotation", title);
    }
    if task.status == Status::Cancelled {
        losses.add("status", "cancelled becomes deleted", title);
    }
    let starts = task.start_date.map(|start| start.starts(zone));
    let (status, end) = match (task.trash, task.status) {
        (Some(trash), _) => ("deleted", Some(trash.at)),
        (None, Status::Completed) => ("completed", task.completed_at),
        (None, Status::Cancelled) => ("deleted", task.cancelled_at),
        (None, _) if starts.is_some_and(|start| start > now) => ("waiting", None),
        (None, _) => ("pending", None),
    };
    Record {
        uuid: task.uid.0,
        description: title,
        status,
        entry: stamp(task.created_at),
        modified: stamp(task.updated_at),
        due: task.due_date.map(|due: Due| stamp(due.starts(zone))),
        wait: starts.map(stamp),
        start: (task.status == Status::InProgress).then(|| stamp(task.updated_at)),
        end: end.map(stamp),
        project: task.project.as_ref().map(|project| project.as_str().replace('/', ".")),
        priority: match task.priority {
            Priority::High => Some("H"),
            Priority::Medium => None,
            Priority::Low => Some("L"),
        },
        tags: task.tags.iter().map(Tag::as_str).collect(),
        annotations: task
            .description
            .iter()
            .map(|text| Annotation { entry: stamp(task.updated_at), description: text.as_str() })
            .collect(),
    }
}

fn stamp(at: Timestamp) -> String {
    at.utc().format(STAMP).to_string()
}
