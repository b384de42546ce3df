//! What holds after every command.

use std::collections::BTreeMap;

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseResult;
use todo_core::conformance::{cases, history};
use todo_core::task::{DEPTH_MAX, is_expired};
use todo_core::{Status, Task, TaskId};

use crate::play::Play;

type Tasks = BTreeMap<TaskId, Task>;

/// S8: a tree, at most three levels below the top; no living task below a trashed one; parents
/// known by their number.
fn tree(tasks: &Tasks) -> TestCaseResult {
    for task in tasks.values().filter(|task| task.trash.is_none()) {
        let mut above = vec![task.uid];
        let mut at = task;
        while let Some(parent) = at.parent {
            let found = tasks.get(&parent.uid);
            let Some(found) = found else {
                return Err(fail("a living task's parent is not there", task));
            };
            prop_assert_eq!(found.id, parent.id, "{:?}", at);
            prop_assert!(found.trash.is_none(), "alive below the trash: {:?} {:?}", at, found);
            prop_assert!(!above.contains(&parent.uid), "a circle: {:?}", task);
            above.push(parent.uid);
            at = found;
        }
        prop_assert!(above.len() <= DEPTH_MAX + 1, "too deep: {:?}", task);
    }
    Ok(())
}

fn fail(what: &str, task: &Task) -> proptest::test_runner::TestCaseError {
    proptest::test_runner::TestCaseError::fail(format!("{what}: {task:?}"))
}

/// Instants that belong to a status are there exactly with it, and a task has one zone.
fn fields(tasks: &Tasks) -> TestCaseResult {
    for task in tasks.values() {
        let completed = task.status == Status::Completed;
        prop_assert_eq!(task.completed_at.is_some(), completed, "{:?}", task);
        prop_assert_eq!(
            task.cancelled_at.is_some(),
            task.status == Status::Cancelled,
            "{:?}",
            task
        );
        let zones =
            task.start_date.and_then(|s| s.zone()).zip(task.due_date.and_then(|d| d.zone()));
        prop_assert!(zones.is_none_or(|(start, due)| start == due), "two zones: {:?}", task);
    }
    Ok(())
}

/// What was deleted together lies in the trash since the same moment.
fn groups(tasks: &Tasks) -> TestCaseResult {
    let mut since = BTreeMap::new();
    for trash in tasks.values().filter_map(|task| task.trash) {
        let at = *since.entry(trash.group).or_insert(trash.at);
        prop_assert_eq!(at, trash.at, "{:?}", tasks);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn hold_after_every_command(history in history()) {
        let mut play = Play::new();
        for step in &history {
            play.later(step.wait);
            let before = play.seen();
            if play.run(&step.command).is_err() {
                prop_assert_eq!(play.seen(), before, "refused: {:?}", step.command);
            }
            let mut tasks = play.facts().tasks;
            tasks.retain(|_, task| !is_expired(task.trash, play.ctx.now));
            tree(&tasks).and_then(|()| fields(&tasks)).and_then(|()| groups(&tasks)).map_err(
                |error| proptest::test_runner::TestCaseError::fail(
                    format!("after {:?}: {error}", step.command),
                ),
            )?;
        }
    }
}
