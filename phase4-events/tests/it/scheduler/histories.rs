//! Whatever people do, what comes of it is what would come of looking at everything all the time.

use std::collections::BTreeSet;

use proptest::test_runner::{TestCaseError, TestCaseResult, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use todo_core::conformance::given::{MINUTE, instant};
use todo_core::conformance::{History, OWNERS, Stage, cases, history};
use todo_core::memory::{MemoryStore, Shared};
use todo_core::reminder::Firing;
use todo_core::{AsyncTaskStore, Command, Facts, Needs, Task, TaskId, TaskNo, TaskRef};

use super::given::{Place, START, run, settle};

/// All that an owner has, and what became of every reminder.
async fn seen<S: AsyncTaskStore>(stage: &Stage<'_, S>) -> (Vec<Task>, Vec<Firing>, u64) {
    let last = stage.load(&Needs::default()).await.counters.next_id.0;
    let every: BTreeSet<TaskRef> = (1..last).map(|no| TaskRef::No(TaskNo(no))).collect();
    let needs = Needs { tasks: every.clone(), firings: every, ..Needs::default() };
    let Facts { tasks, mut firings, counters, .. } = stage.load(&needs).await;
    firings.sort_by_key(Firing::key);
    (tasks.into_values().collect(), firings, counters.next_seq.0)
}

/// One who looks at everything. What is made may have something to come at once.
async fn look_at_everything(stage: &Stage<'_, Shared<MemoryStore>>) {
    for _ in 0..100 {
        let (tasks, _, before) = seen(stage).await;
        let all: BTreeSet<TaskId> = tasks.iter().map(|task| task.uid).collect();
        stage.done(&Command::SpawnDue(all.clone())).await;
        stage.done(&Command::Remind(all)).await;
        if seen(stage).await.2 == before {
            return;
        }
    }
    panic!("there is no end");
}

async fn play(place: &Place, history: &History) -> TestCaseResult {
    let reference = Shared::new(MemoryStore::default());
    let mut ours = Stage::of(&place.store, OWNERS[0]);
    let mut theirs = Stage::of(&reference, OWNERS[0]);
    let mut scheduler = place.scheduler();
    for step in history {
        ours.later(step.wait);
        theirs.later(step.wait);
        // First what the clock has brought meanwhile, then what is asked, as on a server.
        place.set(ours.ctx.now);
        settle(&mut scheduler).await;
        look_at_everything(&theirs).await;
        let (done, expected) = (ours.run(&step.command).await, theirs.run(&step.command).await);
        prop_assert_eq!(done.is_ok(), expected.is_ok(), "{:?}", step.command);
    }
    ours.later(MINUTE);
    theirs.later(MINUTE);
    place.set(ours.ctx.now);
    settle(&mut scheduler).await;
    look_at_everything(&theirs).await;
    let (found, expected) = (seen(&ours).await, seen(&theirs).await);
    prop_assert_eq!(found.0, expected.0);
    prop_assert_eq!(found.1, expected.1);
    prop_assert!(found.2 == expected.2, "{} events, and not {}", found.2, expected.2);
    Ok(())
}

/// R5, R9, R10: random histories, with whoever looks only when it is time.
#[test]
fn nothing_is_missed_and_nothing_is_done_twice() {
    let mut runner = TestRunner::new(cases(24));
    let played = runner.run(&history(), |history| {
        run(async {
            let place = Place::sqlite().await;
            assert_eq!(instant(START).millis(), Stage::new(&place.store).ctx.now.millis());
            play(&place, &history).await.map_err(|error| match error {
                TestCaseError::Fail(why) => TestCaseError::fail(format!("{why}\n{history:?}")),
                reject @ TestCaseError::Reject(_) => reject,
            })
        })
    });
    played.unwrap_or_else(|error| panic!("{error}"));
}
