//! What tools answer: short tasks as JSON, and the same in a few lines for clients that show a model
//! only text. A title is one line by its rule and other texts are quoted, so that nothing that stands
//! in a task can look like a line of ours.

mod line;
mod notes;
mod written;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use todo_core::Task;

pub(crate) use line::{Glance, line, when};
pub(crate) use written::{Telling, Written, is_bulk, refused, shorts};

/// A tool's answer.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) structured: Value,
    pub(crate) text: String,
}

impl Told {
    pub(crate) fn new(structured: &impl Serialize, text: String) -> Self {
        Self { structured: serde_json::to_value(structured).unwrap_or_default(), text }
    }
}

/// A task, short: what tells it from others, and what a next call needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Short {
    id: u64,
    title: String,
    status: &'static str,
    priority: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<u64>,
    version: u64,
}

impl From<&Task> for Short {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id.0,
            title: task.title.as_str().to_owned(),
            status: task.status.as_str(),
            priority: task.priority.as_str(),
            due_date: task.due_date.map(|due| due.date_text()),
            project: task.project.as_ref().map(|project| project.as_str().to_owned()),
            tags: task.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            parent: task.parent.map(|parent| parent.id.0),
            version: task.version.0,
        }
    }
}

impl Short {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn status(&self) -> &'static str {
        self.status
    }
}
