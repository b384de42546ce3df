//! S5: many things in one plan, one commit, one step.

use todo_core::command::BULK_MAX;
use todo_core::conformance::given::{go, rename, title};
use todo_core::conformance::uid;
use todo_core::step::StepKind;
use todo_core::{Bulk, Command, Item, NewTask, Status, TaskError, TaskId, Verb};
use uuid::Uuid;

use crate::play::Play;

fn bulk(items: Vec<Item>, atomic: bool) -> Command {
    Command::Bulk(Bulk { items, atomic })
}

/// The second of three items cannot be done.
fn mixed() -> (Play, Vec<Item>) {
    let mut play = Play::new();
    for k in 1..=3 {
        play.add(k, "one of several");
    }
    play.act(2, go(Status::Cancelled));
    (play, [1, 2, 3].map(|k| Item::act(uid(k), go(Status::Completed))).to_vec())
}

#[test]
fn s5_what_can_be_done_is_done_and_the_rest_is_listed() {
    let (mut play, items) = mixed();
    let done = play.done(&bulk(items, false));
    assert_eq!(done.changed, [uid(1), uid(3)]);
    let refused: Vec<_> = done.refused().map(|(at, error)| (at, error.code())).collect();
    assert_eq!(refused, [(1, todo_core::ErrorCode::InvalidTransition)]);
    let steps = play.seen().steps;
    assert_eq!(steps.len(), 5, "one step for all of it");
    assert_eq!(steps[4].tasks().collect::<Vec<_>>(), [uid(1), uid(3)]);
    assert_eq!(steps[4].kind, StepKind::Complete);
    play.undo();
    assert!([1, 3].iter().all(|k| play.task(*k).status == Status::Pending));
}

#[test]
fn s5_atomic_refuses_all() {
    let (mut play, items) = mixed();
    let error = play.refused(&bulk(items, true));
    let TaskError::Refused { index, error } = error else { panic!("{error}") };
    assert_eq!((index, error.code().as_str()), (1, "invalid_transition"));
}

#[test]
fn s5_a_thousand_items_and_no_more() {
    let create = |k: usize| {
        let uid = TaskId(Uuid::from_u128(k as u128 + 1));
        Item::Create(Box::new(NewTask::new(uid, title("one of many"))))
    };
    let mut play = Play::new();
    let most: Vec<_> = (0..BULK_MAX).map(create).collect();
    let one_more = most.iter().cloned().chain([create(BULK_MAX)]).collect();
    for atomic in [true, false] {
        let error =
            play.refused(&bulk(most.iter().cloned().chain([create(BULK_MAX)]).collect(), atomic));
        assert_eq!(error, TaskError::LimitExceeded { what: "items in one command", limit: 1000 });
    }
    let done = play.done(&bulk(most, true));
    assert_eq!((done.changed.len(), play.seen().steps.len()), (1000, 1));
    assert_eq!(
        play.preview(&bulk(one_more, false)).map_err(|error| error.code()).err(),
        Some(todo_core::ErrorCode::LimitExceeded)
    );
}

/// Each item sees what the ones before it did.
#[test]
fn s5_items_are_carried_out_in_order() {
    let mut play = Play::new();
    let child = NewTask { parent: Some(uid(1).into()), ..NewTask::new(uid(2), title("child")) };
    let items = vec![
        Item::act(uid(1), rename("too early")),
        Item::Create(Box::new(NewTask::new(uid(1), title("parent")))),
        Item::Create(Box::new(child)),
        Item::act(uid(1), go(Status::Completed)),
        Item::act(uid(2), go(Status::Completed)),
        Item::act(uid(1), go(Status::Completed)),
    ];
    let done = play.done(&bulk(items, false));
    let codes: Vec<_> = done.refused().map(|(at, error)| (at, error.code().as_str())).collect();
    assert_eq!(codes, [(0, "not_found"), (3, "open_subtasks")]);
    assert_eq!(
        (play.task(1).status, play.task(2).parent.map(|p| p.id.0)),
        (Status::Completed, Some(1))
    );
    assert_eq!(play.seen().steps[0].kind, StepKind::Bulk);
}

/// What a command makes, deletes and brings back in one is back, with all that went along.
#[test]
fn s5_delete_and_restore_of_what_was_just_made() {
    let mut play = Play::new();
    play.add(1, "parent");
    let child = NewTask { parent: Some(uid(1).into()), ..NewTask::new(uid(2), title("child")) };
    let items = vec![
        Item::Create(Box::new(child)),
        Item::act(uid(1), Verb::Delete),
        Item::act(uid(1), Verb::Restore),
    ];
    play.done(&bulk(items, true));
    assert_eq!((play.task(1).trash, play.task(2).trash), (None, None));
    assert_eq!(play.task(2).parent.map(|parent| parent.uid), Some(uid(1)));
}

/// S2: a bulk command that changes nothing leaves no step.
#[test]
fn s2_nothing_to_do_leaves_nothing() {
    let (mut play, _) = mixed();
    let before = play.seen();
    let items = vec![Item::act(uid(2), go(Status::Cancelled)), Item::act(uid(9), Verb::Delete)];
    let done = play.done(&bulk(items, false));
    assert_eq!((done.step, done.refused().count()), (None, 1));
    play.done(&bulk(Vec::new(), true));
    assert_eq!(play.seen(), before);
}

/// Made and purged in one: its events are numbered, and nothing is left.
#[test]
fn s5_made_and_purged_in_one() {
    let mut play = Play::new();
    let items = vec![
        Item::Create(Box::new(NewTask::new(uid(1), title("a moment")))),
        Item::act(uid(1), Verb::Purge),
    ];
    play.done(&bulk(items, true));
    let ids: Vec<_> = play.seen().events.iter().map(|event| event.data.id().0).collect();
    assert_eq!((ids, play.seen().tasks.len(), play.seen().steps.len()), (vec![1, 1], 0, 0));
}
