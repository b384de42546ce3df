//! What came of a command: one line a task, and what was understood.

use std::io::{self, Write};

use todo_core::wire::{Told, sentence};
use todo_core::{Outcome, Priority, Task, TaskId};

use super::json;
use super::screen::{Screen, fit, visible};
use super::table::tags;
use super::when::{self, Clock};
use super::{notes, reminders};

/// Lines of a long answer that are shown before the rest is only counted.
const LINES: usize = 20;
/// Columns a line takes where the terminal does not say.
const WIDTH: usize = 100;

/// How a command's success is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wording {
    /// The command's name in JSON.
    pub(crate) command: &'static str,
    /// "Completed".
    pub(crate) did: &'static str,
    /// "Would complete", for a dry run.
    pub(crate) would: &'static str,
    /// "is completed already".
    pub(crate) already: &'static str,
    /// Whether to echo the fields of the task.
    pub(crate) echo: bool,
}

/// Prints what came of a command whose items were about `typed`.
pub(crate) fn print(
    screen: &mut Screen,
    wording: &Wording,
    outcome: &Outcome,
    typed: &[String],
    dry_run: bool,
    clock: &Clock,
) -> io::Result<()> {
    if screen.is_json() {
        return json::print(screen, wording.command, Told::new(outcome, typed, dry_run));
    }
    let palette = screen.palette();
    let (strong, dim) = (palette.strong, palette.dim);
    let did = if dry_run { wording.would } else { wording.did };
    let asked: Vec<TaskId> = outcome.items.iter().flatten().map(|item| item.task).collect();
    let followed = notes::followers(outcome, &asked);
    let changed = outcome.changed.iter().filter(|uid| !followed.contains(uid));
    let changed = changed.filter_map(|uid| outcome.tasks.get(uid));
    let gone = outcome.purged.iter();
    let room = screen.width.unwrap_or(WIDTH).saturating_sub(did.len() + 12);
    for (place, task) in changed.chain(gone).enumerate() {
        if place == LINES {
            let more = outcome.changed.len() + outcome.purged.len() - LINES;
            writeln!(screen, "{dim}and {more} more{dim:#}")?;
            break;
        }
        let title = visible(task.title.as_str());
        let title = fit(&title, room);
        writeln!(screen, "{did} {strong}{}{strong:#}  {title}", task.id)?;
        if wording.echo && asked.contains(&task.uid) {
            echo(screen, task, clock)?;
        }
        notes::print(screen, outcome, task.uid, clock)?;
    }
    notes::print_rest(screen, outcome, &asked, clock)?;
    let unchanged = outcome.items.iter().flatten().filter(|item| !item.changed());
    // One that was named may have changed with its parent before its turn came.
    let already = unchanged.filter(|item| !outcome.changed.contains(&item.task));
    for task in already.filter_map(|item| outcome.tasks.get(&item.task)).take(LINES) {
        let title = visible(task.title.as_str());
        let title = fit(&title, room);
        writeln!(screen, "{strong}{}{strong:#}  {title} {}", task.id, wording.already)?;
    }
    screen.flush()?;
    let alarm = screen.error_palette().alarm;
    let mut errors = io::stderr().lock();
    for (_, error) in outcome.refused() {
        // There is nobody left to tell if this fails.
        let _ = writeln!(errors, "{alarm}refused:{alarm:#} {}", visible(&error.to_string()));
    }
    Ok(())
}

/// The fields that were understood, on a line of their own.
fn echo(screen: &mut Screen, task: &Task, clock: &Clock) -> io::Result<()> {
    let mut parts = Vec::new();
    parts.extend(task.due_date.map(|due| format!("due {}", when::long(due, clock))));
    parts.extend(task.recurrence.as_deref().map(sentence));
    if !reminders::goes_without_saying(task) {
        parts.push(format!("reminds {}", reminders::summary(task, clock)));
    }
    parts.extend(task.start_date.map(|start| format!("starts {}", when::long(start, clock))));
    if task.priority != Priority::Medium {
        parts.push(format!("priority {}", task.priority));
    }
    parts.extend(task.project.as_ref().map(|p| format!("project {}", visible(p.as_str()))));
    if !task.tags.is_empty() {
        parts.push(tags(task));
    }
    parts.extend(task.parent.map(|parent| format!("part of {}", parent.id)));
    if parts.is_empty() {
        return Ok(());
    }
    let dim = screen.palette().dim;
    writeln!(screen, "  {dim}{}{dim:#}", parts.join(" · "))
}
