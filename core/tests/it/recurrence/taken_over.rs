//! R1, R5, R9: what an import does to a task that repeats or reminds here, where the file says
//! less of it than there is.

use todo_core::change::Field;
use todo_core::conformance::given::record;
use todo_core::conformance::uid;
use todo_core::reminder::Trigger;
use todo_core::{
    Command, FieldError, Import, NewReminder, NewTask, Note, Problem, Task, TaskError,
};

use super::{due, every, repeating};
use crate::play::Play;

/// A newer state of task 1 from a file that says nothing of some fields.
fn newer(play: &Play, keeps: &[Field], edit: impl FnOnce(&mut Task)) -> Command {
    let mut task = record(1, "Water the plants", play.ctx.now.plus_millis(1000));
    edit(&mut task);
    Command::Import(Import { tasks: vec![task], keeps: keeps.to_vec() })
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
        ..repeating(1, "2026-12-01", every("FREQ=DAILY"))
    });
    let undated = newer(&play, &[Field::Reminders], |_| {});
    let done = play.done(&undated);
    assert_eq!(done.notes, [Note::RemindersRemoved { task: uid(1), count: 1 }]);
    let left: Vec<_> = play.task(1).reminders.iter().map(|reminder| reminder.trigger).collect();
    assert_eq!(left, [moment]);
    assert_eq!(play.done(&undated).notes, [], "once");
}
