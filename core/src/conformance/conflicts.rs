//! Optimistic locking: a batch is written on what it was planned on, or not at all.

use super::given::{Stage, go, rename, title, uid};
use crate::command::{Command, Item, NewTask, Verb};
use crate::ports::{AsyncTaskStore, StoreError};
use crate::task::{Revision, Status};

fn act(k: u8, verb: Verb) -> Command {
    Command::One(Item::act(uid(k), verb))
}

fn create(k: u8) -> Command {
    Command::One(Item::Create(Box::new(NewTask::new(uid(k), title("made")))))
}

/// Commits what was planned earlier, and tells that it is refused and leaves no trace.
async fn refused<S: AsyncTaskStore>(stage: &Stage<'_, S>, batch: crate::Batch) {
    let before = stage.everything().await;
    let refused = stage.store.commit(stage.ctx.owner, batch).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(stage.everything().await, before);
}

/// S3: a task that was read must not have moved.
pub async fn a_moved_version_conflicts<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "as read").await;
    let batch = stage.plan(&act(1, rename("planned"))).await.batch;
    assert_eq!(batch.expected, [(uid(1), Revision::FIRST)]);
    stage.rename(1, "moved").await;
    refused(&stage, batch).await;
}

/// A plan that relied on which tasks there are is refused when anything was written since.
pub async fn a_moved_seq_conflicts<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "to be completed").await;
    let batch = stage.plan(&act(1, go(Status::Completed))).await.batch;
    assert!(batch.expected_seq.is_some(), "closing a task relies on what lies below it");
    stage.add_below(2, 1).await;
    refused(&stage, batch).await;
}

/// Nothing that exists is ever created over.
pub async fn a_new_row_is_insert_only<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let batch = stage.plan(&create(1)).await.batch;
    store.commit(stage.ctx.owner, batch.clone()).await.expect("the first is written");
    refused(&stage, batch.clone()).await;
    // Nor when it lies in the trash.
    stage.act(1, Verb::Delete).await;
    refused(&stage, batch).await;
}

/// What was purged meanwhile cannot be changed.
pub async fn a_vanished_row_conflicts<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "about to go").await;
    let change = stage.plan(&act(1, rename("planned"))).await.batch;
    let purge = stage.plan(&act(1, Verb::Purge)).await.batch;
    stage.act(1, Verb::Purge).await;
    refused(&stage, change).await;
    refused(&stage, purge).await;
}

/// A batch is written whole or not at all: one task in it that moved takes all others along.
pub async fn a_conflict_writes_nothing<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "stays").await;
    stage.add(2, "moves").await;
    stage.add(3, "stays too").await;
    let items = vec![
        Item::Create(Box::new(NewTask::new(uid(4), title("never made")))),
        Item::act(uid(1), rename("never renamed")),
        Item::act(uid(2), rename("never renamed either")),
        Item::act(uid(3), Verb::Purge),
    ];
    let bulk = Command::Bulk(crate::Bulk { items, atomic: false });
    let mut batch = stage.plan(&bulk).await.batch;
    // Only the version of the one task tells that something moved.
    batch.expected_seq = None;
    stage.rename(2, "moved").await;
    refused(&stage, batch).await;
}

/// The shell loads and plans again, so whoever named no version is not bothered.
pub async fn the_shell_plans_again<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    stage.add(1, "contended").await;
    let racing = Racing { store, moves: std::sync::Mutex::new(vec!["first", "second"]) };
    let racer = Stage { store: &racing, ctx: stage.ctx.clone() };
    let task = racer.rename(1, "last").await;
    assert_eq!((task.title.as_str(), task.version), ("last", Revision(4)));
    assert_eq!(stage.all().await, [task]);
}

/// A store on which somebody else is faster, for as long as there are moves left.
struct Racing<'s, S> {
    store: &'s S,
    moves: std::sync::Mutex<Vec<&'static str>>,
}

impl<S: AsyncTaskStore> AsyncTaskStore for Racing<'_, S> {
    async fn load(
        &self,
        owner: crate::Owner,
        needs: &crate::Needs,
    ) -> Result<crate::Facts, StoreError> {
        self.store.load(owner, needs).await
    }

    async fn find(
        &self,
        owner: crate::Owner,
        query: &crate::TaskQuery,
    ) -> Result<crate::Page<crate::Task>, StoreError> {
        self.store.find(owner, query).await
    }

    async fn commit(
        &self,
        owner: crate::Owner,
        batch: crate::Batch,
    ) -> Result<crate::Committed, StoreError> {
        let faster = self.moves.lock().expect("one thread").pop();
        if let Some(text) = faster {
            Stage::of(self.store, owner).rename(1, text).await;
        }
        self.store.commit(owner, batch).await
    }
}
