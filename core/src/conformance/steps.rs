//! The kept steps (S7).

use super::given::{Stage, go, rename, uid};
use crate::command::{Command, StepWanted, Verb};
use crate::event::Seq;
use crate::facts::Needs;
use crate::ports::AsyncTaskStore;
use crate::step::{STEPS_KEPT, StepKind, StepNo};
use crate::task::Status;

/// The newest hundred, the oldest first, each with the number of its last event.
pub async fn the_newest_hundred_are_kept<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "often renamed").await;
    for count in 1..=STEPS_KEPT + 4 {
        stage.rename(1, &format!("name {count}")).await;
    }
    let steps = stage.steps().await;
    let numbers: Vec<_> = steps.iter().map(|step| step.no.0).collect();
    assert_eq!(numbers, (6..=105).collect::<Vec<_>>());
    assert!(steps.iter().all(|step| step.kind == StepKind::Edit && step.undone.is_none()));
    let gone = stage.run(&Command::Undo(Some(StepNo(5)))).await;
    assert_eq!(gone.expect_err("no longer kept").code(), crate::ErrorCode::NotFound);
}

/// A new step drops those that were undone; the others stay.
pub async fn a_new_step_ends_what_could_be_redone<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "zero").await;
    stage.rename(1, "one").await;
    stage.rename(1, "two").await;
    stage.undo(None).await;
    stage.undo(None).await;
    assert_eq!(stage.steps().await.len(), 3);
    let other = stage.add(2, "something new").await;
    let kinds: Vec<_> = stage.steps().await.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::Add, StepKind::Add]);
    let refused = stage.run(&Command::Redo).await.expect_err("redo was ended");
    assert_eq!(refused.code(), crate::ErrorCode::NothingToUndo);
    assert_eq!(stage.steps().await[1].tasks().collect::<Vec<_>>(), [other.uid]);
}

/// Undo and redo go back and forth over the steps, and mark which of them stand.
pub async fn undo_and_redo_leave_their_marks<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "zero").await;
    stage.rename(1, "one").await;
    stage.act(1, go(Status::Completed)).await;
    let undone = async || {
        let steps = stage.steps().await;
        steps.iter().map(|step| step.undone.map(|seq| seq.0)).collect::<Vec<_>>()
    };
    assert_eq!(undone().await, [None, None, None]);
    assert_eq!(stage.undo(None).await.step, Some(StepNo(3)));
    assert_eq!(stage.undo(None).await.step, Some(StepNo(2)));
    assert_eq!(undone().await, [None, Some(5), Some(4)]);
    let redone = stage.done(&Command::Redo).await;
    assert_eq!(redone.step, Some(StepNo(2)), "the one undone last comes first");
    assert_eq!(redone.taken.map(|step| step.undone), Some(Some(Seq(5))));
    assert_eq!(undone().await, [None, None, Some(4)]);
    assert_eq!(stage.done(&Command::Redo).await.step, Some(StepNo(3)));
    assert_eq!(undone().await, [None, None, None]);
    let task = &stage.all().await[0];
    assert_eq!((task.title.as_str(), task.status, task.version.0), ("one", Status::Completed, 7));
}

/// A wanted step comes with the tasks it touched, and what lies around them.
pub async fn a_wanted_step_comes_with_its_tasks<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "parent").await;
    stage.add_below(2, 1).await;
    stage.add_below(3, 2).await;
    stage.add(4, "elsewhere").await;
    stage.rename(2, "in the middle").await;
    let wanted = async |wanted| stage.load(&Needs { step: Some(wanted), ..Needs::default() }).await;
    let facts = wanted(StepWanted::Undo).await;
    assert_eq!(facts.step.as_ref().map(|step| step.no), Some(StepNo(5)));
    assert!([1, 2, 3].iter().all(|k| facts.tasks.contains_key(&uid(*k))), "above and below");
    assert!(!facts.tasks.contains_key(&uid(4)));
    let facts = wanted(StepWanted::No(StepNo(4))).await;
    assert_eq!(facts.tasks.keys().copied().collect::<Vec<_>>(), [uid(4)]);
    assert_eq!(wanted(StepWanted::Redo).await.step, None);
    assert_eq!(wanted(StepWanted::No(StepNo(77))).await.step, None);
    stage.undo(Some(StepNo(4))).await;
    let redo = wanted(StepWanted::Redo).await;
    assert_eq!(redo.step.map(|step| step.no), Some(StepNo(4)));
}

/// S7: a purge leaves no step, and takes out of the others what they remember of the task: gone
/// for good means there too. What is left of them can still be undone.
pub async fn a_purge_is_no_step<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "short-lived").await;
    stage.act(1, rename("shorter-lived")).await;
    stage.add(2, "stays").await;
    let both = [1, 2].map(|k| crate::Item::act(uid(k), rename("of both"))).to_vec();
    stage.done(&Command::Bulk(crate::Bulk { items: both, atomic: true })).await;
    let purged = stage.done(&Command::One(crate::Item::act(uid(1), Verb::Purge))).await;
    assert_eq!(purged.step, None);
    assert_eq!(purged.purged.len(), 1);
    let steps = stage.steps().await;
    let told: Vec<Vec<_>> = steps.iter().map(|step| step.tasks().collect()).collect();
    assert_eq!(told, [[uid(2)], [uid(2)]], "its own steps are gone, the shared one tells of one");
    let undone = stage.done(&Command::Undo(None)).await;
    assert_eq!(undone.changed, [uid(2)]);
}
