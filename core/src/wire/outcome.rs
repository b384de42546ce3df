//! What came of a command, for programs.

use serde::Serialize;
use serde_json::{Value, json};

use super::refusal::refusal;
use crate::rules::Note;
use crate::service::Outcome;
use crate::step::StepNo;
use crate::task::{Task, TaskId};

/// What came of a command whose items were about several tasks.
#[derive(Debug, Serialize)]
pub struct Told<'o> {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The step it made, took back or did again.
    pub step: Option<StepNo>,
    /// The tasks that changed, as they are now.
    pub tasks: Vec<&'o Task>,
    /// Those that were so already.
    pub unchanged: Vec<&'o Task>,
    /// Those that are gone, as they were.
    pub purged: Vec<&'o Task>,
    /// The items that were refused, and why.
    pub refused: Vec<Value>,
    /// What else happened.
    pub notes: Vec<Value>,
}

impl<'o> Told<'o> {
    /// Tells of an outcome; `named` is how its items were named.
    pub fn new<S: AsRef<str>>(outcome: &'o Outcome, named: &[S], dry_run: bool) -> Self {
        let unchanged = outcome.items.iter().flatten().filter(|item| !item.changed());
        let refused = outcome.refused();
        Self {
            dry_run,
            step: outcome.step,
            tasks: outcome.changed.iter().filter_map(|uid| outcome.tasks.get(uid)).collect(),
            unchanged: unchanged.filter_map(|item| outcome.tasks.get(&item.task)).collect(),
            purged: outcome.purged.iter().collect(),
            refused: refused
                .map(|(at, error)| refusal(named.get(at).map(AsRef::as_ref), error))
                .collect(),
            notes: notes(outcome),
        }
    }
}

/// What a command did beside what it was asked.
pub fn notes(outcome: &Outcome) -> Vec<Value> {
    let id = |uid: &TaskId| outcome.tasks.get(uid).map(|task| task.id);
    let one = |note: &Note| match note {
        Note::Spawned { from, task, slot, skipped } => json!({
            "note": "spawned",
            "task": id(from),
            "next": id(task),
            "slot": slot,
            "skipped_slots": skipped,
        }),
        Note::Scheduled { task, due } => {
            json!({ "note": "scheduled", "task": id(task), "due_date": due.date_text() })
        }
        Note::SeriesEnded { task, skipped } => {
            json!({ "note": "series_ended", "task": id(task), "skipped_slots": skipped })
        }
        Note::TakenBack { task, successor } => {
            json!({ "note": "taken_back", "task": id(task), "successor": id(successor) })
        }
        Note::RemindersRemoved { task, count } => {
            json!({ "note": "reminders_removed", "task": id(task), "count": count })
        }
        Note::Orphaned { task } => json!({ "note": "orphaned", "task": id(task) }),
    };
    outcome.notes.iter().map(one).collect()
}
