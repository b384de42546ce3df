//! What is asked, as bodies and query strings.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::surfaces::asked::{Change, Draft, Edits, Question, Ref, Remind, Repeat, Verb};

/// A path with a query string in the making.
#[derive(Debug)]
pub(super) struct Path {
    text: String,
    joint: char,
}

impl Path {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), joint: '?' }
    }

    /// The path of one task, or of something of it.
    pub(super) fn of(task: &Ref, rest: &str) -> Self {
        Self::new(format!("/api/tasks/{}{rest}", encoded(&task.0)))
    }

    pub(super) fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.text.push(self.joint);
            self.joint = '&';
            self.text.push_str(name);
            self.text.push('=');
            self.text.push_str(&encoded(&value.to_string()));
        }
        self
    }

    pub(super) fn flag(self, name: &str, set: bool) -> Self {
        self.with(name, set.then_some(true))
    }

    fn many(self, name: &str, values: &[String]) -> Self {
        values.iter().fold(self, |path, value| path.with(name, Some(value)))
    }

    pub(super) fn question(self, question: &Question) -> Self {
        self.many("status", &question.status)
            .many("priority", &question.priority)
            .many("project", &question.project)
            .many("tag", &question.tag)
            .many("tag_any", &question.tag_any)
            .many("tag_none", &question.tag_none)
            .with("parent", question.parent.as_ref().map(|parent| &parent.0))
            .with("due", question.due.as_ref())
            .with("due_from", question.due_from.as_ref())
            .with("due_to", question.due_to.as_ref())
            .with("search", question.search.as_ref())
            .with("filter", question.filter.as_ref())
            .flag("trash", question.trash)
            .flag("waiting", question.waiting)
    }

    pub(super) fn ordered(self, question: &Question) -> Self {
        self.question(question).with("sort", question.sort.as_ref())
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Percent-encoded, all but what never needs to be.
pub(super) fn encoded(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            told.push(char::from(byte));
        } else {
            let _ = write!(told, "%{byte:02X}");
        }
    }
    told
}

/// A task by its number where it has one, else by what it is called.
pub(super) fn reference(task: &Ref) -> Value {
    task.0.parse::<u64>().map_or_else(|_| json!(task.0), Value::from)
}

pub(super) fn draft(draft: &Draft) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    put("title", Some(Value::from(draft.title.clone())));
    put("description", text(&draft.description));
    put("priority", text(&draft.priority));
    put("project", text(&draft.project));
    put("tags", (!draft.tags.is_empty()).then(|| json!(draft.tags)));
    put("parent", draft.parent.as_ref().map(reference));
    put("start_date", text(&draft.start_date));
    put("due_date", text(&draft.due_date));
    put("recurrence", draft.recurrence.as_ref().map(recurrence));
    put("reminders", draft.reminders.as_ref().map(|list| list.iter().map(reminder).collect()));
    Value::Object(body)
}

/// A merge patch (RFC 7396).
pub(super) fn edits(edits: &Edits) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("title", edits.title.clone().map(Value::from));
    put("description", change(&edits.description, |text| json!(text)));
    put("status", edits.status.clone().map(Value::from));
    put("priority", edits.priority.clone().map(Value::from));
    put("project", change(&edits.project, |text| json!(text)));
    put("tags", edits.tags.as_ref().map(|tags| json!(tags)));
    put("add_tags", (!edits.add_tags.is_empty()).then(|| json!(edits.add_tags)));
    put("remove_tags", (!edits.remove_tags.is_empty()).then(|| json!(edits.remove_tags)));
    put("parent", change(&edits.parent, reference));
    put("start_date", change(&edits.start_date, |text| json!(text)));
    put("due_date", change(&edits.due_date, |text| json!(text)));
    put("recurrence", change(&edits.recurrence, recurrence));
    put("reminders", edits.reminders.as_ref().map(|list| list.iter().map(reminder).collect()));
    put("scope", edits.scope.clone().map(Value::from));
    Value::Object(body)
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
    if from.is_none() && spawn.is_none() {
        return json!(rule);
    }
    let mut body = json!({ "rule": rule });
    for (name, value) in [("from", from), ("spawn", spawn)] {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    body
}

pub(super) fn reminder(remind: &Remind) -> Value {
    let Remind { offset, at, message, channel } = remind;
    let fields = [("offset", offset), ("at", at), ("message", message), ("channel", channel)];
    let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    given.map(|(name, value)| (name.to_owned(), json!(value))).collect::<Map<_, _>>().into()
}

/// As a path or a bulk command names it.
pub(super) fn name(verb: Verb) -> &'static str {
    match verb {
        Verb::Start => "start",
        Verb::Complete => "complete",
        Verb::Cancel => "cancel",
        Verb::Skip => "skip",
        Verb::Reopen => "reopen",
        Verb::Delete => "delete",
        Verb::Restore => "restore",
        Verb::Purge => "purge",
    }
}
