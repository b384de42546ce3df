//! S7 by example.

use todo_core::change::Field;
use todo_core::conformance::given::{DAY, below, go, record, rename, title};
use todo_core::conformance::uid;
use todo_core::{
    ActorKind, Bulk, Command, ErrorCode, Item, NewTask, Patch, Priority, Status, StepNo, Task,
    TaskError, TaskNo, TaskPatch, Verb,
};

use crate::play::{Play, act, change};

fn conflict(step: u64, task: u64, fields: &[Field]) -> TaskError {
    TaskError::StepConflict { step: StepNo(step), task: TaskNo(task), fields: fields.to_vec() }
}

fn priority(priority: Priority) -> Verb {
    change(TaskPatch { priority: Some(priority), ..TaskPatch::default() })
}

#[test]
fn s7_undo_names_the_step_and_the_newest_comes_first() {
    let mut play = Play::new();
    play.add(1, "zero");
    play.act(1, rename("one"));
    play.act(1, rename("two"));
    let undone = play.undo();
    assert_eq!((undone.step, undone.changed.as_slice()), (Some(StepNo(3)), &[uid(1)][..]));
    assert_eq!(undone.taken.map(|step| step.no), Some(StepNo(3)));
    assert_eq!(play.undo().step, Some(StepNo(2)));
    assert_eq!((play.task(1).title.as_str(), play.task(1).version.0), ("zero", 5));
    assert_eq!(play.undo().step, Some(StepNo(1)));
    assert!(play.task(1).trash.is_some());
    let error = play.refused(&Command::Undo(None));
    assert_eq!((error.clone(), error.code()), (TaskError::NothingToUndo, ErrorCode::NothingToUndo));
}

/// A conflict names the fields that a later change touched, and nothing is written.
#[test]
fn s7_a_conflict_names_the_fields() {
    let mut play = Play::new();
    play.add(1, "zero");
    let both = TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() };
    let both = TaskPatch { title: Some(title("one")), ..both };
    play.act(1, change(both));
    play.act(1, priority(Priority::Low));
    let error = play.refused(&Command::Undo(Some(StepNo(2))));
    assert_eq!(error, conflict(2, 1, &[Field::Priority]));
    assert_eq!(error.code().as_str(), "version_conflict");
    assert!(error.to_string().contains("priority of task 1"), "{error}");
    play.act(1, rename("two"));
    let error = play.refused(&Command::Undo(Some(StepNo(2))));
    assert_eq!(error, conflict(2, 1, &[Field::Title, Field::Priority]));
    // Taking the later ones back first makes room.
    play.undo();
    play.undo();
    play.undo();
    let task = play.task(1);
    assert_eq!((task.title.as_str(), task.priority), ("zero", Priority::Medium));
}

/// Only the step's own fields are written: what changed beside them stays.
#[test]
fn s7_undo_of_a_named_step_leaves_other_fields() {
    let mut play = Play::new();
    play.add(1, "zero");
    play.act(1, rename("one"));
    play.act(1, priority(Priority::High));
    assert_eq!(play.undo_no(StepNo(2)).step, Some(StepNo(2)));
    let task = play.task(1);
    assert_eq!((task.title.as_str(), task.priority), ("zero", Priority::High));
    // Asked again it is already so (S2).
    let before = play.seen();
    assert_eq!(play.undo_no(StepNo(2)).changed, []);
    assert_eq!(play.seen(), before);
    assert_eq!(play.refused(&Command::Undo(Some(StepNo(9)))), TaskError::NoSuchStep(StepNo(9)));
}

#[test]
fn s7_a_new_change_clears_redo() {
    let mut play = Play::new();
    play.add(1, "zero");
    play.act(1, rename("one"));
    play.undo();
    play.act(1, priority(Priority::Low));
    assert_eq!(play.refused(&Command::Redo), TaskError::NothingToRedo);
    assert_eq!(play.refused(&Command::Undo(Some(StepNo(2)))), TaskError::NoSuchStep(StepNo(2)));
}

/// What changes nothing, what is refused and what the system does are no changes of the user's.
#[test]
fn s7_redo_survives_what_is_no_step() {
    let mut play = Play::new();
    play.add(1, "zero");
    play.add(2, "to be deleted");
    play.act(2, Verb::Delete);
    play.act(1, rename("one"));
    play.undo();
    play.act(1, rename("zero"));
    play.refused(&act(9, Verb::Delete));
    play.later(31 * DAY);
    assert_eq!(play.done(&Command::PurgeExpired([uid(2)].into())).purged.len(), 1);
    assert_eq!(play.redo().step, Some(StepNo(4)));
    assert_eq!(play.task(1).title.as_str(), "one");
}

#[test]
fn s7_undo_of_an_import_trashes_what_it_made_and_turns_back_what_it_changed() {
    let mut play = Play::new();
    play.add(1, "mine");
    let now = play.ctx.now;
    let newer = Task { updated_at: now.plus_millis(1), ..record(1, "theirs", now) };
    let child = Task { parent: below(2), ..record(3, "child", now) };
    let import = Command::Import(vec![newer, record(2, "new", now), child].into());
    let step = play.done(&import).step;
    assert_eq!(play.task(1).title.as_str(), "theirs");
    // Editing what was imported does not stand in the way: it goes to the trash as it is.
    play.act(2, rename("edited"));
    assert_eq!(play.undo_no(step.expect("an import is a step")).step, step);
    assert_eq!(play.task(1).title.as_str(), "mine");
    assert!([2, 3].iter().all(|k| play.task(*k).trash.is_some()));
    assert_eq!(play.task(2).title.as_str(), "edited");
    play.redo();
    assert_eq!(play.task(1).title.as_str(), "theirs");
    assert!([2, 3].iter().all(|k| play.task(*k).trash.is_none()));
}

/// An import of which nothing is left says so, as every other step does; one whose tasks lie in
/// the trash is as undone as it can be (S2).
#[test]
fn s7_undo_of_an_import_that_is_gone() {
    let mut play = Play::new();
    play.done(&Command::Import(vec![record(2, "imported", play.ctx.now)].into()));
    play.act(2, Verb::Delete);
    let before = play.seen().tasks;
    let undone = play.undo_no(StepNo(1));
    assert_eq!((undone.changed, undone.step), (vec![], Some(StepNo(1))));
    assert_eq!(play.seen().tasks, before);
    let marked = play.seen().steps.iter().find(|step| step.no == StepNo(1)).map(|s| s.undone);
    assert!(marked.flatten().is_some(), "or plain undo would come back to it again and again");
    play.act(2, Verb::Purge);
    let no_step = play.refused(&Command::Undo(Some(StepNo(1))));
    assert_eq!(no_step, TaskError::NoSuchStep(StepNo(1)));
}

/// What the system does by itself is nobody's to take back.
#[test]
fn s7_the_system_leaves_no_step() {
    let mut play = Play::new();
    play.add(1, "mine");
    play.ctx.actor.kind = ActorKind::System;
    let done = play.act(1, rename("by itself"));
    assert_eq!((done.changed.len(), done.step, play.seen().steps.len()), (1, None, 1));
}

#[test]
fn s7_a_purge_is_no_step_and_ends_what_it_touched() {
    let mut play = Play::new();
    play.add(1, "stays");
    play.add(2, "goes");
    let purged = play.act(2, Verb::Purge);
    assert_eq!((purged.step, play.seen().steps.len()), (None, 1));
    assert_eq!(play.undo().step, Some(StepNo(1)));
}

/// Undo of a creation needs the task as it was made.
#[test]
fn s7_undo_of_a_creation_refuses_what_was_worked_on() {
    let mut play = Play::new();
    play.add(1, "made");
    play.act(1, rename("worked on"));
    assert_eq!(play.refused(&Command::Undo(Some(StepNo(1)))), conflict(1, 1, &[Field::Title]));
    play.undo();
    play.undo();
    let task = play.task(1);
    assert_eq!((task.title.as_str(), task.trash.is_some()), ("made", true));
    play.act(1, Verb::Restore);
    assert_eq!(play.task(1).trash, None, "what undo put into the trash comes back from it");
}

/// Undo never makes what the rules forbid: a task alive in the trash, or a circle.
#[test]
fn s7_undo_keeps_the_tree() {
    let under =
        |k: u8| change(TaskPatch { parent: Patch::Set(uid(k).into()), ..TaskPatch::default() });
    let top = || change(TaskPatch { parent: Patch::Clear, ..TaskPatch::default() });
    let mut play = Play::new();
    play.add(1, "one");
    play.add_below(2, 1);
    let left = play.act(2, top()).step;
    play.act(1, under(2));
    // Back below one would be a circle now.
    assert_eq!(play.refused(&Command::Undo(left)), conflict(3, 2, &[Field::Parent]));
    play.act(1, top());
    play.act(1, Verb::Delete);
    // Back below one would be alive in the trash.
    assert_eq!(play.refused(&Command::Undo(left)), conflict(3, 2, &[Field::Parent]));
    play.act(1, Verb::Restore);
    play.undo_no(left.expect("a step"));
    assert_eq!(play.task(2).parent.map(|parent| parent.uid), Some(uid(1)));
    // Its creation cannot be taken back while something lives below it.
    let error = play.refused(&Command::Undo(Some(StepNo(1))));
    assert_eq!(error, conflict(1, 2, &[Field::Parent]));
}

/// A step that closes a task is not done again over open subtasks (S8).
#[test]
fn s7_redo_respects_open_subtasks() {
    let mut play = Play::new();
    play.add(1, "parent");
    play.add_below(2, 1);
    play.act(2, go(Status::Completed));
    play.act(1, go(Status::Completed));
    play.undo();
    // Taking back the child's completion leaves it open, and the parent's is next to redo after it.
    play.undo();
    assert_eq!(play.redo().step, Some(StepNo(3)));
    assert_eq!(play.redo().step, Some(StepNo(4)));
    let child = play.undo_no(StepNo(3));
    assert_eq!(child.step, Some(StepNo(3)), "reopening below a closed task is allowed");
    assert_eq!(play.task(2).status, Status::Pending);
}

/// One step may close a task and open another below it; redo does both again.
#[test]
fn s7_redo_allows_what_the_step_itself_opened() {
    let mut play = Play::new();
    play.add(1, "parent");
    let child = NewTask { parent: Some(uid(1).into()), ..NewTask::new(uid(2), title("child")) };
    let items = vec![Item::act(uid(1), go(Status::Completed)), Item::Create(Box::new(child))];
    play.done(&Command::Bulk(Bulk { items, atomic: true }));
    let done = play.contents();
    play.undo();
    play.redo();
    assert_eq!(play.contents(), done);
}

/// A closed task that got an open subtask was like that before it was reopened; it is again. Once
/// named out of order, the step would close it over a subtask that came later (S8).
#[test]
fn s7_undo_of_reopening_above_an_open_subtask() {
    let mut play = Play::new();
    play.add(1, "parent");
    play.act(1, go(Status::Completed));
    play.add_below(2, 1);
    let before = play.contents();
    let reopened = play.act(1, go(Status::Pending)).step;
    let mut later = play.clone();
    play.undo();
    assert_eq!(play.contents(), before);
    later.add_below(3, 1);
    let error = later.refused(&Command::Undo(reopened));
    assert_eq!(error.code(), ErrorCode::OpenSubtasks);
}

/// The trash's thirty days begin anew when redo puts something there.
#[test]
fn s7_redo_of_a_deletion_is_not_gone_at_once() {
    let mut play = Play::new();
    play.add(1, "deleted, undeleted, deleted");
    play.act(1, Verb::Delete);
    play.undo();
    play.later(31 * DAY);
    play.redo();
    assert_eq!(play.task(1).trash.map(|trash| trash.at), Some(play.ctx.now));
    play.act(1, Verb::Restore);
    assert_eq!(play.task(1).trash, None);
}

/// S4, S8: what was made in the trash lies there as long as what it was made with.
#[test]
fn s7_redo_of_a_deletion_renews_all_that_lies_there() {
    let mut play = Play::new();
    play.add(1, "parent");
    let child = NewTask { parent: Some(uid(1).into()), ..NewTask::new(uid(2), title("child")) };
    let items = vec![Item::Create(Box::new(child)), Item::act(uid(1), Verb::Delete)];
    play.done(&Command::Bulk(Bulk { items, atomic: true }));
    play.undo();
    play.later(DAY);
    play.redo();
    let since = |k| play.task(k).trash.map(|trash| (trash.group, trash.at));
    assert_eq!(since(1), since(2));
    assert_eq!(since(1).map(|(_, at)| at), Some(play.ctx.now));
}
