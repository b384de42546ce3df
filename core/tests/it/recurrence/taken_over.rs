//! R1, R5, R9: what an import does to a task that repeats or reminds here, where the file says
//! less of it than there is.

use todo_core::change::Field;
use todo_core::conformance::given::{DAY, record, title};
use todo_core::conformance::uid;
use todo_core::recurrence::Skipped;
use todo_core::reminder::Trigger;
use todo_core::{
    Command, Fate, FieldError, Import, NewReminder, NewTask, Note, Problem, Status, Task, TaskError,
};

use super::{due, every, from_completion, spawned};
use crate::play::Play;

/// A newer state of task 1 from a file that says nothing of some fields.
fn newer(play: &Play, keeps: &[Field], edit: impl FnOnce(&mut Task)) -> Command {
    let mut task = record(1, "Water the plants", play.ctx.now.plus_millis(1000));
    edit(&mut task);
    Command::Import(Import { tasks: vec![task], keeps: keeps.to_vec().into() })
}

/// R1: a rule that is kept needs the due date, as it does when somebody takes the date away here.
#[test]
fn r1_no_rule_is_kept_without_its_due_date() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let keeps = [Field::Recurrence, Field::Series, Field::Slot];
    let needs = FieldError::new("recurrence", Problem::NeedsDue(uid(1)));
    let undated = newer(&play, &keeps, |_| {});
    assert_eq!(play.refused(&undated), TaskError::Validation(vec![needs]));
    // With it, and without saying anything of it, all is well.
    let dated = newer(&play, &keeps, |task| task.due_date = Some(due("2026-11-21")));
    assert!(play.done(&dated).items.iter().flatten().all(|decided| !decided.changed()));
    let silent = newer(&play, &[keeps.as_slice(), &[Field::DueDate]].concat(), |_| {});
    play.done(&silent);
    assert!(play.task(1).recurrence.is_some() && play.task(1).due_date.is_some());
}

/// R9: the reminders before a due date go with it, and are named; those at a moment stay.
#[test]
fn r9_reminders_that_are_kept_go_with_the_due_date() {
    let mut play = Play::new();
    let before = Trigger::Offset("-PT1H".parse().expect("an offset"));
    let moment = Trigger::At(play.ctx.now.plus_millis(5000));
    let reminders = [before, moment].map(NewReminder::new).to_vec();
    play.create(NewTask {
        due_date: Some(due("2026-12-01T17:00")),
        reminders: Some(reminders),
        ..NewTask::new(uid(1), title("Water the plants"))
    });
    let undated = newer(&play, &[Field::Reminders], |_| {});
    let done = play.done(&undated);
    assert_eq!(done.notes, [Note::RemindersRemoved { task: uid(1), count: 1 }]);
    let left: Vec<_> = play.task(1).reminders.iter().map(|reminder| reminder.trigger).collect();
    assert_eq!(left, [moment]);
    assert_eq!(play.done(&undated).notes, [], "once");
}

/// R5: what another program finished goes on here, as when it is finished here.
#[test]
fn r5_a_series_goes_on_when_it_comes_finished() {
    let keeps = [Field::Recurrence, Field::DueDate];
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let mut expected = play.clone();
    let next = expected.complete(uid(1));
    let completed = newer(&play, &keeps, |task| task.status = Status::Completed);
    play.later(2000);
    let done = play.done(&completed);
    let (made, ..) = spawned(&done);
    assert_eq!((play.task(1).status, play.task(1).recurrence), (Status::Completed, None));
    let there = play.known(made);
    assert_eq!(
        (made, there.due_date, there.recurrence),
        (next.uid, next.due_date, next.recurrence)
    );
    // The same file again, with the rule or without, changes nothing.
    let before = play.seen();
    play.done(&completed);
    assert_eq!(play.seen(), before);
    let Command::Import(Import { mut tasks, .. }) = completed else { unreachable!() };
    tasks[0].due_date = Some(due("2026-11-21"));
    tasks[0].recurrence = expected.known(next.uid).recurrence;
    let again = play.done(&Command::Import(tasks.into()));
    assert!(again.items.iter().flatten().all(|decided| decided.fate == Fate::Unchanged));
    assert_eq!(play.seen(), before);
    // One step, taken back as one.
    play.undo();
    assert_eq!(play.open(), ["2026-11-21"]);
    assert!(play.task(1).recurrence.is_some());
}

/// R5: the next one follows on when it was finished, not on when the file came.
#[test]
fn r5_what_comes_finished_was_finished_then() {
    let mut play = Play::with("2026-11-21", from_completion("FREQ=DAILY;INTERVAL=3"));
    let keeps = [Field::Recurrence, Field::DueDate];
    let cancelled = newer(&play, &keeps, |task| task.status = Status::Cancelled);
    play.later(10 * DAY);
    play.done(&cancelled);
    assert_eq!(play.open(), ["2026-11-24"]);
}

/// R1: what came finished with a later occurrence has gone on already; without its rule it ends,
/// and says so.
#[test]
fn r1_a_series_goes_on_or_ends_once() {
    let mut here = Play::with("2026-11-21", every("FREQ=DAILY"));
    let mut elsewhere = here.clone();
    elsewhere.later(1000);
    let next = elsewhere.complete(uid(1));
    here.later(2000);
    let mut ended = here.clone();
    let all: Vec<_> = elsewhere.seen().tasks.into_values().collect();
    assert_eq!(here.done(&Command::Import(all.into())).notes, []);
    assert_eq!((here.living().len(), here.known(next.uid).due_date), (2, next.due_date));
    let alone = vec![elsewhere.task(1)];
    let notes = ended.done(&Command::Import(alone.into())).notes;
    assert_eq!(notes, [Note::SeriesEnded { task: uid(1), skipped: Skipped::default() }]);
}
