//! What was done, step by step.

use std::collections::BTreeMap;
use std::io::{self, Write};

use todo_core::change::{Field, FieldChange};
use todo_core::reminder::Trigger;
use todo_core::step::{Step, StepChange, StepKind};
use todo_core::{Reminder, Reminders, Task, TaskId};

use super::screen::{Screen, visible};
use super::when::{self, Clock};

/// Tasks named on a step's line before the rest is only counted.
const NAMED: usize = 3;

/// Prints a step on a line, and if `detailed` what it changed below.
pub(crate) fn print(
    screen: &mut Screen,
    step: &Step,
    tasks: &BTreeMap<TaskId, Task>,
    clock: &Clock,
    detailed: bool,
) -> io::Result<()> {
    let palette = screen.palette();
    let (strong, dim) = (palette.strong, palette.dim);
    let undone = if step.undone.is_some() { "  (undone)" } else { "" };
    let at = when::instant(step.at, clock);
    let what = verb(step.kind);
    let names = names(step, tasks);
    writeln!(
        screen,
        "{strong}{:>5}{strong:#}  {dim}{at}{dim:#}  {what:<9}  {names}{dim}{undone}{dim:#}",
        step.no.0
    )?;
    if detailed {
        for change in step.changes.iter().filter(|change| change.created.is_none()) {
            let id = tasks.get(&change.task).map_or_else(|| "-".to_owned(), |t| t.id.to_string());
            // When something was completed is the step's own time.
            let told = |field: &&FieldChange| {
                !matches!(field.field(), Field::CompletedAt | Field::CancelledAt)
            };
            for field in change.fields.iter().filter(told) {
                writeln!(screen, "{dim}       {id}: {}{dim:#}", visible(&describe(field)))?;
            }
        }
    }
    Ok(())
}

/// The tasks that a step did what it is called to: the next occurrence of one that was completed
/// was not completed itself.
pub(crate) fn acted_on(step: &Step) -> impl Iterator<Item = TaskId> {
    let changed = step.changes.iter().filter(|change| !comes_along(step, change));
    changed.map(|change| change.task).chain(step.imported.iter().copied())
}

/// Whether a task was made, or went to the trash or came from it, only as the next occurrence of
/// one that the step was about.
pub(crate) fn comes_along(step: &Step, change: &StepChange) -> bool {
    let trash = || change.fields.iter().any(|field| field.field() == Field::Trash);
    match step.kind {
        StepKind::Add | StepKind::Import | StepKind::Bulk => false,
        StepKind::Delete | StepKind::Restore => change.created.is_some(),
        _ => change.created.is_some() || trash(),
    }
}

/// The kind of a step in a word.
pub(crate) fn verb(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Add => "added",
        StepKind::Edit => "edited",
        StepKind::Start => "started",
        StepKind::Complete => "completed",
        StepKind::Cancel => "cancelled",
        StepKind::Reopen => "reopened",
        StepKind::Delete => "deleted",
        StepKind::Restore => "restored",
        StepKind::Import => "imported",
        StepKind::Skip => "skipped",
        StepKind::Snooze => "snoozed",
        StepKind::Bulk => "changed",
    }
}

fn names(step: &Step, tasks: &BTreeMap<TaskId, Task>) -> String {
    let named = acted_on(step).take(NAMED).map(|uid| match tasks.get(&uid) {
        Some(task) => format!("{} {}", task.id, visible(task.title.as_str())),
        None => "a task that was purged".to_owned(),
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    let more = acted_on(step).count().saturating_sub(NAMED);
    if more > 0 {
        text.extend([" and ", &more.to_string(), " more"]);
    }
    text
}

/// A field's change: `title: "Buy milk" → "Buy oat milk"`.
fn describe(change: &FieldChange) -> String {
    let [old, new] = match change {
        FieldChange::Recurrence(swap) => [&swap.old, &swap.new]
            .map(|rule| rule.as_deref().map_or_else(none, todo_core::wire::sentence)),
        FieldChange::Reminders(swap) => [&swap.old, &swap.new].map(reminders),
        other => {
            let json = serde_json::to_value(other).unwrap_or_default();
            ["old", "new"].map(|name| value(json.get(name)))
        }
    };
    format!("{}: {old} → {new}", change.field().as_str())
}

fn none() -> String {
    "none".to_owned()
}

fn reminders(reminders: &Reminders) -> String {
    let one = |reminder: &Reminder| match reminder.trigger {
        Trigger::At(at) => at.to_string(),
        offset @ Trigger::Offset(_) => super::reminders::trigger(offset).unwrap_or_default(),
    };
    let list: Vec<_> = reminders.iter().map(one).collect();
    if list.is_empty() { none() } else { list.join(", ") }
}

fn value(json: Option<&serde_json::Value>) -> String {
    match json {
        None | Some(serde_json::Value::Null) => none(),
        Some(serde_json::Value::String(text)) => todo_core::error::excerpt(text),
        Some(serde_json::Value::Array(list)) => {
            let list: Vec<_> = list.iter().filter_map(|tag| tag.as_str()).collect();
            if list.is_empty() { none() } else { list.join(" ") }
        }
        Some(serde_json::Value::Object(map)) => {
            map.get("id").or_else(|| map.get("at")).map(ToString::to_string).unwrap_or_default()
        }
        Some(other) => other.to_string(),
    }
}
