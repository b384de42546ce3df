//! Many who write at once: nothing is lost, numbers have no gaps (rule of ids, SPEC 1 and 9).

use std::sync::Arc;

use todo_core::command::{Command, Item, NewTask};
use todo_core::conformance::OWNERS;
use todo_core::conformance::given::{ctx, go, instant, title};
use todo_core::service::{Server, ServiceError};
use todo_core::{AsyncTaskStore, Needs, Owner, Status, StoreError, TaskId};
use todo_store::Store;
use uuid::Uuid;

use crate::audit;
use crate::support::{self, Database};

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
