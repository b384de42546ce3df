//! R6, R7: an occurrence that is open again, a successor that comes back, and undo of both.

use todo_core::change::Field;
use todo_core::conformance::given::{DAY, go, rename};
use todo_core::conformance::uid;
use todo_core::{
    Action, Bulk, Command, Item, Note, Patch, Status, TaskError, TaskId, TaskPatch, Trash, Verb,
};

use super::{
    completed, day_and_time, every, from_completion, on_schedule, repeating, set_due, set_rule,
    slot, spawned, spawned_nothing,
};
use crate::play::{Play, change};

fn reopened() -> Verb {
    go(Status::Pending)
}

/// The tasks that hold a baton, the trash included.
fn holders(play: &Play) -> Vec<TaskId> {
    let tasks = play.seen().tasks.into_values();
    tasks.filter(|task| task.recurrence.is_some()).map(|task| task.uid).collect()
}

#[test]
fn r7_reopening_takes_back_an_untouched_successor() {
    for recurrence in [every("FREQ=WEEKLY"), from_completion("FREQ=DAILY;INTERVAL=3")] {
        let mut play = Play::with("2026-11-21T17:30", recurrence);
        let before = play.task(1);
        let next = play.complete(uid(1));
        play.later(1000);
        let done = play.on(uid(1), reopened());
        let taken = Note::TakenBack { task: uid(1), successor: next.uid };
        assert_eq!(done.notes, [taken]);
        let after = play.task(1);
        assert_eq!(after.recurrence, before.recurrence, "with its number");
        assert_eq!((after.status, after.slot), (Status::Pending, before.slot));
        let next = play.known(next.uid);
        assert!(next.trash.is_some() && next.recurrence.is_none(), "{next:?}");
        assert_eq!(holders(&play), [uid(1)]);
    }
}

/// R6: the same task comes back, with a higher version.
#[test]
fn r6_completing_again_restores_the_untouched_successor() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let first = play.complete(uid(1));
    play.on(uid(1), reopened());
    let trashed = play.known(first.uid);
    play.later(1000);
    let (id, place, _) = spawned(&play.on(uid(1), completed()));
    let again = play.known(id);
    assert_eq!((id, place, again.id), (first.uid, slot("2026-11-22"), first.id));
    assert!(again.version > trashed.version && trashed.version > first.version);
    assert_eq!((again.trash, again.created_at), (None, first.created_at));
    assert_eq!(again.recurrence, first.recurrence);
    assert_eq!(holders(&play), [id]);
}

/// It comes back as it would be made now: with what was changed in between.
#[test]
fn r6_a_restored_successor_is_made_anew() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    play.complete(uid(1));
    play.on(uid(1), reopened());
    play.act(1, rename("Water the roses"));
    assert_eq!(play.complete(uid(1)).title.as_str(), "Water the roses");
}

#[test]
fn r7_a_touched_successor_keeps_the_baton() {
    let touches: [Verb; 4] = [
        rename("touched"),
        go(Status::InProgress),
        change(set_due("2026-11-25")),
        Verb::Snooze { until: "2026-12-01T00:00:00Z".parse().expect("an instant") },
    ];
    for touch in touches {
        let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
        let next = play.complete(uid(1));
        // In the same millisecond, even.
        play.on(next.uid, touch.clone());
        let done = play.on(uid(1), reopened());
        assert_eq!(done.notes, [], "{touch:?}");
        assert_eq!((play.open().len(), holders(&play)), (2, vec![next.uid]), "{touch:?}");
        // Completing again spawns nothing.
        let before = play.known(next.uid);
        assert!(spawned_nothing(&play.on(uid(1), completed())), "{touch:?}");
        assert_eq!(play.known(next.uid), before, "{touch:?}");
    }
}

/// One that was finished has been touched, and the one after it is not for the first to take.
#[test]
fn r7_only_the_direct_successor_can_be_taken_back() {
    for wait in [0, 1] {
        let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
        let second = play.complete(uid(1));
        play.later(wait);
        let third = play.complete(second.uid);
        assert_eq!(play.on(uid(1), reopened()).notes, []);
        assert_eq!(holders(&play), [third.uid]);
        play.on(second.uid, reopened());
        assert_eq!(holders(&play), [second.uid]);
        assert!(play.known(third.uid).trash.is_some());
    }
}

/// A successor that was taken back earlier does not hide the one that there is now.
#[test]
fn r7_a_later_successor_is_taken_back_too() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let tomorrow = play.complete(uid(1));
    play.on(uid(1), reopened());
    play.later(3 * DAY);
    let (id, place, _) = spawned(&play.on(uid(1), completed()));
    assert_eq!(place, slot("2026-11-24"));
    assert_ne!(id, tomorrow.uid);
    let before = play.task(1);
    let done = play.on(uid(1), reopened());
    assert_eq!(done.notes, [Note::TakenBack { task: uid(1), successor: id }], "{before:?}");
    assert_eq!(holders(&play), [uid(1)]);
    assert_eq!(play.task(1).recurrence.map(|baton| baton.n), Some(1));
}

/// An untouched successor that somebody brought back by hand is what the series goes on with.
#[test]
fn r6_a_successor_restored_by_hand_is_gone_on_with() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    play.on(uid(1), reopened());
    play.on(next.uid, Verb::Restore);
    assert_eq!(holders(&play), [uid(1)]);
    play.on(next.uid, rename("touched"));
    // A touched one is left as it is, and takes the baton.
    let (id, ..) = spawned(&play.on(uid(1), completed()));
    let gone_on = play.known(id);
    assert_eq!((id, gone_on.title.as_str()), (next.uid, "touched"));
    assert_eq!(holders(&play), [id]);
    // Deleted by somebody, it comes back as they left it.
    play.on(uid(1), reopened());
    let baton = |play: &Play, id| play.known(id).recurrence.map(|baton| baton.n);
    assert_eq!((baton(&play, uid(1)), baton(&play, id)), (None, Some(2)), "it was touched");
}

/// What somebody worked on, and deleted while the series stood elsewhere, comes back as it was
/// left: nothing of theirs is written over.
#[test]
fn r6_a_touched_successor_in_the_trash_comes_back_as_it_was_left() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    play.on(uid(1), reopened());
    play.on(next.uid, Verb::Restore);
    play.on(next.uid, rename("touched"));
    play.on(next.uid, Verb::Delete);
    let (id, ..) = spawned(&play.on(uid(1), completed()));
    let back = play.known(id);
    assert_eq!((id, back.trash, back.title.as_str()), (next.uid, None, "touched"));
    assert!(back.recurrence.is_some());
}

/// And one that they finished and then deleted is not brought back: the series goes further.
#[test]
fn r6_a_finished_successor_in_the_trash_stays_there() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    play.on(uid(1), reopened());
    for verb in [Verb::Restore, completed(), Verb::Delete] {
        play.on(next.uid, verb);
    }
    let (id, place, skipped) = spawned(&play.on(uid(1), completed()));
    assert_eq!((place, skipped.count), (slot("2026-11-23"), 0));
    assert!(play.known(next.uid).trash.is_some());
    assert_eq!(holders(&play), [id]);
}

/// R7: delete ends the series, restore revives it.
#[test]
fn r7_delete_ends_the_series_and_restore_revives_it() {
    for recurrence in [every("FREQ=DAILY"), on_schedule("FREQ=DAILY")] {
        let mut play = Play::with("2026-11-21", recurrence);
        let ended = play.act(1, Verb::Delete);
        assert!(
            matches!(ended.notes.as_slice(), [Note::SeriesEnded { task, .. }] if *task == uid(1))
        );
        play.later(2 * DAY);
        assert!(play.spawn().changed.is_empty());
        play.act(1, Verb::Restore);
        assert!(play.task(1).recurrence.is_some());
        let (_, place, _) = match play.task(1).recurrence.map(|baton| baton.is_scheduled()) {
            Some(true) => spawned(&play.spawn()),
            _ => spawned(&play.on(uid(1), completed())),
        };
        assert_eq!(place, slot("2026-11-23"));
    }
}

/// A deleted successor keeps the baton in the trash: nothing else goes on meanwhile.
#[test]
fn r7_a_deleted_successor_keeps_the_baton() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    play.later(1);
    play.on(next.uid, Verb::Delete);
    assert_eq!(play.on(uid(1), reopened()).notes, []);
    assert!(spawned_nothing(&play.on(uid(1), completed())));
    assert_eq!((play.open().len(), holders(&play)), (0, vec![next.uid]));
    play.on(next.uid, Verb::Restore);
    assert_eq!(day_and_time(play.complete(next.uid).due_date), "2026-11-23");
}

/// S7: undo of a completion takes the untouched successor with it, redo brings it back.
#[test]
fn s7_undo_takes_the_successor_with_it() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let before = play.task(1);
    let next = play.complete(uid(1));
    play.undo();
    let task = play.task(1);
    assert_eq!((task.status, &task.recurrence), (Status::Pending, &before.recurrence));
    assert!(play.known(next.uid).trash.is_some());
    assert_eq!(holders(&play), [uid(1)]);
    play.redo();
    assert_eq!((play.task(1).status, holders(&play)), (Status::Completed, vec![next.uid]));
    let back = play.known(next.uid);
    assert_eq!((back.trash, back.recurrence), (None, next.recurrence));
    // And again by hand, in place of a redo.
    play.undo();
    assert_eq!(spawned(&play.on(uid(1), completed())).0, next.uid);
    assert_eq!(holders(&play), [next.uid]);
}

#[test]
fn s7_undo_refuses_when_the_successor_was_touched() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let done = play.on(uid(1), completed());
    let (next, ..) = spawned(&done);
    play.on(next, rename("touched"));
    let error = play.refused(&Command::Undo(done.step));
    let TaskError::StepConflict { task, fields, .. } = error else { panic!("{error}") };
    assert_eq!((task, fields), (play.known(next).id, vec![Field::Title]));
}

/// S7: undo of a reopening puts the successor back where it was.
#[test]
fn s7_undo_of_a_reopening() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    play.later(1000);
    play.on(uid(1), reopened());
    play.undo();
    assert_eq!((play.task(1).status, holders(&play)), (Status::Completed, vec![next.uid]));
    assert_eq!(play.known(next.uid).trash, None);
    play.redo();
    assert_eq!((play.task(1).status, holders(&play)), (Status::Pending, vec![uid(1)]));
}

/// A series that went on without what undo would give its baton to is not split in two.
#[test]
fn s7_undo_does_not_make_a_second_baton() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let done = play.on(uid(1), completed());
    let (second, ..) = spawned(&done);
    let third = play.complete(second);
    // What the step remembers of the second goes with it.
    play.on(second, Verb::Purge);
    let error = play.refused(&Command::Undo(done.step));
    let TaskError::StepConflict { fields, .. } = error else { panic!("{error}") };
    assert_eq!((fields, holders(&play)), (vec![Field::Recurrence], vec![third.uid]));
}

#[test]
fn s7_undo_of_an_ended_rule_does_not_make_a_second_baton() {
    for recurrence in [every("FREQ=DAILY"), on_schedule("FREQ=DAILY")] {
        let mut play = Play::with("2026-11-21", recurrence.clone());
        let clear = TaskPatch { recurrence: Patch::Clear, ..TaskPatch::default() };
        let cleared = play.on(uid(1), change(clear)).step;
        play.patch(uid(1), set_rule(recurrence.clone()));
        play.later(DAY);
        let (next, ..) = match recurrence.spawn {
            todo_core::recurrence::Spawn::OnSchedule => spawned(&play.spawn()),
            todo_core::recurrence::Spawn::OnCompletion => spawned(&play.on(uid(1), completed())),
        };
        assert_eq!(play.task(1).recurrence, None);
        let error = play.refused(&Command::Undo(cleared));
        let TaskError::StepConflict { fields, .. } = error else { panic!("{error}") };
        assert_eq!((fields, holders(&play)), (vec![Field::Recurrence], vec![next]));
    }
}

/// Undo of a step that finished one series and began another puts the other away as it was made:
/// brought back from the trash, it still repeats.
#[test]
fn s7_undo_leaves_a_new_series_its_rule() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let items = vec![
        Item::act(uid(1), completed()),
        Item::Create(Box::new(repeating(2, "2026-11-21", every("FREQ=WEEKLY")))),
    ];
    play.done(&Command::Bulk(Bulk { items, atomic: true }));
    let made = play.task(2);
    play.undo();
    assert!(play.task(2).trash.is_some());
    play.act(2, Verb::Restore);
    assert_eq!(play.task(2).recurrence, made.recurrence);
}

/// The trash of a successor that was taken back is its own: nobody else's deletion shares it.
#[test]
fn r6_what_was_taken_back_lies_alone() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let next = play.complete(uid(1));
    play.on(uid(1), reopened());
    let group = |play: &Play, id| play.known(id).trash.map(|Trash { group, .. }| group);
    play.on(uid(1), Verb::Delete);
    assert_ne!(group(&play, uid(1)), group(&play, next.uid));
    play.on(uid(1), Verb::Restore);
    assert!(play.known(next.uid).trash.is_some());
}

/// A version that was named guards the whole of it: nothing is made on a state nobody saw.
#[test]
fn s3_a_stale_completion_makes_nothing() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let seen = play.task(1).version;
    play.act(1, rename("changed meanwhile"));
    let action = Action { task: uid(1).into(), verb: completed(), expect: Some(seen) };
    let error = play.refused(&Command::One(Item::Act(action)));
    assert_eq!(error.code().as_str(), "version_conflict");
    assert_eq!(play.living().len(), 1);
}
