//! How series go on, and reminders, on the core alone.

use chrono::Days;
use todo_core::query::Bound;
use todo_core::recurrence::{self, Basis, PREVIEW_MAX, Skipped};
use todo_core::service::{execute, spawn_due};
use todo_core::{Filter, Limit, Outcome, Slot, Task, TaskId, TaskQuery};

use super::Memory;
use crate::surfaces::Told;
use crate::surfaces::scheduler::{all_fired, by_itself, candidates, command};
use crate::surfaces::told::{Fired, Note, Refusal};

impl Memory {
    pub(super) fn due_today(&self) -> TaskQuery {
        let today = self.now.day(self.zone);
        let end = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let filter = Filter { due_to: Some(Bound::Day(end)), ..Filter::default() };
        TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(self.moment()) }
    }

    /// Settles what is due. That writes, so what the clock has brought is made first.
    pub(super) fn settle(&mut self) -> Told<Vec<Fired>> {
        let broken = |error: &dyn std::fmt::Display| Refusal::broken(error.to_string());
        let ctx = self.ctx();
        spawn_due(&mut self.store, &ctx).map_err(|error| broken(&error))?;
        let ctx = by_itself(ctx);
        let command = command(&self.found(&candidates(self.moment()))?, &ctx);
        let outcome = execute(&mut self.store, &command, &ctx).map_err(|error| broken(&error))?;
        Ok(all_fired(&outcome))
    }
}

/// The due dates that follow. Counted from completion, nobody knows them.
pub(super) fn coming(task: &Task, count: usize) -> Vec<String> {
    let Some(recurrence) = &task.recurrence else { return Vec::new() };
    if recurrence.from == Basis::Completion {
        return Vec::new();
    }
    recurrence::coming(recurrence, recurrence.position(task.slot))
        .take(count.min(PREVIEW_MAX))
        .map(|next| next.due.date_text())
        .collect()
}

/// What else a command did, with the numbers of tasks.
pub(super) fn notes(outcome: &Outcome) -> Vec<Note> {
    let id = |uid: &TaskId| outcome.tasks.get(uid).map(|task| task.id.0);
    let skipped = |skipped: &Skipped| serde_json::to_value(skipped).ok();
    let text = |slot: &Slot| Some(slot.to_string());
    let kind = |note: &str| Note { note: note.to_owned(), ..Note::default() };
    let notes = outcome.notes.iter().map(|note| match note {
        todo_core::Note::Spawned { from, task, slot, skipped: over } => Note {
            task: id(from),
            next: id(task),
            slot: text(slot),
            skipped_slots: skipped(over),
            ..kind("spawned")
        },
        todo_core::Note::Scheduled { task, due } => {
            Note { task: id(task), due_date: Some(due.date_text()), ..kind("scheduled") }
        }
        todo_core::Note::SeriesEnded { task, skipped: over } => {
            Note { task: id(task), skipped_slots: skipped(over), ..kind("series_ended") }
        }
        todo_core::Note::TakenBack { task, successor } => {
            Note { task: id(task), successor: id(successor), ..kind("taken_back") }
        }
        todo_core::Note::RemindersRemoved { task, count } => {
            Note { task: id(task), count: Some(*count as u64), ..kind("reminders_removed") }
        }
        todo_core::Note::Orphaned { task } => Note { task: id(task), ..kind("orphaned") },
    });
    notes.collect()
}
