//! Tasks as `task import` reads them.

use std::io::{self, Write};

use serde::Serialize;
use uuid::Uuid;

use super::templates::{Role, Template, Templates, comes_back};
use super::{STAMP, TEMPLATE, notes};
use crate::due::Due;
use crate::interchange::{Losses, Writing};
use crate::recurrence::Slot;
use crate::task::{Priority, Status, Task};
use crate::text::Tag;
use crate::time::{Timestamp, day_start};

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
    annotations: Vec<Annotation>,
    #[serde(flatten)]
    recurring: Option<Recurring>,
}

#[derive(Serialize)]
struct Annotation {
    entry: String,
    description: String,
}

/// What a template and its occurrences have beside other tasks.
#[derive(Serialize)]
struct Recurring {
    recur: String,
    rtype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    imask: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mask: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl Recurring {
    fn new(template: &Template) -> Self {
        let recur = template.period.to_string();
        Self { recur, rtype: "periodic", parent: None, imask: None, mask: None, until: None }
    }
}

/// Writes tasks for Taskwarrior. All-day dates become midnights in the zone. A series becomes a
/// template with its occurrences, from which Taskwarrior goes on.
pub fn export(tasks: &[Task], writing: &Writing, out: &mut impl Write) -> io::Result<Losses> {
    let mut losses = Losses::default();
    let templates = Templates::new(tasks);
    let mut between: &[u8] = b"[\n";
    let mut write = |record: &Record<'_>| {
        out.write_all(std::mem::replace(&mut between, b",\n"))?;
        serde_json::to_writer(&mut *out, record).map_err(io::Error::from)
    };
    for task in tasks {
        let role = templates.role(task);
        name_losses(task, &role, writing, &mut losses);
        let record = convert(task, writing);
        match role {
            Role::Alone => write(&record)?,
            Role::StandIn(template) => write(&as_template(record, task, template, writing))?,
            Role::Occurrence { template, imask } => {
                if task.recurrence.is_some() {
                    write(&as_template(convert(task, writing), task, template, writing))?;
                }
                let (parent, imask) = (Some(template.uuid), Some(imask));
                let recurring = Recurring { parent, imask, ..Recurring::new(template) };
                write(&Record { recurring: Some(recurring), ..record })?;
            }
        }
    }
    out.write_all(if tasks.is_empty() { b"[]\n" } else { b"\n]\n" })?;
    Ok(losses)
}

fn convert<'t>(task: &'t Task, writing: &Writing) -> Record<'t> {
    let zone = writing.zone;
    let starts = task.start_date.map(|start| start.starts(zone));
    let (status, end) = match (task.trash, task.status) {
        (Some(trash), _) => ("deleted", Some(trash.at)),
        (None, Status::Completed) => ("completed", task.completed_at),
        (None, Status::Cancelled) => ("deleted", task.cancelled_at),
        (None, _) if starts.is_some_and(|start| start > writing.now) => ("waiting", None),
        (None, _) => ("pending", None),
    };
    let open = !matches!(status, "deleted" | "completed");
    let (description, annotations) = notes::leave(task, zone);
    Record {
        uuid: task.uid.0,
        description,
        status,
        entry: stamp(task.created_at),
        modified: stamp(task.updated_at),
        due: task.due_date.map(|due: Due| stamp(due.starts(zone))),
        wait: starts.map(stamp),
        start: (open && task.status == Status::InProgress).then(|| stamp(task.updated_at)),
        end: end.map(stamp),
        project: task.project.as_ref().map(|project| project.as_str().replace('/', ".")),
        priority: match task.priority {
            Priority::High => Some("H"),
            Priority::Medium => None,
            Priority::Low => Some("L"),
        },
        tags: task.tags.iter().map(Tag::as_str).collect(),
        annotations: annotations
            .into_iter()
            .map(|(at, description)| Annotation { entry: stamp(at), description })
            .collect(),
        recurring: None,
    }
}

/// The template of the series that a task holds: the task as it was at the first date.
fn as_template<'t>(
    record: Record<'t>,
    task: &Task,
    template: &Template,
    writing: &Writing,
) -> Record<'t> {
    let zone = writing.zone;
    let wait = task.start_date.zip(task.due_date).and_then(|(start, due)| {
        let days = template.anchor.wall_day().signed_duration_since(due.wall_day()).num_days();
        start.plus_days(days)
    });
    let recurring = Recurring {
        mask: Some(template.mask(task, writing)),
        until: template.until(zone).map(stamp),
        ..Recurring::new(template)
    };
    Record {
        uuid: template.uuid,
        status: TEMPLATE,
        due: Some(stamp(template.anchor.starts(zone))),
        wait: wait.map(|wait| stamp(wait.starts(zone))),
        start: None,
        recurring: Some(recurring),
        ..record
    }
}

fn stamp(at: Timestamp) -> String {
    at.utc().format(STAMP).to_string()
}

/// Names what a task does not come back with.
fn name_losses(task: &Task, role: &Role<'_>, writing: &Writing, losses: &mut Losses) {
    let mut lose = |field, fate| losses.add(field, fate, task.title.as_str());
    let zone = writing.zone;
    if task.parent.is_some() {
        lose("parent", "no home for it there; subtasks stand alone");
    }
    if !task.reminders.is_empty() {
        lose("reminders", "no home for them there");
    }
    if notes::come_back_otherwise(task, zone) {
        lose("description", "becomes annotations");
    }
    if let Role::Occurrence { template, .. } = role
        && task.series != Some(template.uuid)
    {
        lose("series", "goes on there under another name: one of its tasks has its own");
    }
    if task.project.as_ref().is_some_and(|project| project.as_str().contains('.')) {
        lose("project", "a full stop in it begins a level there");
    }
    if task.tags.iter().any(|tag| tag.as_str().starts_with('+')) {
        lose("tags", "a plus sign at the beginning is taken out");
    }
    for (field, due) in [("due_date", task.due_date), ("start_date", task.start_date)] {
        let Some(due) = due.filter(|due| due.zone().is_some()) else { continue };
        let at = due.starts(zone);
        if at == day_start(at.day(zone), zone) {
            lose(field, "at midnight, which says a whole day there");
        } else if due.zone() != Some(zone) {
            lose("timezone", "the moment goes without it");
        }
    }
    match (task.trash, task.status) {
        (None, Status::Cancelled) => lose("status", "cancelled becomes deleted"),
        (None, Status::InProgress) if matches!(role, Role::StandIn(_)) => {
            lose("status", "a template is not begun");
        }
        (Some(_), status) if status != Status::Pending => {
            lose("status", "deleted says no more there");
        }
        _ => {}
    }
    if task.trash.is_some_and(|trash| trash.group != task.uid.0) {
        lose("trash", "each comes back on its own, not with what was deleted with it");
    }
    if task.series.is_some() && matches!(role, Role::Alone) {
        lose("series", "its place in a series stays behind");
    }
    let Some(recurrence) = &task.recurrence else { return };
    if matches!(role, Role::Alone) {
        lose("recurrence", "no period there says it; the task goes once");
    } else if !comes_back(recurrence, zone) {
        lose("recurrence", "the same dates, said as a plain period");
    } else if task.slot != Some(recurrence.position(task.slot)) {
        lose("slot", "it is the date that the rule has now");
    }
    if matches!(role, Role::StandIn(_))
        && task.slot.map(|slot: Slot| slot.due(recurrence.anchor)) != task.due_date
    {
        lose("due_date", "a template has the date of its rule");
    }
}
