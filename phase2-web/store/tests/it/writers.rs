//! Many who write at once: nothing is lost, numbers have no gaps (rule of ids, SPEC 1 and 9).

use std::sync::Arc;

use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::OWNERS;
use todo_core::conformance::given::{ctx, go, instant, rename, title};
use todo_core::service::{Server, ServiceError};
use todo_core::{AsyncTaskStore, Needs, Owner, Status, StoreError, TaskId};
use todo_store::Store;
use uuid::Uuid;

use crate::audit;
use crate::support::{self, Database, on_both};

/// A command that makes task number `k` of a test.
pub(crate) fn addition(k: u32) -> Command {
    let uid = TaskId(Uuid::from_u128(0x7000_8000_0000_0000_0000 + u128::from(k)));
    Command::One(Item::Create(Box::new(NewTask::new(uid, title(&format!("task {k}"))))))
}

/// Carries out a command as its owner.
pub(crate) async fn try_once(
    store: &Store,
    owner: Owner,
    command: &Command,
) -> Result<(), ServiceError> {
    let ctx = ctx(owner, instant("2026-11-21T12:00:00Z"));
    Server::scheduled(store).execute(command, &ctx).await.map(|_| ())
}

/// Carries out a command as its owner, as often as it takes.
pub(crate) async fn insist(store: &Store, owner: Owner, command: &Command) {
    loop {
        match try_once(store, owner, command).await {
            Ok(()) => return,
            Err(ServiceError::Store(StoreError::Conflict)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

const WRITERS: u32 = 50;
const EACH: u32 = 4;

/// `stores` are of one database.
async fn one_owner(stores: &[Store]) {
    let stores: Arc<[Store]> = stores.into();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let stores = Arc::clone(&stores);
            tokio::spawn(async move {
                let store = &stores[writer as usize % stores.len()];
                for k in 0..EACH {
                    let made = writer * EACH + k + 1;
                    insist(store, OWNERS[0], &addition(made)).await;
                    let done = Item::act(
                        TaskId(Uuid::from_u128(0x7000_8000_0000_0000_0000 + u128::from(made))),
                        go(Status::Completed),
                    );
                    insist(store, OWNERS[0], &Command::One(done)).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("it writes");
    }
    let facts = stores[0].load(OWNERS[0], &Needs::default()).await.expect("it loads");
    let made = u64::from(WRITERS * EACH);
    assert_eq!((facts.count, facts.counters.next_id.0), (made, made + 1));
    assert_eq!(facts.counters.next_seq.0, 2 * made + 1);
}

async fn many_owners(store: &Store) {
    let owner = |k: u32| Owner(Uuid::from_u128(0xbeef_0000 + u128::from(k)));
    for k in 0..WRITERS {
        support::add_owner(store, owner(k)).await;
    }
    let writers: Vec<_> = (0..WRITERS)
        .map(|k| {
            let store = store.clone();
            tokio::spawn(async move {
                for made in 1..=EACH {
                    insist(&store, owner(k), &addition(made)).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("it writes");
    }
    for k in 0..WRITERS {
        let facts = store.load(owner(k), &Needs::default()).await.expect("it loads");
        assert_eq!(facts.counters.next_id.0, u64::from(EACH) + 1, "owner {k}");
    }
}

#[test]
fn sqlite_fifty_writers_of_one_owner() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        one_owner(std::slice::from_ref(&store)).await;
        store.close().await;
        audit::sqlite(&folder.path().join("todo.db")).await;
    });
}

#[test]
fn sqlite_fifty_owners_at_once() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        many_owners(&store).await;
        store.close().await;
        audit::sqlite(&folder.path().join("todo.db")).await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_fifty_writers_of_one_owner_on_two_servers() {
    support::run(async {
        let (store, database) = support::postgres().await;
        one_owner(&[store.clone(), support::open(&database.url()).await]).await;
        audit::postgres(&database.text()).await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_fifty_owners_at_once() {
    support::run(async {
        let (store, database): (_, Database) = support::postgres().await;
        many_owners(&store).await;
        audit::postgres(&database.text()).await;
    });
}

/// Writers who all plan on the same state at once, and name no version.
const CROWD: u32 = 64;

fn made(k: u32) -> TaskId {
    TaskId(Uuid::from_u128(0x7000_8000_0000_0000_0000 + u128::from(k)))
}

/// A subtask of task 1.
fn subtask(k: u32) -> Command {
    let new = NewTask::new(made(k), title(&format!("subtask {k}")));
    Command::One(Item::Create(Box::new(NewTask { parent: Some(made(1).into()), ..new })))
}

/// Carries all out at once; nobody tries again but the shell.
async fn together(store: &Store, commands: Vec<Command>) {
    let writers: Vec<_> = commands
        .into_iter()
        .map(|command| {
            let store = store.clone();
            tokio::spawn(async move { try_once(&store, OWNERS[0], &command).await })
        })
        .collect();
    let mut refused = Vec::new();
    for writer in writers {
        refused.extend(writer.await.expect("it ends").err().map(|error| error.to_string()));
    }
    assert_eq!(refused, [""; 0]);
}

/// S3: who named no version is not refused because others write, too.
async fn s3_a_crowd_changes_one_task(store: &Store) {
    insist(store, OWNERS[0], &addition(1)).await;
    let change = |k| Command::One(Item::act(made(1), rename(&format!("title {k}"))));
    together(store, (0..CROWD).map(change).collect()).await;
    let needs = Needs { tasks: [made(1).into()].into(), ..Needs::default() };
    let facts = store.load(OWNERS[0], &needs).await.expect("it loads");
    let version = facts.tasks.get(&made(1)).map(|task| task.version.0);
    assert_eq!(version, Some(u64::from(CROWD) + 1), "each of them changed it");
}

/// S3, S8: the same where what is planned on is which tasks there are.
async fn s8_a_crowd_adds_below_one_task(store: &Store) {
    insist(store, OWNERS[0], &addition(1)).await;
    together(store, (2..CROWD + 2).map(subtask).collect()).await;
    let facts = store.load(OWNERS[0], &Needs::default()).await.expect("it loads");
    assert_eq!(facts.count, u64::from(CROWD) + 1);
}

/// Who goes away while it waits for its turn, or has it, keeps nobody from theirs.
async fn a_crowd_that_goes_away(store: &Store) {
    insist(store, OWNERS[0], &addition(1)).await;
    let change = |k: u32| Command::One(Item::act(made(1), rename(&format!("title {k}"))));
    let writers: Vec<_> = (0..CROWD)
        .map(|k| {
            let store = store.clone();
            tokio::spawn(async move { try_once(&store, OWNERS[0], &change(k)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    for writer in &writers {
        writer.abort();
    }
    together(store, (CROWD..2 * CROWD).map(change).collect()).await;
}

on_both! {
    s3_a_crowd_changes_one_task
    s8_a_crowd_adds_below_one_task
    a_crowd_that_goes_away
}
