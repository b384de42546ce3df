//! What holds after every command.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::{TestCaseError, TestCaseResult};
use todo_core::conformance::{cases, history};
use todo_core::reminder::{REMINDERS_MAX, Trigger};
use todo_core::task::{DEPTH_MAX, is_expired};
use todo_core::{Command, Status, Task, TaskId};

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

fn fail(what: &str, task: &Task) -> TestCaseError {
    TestCaseError::fail(format!("{what}: {task:?}"))
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

/// R1, R6: what repeats has a series, a slot and a due date; a slot is one task's, a series has
/// one baton, the trash included.
fn series(tasks: &Tasks) -> TestCaseResult {
    let (mut slots, mut batons) = (BTreeMap::new(), BTreeMap::new());
    for task in tasks.values() {
        prop_assert_eq!(task.series.is_some(), task.slot.is_some(), "{:?}", task);
        if let (Some(series), Some(slot)) = (task.series, task.slot) {
            let other = slots.insert((series, slot.to_string()), task);
            prop_assert!(other.is_none(), "one slot: {:?} {:?}", other, task);
        }
        let Some(baton) = &task.recurrence else { continue };
        prop_assert!(task.series.is_some() && task.due_date.is_some(), "{:?}", task);
        prop_assert!(baton.n >= 1, "{:?}", task);
        let other = batons.insert(task.series, task);
        prop_assert!(other.is_none(), "two batons: {:?} {:?}", other, task);
    }
    Ok(())
}

/// R1: as long as its rule and anchor are the same, the baton's number goes up along a series.
fn numbers(before: &Tasks, after: &Tasks) -> TestCaseResult {
    let holders = |tasks: &Tasks| {
        let holders = tasks.values().filter_map(|task| Some((task.series?, task.slot?, task)));
        let batons = holders.filter_map(|(s, slot, t)| Some((s, (slot, t.recurrence.clone()?))));
        batons.collect::<BTreeMap<_, _>>()
    };
    let (old, new) = (holders(before), holders(after));
    for (series, (slot, baton)) in new {
        let Some((slot_before, before)) = old.get(&series) else { continue };
        if before.rule == baton.rule && before.anchor == baton.anchor {
            prop_assert_eq!(slot.cmp(slot_before), baton.n.cmp(&before.n), "{:?}", series);
        }
    }
    Ok(())
}

/// R9: ten reminders at most, each with its number, and none that counts from nothing.
fn reminders(tasks: &Tasks) -> TestCaseResult {
    for task in tasks.values() {
        prop_assert!(task.reminders.len() <= REMINDERS_MAX, "{:?}", task);
        let numbers: BTreeSet<_> = task.reminders.iter().map(|reminder| reminder.id).collect();
        prop_assert_eq!(numbers.len(), task.reminders.len(), "{:?}", task);
        let offset = task.reminders.iter().any(|r| matches!(r.trigger, Trigger::Offset(_)));
        prop_assert!(task.due_date.is_some() || !offset, "{:?}", task);
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
                prop_assert_eq!(&play.seen(), &before, "refused: {:?}", step.command);
            }
            let mut tasks = play.facts().tasks;
            tasks.retain(|_, task| !is_expired(task.trash, play.ctx.now));
            let checks = [tree, fields, groups, series, reminders];
            let checked = checks.iter().try_for_each(|check| check(&tasks));
            // What comes from elsewhere has the numbers of elsewhere.
            let imported = matches!(step.command, Command::Import(_));
            let counted = || if imported { Ok(()) } else { numbers(&before.tasks, &tasks) };
            checked.and_then(|()| counted()).map_err(|error| {
                TestCaseError::fail(format!("after {:?}: {error}", step.command))
            })?;
        }
    }
}
