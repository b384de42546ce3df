//! What a command did beside what it was asked: which occurrence is next, what was passed over.

use std::collections::BTreeSet;
use std::io::{self, Write};

use todo_core::recurrence::{Skipped, Slot};
use todo_core::task::DEPTH_MAX;
use todo_core::{Note, Outcome, TaskId};

use super::screen::{Screen, visible};
use super::steps::comes_along;
use super::when::{self, Clock};

/// Prints what else happened to a task, below its line.
pub(crate) fn print(
    screen: &mut Screen,
    outcome: &Outcome,
    task: TaskId,
    clock: &Clock,
) -> io::Result<()> {
    let dim = screen.palette().dim;
    for note in outcome.notes.iter().filter(|note| of(note) == task) {
        for line in lines(note, outcome, clock) {
            writeln!(screen, "  {dim}{line}{dim:#}")?;
        }
    }
    Ok(())
}

/// Prints what happened to tasks that the command was not about: what the clock has brought.
pub(crate) fn print_rest(
    screen: &mut Screen,
    outcome: &Outcome,
    asked: &[TaskId],
    clock: &Clock,
) -> io::Result<()> {
    let told = |uid: &TaskId| asked.contains(uid) || outcome.changed.contains(uid);
    let rest = outcome.notes.iter().filter(|note| !told(&of(note)));
    rest.into_iter().try_for_each(|note| print_came(screen, outcome, note, clock))
}

/// Prints what the clock has brought, where the command itself came to nothing.
pub(crate) fn print_all_that_came(
    screen: &mut Screen,
    came: &Outcome,
    clock: &Clock,
) -> io::Result<()> {
    came.notes.iter().try_for_each(|note| print_came(screen, came, note, clock))
}

fn print_came(
    screen: &mut Screen,
    outcome: &Outcome,
    note: &Note,
    clock: &Clock,
) -> io::Result<()> {
    let Note::Spawned { task, skipped, .. } = note else { return Ok(()) };
    let Some(task) = outcome.tasks.get(task) else { return Ok(()) };
    let palette = screen.palette();
    let (strong, dim) = (palette.strong, palette.dim);
    let title = visible(task.title.as_str());
    writeln!(screen, "Came due {strong}{}{strong:#}  {title}", task.id)?;
    if let Some(due) = task.due_date {
        writeln!(screen, "  {dim}due {}{dim:#}", when::long(due, clock))?;
    }
    if let Some(line) = passed_over(skipped) {
        writeln!(screen, "  {dim}{line}{dim:#}")?;
    }
    Ok(())
}

/// Tasks that a command changed only because a series went on or back: they are told of in the
/// note about the occurrence before, and were not themselves completed or reopened.
pub(crate) fn followers(outcome: &Outcome, asked: &[TaskId]) -> BTreeSet<TaskId> {
    let mut followers: BTreeSet<_> = outcome
        .notes
        .iter()
        .filter_map(|note| match note {
            Note::Spawned { task, .. } => Some(*task),
            Note::TakenBack { successor, .. } => Some(*successor),
            Note::Scheduled { .. }
            | Note::SeriesEnded { .. }
            | Note::RemindersRemoved { .. }
            | Note::Orphaned { .. } => None,
        })
        .filter(|task| !asked.contains(task))
        .collect();
    // What a step made as the next occurrence goes and comes with it.
    if let Some(step) = &outcome.taken {
        let made = step.changes.iter().filter(|change| comes_along(step, change));
        followers.extend(made.map(|change| change.task));
    }
    // Their subtasks go with them; a parent stands before its children.
    for _ in 0..DEPTH_MAX {
        let below: Vec<_> = outcome
            .tasks
            .values()
            .filter(|task| task.parent.is_some_and(|parent| followers.contains(&parent.uid)))
            .map(|task| task.uid)
            .filter(|task| !asked.contains(task))
            .collect();
        followers.extend(below);
    }
    followers
}

/// The task that a note is about.
fn of(note: &Note) -> TaskId {
    match note {
        Note::Spawned { from, .. } => *from,
        Note::Scheduled { task, .. }
        | Note::SeriesEnded { task, .. }
        | Note::TakenBack { task, .. }
        | Note::RemindersRemoved { task, .. }
        | Note::Orphaned { task } => *task,
    }
}

fn lines(note: &Note, outcome: &Outcome, clock: &Clock) -> Vec<String> {
    let id = |uid: &TaskId| outcome.tasks.get(uid).map(|task| task.id).unwrap_or_default();
    match note {
        Note::Spawned { task, skipped, .. } => {
            let due = outcome.tasks.get(task).and_then(|task| task.due_date);
            let due = due.map(|due| when::long(due, clock)).unwrap_or_default();
            let mut lines = vec![format!("next: {}, due {due}", id(task))];
            lines.extend(passed_over(skipped));
            lines
        }
        Note::Scheduled { due, .. } => {
            vec![format!("the next comes by itself: {}", when::long(*due, clock))]
        }
        Note::SeriesEnded { skipped, .. } => {
            let mut lines = vec!["the series ends here".to_owned()];
            lines.extend(passed_over(skipped));
            lines
        }
        Note::TakenBack { successor, .. } => {
            vec![format!("{}, which had followed it, is in the trash", id(successor))]
        }
        Note::RemindersRemoved { count, .. } => {
            let s = if *count == 1 { "" } else { "s" };
            vec![format!("{count} reminder{s} before the due date went with it")]
        }
        Note::Orphaned { .. } => vec!["what it hung below is not here".to_owned()],
    }
}

/// `passed over: 2026-11-22, 2026-11-23`, or how many, and from when to when.
fn passed_over(skipped: &Skipped) -> Option<String> {
    const NAMED: usize = 3;
    let (first, last) = skipped.first.zip(skipped.last)?;
    if skipped.slots.len() <= NAMED {
        let slots: Vec<_> = skipped.slots.iter().copied().map(slot).collect();
        return Some(format!("passed over: {}", slots.join(", ")));
    }
    let [first, last] = [first, last].map(slot);
    Some(format!("passed over: {} dates, {first} to {last}", skipped.count))
}

/// `2026-11-22`, or `2026-11-22 17:00`.
fn slot(slot: Slot) -> String {
    match slot {
        Slot::Day(day) => day.to_string(),
        Slot::At(wall) => wall.format("%Y-%m-%d %H:%M").to_string(),
    }
}
