//! What is asked, as arguments of tools.

use serde_json::{Map, Value, json};

use crate::surfaces::asked::{Change, Draft, Edits, Question, Ref, Remind, Repeat};

pub(super) fn names(tasks: &[Ref]) -> Value {
    tasks.iter().map(name).collect()
}

/// A task by its number where it has one, else by what it is called.
pub(super) fn name(task: &Ref) -> Value {
    task.0.parse::<u64>().map_or_else(|_| json!(task.0), Value::from)
}

pub(super) fn draft(draft: &Draft) -> Value {
    let mut said = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        said.extend(value.map(|value| (name.to_owned(), value)));
    };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    put("title", Some(json!(draft.title)));
    put("description", text(&draft.description));
    put("priority", text(&draft.priority));
    put("project", text(&draft.project));
    put("tags", (!draft.tags.is_empty()).then(|| json!(draft.tags)));
    put("parent", draft.parent.as_ref().map(name));
    put("start_date", text(&draft.start_date));
    put("due_date", text(&draft.due_date));
    put("recurrence", draft.recurrence.as_ref().map(recurrence));
    put("reminders", draft.reminders.as_deref().map(reminders));
    Value::Object(said)
}

pub(super) fn edits(edits: &Edits) -> Map<String, Value> {
    let mut said = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        said.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("title", edits.title.clone().map(Value::from));
    put("description", change(&edits.description, |text| json!(text)));
    put("status", edits.status.clone().map(Value::from));
    put("priority", edits.priority.clone().map(Value::from));
    put("project", change(&edits.project, |text| json!(text)));
    put("tags", edits.tags.as_ref().map(|tags| json!(tags)));
    put("add_tags", (!edits.add_tags.is_empty()).then(|| json!(edits.add_tags)));
    put("remove_tags", (!edits.remove_tags.is_empty()).then(|| json!(edits.remove_tags)));
    put("parent", change(&edits.parent, name));
    put("start_date", change(&edits.start_date, |text| json!(text)));
    put("due_date", change(&edits.due_date, |text| json!(text)));
    put("recurrence", change(&edits.recurrence, recurrence));
    put("reminders", edits.reminders.as_deref().map(reminders));
    put("scope", edits.scope.clone().map(Value::from));
    said
}

fn change<T>(change: &Change<T>, value: impl FnOnce(&T) -> Value) -> Option<Value> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(Value::Null),
        Change::Set(to) => Some(value(to)),
    }
}

/// A rule alone goes as a text.
fn recurrence(repeat: &Repeat) -> Value {
    let Repeat { rule, from, spawn } = repeat;
    let mut said = json!({ "rule": rule });
    for (name, value) in [("from", from), ("spawn", spawn)] {
        if let Some(value) = value {
            said[name] = json!(value);
        }
    }
    if from.is_none() && spawn.is_none() { json!(rule) } else { said }
}

fn reminders(reminders: &[Remind]) -> Value {
    reminders.iter().map(Remind::when).collect()
}

/// A question for `list_tasks`. What it has no argument of its own for is said in an expression.
pub(super) fn question(question: &Question) -> Map<String, Value> {
    let mut said = Map::new();
    for (name, values) in [
        ("status", &question.status),
        ("priority", &question.priority),
        ("project", &question.project),
        ("tag", &question.tag),
    ] {
        if !values.is_empty() {
            said.insert(name.to_owned(), json!(values));
        }
    }
    for (name, value) in
        [("due", &question.due), ("search", &question.search), ("sort", &question.sort)]
    {
        said.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
    }
    said.extend(question.limit.map(|limit| ("limit".to_owned(), json!(limit))));
    for (name, flag) in [("trash", question.trash), ("waiting", question.waiting)] {
        said.extend(flag.then(|| (name.to_owned(), json!(true))));
    }
    let (_, filter) = expression(question);
    said.extend(filter.map(|filter| ("filter".to_owned(), json!(filter))));
    said
}

/// What is said in an expression, and which parts of the question it stands for.
pub(super) fn expression(question: &Question) -> (Vec<&'static str>, Option<String>) {
    let mut parts = Vec::new();
    if let Some(filter) = &question.filter {
        parts.push(("filter", filter.clone()));
    }
    if !question.tag_any.is_empty() {
        parts.push(("tag_any", format!("tag:{}", question.tag_any.join(","))));
    }
    if !question.tag_none.is_empty() {
        parts.push(("tag_none", format!("not tag:{}", question.tag_none.join(","))));
    }
    if let Some(parent) = &question.parent {
        parts.push(("parent", format!("parent:{}", parent.0)));
    }
    if let Some(from) = &question.due_from {
        parts.push(("due_from", format!("due>={from}")));
    }
    if let Some(to) = &question.due_to {
        parts.push(("due_to", format!("due<{to}")));
    }
    let names = parts.iter().map(|(name, _)| *name).collect();
    let filter = match parts.as_slice() {
        [] => None,
        // As it was written: a refusal points into it.
        [(_, only)] => Some(only.clone()),
        several => {
            let several: Vec<_> = several.iter().map(|(_, part)| format!("({part})")).collect();
            Some(several.join(" and "))
        }
    };
    (names, filter)
}

/// A question for `get_stats`, which takes an expression only.
pub(super) fn counted(question: &Question) -> Option<String> {
    let mut parts: Vec<String> = expression(question).1.into_iter().collect();
    for (name, values) in [
        ("status", &question.status),
        ("priority", &question.priority),
        ("project", &question.project),
    ] {
        if !values.is_empty() {
            parts.push(format!("{name}:{}", values.join(",")));
        }
    }
    parts.extend(question.tag.iter().map(|tag| format!("tag:{tag}")));
    parts.extend(question.due.as_ref().map(|due| format!("due:{due}")));
    parts.extend(question.search.clone());
    match parts.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        several => {
            let several: Vec<_> = several.iter().map(|part| format!("({part})")).collect();
            Some(several.join(" and "))
        }
    }
}
