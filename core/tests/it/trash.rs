//! S4: the trash and its thirty days.

use todo_core::conformance::given::{DAY, go, rename};
use todo_core::conformance::uid;
use todo_core::{Command, Patch, Problem, Status, TaskError, TaskPatch, Verb};

use crate::play::{Play, act, change};

#[test]
fn s4_restore_brings_it_back_as_it_was() {
    let mut play = Play::new();
    play.add(1, "back and forth");
    play.act(1, go(Status::Completed));
    let before = play.contents();
    play.later(DAY);
    play.act(1, Verb::Delete);
    assert_eq!(play.task(1).trash.map(|trash| trash.at), Some(play.ctx.now));
    play.act(1, Verb::Restore);
    assert_eq!(play.contents(), before);
    assert_eq!(play.task(1).version.0, 4);
}

#[test]
fn s4_what_lies_in_the_trash_cannot_be_written() {
    let mut play = Play::new();
    play.add(1, "deleted");
    play.add(2, "alive");
    play.act(1, Verb::Delete);
    for verb in [rename("no"), rename("deleted"), go(Status::Pending), go(Status::Completed)] {
        assert_eq!(play.refused(&act(1, verb)), TaskError::NotFound(uid(1).into()));
    }
    let under = TaskPatch { parent: Patch::Set(uid(1).into()), ..TaskPatch::default() };
    let error = play.refused(&act(2, change(under)));
    assert_eq!(error, TaskError::field("parent", Problem::NoParent(uid(1).into())));
}

/// Gone means gone, removed or not: exactly after 30 days.
#[test]
fn s4_thirty_days_are_thirty_days() {
    for verb in [Verb::Restore, Verb::Delete, Verb::Purge] {
        let mut play = Play::new();
        play.add(1, "long deleted");
        play.act(1, Verb::Delete);
        play.later(30 * DAY);
        let mut late = play.clone();
        play.act(1, verb.clone());
        late.later(1);
        assert_eq!(late.refused(&act(1, verb)), TaskError::NotFound(uid(1).into()));
    }
}

#[test]
fn s4_only_what_has_expired_is_swept_away() {
    let mut play = Play::new();
    play.add(1, "deleted first");
    play.add(2, "deleted a day later");
    play.add(3, "alive");
    play.act(1, Verb::Delete);
    play.later(DAY);
    play.act(2, Verb::Delete);
    let sweep = Command::PurgeExpired([1, 2, 3, 9].map(uid).into());
    play.later(29 * DAY);
    assert_eq!(play.done(&sweep).items.len(), 0, "not a millisecond early");
    play.later(1);
    let mut steps = play.seen().steps;
    let done = play.done(&sweep);
    assert_eq!(done.purged.iter().map(|task| task.uid).collect::<Vec<_>>(), [uid(1)]);
    assert_eq!(play.seen().tasks.keys().copied().collect::<Vec<_>>(), [uid(2), uid(3)]);
    steps.retain(|step| !step.tasks().any(|task| task == uid(1)));
    assert_eq!((done.step, play.seen().steps), (None, steps), "S7: the system leaves no step");
}

/// A purge takes what lies below along, trashed before or not, and needs no trash first.
#[test]
fn s4_a_purge_takes_the_subtree() {
    let mut play = Play::new();
    play.add(1, "top");
    play.add_below(2, 1);
    play.add_below(3, 2);
    play.act(3, Verb::Delete);
    let done = play.act(1, Verb::Purge);
    assert_eq!((done.purged.len(), done.step), (3, None));
    assert!(play.seen().tasks.is_empty());
    assert_eq!(play.refused(&act(1, Verb::Purge)), TaskError::NotFound(uid(1).into()));
}

/// A parent whose time in the trash was over, and that was made again, has another number.
#[test]
fn s8_a_child_knows_its_parents_new_number() {
    let mut play = Play::new();
    play.add(1, "first life");
    play.add_below(2, 1);
    // The child is deleted by itself and later than its parent, which it outlives.
    play.later(DAY);
    play.act(2, Verb::Delete);
    play.later(-DAY);
    play.act(1, Verb::Delete);
    play.later(30 * DAY + 1);
    let again = play.add(1, "second life");
    play.act(2, Verb::Restore);
    assert_eq!(play.task(2).parent.map(|parent| parent.id), Some(again.id));
}
