//! R10: what became of reminders: kept beside the tasks, each once.

use super::given::{DAY, MINUTE, Stage, due, go, title, uid};
use crate::batch::Batch;
use crate::command::{Command, NewTask, Verb};
use crate::facts::Needs;
use crate::ports::{AsyncTaskStore, StoreError};
use crate::reminder::{Firing, FiringFate, NewReminder, Offset, ReminderId, Trigger};
use crate::task::Status;

/// Two tasks that remind at six in the evening, and one of them an hour before as well; the time
/// is six.
async fn reminding<S: AsyncTaskStore>(store: &S) -> Stage<'_, S> {
    let mut stage = Stage::new(store);
    let offset = |seconds| {
        NewReminder::new(Trigger::Offset(Offset::before(0, seconds).expect("of the suite")))
    };
    for (k, reminders) in [(1, vec![offset(0), offset(3600)]), (2, vec![offset(0)])] {
        let new = NewTask::new(uid(k), title("reminds"));
        let due_date = Some(due("2026-11-21T18:00"));
        stage.create(NewTask { due_date, reminders: Some(reminders), ..new }).await;
    }
    stage.add(3, "reminds of nothing").await;
    stage.later(60 * MINUTE);
    stage
}

fn remind(tasks: &[u8]) -> Command {
    Command::Remind(tasks.iter().map(|k| uid(*k)).collect())
}

async fn kept<S: AsyncTaskStore>(stage: &Stage<'_, S>, tasks: &[u8]) -> Vec<Firing> {
    let firings = tasks.iter().map(|k| uid(*k).into()).collect();
    let mut kept = stage.load(&Needs { firings, ..Needs::default() }).await.firings;
    kept.sort_by_key(Firing::key);
    kept
}

/// What was settled is loaded with its task and with no other, and raises no version.
pub async fn firings_are_kept<S: AsyncTaskStore>(store: &S) {
    let mut stage = reminding(store).await;
    let before = stage.all().await;
    assert_eq!(kept(&stage, &[1, 2, 3]).await, []);
    let planned = stage.plan(&remind(&[1])).await.batch;
    let done = stage.done(&remind(&[1])).await;
    assert_eq!((done.events.len(), done.step), (2, None));
    let mine = kept(&stage, &[1]).await;
    assert_eq!(mine.len(), 2);
    assert!(planned.firings.iter().all(|firing| mine.contains(firing)), "as they were written");
    let fate = |id| mine.iter().find(|firing| firing.reminder == ReminderId(id)).map(|f| f.fate);
    assert_eq!((fate(1), fate(2)), (Some(FiringFate::Sent), Some(FiringFate::Late)));
    assert_eq!(kept(&stage, &[2, 3]).await, []);
    assert_eq!(stage.all().await, before);
    stage.done(&remind(&[1, 2, 3])).await;
    assert_eq!(kept(&stage, &[1, 2, 3]).await.len(), 3);
    // They are no part of what is loaded otherwise, and are there however the task is found.
    let needs = Needs { tasks: [uid(1).into()].into(), ..Needs::default() };
    assert_eq!(stage.load(&needs).await.firings, []);
    let number = crate::TaskRef::No(before[0].id);
    let needs = Needs { firings: [number].into(), ..Needs::default() };
    let facts = stage.load(&needs).await;
    assert_eq!((facts.firings.len(), facts.tasks.contains_key(&uid(1))), (2, true));
    // The trash keeps them, and so does a change of the task.
    stage.act(1, go(Status::Completed)).await;
    stage.act(1, Verb::Delete).await;
    stage.later(DAY);
    assert_eq!(kept(&stage, &[1]).await, mine);
}

/// Each key is there once: whoever settles it again meets a conflict, and nothing is written.
pub async fn a_firing_is_written_once<S: AsyncTaskStore>(store: &S) {
    let mut stage = reminding(store).await;
    let (one, both) =
        (stage.plan(&remind(&[1])).await.batch, stage.plan(&remind(&[1, 2])).await.batch);
    let commit = async |batch: Batch| store.commit(stage.ctx.owner, batch).await;
    commit(one.clone()).await.expect("the first is written");
    let before = (stage.everything().await, kept(&stage, &[1, 2]).await);
    for batch in [one.clone(), both] {
        let again = commit(batch).await;
        assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
        assert_eq!((stage.everything().await, kept(&stage, &[1, 2]).await), before);
    }
    // Another fate at another time is the same key.
    let mut other = one;
    for firing in &mut other.firings {
        firing.fate = FiringFate::Missed;
        firing.settled_at = stage.ctx.now.plus_millis(DAY);
    }
    let again = commit(other.clone()).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    // Another instant is another key.
    other.firings.iter_mut().for_each(|firing| firing.at = firing.at.plus_millis(1));
    commit(other).await.expect("it is new");
    assert_eq!(kept(&stage, &[1]).await.len(), 4);
    stage.later(MINUTE);
    stage.done(&remind(&[1, 2])).await;
    assert_eq!(kept(&stage, &[2]).await.len(), 1, "the shell plans again");
}

/// A task that is purged takes along what became of its reminders, and no other's.
pub async fn firings_go_with_their_task<S: AsyncTaskStore>(store: &S) {
    let stage = reminding(store).await;
    stage.done(&remind(&[1, 2])).await;
    stage.act(1, Verb::Purge).await;
    assert_eq!(kept(&stage, &[1]).await, []);
    assert_eq!(kept(&stage, &[2]).await.len(), 1);
    // Made again under the same uid, it has a clean slate.
    let new = NewTask::new(uid(1), title("again"));
    stage.create(NewTask { due_date: Some(due("2026-11-21T18:00")), ..new }).await;
    assert_eq!(kept(&stage, &[1]).await, []);
    assert_eq!(stage.done(&remind(&[1])).await.events.len(), 1);
}
