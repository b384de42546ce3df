//! How series go on, and reminders, on the core alone.

use std::collections::BTreeSet;

use chrono::Days;
use todo_core::event::{EventData, EventEnvelope};
use todo_core::query::Bound;
use todo_core::recurrence::{self, Basis, PREVIEW_MAX, Skipped};
use todo_core::reminder::{FiringFate, planned, settle};
use todo_core::service::{execute, spawn_due};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Filter, Limit, Outcome, Slot, Task, TaskId, TaskQuery,
};

use super::Memory;
use crate::surfaces::Told;
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
        let filter = Filter { waiting: true, ..Filter::default() };
        let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(self.moment()) };
        let due: BTreeSet<TaskId> = self
            .found(&query)?
            .iter()
            .filter(|task| {
                planned(task, &ctx.preferences, ctx.zone)
                    .into_iter()
                    .any(|planned| settle(task, planned, ctx.now, ctx.zone).is_some())
            })
            .map(|task| task.uid)
            .collect();
        let actor = Actor { kind: ActorKind::System, ..ctx.actor };
        let command = Command::Remind(due);
        let outcome = execute(&mut self.store, &command, &Ctx { actor, ..ctx })
            .map_err(|error| broken(&error))?;
        Ok(outcome.events.iter().filter_map(fired).collect())
    }
}

fn fired(event: &EventEnvelope) -> Option<Fired> {
    let EventData::Reminded { id, reminder, firing } = &event.data else { return None };
    let state = if firing.fate == FiringFate::Missed { "missed" } else { "sent" };
    Some(Fired {
        remind_at: firing.at.to_string(),
        id: id.0,
        reminder: reminder.id.0.into(),
        state: state.to_owned(),
        late: firing.fate == FiringFate::Late,
        message: reminder.message.as_ref().map(|text| text.as_str().to_owned()),
        channel: reminder.channel.as_str().to_owned(),
    })
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
