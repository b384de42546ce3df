//! What is loaded along with a task.

use std::collections::BTreeSet;

use super::given::{DAY, Stage, due, go, title, uid};
use crate::command::{Command, Item, NewTask, StepWanted, Verb};
use crate::facts::{Facts, Needs};
use crate::ports::AsyncTaskStore;
use crate::recurrence::{NewRecurrence, Slot, occurrence};
use crate::reference::TaskRef;
use crate::task::{Status, TaskId};

/// ```text
/// 1 ── 2 ── 3 ── 4
///      └─── 5        and 6, 7 at the top, 8 below 7
/// ```
async fn forest<S: AsyncTaskStore>(store: &S) -> Stage<'_, S> {
    let stage = Stage::new(store);
    for k in [1, 6, 7] {
        stage.add(k, "at the top").await;
    }
    for (k, parent) in [(2, 1), (3, 2), (4, 3), (5, 2), (8, 7)] {
        stage.add_below(k, parent).await;
    }
    stage
}

fn set(uids: &[u8]) -> BTreeSet<TaskRef> {
    uids.iter().map(|k| uid(*k).into()).collect()
}

fn loaded(facts: &Facts) -> Vec<TaskId> {
    facts.tasks.keys().copied().collect()
}

fn sorted(uids: &[u8]) -> Vec<TaskId> {
    let sorted: BTreeSet<_> = uids.iter().map(|k| uid(*k)).collect();
    sorted.into_iter().collect()
}

/// A lineage is the task and every task above it.
pub async fn lineage_is_everything_above<S: AsyncTaskStore>(store: &S) {
    let stage = forest(store).await;
    let above =
        async |k: &[u8]| loaded(&stage.load(&Needs { lineage: set(k), ..Needs::default() }).await);
    assert_eq!(above(&[4]).await, sorted(&[1, 2, 3, 4]));
    assert_eq!(above(&[5]).await, sorted(&[1, 2, 5]));
    assert_eq!(above(&[6]).await, sorted(&[6]));
    assert_eq!(above(&[5, 8]).await, sorted(&[1, 2, 5, 7, 8]));
    // Through the trash as well: a rule must see that something above is there.
    stage.act(3, Verb::Delete).await;
    assert_eq!(above(&[4]).await, sorted(&[1, 2, 3, 4]));
}

/// A subtree is the task and every task below it, trash included.
pub async fn subtree_is_everything_below<S: AsyncTaskStore>(store: &S) {
    let stage = forest(store).await;
    let under =
        async |k: &[u8]| loaded(&stage.load(&Needs { subtree: set(k), ..Needs::default() }).await);
    assert_eq!(under(&[1]).await, sorted(&[1, 2, 3, 4, 5]));
    assert_eq!(under(&[3]).await, sorted(&[3, 4]));
    assert_eq!(under(&[4]).await, sorted(&[4]));
    assert_eq!(under(&[3, 7]).await, sorted(&[3, 4, 7, 8]));
    // One within the other must not cut the greater one short.
    assert_eq!(under(&[2, 1]).await, sorted(&[1, 2, 3, 4, 5]));
    stage.act(3, Verb::Delete).await;
    assert_eq!(under(&[1]).await, sorted(&[1, 2, 3, 4, 5]));
}

/// S8: a group is what one deletion took, with what lies above it; other deletions are others.
pub async fn a_group_is_what_was_deleted_together<S: AsyncTaskStore>(store: &S) {
    let stage = forest(store).await;
    stage.act(4, Verb::Delete).await;
    stage.act(3, Verb::Delete).await;
    stage.act(7, Verb::Delete).await;
    let group = async |k: u8| stage.load(&Needs { groups: set(&[k]), ..Needs::default() }).await;
    let facts = group(8).await;
    assert_eq!(loaded(&facts), sorted(&[7, 8]));
    let groups: BTreeSet<_> =
        facts.tasks.values().map(|task| task.trash.map(|t| t.group)).collect();
    assert_eq!(groups.len(), 1, "both were deleted together: {groups:?}");
    let group_of =
        |facts: &Facts, k| facts.tasks.get(&uid(k)).and_then(|t| t.trash).map(|t| t.group);
    let facts = group(3).await;
    assert!([1, 2, 3].iter().all(|k| facts.tasks.contains_key(&uid(*k))), "{facts:?}");
    let four = group(4).await;
    assert_ne!(group_of(&four, 4), group_of(&facts, 3), "deleted on its own, earlier");
    // What is not in the trash has no group.
    assert_eq!(loaded(&group(6).await), sorted(&[6]));
}

/// R6: later are the occurrences of the task's series whose slots come after its own, the trash
/// included, and everything below them; not those of other series.
pub async fn later_is_the_rest_of_the_series<S: AsyncTaskStore>(store: &S) {
    let mut stage = Stage::new(store);
    let repeating = |k, day| NewTask {
        due_date: Some(due(day)),
        recurrence: Some(NewRecurrence::new("FREQ=DAILY".parse().expect("a rule of the suite"))),
        ..NewTask::new(uid(k), title("every day"))
    };
    let first = stage.create(repeating(1, "2026-11-21")).await;
    stage.create(repeating(2, "2026-11-25")).await;
    stage.add(3, "once").await;
    let (mut series, mut steps) = (vec![first.uid], Vec::new());
    for day in ["2026-11-22", "2026-11-23"] {
        let last = *series.last().expect("there is a first");
        let done = stage.done(&Command::One(Item::act(last, go(Status::Completed)))).await;
        steps.push(done.step);
        let slot = Slot::of(due(day));
        series.push(occurrence(first.series.expect("it repeats"), slot));
        stage.later(DAY);
    }
    let (second, third) = (series[1], series[2]);
    let below = |k, parent: TaskId| NewTask {
        parent: Some(parent.into()),
        ..NewTask::new(uid(k), title("below"))
    };
    stage.create(below(4, second)).await;
    stage.done(&Command::One(Item::act(third, Verb::Delete))).await;
    let later = async |tasks: &[TaskId]| {
        let later = tasks.iter().map(|id| (*id).into()).collect();
        loaded(&stage.load(&Needs { later, ..Needs::default() }).await)
    };
    let sorted = |ids: &[TaskId]| ids.iter().copied().collect::<BTreeSet<_>>();
    let found = async |tasks: &[TaskId]| later(tasks).await.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(found(&[uid(1)]).await, sorted(&[uid(1), second, uid(4), third]));
    // The task itself comes alone, without what lies below it.
    assert_eq!(found(&[second]).await, sorted(&[second, third]));
    assert_eq!(found(&[third]).await, sorted(&[third]));
    assert_eq!(found(&[uid(2)]).await, sorted(&[uid(2)]), "another series");
    assert_eq!(found(&[uid(3), uid(99)]).await, sorted(&[uid(3)]));
    // By number and by the beginning of a uid as well.
    let needs = Needs { later: [TaskRef::No(first.id)].into(), ..Needs::default() };
    assert_eq!(loaded(&stage.load(&needs).await).len(), 4);
    // A step comes with what the series of its tasks went on to.
    let step = steps[0].map(StepWanted::No);
    let found = loaded(&stage.load(&Needs { step, ..Needs::default() }).await);
    assert!(found.contains(&third), "{found:?}");
}

/// Facts hold what was asked for and nothing else, and the counters without being asked.
pub async fn nothing_else_is_loaded<S: AsyncTaskStore>(store: &S) {
    let stage = forest(store).await;
    let facts = stage.load(&Needs::default()).await;
    assert!(facts.tasks.is_empty() && facts.resolved.is_empty() && facts.steps.is_empty());
    assert_eq!((facts.count, facts.counters.next_id.0, facts.counters.next_seq.0), (8, 9, 9));
    let needs = Needs { tasks: set(&[2]), lineage: set(&[8]), ..Needs::default() };
    let facts = stage.load(&needs).await;
    assert_eq!(loaded(&facts), sorted(&[2, 7, 8]));
    assert_eq!((facts.step, facts.steps), (None, Vec::new()));
    let all = stage.all().await;
    for task in facts.tasks.values() {
        assert!(all.contains(task), "loaded as found: {task:?}");
    }
}
