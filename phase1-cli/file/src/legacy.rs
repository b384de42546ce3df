//! The first format: a plain array, written by the program this one grew out of.
//!
//! ```json
//! [{"id": 1, "description": "Buy milk", "status": "pending", "priority": "high",
//!   "tags": ["home"], "due_date": "2026-12-01", "created_at": "2026-11-20T10:00:00.123456"}]
//! ```
//!
//! It knew no uid, so one is derived from what it did know: reading the same file twice gives the
//! same tasks. Its times have no zone; they are read as local ones.

use serde::Deserialize;
use todo_core::text::{DESCRIPTION_MAX, TITLE_MAX};
use todo_core::time::localise;
use todo_core::wire::Compact;
use todo_core::{
    Description, Due, FieldError, Priority, Problem, Project, Status, Tag, Tags, Task, TaskId,
    TaskNo, Timestamp, Title, Zone,
};
use uuid::Uuid;

const NAMESPACE: Uuid = Uuid::from_u128(0x8f14_e45f_ceea_567a_9d3c_5b1e_77a0_4f21);

#[derive(Deserialize)]
struct Legacy {
    id: u64,
    #[serde(alias = "title")]
    description: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    due_date: Option<String>,
    #[serde(default)]
    created_at: Option<String>,
}

/// Why the first format could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LegacyError {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("task {id}: {error}")]
    Task { id: u64, error: FieldError },
}

/// The same tasks in the present format.
pub(crate) fn migrate(text: &str, zone: Zone) -> Result<String, LegacyError> {
    let legacy: Vec<Legacy> = serde_json::from_str(text)?;
    let next_id = legacy.iter().map(|task| task.id).max().unwrap_or(0).saturating_add(1);
    let mut rows = Vec::with_capacity(legacy.len());
    for old in legacy {
        let id = old.id;
        let task = convert(old, zone).map_err(|error| LegacyError::Task { id, error })?;
        rows.push(serde_json::to_string(&Compact(&task))?);
    }
    let rows = rows.join(",\n");
    Ok(format!(r#"{{"format":1,"next_id":{next_id},"next_seq":1,"tasks":[{rows}],"steps":[]}}"#))
}

fn convert(old: Legacy, zone: Zone) -> Result<Task, FieldError> {
    let made = old.created_at.as_deref().map(|text| instant(text, zone)).transpose();
    let made = made.map_err(|problem| FieldError::new("created_at", problem))?;
    let made = made.unwrap_or_else(|| Timestamp::from_millis(0));
    let name =
        format!("{}\n{}\n{}", old.id, old.created_at.as_deref().unwrap_or(""), old.description);
    let uid = TaskId(Uuid::new_v5(&NAMESPACE, name.as_bytes()));
    let (title, description) = split(&old.description)?;
    let tags = old.tags.unwrap_or_default();
    let tags = tags.iter().filter(|tag| !tag.trim().is_empty());
    let tags = tags.map(|tag| Tag::new(&tag.trim().replace([' ', ',', '#', '@'], "-")));
    let mut task = Task {
        id: TaskNo(old.id),
        description,
        priority: word("priority", old.priority.as_deref())?.unwrap_or(Priority::Medium),
        project: old
            .project
            .as_deref()
            .filter(|p| !p.trim().is_empty())
            .map(Project::new)
            .transpose()?,
        tags: Tags::new(tags.collect::<Result<Vec<_>, _>>()?)?,
        due_date: due(old.due_date.as_deref(), zone)?,
        ..Task::blank(uid, title, made)
    };
    if old.id == 0 {
        return Err(FieldError::new("id", Problem::OutOfRange { min: 1, max: u64::MAX }));
    }
    task.set_status(word("status", old.status.as_deref())?.unwrap_or(Status::Pending), made);
    Ok(task)
}

fn word<T: std::str::FromStr<Err = Problem>>(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, FieldError> {
    text.map(str::parse).transpose().map_err(|problem| FieldError::new(field, problem))
}

fn due(text: Option<&str>, zone: Zone) -> Result<Option<Due>, FieldError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let due = text.map(|text| Due::parse(text, None, zone)).transpose();
    due.map_err(|problem| FieldError::new("due_date", problem))
}

/// A local time as Python writes it, or one with an offset.
fn instant(text: &str, zone: Zone) -> Result<Timestamp, Problem> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let local: Result<chrono::NaiveDateTime, _> = text.replacen(' ', "T", 1).parse();
    match local {
        Ok(wall) => Ok(localise(wall, zone, None).instant),
        Err(_) => Ok(Due::parse(text, None, zone)?.starts(zone)),
    }
}

/// Its one text had no bound and no rule about lines.
fn split(text: &str) -> Result<(Title, Option<Description>), FieldError> {
    let text = text.trim();
    if let Ok(title) = Title::new(text) {
        return Ok((title, None));
    }
    let line = text.lines().next().unwrap_or_default();
    let short: String = line.chars().take(TITLE_MAX).collect();
    let long: String = text.chars().take(DESCRIPTION_MAX).collect();
    Ok((Title::new(&short)?, Some(Description::new(&long)?)))
}
