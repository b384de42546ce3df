//! P4, R6: several who do the same things at once, retries and repeats: never two of one slot.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseResult;
use todo_core::conformance::cases;
use todo_core::conformance::given::{DAY, go};
use todo_core::conformance::uid;
use todo_core::{
    Batch, Command, NewRecurrence, Status, StoreError, Task, TaskId, TaskStore, Verb, plan,
};

use super::{every, from_completion, on, on_schedule};
use crate::play::Play;

/// What one of three does next. Between planning and writing, the others do as they please.
#[derive(Debug, Clone)]
enum Deed {
    /// Plans something on what is there now.
    Plan(usize, Wish),
    /// Writes what was planned, and on a conflict plans and writes again.
    Write(usize),
    /// Writes what was written once more: the answer was lost.
    Repeat(usize),
    /// Time passes.
    Wait(i64),
}

#[derive(Debug, Clone)]
enum Wish {
    Act(Index, Verb),
    Spawn,
}

fn deed() -> impl Strategy<Value = Deed> {
    let verbs = vec![
        go(Status::Completed),
        go(Status::Completed),
        go(Status::Completed),
        go(Status::Pending),
        go(Status::Pending),
        go(Status::Cancelled),
        Verb::Skip { cascade: false },
        Verb::Delete,
        Verb::Restore,
    ];
    let act = (any::<Index>(), select(verbs)).prop_map(|(task, verb)| Wish::Act(task, verb));
    let wish = prop_oneof![3 => act, 1 => Just(Wish::Spawn)];
    prop_oneof![
        4 => (0..3_usize, wish).prop_map(|(who, wish)| Deed::Plan(who, wish)),
        4 => (0..3_usize).prop_map(Deed::Write),
        1 => (0..3_usize).prop_map(Deed::Repeat),
        1 => select(vec![0, 1000, DAY, 3 * DAY]).prop_map(Deed::Wait),
    ]
}

fn recurrence() -> impl Strategy<Value = NewRecurrence> {
    select(vec![
        every("FREQ=DAILY"),
        every("FREQ=DAILY;COUNT=4"),
        on_schedule("FREQ=DAILY"),
        from_completion("FREQ=DAILY;INTERVAL=2"),
    ])
}

#[derive(Default)]
struct Worker {
    planned: Option<(Command, Batch)>,
    written: Option<Batch>,
}

/// The task's place among all, the trash included, in the order in which they were made.
fn command(play: &Play, wish: &Wish) -> Command {
    let mut tasks: Vec<_> = play.seen().tasks.into_values().collect();
    tasks.sort_by_key(|task| task.id);
    match wish {
        Wish::Act(index, verb) => on(tasks[index.index(tasks.len())].uid, verb.clone()),
        Wish::Spawn => Command::SpawnDue(tasks.iter().map(|task| task.uid).collect()),
    }
}

fn planned(play: &Play, command: &Command) -> Option<Batch> {
    let facts = play.store.load(play.ctx.owner, &command.needs()).expect("memory does not fail");
    let batch = plan(&facts, command, &play.ctx).ok()?.batch;
    (!batch.is_empty()).then_some(batch)
}

/// One task for each slot, one baton at most, and one uid for each slot for ever.
fn one_of_each(play: &Play, names: &mut BTreeMap<String, TaskId>) -> TestCaseResult {
    let tasks = play.seen().tasks;
    let mut slots = BTreeSet::new();
    for Task { uid, series, slot, .. } in tasks.values() {
        let key = (series.map(|series| series.to_string()), slot.map(|slot| slot.to_string()));
        let name = format!("{key:?}");
        prop_assert!(slots.insert(name.clone()), "two of {}", name);
        prop_assert_eq!(*names.entry(name).or_insert(*uid), *uid);
    }
    let holders = tasks.values().filter(|task| task.recurrence.is_some()).count();
    prop_assert!(holders <= 1, "{} batons: {:?}", holders, tasks);
    Ok(())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn p4_never_two_of_one_slot(recurrence in recurrence(), deeds in vec(deed(), 1..60)) {
        let mut play = Play::with("2026-11-21", recurrence);
        let mut workers: [Worker; 3] = Default::default();
        let mut names = BTreeMap::new();
        for deed in &deeds {
            match deed {
                Deed::Wait(millis) => play.later(*millis),
                Deed::Plan(who, wish) => {
                    let command = command(&play, wish);
                    let batch = planned(&play, &command);
                    workers[*who].planned = batch.map(|batch| (command, batch));
                }
                Deed::Write(who) => {
                    let Some((command, mut batch)) = workers[*who].planned.take() else { continue };
                    let owner = play.ctx.owner;
                    let mut done = play.store.commit(owner, batch.clone());
                    if done.is_err() {
                        // Planned again on what is there now: nothing may be left to do.
                        let Some(again) = planned(&play, &command) else { continue };
                        batch = again;
                        done = play.store.commit(owner, batch.clone());
                    }
                    prop_assert!(done.is_ok(), "nobody was faster: {:?}", done);
                    workers[*who].written = Some(batch);
                }
                Deed::Repeat(who) => {
                    let Some(batch) = workers[*who].written.clone() else { continue };
                    let before = play.seen();
                    let again = play.store.commit(play.ctx.owner, batch);
                    prop_assert!(matches!(again, Err(StoreError::Conflict)), "{:?}", again);
                    prop_assert_eq!(play.seen(), before);
                }
            }
            one_of_each(&play, &mut names)?;
        }
    }
}

/// Two who complete the same occurrence at the same moment make one successor, and both succeed.
#[test]
fn r6_two_at_once_make_one() {
    let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
    let command = on(uid(1), go(Status::Completed));
    let (one, other) = (planned(&play, &command), planned(&play, &command));
    let (one, other) = (one.expect("it changes"), other.expect("it changes"));
    assert_eq!(one, other, "the same successor, whoever makes it");
    play.store.commit(play.ctx.owner, one).expect("the first is written");
    let late = play.store.commit(play.ctx.owner, other);
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(play.run(&command).map(|done| done.changed), Ok(vec![]), "planned again: done");
    assert_eq!(play.living().len(), 2);
    // Of two spawners by the clock as well, and of two replicas that never met.
    let mut apart = [Play::with("2026-11-21", on_schedule("FREQ=DAILY")), {
        let mut other = Play::new();
        other.add(9, "another number");
        other.create(super::repeating(1, "2026-11-21", on_schedule("FREQ=DAILY")));
        other
    }];
    let made = apart.each_mut().map(|play| {
        play.later(DAY);
        super::spawned(&play.spawn()).0
    });
    assert_eq!(made[0], made[1]);
}
