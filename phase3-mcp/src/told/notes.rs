//! What a command did beside what it was asked, in sentences.

use todo_core::recurrence::{Skipped, Slot};
use todo_core::{Note, Outcome, TaskId};

use super::line::{Glance, when};

/// A sentence a note.
pub(super) fn sentences(outcome: &Outcome, glance: &Glance) -> Vec<String> {
    outcome.notes.iter().map(|note| sentence(note, outcome, glance)).collect()
}

fn sentence(note: &Note, outcome: &Outcome, glance: &Glance) -> String {
    let id = |uid: &TaskId| outcome.tasks.get(uid).map(|task| task.id).unwrap_or_default();
    match note {
        Note::Spawned { from, task, skipped, .. } => {
            let due = outcome.tasks.get(task).and_then(|task| task.due_date);
            let due = due.map(|due| format!(", due {}", when(due, glance))).unwrap_or_default();
            let (next, from) = (id(task), id(from));
            format!("{from} repeats: the next one is {next}{due}{}.", passed_over(skipped))
        }
        Note::Scheduled { task, due } => {
            format!("{} repeats: the next one comes by itself, {}.", id(task), when(*due, glance))
        }
        Note::SeriesEnded { task, skipped } => {
            format!("The series of {} ends here{}.", id(task), passed_over(skipped))
        }
        Note::TakenBack { successor, .. } => {
            format!("{}, which had followed it, is in the trash.", id(successor))
        }
        Note::RemindersRemoved { task, count } => {
            format!("{count} reminder(s) of {} before the due date went with it.", id(task))
        }
        Note::Orphaned { task } => format!("What {} hung below is not here.", id(task)),
    }
}

/// `; passed over: 2026-11-22, 2026-11-23`, or how many, and from when to when.
fn passed_over(skipped: &Skipped) -> String {
    const NAMED: usize = 3;
    let Some((first, last)) = skipped.first.zip(skipped.last) else { return String::new() };
    if skipped.slots.len() <= NAMED {
        let slots: Vec<_> = skipped.slots.iter().copied().map(slot).collect();
        return format!("; passed over: {}", slots.join(", "));
    }
    let [first, last] = [first, last].map(slot);
    format!("; passed over: {} dates, {first} to {last}", skipped.count)
}

fn slot(slot: Slot) -> String {
    match slot {
        Slot::Day(day) => day.to_string(),
        Slot::At(wall) => wall.format("%Y-%m-%d %H:%M").to_string(),
    }
}
