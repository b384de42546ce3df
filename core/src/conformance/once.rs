//! Receipts and inbox notes: stored with the batch, taken once.

use std::sync::Arc;

use uuid::Uuid;

use super::given::{OWNERS, Stage, go, rename, title, uid};
use crate::batch::{Batch, Inbox};
use crate::command::{Command, Item, NewTask};
use crate::ports::{AsyncTaskStore, StoreError};
use crate::receipt::{Answer, RECEIPT_KEPT_MILLIS, Receipt};
use crate::service::{Once, Outcome, Server, ServiceError, Told};
use crate::task::Status;

async fn addition<S: AsyncTaskStore>(stage: &Stage<'_, S>, k: u8) -> Batch {
    stage
        .plan(&Command::One(Item::Create(Box::new(NewTask::new(uid(k), title("once"))))))
        .await
        .batch
}

fn receipt(key: &str, print: u8) -> Receipt {
    let answer = Answer::new(move |done| format!("{print}: {}", done.tasks.len()).into_bytes());
    Receipt { key: key.to_owned(), fingerprint: [print; 32], answer }
}

fn inbox(consumer: &str, event: u128) -> Inbox {
    Inbox { consumer: consumer.to_owned(), event: Uuid::from_u128(event) }
}

async fn repeated<S: AsyncTaskStore>(stage: &Stage<'_, S>, batch: Batch) {
    let before = stage.everything().await;
    let refused = stage.store.commit(stage.ctx.owner, batch).await;
    assert!(matches!(refused, Err(StoreError::Repeated)), "{refused:?}");
    assert_eq!(stage.everything().await, before);
}

/// A key is taken once, whatever the request was, and with what it came with.
pub async fn a_receipt_is_taken_once<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let commit = async |batch| store.commit(stage.ctx.owner, batch).await;
    let first = Batch { receipt: Some(receipt("key", 1)), ..addition(&stage, 1).await };
    commit(first).await.expect("a new key");
    let same = addition(&stage, 2).await;
    repeated(&stage, Batch { receipt: Some(receipt("key", 1)), ..same.clone() }).await;
    repeated(&stage, Batch { receipt: Some(receipt("key", 2)), ..same.clone() }).await;
    commit(Batch { receipt: Some(receipt("another key", 1)), ..same }).await.expect("another key");
    // A request that changed nothing is remembered as well.
    let nothing = stage.plan(&Command::One(Item::act(uid(1), rename("once")))).await.batch;
    assert!(nothing.is_empty());
    let nothing = Batch { receipt: Some(receipt("nothing", 1)), ..nothing };
    commit(nothing.clone()).await.expect("a new key");
    repeated(&stage, nothing).await;
}

/// A consumer handles an event once; another consumer, or another event, is another matter.
pub async fn an_inbox_note_is_taken_once<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let commit = async |batch| store.commit(stage.ctx.owner, batch).await;
    for (k, note) in [(1, inbox("stats", 1)), (2, inbox("stats", 2)), (3, inbox("audit", 1))] {
        commit(Batch { inbox: Some(note), ..addition(&stage, k).await }).await.expect("a new note");
    }
    for note in [inbox("stats", 1), inbox("stats", 2), inbox("audit", 1)] {
        repeated(&stage, Batch { inbox: Some(note), ..addition(&stage, 4).await }).await;
    }
    assert_eq!(stage.all().await.len(), 3);
}

/// A repeat is told as such even when its tasks have moved: the caller looks up what was done
/// instead of planning again. A batch that conflicts leaves its receipt free.
pub async fn a_repeat_outranks_a_conflict<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let first = Batch { receipt: Some(receipt("key", 1)), ..addition(&stage, 1).await };
    store.commit(stage.ctx.owner, first.clone()).await.expect("a new key");
    repeated(&stage, first).await;
    let stale = stage.plan(&Command::One(Item::act(uid(1), rename("late")))).await.batch;
    stage.rename(1, "moved").await;
    let stale =
        Batch { receipt: Some(receipt("second", 1)), inbox: Some(inbox("stats", 1)), ..stale };
    let refused = store.commit(stage.ctx.owner, stale.clone()).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let fresh = stage.plan(&Command::One(Item::act(uid(1), rename("late")))).await.batch;
    let fresh = Batch { receipt: stale.receipt, inbox: stale.inbox, ..fresh };
    store.commit(stage.ctx.owner, fresh).await.expect("the key is still free");
}

/// S6: the same key of two owners is two keys.
pub async fn receipts_are_each_owners_own<S: AsyncTaskStore>(store: &S) {
    for owner in OWNERS {
        let stage = Stage::of(store, owner);
        let batch = addition(&stage, 1).await;
        let batch =
            Batch { receipt: Some(receipt("key", 1)), inbox: Some(inbox("stats", 1)), ..batch };
        store.commit(owner, batch).await.expect("this owner's first");
    }
}

fn once(key: &str, print: u8) -> Once {
    let answer = |outcome: &Outcome| {
        let tasks = outcome.tasks.values().map(|task| (task.id, task.version, task.title.as_str()));
        format!("{:?} {:?}", outcome.step, tasks.collect::<Vec<_>>()).into_bytes()
    };
    Once { key: key.to_owned(), fingerprint: [print; 32], answer: Arc::new(answer) }
}

fn addition_of(k: u8) -> Command {
    Command::One(Item::Create(Box::new(NewTask::new(uid(k), title(&format!("task {k}"))))))
}

/// A request that comes again is answered word for word as it was, whatever has changed since, and
/// writes nothing; with another content it is refused.
pub async fn an_answer_is_kept_with_its_receipt<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let server = Server::scheduled(store);
    let told = server.execute_once(&addition_of(1), &stage.ctx, &once("key", 1)).await;
    let Ok(Told::Now(outcome)) = told else { panic!("{told:?}") };
    let answer = (once("key", 1).answer)(&outcome);
    stage.rename(1, "moved on").await;
    let before = stage.everything().await;
    let again = server.execute_once(&addition_of(1), &stage.ctx, &once("key", 1)).await;
    let Ok(Told::Before(kept)) = again else { panic!("{again:?}") };
    assert_eq!(kept, answer);
    let other = server.execute_once(&addition_of(2), &stage.ctx, &once("key", 2)).await;
    assert!(matches!(other, Err(ServiceError::Mismatch)), "{other:?}");
    assert_eq!(stage.everything().await, before);
    // What changes nothing is remembered with its answer as well.
    let same = Command::One(Item::act(uid(1), rename("moved on")));
    for expected in ["now", "before"] {
        let told = server.execute_once(&same, &stage.ctx, &once("same", 3)).await;
        let told = match told.expect("nothing to refuse") {
            Told::Now(_) => "now",
            Told::Before(_) => "before",
        };
        assert_eq!(told, expected);
    }
}

/// What is refused leaves its key free.
pub async fn a_refusal_keeps_no_receipt<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let server = Server::scheduled(store);
    let done = Command::One(Item::act(uid(1), go(Status::Completed)));
    let refused = server.execute_once(&done, &stage.ctx, &once("key", 1)).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    stage.add(1, "now there").await;
    let told = server.execute_once(&done, &stage.ctx, &once("key", 1)).await;
    assert!(matches!(told, Ok(Told::Now(_))), "{told:?}");
}

/// After 24 hours a key can be used again, with another content too.
pub async fn an_old_receipt_counts_as_none<S: AsyncTaskStore>(store: &S) {
    let mut stage = Stage::new(store);
    let server = Server::scheduled(store);
    let first = server.execute_once(&addition_of(1), &stage.ctx, &once("key", 1)).await;
    assert!(matches!(first, Ok(Told::Now(_))), "{first:?}");
    stage.later(RECEIPT_KEPT_MILLIS);
    let kept = server.execute_once(&addition_of(1), &stage.ctx, &once("key", 1)).await;
    assert!(matches!(kept, Ok(Told::Before(_))), "{kept:?}");
    stage.later(1);
    let anew = server.execute_once(&addition_of(2), &stage.ctx, &once("key", 2)).await;
    assert!(matches!(anew, Ok(Told::Now(_))), "{anew:?}");
    let kept = server.execute_once(&addition_of(2), &stage.ctx, &once("key", 2)).await;
    assert!(matches!(kept, Ok(Told::Before(_))), "{kept:?}");
}
