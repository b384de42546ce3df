//! What a program is told: the tasks as they are now, and which of their fields changed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use todo_core::change::FieldChange;
use todo_core::event::{EventData, EventEnvelope, EventType};
use todo_core::{Outcome, Task, TaskId};

use super::Hook;
use crate::view::json::SCHEMA;

/// What happened to tasks, each of them once, in the order in which it began.
#[derive(Debug, Default)]
pub(super) struct Told {
    entries: Vec<Entry>,
    places: HashMap<TaskId, usize>,
}

#[derive(Debug)]
struct Entry {
    /// As it is now.
    task: Task,
    added: bool,
    done: bool,
    fields: BTreeMap<&'static str, Swap>,
}

/// A field's value before the command and after it.
#[derive(Debug, Serialize)]
struct Swap {
    old: Value,
    new: Value,
}

/// A program's standard input.
#[derive(Serialize)]
struct Input<'t> {
    schema: u32,
    hook: &'static str,
    command: &'t str,
    file: String,
    tasks: Vec<&'t Task>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<Change<'t>>>,
}

#[derive(Serialize)]
struct Change<'t> {
    task: &'t Task,
    fields: BTreeMap<&'static str, &'t Swap>,
}

impl Told {
    /// Takes up what was written.
    pub(super) fn note(&mut self, outcome: &Outcome) {
        for event in &outcome.events {
            // What was purged has nothing left to tell of.
            if let Some(task) = outcome.tasks.get(&event.aggregate_id) {
                self.add(event, task);
            }
        }
    }

    fn add(&mut self, event: &EventEnvelope, task: &Task) {
        let changes = match &event.data {
            EventData::Created { .. } => &[][..],
            EventData::Changed { changes, .. } => changes,
            // Told beside a change, or none of a task.
            EventData::Spawned { .. }
            | EventData::SeriesEnded { .. }
            | EventData::Reminded { .. }
            | EventData::Purged { .. } => return,
        };
        let place = *self.places.entry(task.uid).or_insert(self.entries.len());
        if place == self.entries.len() {
            let fields = BTreeMap::new();
            self.entries.push(Entry { task: task.clone(), added: false, done: false, fields });
        } else {
            self.entries[place].task.clone_from(task);
        }
        let entry = &mut self.entries[place];
        entry.added |= event.event_type == EventType::Created;
        entry.done |= event.event_type == EventType::Completed;
        for change in changes {
            entry.change(change);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What a program of this kind is to read, if anything is for it.
    pub(super) fn input(&self, hook: Hook, command: &str, file: &Path) -> Option<Vec<u8>> {
        let entries: Vec<_> = self.entries.iter().filter(|entry| entry.is_for(hook)).collect();
        if entries.is_empty() {
            return None;
        }
        let input = Input {
            schema: SCHEMA,
            hook: hook.as_str(),
            command,
            file: file.display().to_string(),
            tasks: entries.iter().map(|entry| &entry.task).collect(),
            changes: (hook == Hook::Modify).then(|| entries.iter().map(|e| e.told()).collect()),
        };
        let mut text = serde_json::to_vec(&input).ok()?;
        text.push(b'\n');
        Some(text)
    }
}

impl Entry {
    /// Coming to be and being completed are told as such, and not as changes besides.
    fn is_for(&self, hook: Hook) -> bool {
        match hook {
            Hook::Add => self.added,
            Hook::Done => self.done,
            Hook::Modify => !self.added && !self.done,
        }
    }

    fn change(&mut self, change: &FieldChange) {
        let mut json = serde_json::to_value(change).unwrap_or_default();
        let [old, new] = ["old", "new"].map(|name| json[name].take());
        let swap = Swap { old, new: Value::Null };
        self.fields.entry(change.field().as_str()).or_insert(swap).new = new;
    }

    fn told(&self) -> Change<'_> {
        let fields = self.fields.iter().filter(|(_, swap)| swap.old != swap.new);
        Change { task: &self.task, fields: fields.map(|(name, swap)| (*name, swap)).collect() }
    }
}
