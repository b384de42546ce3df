//! S3: a write may name the version it expects.

use todo_core::conformance::given::{go, rename};
use todo_core::conformance::uid;
use todo_core::{Action, Command, Item, Revision, Status, TaskError, TaskNo, Verb};

use crate::play::Play;

fn expecting(version: u64, verb: Verb) -> Command {
    Command::One(Item::Act(Action { task: uid(1).into(), verb, expect: Some(Revision(version)) }))
}

/// At version 3: renamed, then begun.
fn started() -> Play {
    let mut play = Play::new();
    play.add(1, "as first seen");
    play.act(1, rename("renamed"));
    play.act(1, go(Status::InProgress));
    assert_eq!(play.task(1).version, Revision(3));
    play
}

#[test]
fn s3_a_change_on_a_stale_version_is_refused_with_the_task_as_it_stands() {
    let verbs = [
        rename("late"),
        go(Status::Completed),
        Verb::Move { to: Status::Cancelled, cascade: true },
        Verb::Delete,
        Verb::Purge,
    ];
    for verb in verbs {
        for version in [1, 2, 4, 99] {
            let mut play = started();
            let error = play.refused(&expecting(version, verb.clone()));
            let current = Box::new(play.task(1));
            let expected = Revision(version);
            assert_eq!(error, TaskError::VersionConflict { current, expected });
            assert_eq!(error.code().as_str(), "version_conflict");
        }
        let mut play = started();
        play.done(&expecting(3, verb));
        assert_ne!(play.seen().events.len(), 3, "with the present version it is done");
    }
}

/// S2 before S3: whoever asks for what already is gets it, however old the version they saw.
#[test]
fn s2_what_already_holds_succeeds_on_any_version() {
    for verb in [rename("renamed"), go(Status::InProgress), Verb::Restore] {
        let mut play = started();
        let before = play.seen();
        let done = play.done(&expecting(1, verb));
        assert_eq!(play.seen(), before);
        assert_eq!(done.step, None);
        assert_eq!(done.tasks.get(&uid(1)), before.tasks.get(&uid(1)), "and is answered");
    }
    let mut play = started();
    play.act(1, Verb::Delete);
    let before = play.seen();
    play.done(&expecting(1, Verb::Delete));
    assert_eq!(play.seen(), before);
}

/// A stale restore would change something, and is refused.
#[test]
fn s3_a_stale_restore_is_refused() {
    let mut play = started();
    play.act(1, Verb::Delete);
    assert!(matches!(
        play.refused(&expecting(3, Verb::Restore)),
        TaskError::VersionConflict { .. }
    ));
    play.done(&expecting(4, Verb::Restore));
    assert_eq!(play.task(1).trash, None);
}

/// Closing with subtasks that alone would change is a change of what the caller saw, too.
#[test]
fn s3_counts_what_a_cascade_takes_along() {
    let mut play = started();
    play.act(1, go(Status::Completed));
    play.add_below(2, 1);
    let cascade = Verb::Move { to: Status::Completed, cascade: true };
    let error = play.refused(&expecting(1, cascade.clone()));
    assert!(matches!(error, TaskError::VersionConflict { .. }), "{error}");
    play.done(&expecting(4, cascade));
    assert_eq!((play.task(2).status, play.task(2).id), (Status::Completed, TaskNo(2)));
}
