//! Numbers of tasks and events: stamped at commit, contiguous, never used twice.

use std::sync::Arc;

use super::given::{DAY, Stage, below, go, record, rename, title, uid};
use crate::AsyncTaskStore;
use crate::command::{Bulk, Command, Item, NewTask, Verb};
use crate::event::{EventData, Seq, apply, event_id};
use crate::facts::Needs;
use crate::task::{Revision, Status, TaskNo};

/// Numbers and `seq` go up by one, and what changes nothing uses none (S2).
pub async fn ids_and_seq_are_contiguous<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    for k in 1..=3 {
        let task = stage.add(k, "one more").await;
        assert_eq!((task.id, task.version), (TaskNo(u64::from(k)), Revision::FIRST));
    }
    stage.act(2, go(Status::Completed)).await;
    stage.act(2, go(Status::Completed)).await;
    stage.rename(2, "one more").await;
    let counters = stage.load(&Needs::default()).await.counters;
    assert_eq!((counters.next_id, counters.next_seq), (TaskNo(4), Seq(5)));
}

/// The number of a purged task is not given again.
pub async fn ids_are_never_reused<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "first").await;
    assert_eq!(stage.add(2, "second").await.id, TaskNo(2));
    stage.act(2, Verb::Purge).await;
    assert_eq!(stage.add(3, "third").await.id, TaskNo(3));
    stage.act(1, Verb::Purge).await;
    stage.act(3, Verb::Purge).await;
    assert_eq!(stage.add(2, "second again").await.id, TaskNo(4));
    assert_eq!(stage.load(&Needs::default()).await.count, 1);
}

/// A uid whose time in the trash is over is new: it gets a number of its own, and a version above
/// the old one (S4).
pub async fn created_again_is_numbered_again<S: AsyncTaskStore>(store: &S) {
    let mut stage = Stage::new(store);
    stage.add(1, "first life").await;
    let old = stage.act(1, Verb::Delete).await.expect("it is in the trash");
    stage.later(31 * DAY);
    let new = stage.add(1, "second life").await;
    assert_eq!(new.id, TaskNo(2));
    assert!(new.version > old.version);
    assert_eq!(stage.all().await, [new]);
}

/// An imported task keeps its number if this owner has never used it; no two wishes collide.
pub async fn imports_keep_free_numbers<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "has number one").await;
    let wish = |k, id| crate::Task { id: TaskNo(id), ..record(k, "wishes", stage.ctx.now) };
    let wishes = vec![wish(2, 1), wish(3, 7), wish(4, 5), wish(5, 0), wish(6, 7)];
    let done = stage.done(&Command::Import(wishes.into())).await;
    let number = |k| done.tasks.get(&uid(k)).map(|task| task.id.0);
    assert_eq!((number(3), number(4)), (Some(7), Some(5)));
    let mut all: Vec<_> = stage.all().await.iter().map(|task| task.id.0).collect();
    let next = stage.load(&Needs::default()).await.counters.next_id.0;
    assert!(all.iter().all(|id| (1..next).contains(id)), "{all:?} below {next}");
    all.dedup();
    assert_eq!(all.len(), 6, "each number once: {all:?}");
}

/// A parent and a child that are made in one command know each other's numbers.
pub async fn a_family_made_together_is_numbered_together<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(9, "before them").await;
    let parent = NewTask::new(uid(1), title("parent"));
    let child = NewTask { parent: Some(uid(1).into()), ..NewTask::new(uid(2), title("child")) };
    let items = [parent, child].map(|new| Item::Create(Box::new(new))).to_vec();
    stage.done(&Command::Bulk(Bulk { items, atomic: true })).await;
    let orphan = crate::Task { parent: below(4), ..record(3, "child first", stage.ctx.now) };
    stage
        .done(&Command::Import(vec![orphan, record(4, "then its parent", stage.ctx.now)].into()))
        .await;
    let all = stage.all().await;
    assert_eq!(all.len(), 5);
    for task in &all {
        if let Some(parent) = task.parent {
            let above = all.iter().find(|above| above.uid == parent.uid);
            assert_eq!(above.map(|above| above.id), Some(parent.id), "{task:?}");
        }
    }
    assert_eq!(all.iter().filter(|task| task.parent.is_some()).count(), 2);
}

/// What commit answers is what is stored from then on, and its events lead there.
pub async fn commit_answers_what_is_stored<S: AsyncTaskStore>(store: &S) {
    let mut stage = Stage::new(store);
    let mut task = None;
    let mut seq = Seq(1);
    let create = Item::Create(Box::new(NewTask::new(uid(1), title("to be followed"))));
    let act = |verb| Item::act(uid(1), verb);
    let items = [create, act(rename("renamed")), act(go(Status::Completed)), act(Verb::Delete)];
    for item in items {
        stage.later(1);
        let batch = stage.plan(&Command::One(item)).await.batch;
        let done = store.commit(stage.ctx.owner, batch).await.expect("it is written");
        for event in &done.events {
            assert_eq!(event.seq, seq);
            assert_eq!(event.event_id, event_id(stage.ctx.owner, seq));
            assert_eq!((event.timestamp, event.user_id), (stage.ctx.now, stage.ctx.owner));
            seq = Seq(seq.0 + 1);
            task = apply(task, &event.event());
        }
        let tasks: Vec<_> = done.tasks.into_iter().map(Arc::unwrap_or_clone).collect();
        assert_eq!(tasks, stage.all().await);
        assert_eq!(tasks, Vec::from_iter(task.clone()));
        assert_eq!(done.step.map(|no| no.0), Some(seq.0 - 1));
    }
    let batch = stage.plan(&Command::One(act(Verb::Purge))).await.batch;
    let done = store.commit(stage.ctx.owner, batch).await.expect("it is written");
    assert!(matches!(done.events[0].data, EventData::Purged { id: TaskNo(1) }));
    assert_eq!(apply(task, &done.events[0].event()), None);
    assert_eq!((stage.all().await, done.step), (Vec::new(), None));
}
