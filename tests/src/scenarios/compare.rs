//! What was expected, held against what came. Each fault is a line that says both.

use serde::Serialize;
use serde_json::{Map, Value};

use super::call::Answer;
use super::play::Known;
use super::row::{Around, Item, Refused, Sight, StepThen, Then};
use crate::surfaces::told::{Done, Refusal, Seen};

type Fields = Map<String, Value>;
type Faults = Result<Vec<String>, String>;

pub(super) fn faults(then: &Then, answer: &Answer, known: &impl Known) -> Faults {
    if let Some(expected) = &then.refused {
        return match answer {
            Answer::Refused(refusal) => refused(expected, refusal, known),
            other => Ok(vec![format!("expected a refusal, {expected:?}; got {other:?}")]),
        };
    }
    if let Answer::Refused(refusal) = answer {
        return Ok(vec![format!("was refused: {} ({})", refusal.code, refusal.message)]);
    }
    let mut faults = Vec::new();
    if let Some(expected) = &then.step {
        faults.extend(step(expected, answer.step(), known));
    }
    let none = Done::default();
    let done = if let Answer::Done(done) = answer { done } else { &none };
    for (name, expected, got) in [
        ("changed", &then.changed, &done.changed),
        ("unchanged", &then.unchanged, &done.unchanged),
        ("purged", &then.purged, &done.purged),
    ] {
        if let Some(expected) = expected {
            faults.extend(sights(name, expected, got, known)?);
        }
    }
    faults.extend(items(&then.items, &done.refused));
    let tasks = answer.tasks();
    if let Some(expected) = &then.task {
        match tasks.as_slice() {
            [task] => faults.extend(fields("task", expected, task, known)?),
            several => faults.push(format!("expected one task; got {}", ids(several))),
        }
    }
    if let Some(expected) = &then.ids
        && !tasks.iter().map(|task| &task.id).eq(expected)
    {
        faults.push(format!("expected {expected:?} in this order; got {}", ids(&tasks)));
    }
    if let Some(expected) = &then.tasks {
        if expected.len() != tasks.len() {
            faults.push(format!("expected {} tasks; got {}", expected.len(), ids(&tasks)));
        }
        for (at, (expected, task)) in expected.iter().zip(&tasks).enumerate() {
            faults.extend(fields(&format!("tasks[{at}]"), expected, task, known)?);
        }
    }
    if let Some(expected) = &then.notes {
        faults.extend(records("notes", expected, &done.notes, known)?);
    }
    if let Some(expected) = &then.reminders {
        let mut got = if let Answer::Fired(fired) = answer { fired.clone() } else { Vec::new() };
        got.sort();
        faults.extend(records("reminders", expected, &got, known)?);
    }
    if let Some(expected) = &then.coming {
        let none = Vec::new();
        let got = if let Answer::Coming(dates) = answer { dates } else { &none };
        if expected != got {
            faults.push(format!("coming: expected {expected:?}; got {got:?}"));
        }
    }
    if let Some(expected) = &then.taken {
        let taken = if let Answer::Taken(taken) = answer { Some(taken) } else { None };
        let got = serde_json::to_value(taken).map_err(|error| error.to_string())?;
        faults.extend(values("import", expected, &got, known)?);
    }
    faults.extend(numbers(then, answer, known)?);
    Ok(faults)
}

/// What is answered of tasks, and is none.
fn numbers(then: &Then, answer: &Answer, known: &impl Known) -> Faults {
    let mut faults = Vec::new();
    if let Some(expected) = &then.page {
        match answer {
            Answer::Page(page) => {
                let around = Around { more: page.next.is_some(), total: page.total };
                let got = serde_json::to_value(around).map_err(|error| error.to_string())?;
                faults.extend(values("page", expected, &got, known)?);
            }
            other => faults.push(format!("expected a page; got {other:?}")),
        }
    }
    if let Some(expected) = &then.urgency
        && !matches!(answer, Answer::Urgency(got) if got == expected)
    {
        faults.push(format!("expected {expected:?}; got {answer:?}"));
    }
    if let Some(expected) = &then.stats {
        match answer {
            Answer::Stats(stats) => {
                faults.extend(values("stats", expected, &by_date(stats), known)?);
            }
            other => faults.push(format!("expected statistics; got {other:?}")),
        }
    }
    if let Some(expected) = &then.filters
        && !matches!(answer, Answer::Filters(got) if got == expected)
    {
        faults.push(format!("expected the filters {expected:?}; got {answer:?}"));
    }
    Ok(faults)
}

/// Statistics with their days under their dates, so that a row names only those it is about.
fn by_date(stats: &Value) -> Value {
    let mut stats = stats.clone();
    let days = stats["days"].take();
    let dated = days.as_array().into_iter().flatten();
    let dated = dated.filter_map(|day| Some((day["date"].as_str()?.to_owned(), day.clone())));
    stats["days"] = Value::Object(dated.collect());
    stats
}

fn refused(expected: &Refused, got: &Refusal, known: &impl Known) -> Faults {
    let details = match expected {
        Refused::Code(code) => return Ok(code_fault(code, got).into_iter().collect()),
        Refused::Details(details) => details,
    };
    let mut faults: Vec<_> = code_fault(&details.code, got).into_iter().collect();
    if let Some(expected) = &details.fields {
        faults.extend(same_set("fields", expected, &got.fields));
    }
    if let Some(expected) = &details.candidates {
        faults.extend(same_set("candidates", expected, &got.candidates));
    }
    if details.place.is_some() && details.place != got.place.as_deref().copied() {
        faults.push(format!("place: expected {:?}; got {:?}", details.place, got.place));
    }
    if let Some(expected) = &details.current {
        match &got.current {
            Some(task) => faults.extend(fields("current", expected, task, known)?),
            None => faults.push("the current task was not told".to_owned()),
        }
    }
    Ok(faults)
}

fn code_fault(expected: &str, got: &Refusal) -> Option<String> {
    (expected != got.code)
        .then(|| format!("expected {expected}; got {} ({})", got.code, got.message))
}

fn same_set<T: Ord + Clone + std::fmt::Debug>(name: &str, a: &[T], b: &[T]) -> Option<String> {
    let sorted = |list: &[T]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    (sorted(a) != sorted(b)).then(|| format!("{name}: expected {a:?}; got {b:?}"))
}

fn step(expected: &StepThen, got: Option<u64>, known: &impl Known) -> Option<String> {
    let fits = match expected {
        StepThen::Is(there) => got.is_some() == *there,
        StepThen::Named(name) => got.is_some() && got == known.saved(name),
    };
    (!fits).then(|| format!("expected step {expected:?}; got {got:?}"))
}

fn sights(name: &str, expected: &[Sight], got: &[Seen], known: &impl Known) -> Faults {
    let mut faults = Vec::new();
    let mut wanted = Vec::new();
    for sight in expected {
        let (id, map) = match sight {
            Sight::Id(id) => (Some(*id), None),
            Sight::Fields(map) => (map.get("id").and_then(Value::as_u64), Some(map)),
        };
        let id = id.ok_or_else(|| format!("{name}: fields without an id"))?;
        wanted.push(id);
        if let (Some(map), Some(task)) = (map, got.iter().find(|task| task.id == id)) {
            faults.extend(fields(&format!("{name} {id}"), map, task, known)?);
        }
    }
    let there: Vec<_> = got.iter().map(|task| task.id).collect();
    faults.extend(same_set(name, &wanted, &there));
    Ok(faults)
}

fn items(expected: &[Item], got: &[Refusal]) -> Option<String> {
    let got: Vec<_> = got
        .iter()
        .map(|refusal| Item { task: refusal.task.unwrap_or_default(), code: refusal.code.clone() })
        .collect();
    same_set("refused items", expected, &got)
}

fn fields(name: &str, expected: &Fields, task: &Seen, known: &impl Known) -> Faults {
    let got = serde_json::to_value(task).map_err(|error| error.to_string())?;
    values(name, expected, &got, known)
}

/// Records in order, each by some of its fields.
fn records<T: Serialize + std::fmt::Debug>(
    name: &str,
    expected: &[Fields],
    got: &[T],
    known: &impl Known,
) -> Faults {
    if expected.len() != got.len() {
        return Ok(vec![format!("expected {} {name}; got {got:?}", expected.len())]);
    }
    let mut faults = Vec::new();
    for (at, (expected, got)) in expected.iter().zip(got).enumerate() {
        let got = serde_json::to_value(got).map_err(|error| error.to_string())?;
        faults.extend(values(&format!("{name}[{at}]"), expected, &got, known)?);
    }
    Ok(faults)
}

/// Whether a value is as expected: of an object, as far as its names are expected.
fn fits(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(_)) => expected
            .iter()
            .all(|(name, expected)| fits(expected, got.get(name).unwrap_or(&Value::Null))),
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(e, g)| fits(e, g))
        }
        (expected, got) => expected == got,
    }
}

fn values(name: &str, expected: &Fields, got: &Value, known: &impl Known) -> Faults {
    let mut faults = Vec::new();
    for (field, expected) in expected {
        let expected = known.replaced(expected.clone())?;
        let got = got.get(field).unwrap_or(&Value::Null);
        if !fits(&expected, got) {
            faults.push(format!("{name}.{field}: expected {expected}; got {got}"));
        }
    }
    Ok(faults)
}

fn ids(tasks: &[&Seen]) -> String {
    format!("{:?}", tasks.iter().map(|task| task.id).collect::<Vec<_>>())
}
