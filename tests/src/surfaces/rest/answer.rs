//! What is answered, read.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::Answer;
use crate::surfaces::Told;
use crate::surfaces::told::{Done, Filters, Note, Refusal, Seen, Urgency};

/// Reads an answer.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Told<T> {
    if answer.status.is_success() {
        return answer.json().map_err(Refusal::broken);
    }
    Err(problem(answer))
}

/// Reads a problem (RFC 9457).
fn problem(answer: &Answer) -> Refusal {
    let is_one = answer.header("content-type") == Some("application/problem+json");
    match answer.json::<Value>() {
        Ok(problem) if is_one && answer.status.is_client_error() => refusal(&problem, "detail"),
        _ => {
            let body = String::from_utf8_lossy(&answer.body);
            Refusal::broken(format!("{} {body}", answer.status))
        }
    }
}

/// A problem; or one of several refusals, whose text has another name.
fn refusal(told: &Value, message: &str) -> Refusal {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| told[name].as_array().into_iter().flatten();
    let ids = |name: &str| list(name).filter_map(|task| task["id"].as_u64()).collect::<Vec<_>>();
    let place = |fault: &Value| Some((fault["from"].as_u64()?, fault["to"].as_u64()?));
    // The API points at the member that is missing; the rule itself speaks of no field.
    let missing = |field: &String| text("code") == "due_required" && field == "due_date";
    // One of several says of a field both where it lies in the request and what it is called.
    let faults = if told["errors"].is_array() { "errors" } else { "fields" };
    let fields = list(faults).filter_map(field).filter(|field| !missing(field));
    Refusal {
        code: text("code"),
        message: text(message),
        task: text("ref").parse().ok(),
        fields: fields.collect(),
        place: list("errors").chain(list("fields")).find_map(place).map(Box::new),
        candidates: [ids("candidates"), ids("open")].concat().into(),
        current: serde_json::from_value(told["current"].clone()).ok().map(Box::new),
    }
}

/// The name of the field that a fault is in: the first of its pointer within an item, or the
/// parameter.
fn field(fault: &Value) -> Option<String> {
    let named = ["pointer", "parameter", "field"].iter().find_map(|name| fault[name].as_str())?;
    let parts: Vec<_> = named.split('/').filter(|part| !part.is_empty()).collect();
    let (["items", _, "patch" | "task", name, ..] | ["items", _, name, ..] | [name, ..]) =
        parts[..]
    else {
        return None;
    };
    // What some bodies call by another name.
    let name = match name {
        "add_tags" | "remove_tags" => "tags",
        "text" => "title",
        name => name,
    };
    Some(name.to_owned())
}

/// The answer of a write of one task.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    task: Option<Seen>,
    step: Option<u64>,
    changed: bool,
    others: Vec<Seen>,
    purged: Vec<Seen>,
    notes: Vec<Note>,
    #[serde(rename = "dry_run")]
    _dry_run: bool,
}

impl From<One> for Done {
    fn from(one: One) -> Self {
        let task = one.task.into_iter().collect();
        let (mut changed, unchanged) =
            if one.changed { (task, Vec::new()) } else { (Vec::new(), task) };
        changed.extend(one.others);
        let One { step, purged, notes, .. } = one;
        Self { step, changed, unchanged, purged, refused: Vec::new(), notes }
    }
}

/// The answer of a write of several.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Several {
    #[serde(rename = "dry_run")]
    _dry_run: bool,
    step: Option<u64>,
    tasks: Vec<Seen>,
    unchanged: Vec<Seen>,
    purged: Vec<Seen>,
    refused: Vec<Value>,
    notes: Vec<Note>,
}

impl From<Several> for Done {
    fn from(several: Several) -> Self {
        let Several { step, tasks, unchanged, purged, refused, notes, .. } = several;
        let refused = refused.iter().map(|one| refusal(one, "message")).collect();
        Self { step, changed: tasks, unchanged, purged, refused, notes }
    }
}

/// A page of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    pub(super) items: Vec<Seen>,
    pub(super) next_cursor: Option<String>,
    pub(super) total: Option<u64>,
}

/// How urgent a task is.
pub(super) fn urgency(answer: &Answer) -> Told<Urgency> {
    #[derive(Deserialize)]
    struct Why {
        urgency: i64,
        parts: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        factor: String,
        points: i64,
    }
    let Why { urgency, parts } = read(answer)?;
    let parts = parts.into_iter().map(|part| (part.factor, part.points)).collect();
    Ok(Urgency { urgency, parts })
}

/// A saved filter.
#[derive(Deserialize)]
pub(super) struct Saved {
    pub(super) name: String,
    pub(super) filter: String,
}

/// All of them.
pub(super) fn filters(answer: &Answer) -> Told<Filters> {
    #[derive(Deserialize)]
    struct All {
        filters: Vec<Saved>,
    }
    let All { filters } = read(answer)?;
    Ok(filters.into_iter().map(|one| (one.name, one.filter)).collect())
}
