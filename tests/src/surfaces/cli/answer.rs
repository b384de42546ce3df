//! Reading what `todo --json` answers.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::program::Ran;
use crate::surfaces::Told;
use crate::surfaces::told::{Filters, Refusal, Urgency};

/// Reads an answer. Status 1 with an answer on standard output is a command that was refused in
/// part.
pub(super) fn answer<T: DeserializeOwned>(ran: &Ran) -> Told<T> {
    if matches!(ran.status, Some(0 | 1)) && !ran.out.is_empty() {
        return serde_json::from_str(&ran.out)
            .map_err(|error| Refusal::broken(format!("{error}: {ran:?}")));
    }
    Err(refused(ran))
}

pub(super) fn refused(ran: &Ran) -> Refusal {
    let value: Option<Value> = serde_json::from_str(&ran.err).ok();
    match value.as_ref().and_then(|value| value.get("error")) {
        Some(error) if matches!(ran.status, Some(1 | 2)) => refusal(error),
        _ => Refusal::broken(format!("{ran:?}")),
    }
}

pub(super) fn refusal(value: &Value) -> Refusal {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |name: &str| value.get(name).and_then(Value::as_array).into_iter().flatten();
    // A faulty field comes with what is wrong with it; one that has changed since is a name.
    let field = |field: &Value| field.get("field").unwrap_or(field).as_str().map(str::to_owned);
    let place = |field: &Value| Some((field.get("from")?.as_u64()?, field.get("to")?.as_u64()?));
    Refusal {
        code: text("code"),
        message: text("message"),
        task: text("ref").parse().ok(),
        fields: list("fields").filter_map(field).collect(),
        place: list("fields").find_map(place).map(Box::new),
        candidates: list("candidates").filter_map(|task| task.get("id")?.as_u64()).collect(),
        current: value
            .get("current")
            .and_then(|task| serde_json::from_value(task.clone()).ok())
            .map(Box::new),
    }
}

/// The answer of `why` for one task.
pub(super) fn urgency(ran: &Ran) -> Told<Urgency> {
    #[derive(Deserialize)]
    struct Why {
        tasks: Vec<Task>,
    }
    #[derive(Deserialize)]
    struct Task {
        urgency: i64,
        parts: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        factor: String,
        points: i64,
    }
    match <[Task; 1]>::try_from(answer::<Why>(ran)?.tasks) {
        Ok([Task { urgency, parts }]) => {
            let parts = parts.into_iter().map(|part| (part.factor, part.points)).collect();
            Ok(Urgency { urgency, parts })
        }
        Err(tasks) => Err(Refusal::broken(format!("{} tasks for one", tasks.len()))),
    }
}

/// The answer of `stats`, without what every answer has.
pub(super) fn stats(ran: &Ran) -> Told<Value> {
    let mut stats: Value = answer(ran)?;
    for name in ["schema", "command"] {
        stats.as_object_mut().and_then(|stats| stats.remove(name));
    }
    Ok(stats)
}

/// The answer of `filter save` and `filter remove`.
pub(super) fn filter(ran: &Ran) -> Told<Filters> {
    #[derive(Deserialize)]
    struct Kept {
        name: String,
        filter: Option<String>,
    }
    let Kept { name, filter } = answer(ran)?;
    Ok(filter.map(|filter| (name, filter)).into_iter().collect())
}

/// The answer of `filter`.
pub(super) fn filters(ran: &Ran) -> Told<Filters> {
    #[derive(Deserialize)]
    struct All {
        filters: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        name: String,
        filter: String,
    }
    let All { filters } = answer(ran)?;
    Ok(filters.into_iter().map(|one| (one.name, one.filter)).collect())
}
