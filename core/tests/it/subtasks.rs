//! S8: the tree.

use todo_core::conformance::given::{go, title};
use todo_core::conformance::uid;
use todo_core::{
    Command, Item, NewTask, Patch, Problem, Status, TaskError, TaskNo, TaskPatch, Verb,
};

use crate::play::{Play, act, change};

/// `1 ── 2 ── 3 ── 4`, and 5 below 1.
fn family() -> Play {
    let mut play = Play::new();
    play.add(1, "top");
    for (k, parent) in [(2, 1), (3, 2), (4, 3), (5, 1)] {
        play.add_below(k, parent);
    }
    play
}

fn under(k: u8) -> Verb {
    change(TaskPatch { parent: Patch::Set(uid(k).into()), ..TaskPatch::default() })
}

fn parent_of(play: &Play, k: u8) -> Option<TaskNo> {
    play.task(k).parent.map(|parent| parent.id)
}

#[test]
fn s8_open_subtasks_stand_in_the_way() {
    for to in [Status::Completed, Status::Cancelled] {
        let mut play = family();
        let error = play.refused(&act(1, go(to)));
        let TaskError::OpenSubtasks { task, open } = &error else { panic!("{error}") };
        let mut open: Vec<_> = open.iter().map(|candidate| candidate.id.0).collect();
        open.sort_unstable();
        assert_eq!((*task, open), (TaskNo(1), vec![2, 3, 4, 5]));
        assert_eq!(error.code().as_str(), "open_subtasks");
        for k in [4, 3, 2, 5, 1] {
            play.act(k, go(to));
        }
        assert_eq!(play.task(1).status, to);
    }
}

/// A cascade takes along what is open, and only that.
#[test]
fn s8_a_cascade_closes_what_is_open() {
    let mut play = family();
    play.act(4, go(Status::Cancelled));
    play.later(1000);
    let done = play.act(1, Verb::Move { to: Status::Completed, cascade: true });
    assert_eq!(done.changed.len(), 4);
    // Children first: at no moment is there an open task below a closed one.
    let place = |k| done.changed.iter().position(|changed| *changed == uid(k));
    assert!(place(3) < place(2) && place(2) < place(1) && place(5) < place(1));
    assert!([1, 2, 3, 5].iter().all(|k| play.task(*k).status == Status::Completed));
    assert_eq!(play.task(4).status, Status::Cancelled);
    // One step, which undo takes back as a whole.
    play.undo();
    assert!([1, 2, 3, 5].iter().all(|k| play.task(*k).status == Status::Pending));
    assert_eq!(play.task(4).status, Status::Cancelled);
}

/// What lies in the trash is not open.
#[test]
fn s8_trashed_subtasks_are_not_in_the_way() {
    let mut play = family();
    play.act(2, Verb::Delete);
    play.act(5, Verb::Delete);
    play.act(1, go(Status::Completed));
    assert_eq!(play.task(2).status, Status::Pending);
}

#[test]
fn s8_delete_takes_the_subtree_and_restore_brings_back_that_group() {
    let mut play = family();
    play.act(3, Verb::Delete);
    play.later(1000);
    play.act(1, Verb::Delete);
    let group = |k| play.task(k).trash.map(|trash| trash.group);
    assert_eq!(group(3), group(4));
    assert_eq!((group(1), group(1)), (group(2), group(5)));
    assert_ne!(group(1), group(3), "deleted earlier, on its own");
    play.act(1, Verb::Restore);
    let alive =
        |play: &Play| (1..=5_u8).filter(|k| play.task(*k).trash.is_none()).collect::<Vec<_>>();
    assert_eq!(alive(&play), [1, 2, 5]);
    play.act(4, Verb::Restore);
    assert_eq!(alive(&play), [1, 2, 3, 4, 5], "any of a group brings back all of it");
    assert_eq!((parent_of(&play, 3), parent_of(&play, 4)), (Some(TaskNo(2)), Some(TaskNo(3))));
}

/// A child whose parent is gone, or still in the trash, returns to the top.
#[test]
fn s8_a_child_without_a_parent_returns_to_the_top() {
    let mut play = family();
    play.act(3, Verb::Delete);
    play.act(2, Verb::Delete);
    play.act(3, Verb::Restore);
    assert_eq!((parent_of(&play, 3), parent_of(&play, 4)), (None, Some(TaskNo(3))));
    assert!(play.task(2).trash.is_some());
    play.act(2, Verb::Restore);
    assert_eq!(parent_of(&play, 3), None);
}

/// A child that comes back to where there is no room any more returns to the top.
#[test]
fn s8_a_child_without_room_returns_to_the_top() {
    let mut play = family();
    play.add_below(6, 5);
    play.act(6, Verb::Delete);
    play.act(5, under(3));
    play.act(6, Verb::Restore);
    assert_eq!((parent_of(&play, 5), parent_of(&play, 6)), (Some(TaskNo(3)), None));
}

#[test]
fn s8_at_most_three_levels_below_the_top() {
    let mut play = family();
    let too_deep = TaskError::field("parent", Problem::TooDeep { max: 3 });
    let new = NewTask { parent: Some(uid(4).into()), ..NewTask::new(uid(6), title("deeper")) };
    let create = Command::One(Item::Create(Box::new(new)));
    assert_eq!(play.refused(&create), too_deep);
    assert_eq!(play.refused(&act(5, under(4))), too_deep);
    // With what lies below it, it would be too deep as well.
    play.add(7, "with a child");
    play.add_below(8, 7);
    assert_eq!(play.refused(&act(7, under(3))), too_deep);
    play.act(7, under(2));
    assert_eq!(parent_of(&play, 7), Some(TaskNo(2)));
    play.act(5, under(3));
}

#[test]
fn s8_no_circles() {
    let mut play = family();
    for (k, parent) in [(1, 1), (1, 2), (1, 4), (2, 3), (3, 3)] {
        let error = play.refused(&act(k, under(parent)));
        let id = play.task(parent).id;
        assert_eq!(error, TaskError::field("parent", Problem::Cycle(id)), "{k} below {parent}");
    }
}

/// Only the same owner's living tasks can be parents (S4, S6).
#[test]
fn s8_a_parent_must_be_there() {
    let mut play = family();
    let unknown = TaskError::field("parent", Problem::NoParent(uid(9).into()));
    assert_eq!(play.refused(&act(5, under(9))), unknown);
    let new = NewTask { parent: Some(uid(9).into()), ..NewTask::new(uid(6), title("orphan")) };
    assert_eq!(play.refused(&Command::One(Item::Create(Box::new(new)))), unknown);
}
