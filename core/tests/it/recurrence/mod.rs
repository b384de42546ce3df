//! How tasks repeat (R1–R8) and remind (R9, R10): rule by rule, table by table, and as laws.

mod again;
mod baton;
mod by_clock;
mod by_completion;
mod by_schedule;
mod calendar;
mod copies;
mod ends;
mod engine;
mod firings;
pub(crate) mod given;
mod laws;
mod many;
mod merged;
mod oracle;
mod reminders;
mod rfc;
mod rules;
mod scope;
mod taken_over;
mod zones;

use todo_core::conformance::given::ZONE;
use todo_core::conformance::given::{go, instant, title};
use todo_core::conformance::uid;
use todo_core::recurrence::{Basis, Skipped, Spawn};
use todo_core::{
    Command, Due, Item, NewRecurrence, NewTask, Note, Outcome, Patch, Slot, Status, Task, TaskId,
    TaskPatch, Verb,
};

use crate::play::{Play, change};

/// A rule by the calendar, whose next occurrence is made when the one before is finished.
fn every(rule: &str) -> NewRecurrence {
    NewRecurrence::new(rule.parse().unwrap_or_else(|error| panic!("{rule}: {error}")))
}

fn from_completion(rule: &str) -> NewRecurrence {
    NewRecurrence { from: Basis::Completion, ..every(rule) }
}

fn on_schedule(rule: &str) -> NewRecurrence {
    NewRecurrence { spawn: Spawn::OnSchedule, ..every(rule) }
}

fn due(text: &str) -> Due {
    Due::parse(text, None, ZONE).unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

fn slot(text: &str) -> Slot {
    text.parse().unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

/// A task that repeats and reminds of nothing.
fn repeating(k: u8, due_text: &str, recurrence: NewRecurrence) -> NewTask {
    NewTask {
        due_date: Some(due(due_text)),
        recurrence: Some(recurrence),
        reminders: Some(Vec::new()),
        ..NewTask::new(uid(k), title("Water the plants"))
    }
}

fn set_rule(recurrence: NewRecurrence) -> TaskPatch {
    TaskPatch { recurrence: Patch::Set(recurrence), ..TaskPatch::default() }
}

fn set_due(text: &str) -> TaskPatch {
    TaskPatch { due_date: Patch::Set(due(text)), ..TaskPatch::default() }
}

fn completed() -> Verb {
    go(Status::Completed)
}

fn with_all_below(to: Status) -> Verb {
    Verb::Move { to, cascade: true }
}

/// What somebody does with occurrences, whose identities nobody has chosen.
impl Play {
    /// A somebody with one series, task 1.
    fn with(due: &str, recurrence: NewRecurrence) -> Self {
        let mut play = Self::new();
        play.create(repeating(1, due, recurrence));
        play
    }

    fn at(&mut self, now: &str) {
        self.ctx.now = instant(now);
    }

    fn known(&self, id: TaskId) -> Task {
        self.seen().tasks.remove(&id).expect("it is there")
    }

    fn on(&mut self, id: TaskId, verb: Verb) -> Outcome {
        self.done(&on(id, verb))
    }

    fn patch(&mut self, id: TaskId, patch: TaskPatch) -> Task {
        self.on(id, change(patch));
        self.known(id)
    }

    /// Completes a task and answers the next one of its series.
    fn complete(&mut self, id: TaskId) -> Task {
        let done = self.on(id, completed());
        let (next, ..) = spawned(&done);
        self.known(next)
    }

    /// Lets the clock make what it has brought.
    fn spawn(&mut self) -> Outcome {
        let holders = self.living().into_iter().filter(|task| task.recurrence.is_some());
        let holders = holders.map(|task| task.uid).collect();
        self.done(&Command::SpawnDue(holders))
    }

    /// Every task outside the trash, in the order in which they were made.
    fn living(&self) -> Vec<Task> {
        let mut living: Vec<_> = self.seen().tasks.into_values().collect();
        living.retain(|task| task.trash.is_none());
        living.sort_by_key(|task| task.id);
        living
    }

    /// The open tasks' due dates, in the order in which they were made.
    fn open(&self) -> Vec<String> {
        let living = self.living().into_iter().filter(|task| task.status.is_open());
        living.map(|task| day_and_time(task.due_date)).collect()
    }
}

fn on(id: TaskId, verb: Verb) -> Command {
    Command::One(Item::act(id, verb))
}

/// As on a wall: `2026-11-21`, or `2026-11-21 17:00`.
fn day_and_time(due: Option<Due>) -> String {
    match due {
        None => "none".to_owned(),
        Some(Due::Day(day)) => day.to_string(),
        Some(Due::At { wall, .. }) => wall.format("%Y-%m-%d %H:%M").to_string(),
    }
}

/// The one occurrence that a command made or brought back, and what was passed over for it.
fn spawned(outcome: &Outcome) -> (TaskId, Slot, Skipped) {
    let mut found = outcome.notes.iter().filter_map(|note| match note {
        Note::Spawned { task, slot, skipped, .. } => Some((*task, *slot, skipped.clone())),
        _ => None,
    });
    let spawned = found.next().unwrap_or_else(|| panic!("nothing was spawned: {outcome:?}"));
    assert_eq!(found.next(), None, "one at a time: {:?}", outcome.notes);
    spawned
}

/// Whether a command made no occurrence.
fn spawned_nothing(outcome: &Outcome) -> bool {
    !outcome.notes.iter().any(|note| matches!(note, Note::Spawned { .. }))
}

fn texts(slots: &[Slot]) -> Vec<String> {
    slots.iter().map(ToString::to_string).collect()
}
