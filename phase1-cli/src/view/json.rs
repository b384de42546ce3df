//! Answers for programs: one object, one shape a command, described in `docs/cli-json.md`.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};
use todo_core::error::Candidate;
use todo_core::{Task, TaskError};

/// Raised when a shape changes in a way that a program could notice.
pub(crate) const SCHEMA: u32 = 1;

/// Prints `{"schema": 1, "command": …, …}` and a line end.
pub(crate) fn print(out: &mut impl Write, command: &str, body: impl Serialize) -> io::Result<()> {
    #[derive(Serialize)]
    struct Answer<'a, B> {
        schema: u32,
        command: &'a str,
        #[serde(flatten)]
        body: B,
    }
    serde_json::to_writer(&mut *out, &Answer { schema: SCHEMA, command, body })?;
    out.write_all(b"\n")
}

/// Prints a list of tasks.
pub(crate) fn print_tasks(
    out: &mut impl Write,
    command: &str,
    tasks: &[Task],
    total: u64,
) -> io::Result<()> {
    print_list(out, command, &List { total, tasks, ..List::default() })
}

/// A list of tasks, with what was asked beside them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct List<'a> {
    pub(crate) total: u64,
    pub(crate) tasks: &'a [Task],
    /// How urgent each is, in the same order: not of the task, for it changes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) urgency: Option<Vec<i64>>,
    /// The filter in its written form, the context that stands included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<String>,
}

/// Prints it.
pub(crate) fn print_list(out: &mut impl Write, command: &str, list: &List<'_>) -> io::Result<()> {
    print(out, command, list)
}

/// What a refusal says beside its code and message.
pub(crate) fn error_details(error: &TaskError) -> Map<String, Value> {
    let details = match error {
        TaskError::Validation(fields) => json!({
            "fields": fields
                .iter()
                .map(|e| json!({ "field": e.field, "message": e.problem.to_string() }))
                .collect::<Vec<_>>()
        }),
        TaskError::Words { field, error } => json!({
            "fields": [{ "field": field, "message": error.problem, "from": error.at.start, "to": error.at.end }]
        }),
        TaskError::Ambiguous { candidates, .. } => json!({ "candidates": named(candidates) }),
        TaskError::OpenSubtasks { open, .. } => json!({ "candidates": named(open) }),
        TaskError::VersionConflict { current, .. } => json!({ "current": current }),
        TaskError::StepConflict { fields, .. } => json!({
            "fields": fields.iter().map(|field| field.as_str()).collect::<Vec<_>>()
        }),
        _ => Value::Null,
    };
    match details {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn named(candidates: &[Candidate]) -> Vec<Value> {
    let one = |c: &Candidate| json!({ "id": c.id, "uid": c.uid, "title": c.title });
    candidates.iter().map(one).collect()
}
