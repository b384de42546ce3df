//! R1, R6: series that come from elsewhere, and meet what happened here meanwhile.

use todo_core::conformance::given::{go, record, rename};
use todo_core::conformance::uid;
use todo_core::recurrence::{Basis, Spawn};
use todo_core::{Command, ErrorCode, FieldError, Problem, Status, Task, TaskError, TaskId};

use super::{completed, due, every, repeating, slot};
use crate::play::Play;

fn holders(play: &Play) -> Vec<TaskId> {
    let tasks = play.seen().tasks.into_values();
    tasks.filter(|task| task.recurrence.is_some()).map(|task| task.uid).collect()
}

fn all(play: &Play) -> Vec<Task> {
    play.seen().tasks.into_values().collect()
}

/// Here it was completed; elsewhere it was renamed, later. The series stands where it went on.
#[test]
fn r1_an_older_baton_does_not_come_back() {
    let mut here = Play::with("2026-11-21", every("FREQ=DAILY"));
    let mut elsewhere = here.clone();
    let next = here.complete(uid(1));
    elsewhere.later(1000);
    elsewhere.act(1, rename("renamed elsewhere"));
    here.later(2000);
    here.done(&Command::Import(all(&elsewhere).into()));
    let task = here.task(1);
    assert_eq!((task.title.as_str(), task.status), ("renamed elsewhere", Status::Pending));
    assert_eq!((task.recurrence, holders(&here)), (None, vec![next.uid]));
    let again = here.seen();
    here.done(&Command::Import(all(&elsewhere).into()));
    assert_eq!(here.seen(), again, "the same again changes nothing");
}

/// Both completed it: the next one is the same task, and the later state of it stands.
#[test]
fn r6_both_sides_made_the_same_next() {
    let mut here = Play::with("2026-11-21", every("FREQ=DAILY"));
    let mut elsewhere = here.clone();
    let mine = here.complete(uid(1));
    elsewhere.later(1000);
    let theirs = elsewhere.complete(uid(1));
    assert_eq!(mine.uid, theirs.uid);
    elsewhere.on(theirs.uid, go(Status::InProgress));
    here.later(2000);
    here.done(&Command::Import(all(&elsewhere).into()));
    assert_eq!((here.living().len(), holders(&here)), (2, vec![mine.uid]));
    assert_eq!(here.known(mine.uid).status, Status::InProgress);
    // And back again.
    elsewhere.done(&Command::Import(all(&here).into()));
    let contents = |play: &Play| play.contents();
    assert_eq!(contents(&here), contents(&elsewhere));
}

/// A whole list goes to an empty place and works there as here.
#[test]
fn r1_a_series_moves_house() {
    let mut here = Play::with("2026-11-21", every("FREQ=DAILY;COUNT=3"));
    let second = here.complete(uid(1));
    let mut there = Play::new();
    there.done(&Command::Import(all(&here).into()));
    assert_eq!(there.contents(), here.contents());
    let third = there.complete(second.uid);
    assert_eq!(third.uid, here.complete(second.uid).uid);
}

/// What knows of no series does not take it away; a rule without one begins it.
#[test]
fn r1_a_place_is_kept_for_ever() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let before = play.task(1);
    let later = play.ctx.now.plus_millis(1000);
    let bare = Task { updated_at: later, ..record(1, "from a simple program", play.ctx.now) };
    play.done(&Command::Import(vec![bare].into()));
    let task = play.task(1);
    assert_eq!(task.title.as_str(), "from a simple program");
    assert_eq!((task.series, task.slot), (before.series, before.slot));
    let new = Task {
        series: None,
        slot: None,
        ..Play::new().create(repeating(2, "2026-11-25", every("FREQ=DAILY")))
    };
    play.done(&Command::Import(vec![new].into()));
    let task = play.task(2);
    assert_eq!((task.series.is_some(), task.slot), (true, Some(slot("2026-11-25"))));
}

#[test]
fn r6_two_in_one_place_are_refused() {
    let first = Play::new().create(repeating(1, "2026-11-21", every("FREQ=DAILY")));
    let second = Task { uid: uid(2), recurrence: None, ..first.clone() };
    let mut play = Play::new();
    let error = play.refused(&Command::Import(vec![first, second].into()));
    let TaskError::Validation(problems) = &error else { panic!("{error}") };
    assert!(
        matches!(problems.as_slice(), [FieldError { field, problem: Problem::SlotTaken(_) }] if field == "slot"),
        "{error}"
    );
}

/// R1, R4: what could not be set here is not taken over either.
#[test]
fn r1_an_import_keeps_the_rules() {
    let good = Play::new().create(repeating(1, "2026-11-21", every("FREQ=DAILY")));
    let with = |change: fn(&mut todo_core::Recurrence)| {
        let mut task = good.clone();
        if let Some(recurrence) = &mut task.recurrence {
            change(recurrence);
        }
        task
    };
    let by_the_clock = with(|r| (r.from, r.spawn) = (Basis::Completion, Spawn::OnSchedule));
    let named = with(|r| {
        r.from = Basis::Completion;
        r.rule = "FREQ=WEEKLY;BYDAY=MO".parse().expect("a rule");
    });
    let undated = Task { due_date: None, ..good.clone() };
    for task in [by_the_clock, named, undated] {
        let mut play = Play::new();
        let error = play.refused(&Command::Import(vec![task].into()));
        assert_eq!(error.code(), ErrorCode::ValidationError, "{error}");
    }
    let mut play = Play::new();
    play.done(&Command::Import(vec![Task { due_date: Some(due("2026-11-22")), ..good }].into()));
    play.on(uid(1), completed());
    assert_eq!(play.living().len(), 2);
}
