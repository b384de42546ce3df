//! A refusal for programs.

use serde_json::{Map, Value, json};

use crate::error::{Candidate, TaskError};

/// What a refusal says beside its code and message.
pub fn details(error: &TaskError) -> Map<String, Value> {
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
        TaskError::VersionConflict { current, .. } | TaskError::UidTaken { current } => {
            json!({ "current": current })
        }
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

/// A refused item, by what it was named.
pub fn refusal(reference: Option<&str>, error: &TaskError) -> Value {
    let mut refusal = details(error);
    refusal.insert("ref".to_owned(), json!(reference));
    refusal.insert("code".to_owned(), json!(error.code().as_str()));
    refusal.insert("message".to_owned(), json!(error.to_string()));
    Value::Object(refusal)
}

fn named(candidates: &[Candidate]) -> Vec<Value> {
    let one = |c: &Candidate| json!({ "id": c.id, "uid": c.uid, "title": c.title });
    candidates.iter().map(one).collect()
}
