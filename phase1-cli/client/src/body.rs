//! Commands as the API takes them.

use serde_json::{Map, Value, json};
use todo_core::reminder::Trigger;
use todo_core::{
    Due, NewRecurrence, NewReminder, NewTask, Patch, RemindersPatch, Revision, Status, TagsPatch,
    Task, TaskId, TaskPatch, Title, Verb,
};

/// A new task, as an item of a bulk request. `parent` is the one it names, found.
pub fn create(new: &NewTask, parent: Option<TaskId>) -> Value {
    let mut task = json!({
        "uid": new.uid,
        "title": new.title,
        "description": new.description,
        "priority": new.priority,
        "project": new.project,
        "tags": new.tags,
        "parent": parent,
        "start_date": new.start_date.map(date),
        "due_date": new.due_date.map(date),
    });
    // Not said, it is what the owner prefers; null would say so, too.
    task["reminders"] = json!(new.reminders.as_ref().map(|list| reminders(list)));
    if let Some(recurrence) = &new.recurrence {
        task["recurrence"] = repeats(recurrence);
    }
    json!({ "op": "create", "task": task })
}

/// Something that is to be done to a task, as an item of a bulk request. `then` is what the task
/// will be: what is added to its reminders is told as all that it has then.
pub fn act(
    task: TaskId,
    verb: &Verb,
    version: Option<Revision>,
    then: Option<&Task>,
    parent: Option<TaskId>,
) -> Value {
    let (op, more) = match verb {
        Verb::Change(change) => ("update", json!({ "patch": patch(change, then, parent) })),
        Verb::Move { to: Status::Completed, cascade } => {
            ("complete", json!({ "cascade": cascade }))
        }
        Verb::Move { to: Status::Cancelled, cascade } => ("cancel", json!({ "cascade": cascade })),
        Verb::Move { to: Status::InProgress, .. } => ("start", json!({})),
        Verb::Move { to: Status::Pending, .. } => ("reopen", json!({})),
        Verb::Skip { cascade } => ("skip", json!({ "cascade": cascade })),
        Verb::Snooze { until } => ("snooze", json!({ "until": until })),
        Verb::Delete => ("delete", json!({})),
        Verb::Restore => ("restore", json!({})),
        Verb::Purge => ("purge", json!({})),
    };
    let mut item = more;
    item["op"] = json!(op);
    item["id"] = json!(task);
    if let Some(version) = version {
        item["version"] = json!(version);
    }
    item
}

fn patch(change: &TaskPatch, then: Option<&Task>, parent: Option<TaskId>) -> Value {
    let mut body = Map::new();
    let mut say = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    if let Some(title) = &change.title {
        say("title", json!(title));
    }
    if let Some(status) = change.status {
        say("status", json!(status));
    }
    if let Some(priority) = change.priority {
        say("priority", json!(priority));
    }
    if let Some(scope) = change.scope {
        say("scope", json!(scope.as_str()));
    }
    let mut maybe = |name: &str, value: Option<Value>| value.into_iter().for_each(|v| say(name, v));
    maybe("description", said(&change.description, |text| json!(text)));
    maybe("project", said(&change.project, |text| json!(text)));
    maybe("parent", said(&change.parent, |_| json!(parent)));
    maybe("start_date", said(&change.start_date, |due| json!(date(*due))));
    maybe("due_date", said(&change.due_date, |due| json!(date(*due))));
    maybe("recurrence", said(&change.recurrence, repeats));
    match &change.tags {
        TagsPatch::Keep => {}
        TagsPatch::Set(tags) => say("tags", json!(tags)),
        TagsPatch::Edit { add, remove } => {
            say("add_tags", json!(add));
            say("remove_tags", json!(remove));
        }
    }
    match &change.reminders {
        RemindersPatch::Keep => {}
        RemindersPatch::Set(list) => say("reminders", reminders(list)),
        RemindersPatch::Edit { add, .. } => {
            let kept = then.map(|task| {
                let all = task.reminders.iter();
                all.map(|r| {
                    told(r.trigger, r.message.as_ref().map(Title::as_str), r.channel.as_str())
                })
            });
            say("reminders", kept.map_or_else(|| reminders(add), Iterator::collect));
        }
    }
    Value::Object(body)
}

/// Nothing, null, or the value.
fn said<T>(patch: &Patch<T>, tell: impl FnOnce(&T) -> Value) -> Option<Value> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(Value::Null),
        Patch::Set(value) => Some(tell(value)),
    }
}

/// With the zone beside the offset (RFC 9557), so that nothing depends on who asks.
fn date(due: Due) -> String {
    due.to_string()
}

fn repeats(recurrence: &NewRecurrence) -> Value {
    json!({
        "rule": recurrence.rule.to_string(),
        "from": recurrence.from.as_str(),
        "spawn": recurrence.spawn.as_str(),
    })
}

fn reminders(list: &[NewReminder]) -> Value {
    let one = |new: &NewReminder| {
        told(new.trigger, new.message.as_ref().map(Title::as_str), new.channel.as_str())
    };
    list.iter().map(one).collect()
}

fn told(trigger: Trigger, message: Option<&str>, channel: &str) -> Value {
    match trigger {
        Trigger::Offset(offset) => {
            json!({ "offset": offset.to_string(), "message": message, "channel": channel })
        }
        Trigger::At(at) => json!({ "at": at, "message": message, "channel": channel }),
    }
}
