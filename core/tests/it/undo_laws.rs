//! S7 as laws: undo brings back what was, redo what was done.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseResult;
use todo_core::conformance::{Move, cases, history};
use todo_core::event::EventData;
use todo_core::{Command, EventEnvelope, StepNo};

use crate::play::Play;

/// After a command that left a step: takes it back and does it again, on a copy.
fn there_and_back(play: &Play, before: &Play, no: StepNo, step: &Move) -> TestCaseResult {
    let mut copy = play.clone();
    let (was, done) = (before.contents(), copy.contents());
    let undone = copy.run(&Command::Undo(None));
    prop_assert!(undone.is_ok(), "{:?} cannot be undone: {:?}", step.command, undone);
    prop_assert_eq!(undone.map(|undone| undone.step), Ok(Some(no)));
    let mut now = copy.contents();
    for task in copy.facts().tasks.values().filter(|task| !was.contains_key(&task.uid)) {
        prop_assert!(task.trash.is_some(), "what was made ends in the trash: {:?}", task);
        now.remove(&task.uid);
    }
    prop_assert_eq!(now, was, "undo of {:?}", step.command);
    let redone = copy.run(&Command::Redo);
    prop_assert_eq!(redone.map(|redone| redone.step), Ok(Some(no)));
    prop_assert_eq!(copy.contents(), done, "redo of {:?}", step.command);
    Ok(())
}

/// Nothing brings back what was purged, so what depended on it may be refused.
fn purges(before: &Play, after: &Play) -> bool {
    let known = before.seen().events.len();
    let purged = |event: &EventEnvelope| matches!(event.data, EventData::Purged { .. });
    after.seen().events[known..].iter().any(purged)
}

proptest! {
    #![proptest_config(cases(96))]

    /// undo∘do = before, redo∘undo∘do = do, for every kind of step.
    #[test]
    fn undo_brings_back_and_redo_does_again(history in history()) {
        let mut play = Play::new();
        for step in &history {
            play.later(step.wait);
            let before = play.clone();
            let done = play.run(&step.command);
            let taken_back = matches!(step.command, Command::Undo(_) | Command::Redo);
            let Ok(Some(no)) = done.as_ref().map(|done| done.step) else { continue };
            if !taken_back && !purges(&before, &play) {
                there_and_back(&play, &before, no, step)?;
            }
        }
    }

    /// Undoing everything, as far as nothing was purged or has expired, leads to an empty list;
    /// doing everything again leads back.
    #[test]
    fn all_the_way_back_and_forth(history in history()) {
        let mut play = Play::new();
        for step in &history {
            // Nothing may expire on the way, and no step be taken back out of order.
            play.later(step.wait.min(10_000));
            let before = play.clone();
            // Nor does the system do anything by itself, which is nobody's to take back.
            let left_out = matches!(
                step.command,
                Command::Undo(Some(_)) | Command::SpawnDue(_) | Command::Remind(_)
            );
            if left_out || play.run(&step.command).is_err() || purges(&before, &play) {
                play = before;
            }
        }
        // Each undo in the history is redone once at most.
        let redone = history.iter().take_while(|_| play.run(&Command::Redo).is_ok()).count();
        prop_assert!(redone < history.len(), "redo without end");
        let done = play.contents();
        let mut undone = Vec::new();
        while let Ok(back) = play.run(&Command::Undo(None)) {
            let no = back.step.expect("a step was taken back");
            prop_assert!(!undone.contains(&no), "step {} was undone twice", no);
            undone.push(no);
        }
        prop_assert!(play.facts().tasks.values().all(|task| task.trash.is_some()));
        for no in undone.into_iter().rev() {
            prop_assert_eq!(play.run(&Command::Redo).map(|redone| redone.step), Ok(Some(no)));
        }
        prop_assert_eq!(play.contents(), done);
    }
}
