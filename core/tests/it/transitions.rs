//! S1 and S2: the table of all moves.

use todo_core::conformance::given::{go, instant, title};
use todo_core::conformance::uid;
use todo_core::event::EventType;
use todo_core::{Command, Item, NewTask, Status, TaskError, TaskPatch, Verb};

use crate::play::{Play, act, change};
use Move::{Goes, Refused, Stays};
use Status::{Cancelled, Completed, InProgress, Pending};

#[derive(Debug, Clone, Copy)]
enum Move {
    Stays,
    Goes(EventType),
    Refused,
}

/// Rows are where it is, columns where it is to go, both in the order of [`Status::ALL`].
const TABLE: [[Move; 4]; 4] = [
    [Stays, Goes(EventType::Updated), Goes(EventType::Completed), Goes(EventType::Cancelled)],
    [Goes(EventType::Updated), Stays, Goes(EventType::Completed), Goes(EventType::Cancelled)],
    [Goes(EventType::Reopened), Refused, Stays, Refused],
    [Goes(EventType::Reopened), Refused, Refused, Stays],
];

fn at(status: Status) -> Play {
    let mut play = Play::new();
    play.add(1, "moves");
    play.later(1000);
    play.act(1, go(status));
    play.later(1000);
    play
}

fn table_by(verb: impl Fn(Status) -> Verb) {
    for (from, row) in Status::ALL.iter().zip(TABLE) {
        for (to, expected) in Status::ALL.iter().zip(row) {
            let mut play = at(*from);
            let before = play.seen();
            match expected {
                Refused => {
                    let error = play.refused(&act(1, verb(*to)));
                    let (task, from, to) = (before.tasks[&uid(1)].id, *from, *to);
                    assert_eq!(error, TaskError::InvalidTransition { task, from, to });
                    assert_eq!(error.code().as_str(), "invalid_transition");
                }
                Stays => {
                    let done = play.act(1, verb(*to));
                    assert_eq!(play.seen(), before, "S2: {from} stays {to}");
                    assert!(!done.items[0].as_ref().is_ok_and(todo_core::Decided::changed));
                }
                Goes(event) => {
                    play.act(1, verb(*to));
                    let task = play.task(1);
                    assert_eq!(task.status, *to);
                    assert_eq!(task.version, before.tasks[&uid(1)].version.next());
                    assert_eq!(play.seen().events.last().map(|e| e.event_type), Some(event));
                    let now = Some(play.ctx.now);
                    assert_eq!(task.completed_at, now.filter(|_| *to == Completed));
                    assert_eq!(task.cancelled_at, now.filter(|_| *to == Cancelled));
                }
            }
        }
    }
}

#[test]
fn s1_by_moving() {
    table_by(|to| Verb::Move { to, cascade: false });
}

#[test]
fn s1_by_moving_with_subtasks() {
    table_by(|to| Verb::Move { to, cascade: true });
}

/// An edit of the status is under the same rules.
#[test]
fn s1_by_editing() {
    table_by(|to| change(TaskPatch { status: Some(to), ..TaskPatch::default() }));
}

/// S2: complete∘complete = complete, and the first completion's instant stays.
#[test]
fn s2_completing_twice() {
    let mut play = at(Completed);
    play.later(60_000);
    play.act(1, go(Completed));
    assert_eq!(play.task(1).completed_at, Some(instant("2026-11-21T12:00:01Z")));
}

/// Reopening forgets when it was closed, and it can be closed the other way then.
#[test]
fn s1_the_long_way_round() {
    let mut play = at(Completed);
    for to in [Pending, InProgress, Cancelled, Pending, Completed] {
        play.act(1, go(to));
    }
    let task = play.task(1);
    assert_eq!((task.status, task.cancelled_at, task.version.0), (Completed, None, 7));
}

/// S2: a uid that comes again with the same words changes nothing; with others it is refused, and so
/// it is while the task lies in the trash.
#[test]
fn a_uid_is_made_once_and_stands_for_one_task() {
    let mut play = Play::new();
    let make = |text: &str| Command::One(Item::Create(Box::new(NewTask::new(uid(1), title(text)))));
    play.done(&make("first"));
    let again = play.run(&make("first")).expect("it is there");
    assert!(again.changed.is_empty());
    let taken = |error: &TaskError| matches!(error, TaskError::UidTaken { .. });
    assert!(taken(&play.refused(&make("other"))));
    play.done(&act(1, Verb::Delete));
    assert!(taken(&play.refused(&make("first"))));
}
