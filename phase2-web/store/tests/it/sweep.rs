//! The trash is emptied after 30 days (S4), for everybody, by nobody's asking.

use todo_core::command::{Action, Bulk, Command, Item, Verb};
use todo_core::conformance::given::ids;
use todo_core::conformance::{OWNERS, Stage, uid};
use todo_core::event::{ActorKind, EventType, Seq};
use todo_core::task::TRASH_KEPT_MILLIS;
use todo_core::{AsyncTaskStore, ErrorCode, Needs, Owner, TaskId, Timestamp};
use todo_store::{DatabaseUrl, Store};
use uuid::Uuid;

use crate::schema::Asked;
use crate::support::{self, Database, on_both};
use crate::{audit, writers};

const CORRELATION: Uuid = Uuid::from_u128(0x5_0eeb);
const DAY: i64 = 86_400_000;

/// Sweeps, which must not fail for anybody.
async fn sweep(store: &Store, now: Timestamp) -> u64 {
    let failed = |owner: Owner, error| panic!("{owner:?}: {error}");
    store.sweep(now, CORRELATION, failed).await.expect("it is swept")
}

/// How many tasks there are, in the trash or not, gone or not.
async fn count(store: &Store, owner: Owner) -> u64 {
    store.load(owner, &Needs::default()).await.expect("facts").count
}

/// An owner's events, as sync tells of them: which tasks are there, and which are gone.
async fn told(store: &Store, owner: Owner, since: Seq) -> (Vec<TaskId>, Vec<TaskId>) {
    let changes = store.changes(owner, since, 500).await.expect("changes");
    let (there, gone): (Vec<_>, Vec<_>) =
        changes.tasks.into_iter().partition(|touched| touched.task.is_some());
    let uids = |touched: Vec<todo_store::Touched>| touched.iter().map(|t| t.uid).collect();
    (uids(there), uids(gone))
}

async fn what_has_expired_goes_and_nothing_else(store: &Store) {
    let mut ann = Stage::new(store);
    let mut bob = Stage::of(store, OWNERS[1]);
    let begin = ann.ctx.now;
    ann.add(1, "old").await;
    ann.add_below(2, 1).await;
    ann.add(3, "younger").await;
    ann.add(4, "alive").await;
    bob.add(1, "old, too").await;
    bob.add(4, "alive, too").await;
    ann.act(1, Verb::Delete).await;
    bob.act(1, Verb::Delete).await;
    ann.later(DAY);
    ann.act(3, Verb::Delete).await;
    // What only lies there while it is swept was never in danger.
    ann.act(4, Verb::Delete).await;
    ann.act(4, Verb::Restore).await;
    let known = ann.load(&Needs::default()).await.counters.next_seq;

    let last = begin.plus_millis(TRASH_KEPT_MILLIS);
    assert_eq!(sweep(store, last).await, 0, "30 days are not over");
    assert_eq!((count(store, OWNERS[0]).await, count(store, OWNERS[1]).await), (4, 2));
    let over = last.plus_millis(1);
    assert_eq!(sweep(store, over).await, 3);
    assert_eq!(sweep(store, over).await, 0, "there is nothing left");
    assert_eq!(ids(&ann.all().await), [3, 4]);
    assert_eq!(ids(&bob.all().await), [2]);

    // SPEC 7: who keeps a copy hears of it.
    let (there, gone) = told(store, OWNERS[0], Seq(known.0 - 1)).await;
    assert_eq!((there, gone.len()), (Vec::new(), 2));
    assert!(gone.contains(&uid(1)) && gone.contains(&uid(2)));
    // And who begins anew never hears of what was before.
    let (there, gone) = told(store, OWNERS[1], Seq(0)).await;
    assert_eq!((there, gone), (vec![uid(4)], vec![uid(1)]));

    // The system did it, and nothing is left of what the task was (SPEC 9).
    let past = store.history(OWNERS[0], uid(1), None, 10).await.expect("history");
    let newest = &past[0];
    assert_eq!((newest.event_type, newest.actor.kind), (EventType::Purged, ActorKind::System));
    assert_eq!((newest.correlation, newest.at), (CORRELATION, over));
    assert!(past[1..].iter().all(|event| event.data.is_none()), "{past:?}");
    // S7: no step, and none that could bring it back.
    bob.ctx.now = over;
    let undone = bob.run(&Command::Undo(None)).await.expect("the task that was made after it");
    assert!(!undone.tasks.contains_key(&uid(1)));
    let refused = bob.run(&Command::Undo(None)).await.expect_err("nothing else is known");
    assert_eq!(refused.code(), ErrorCode::NothingToUndo);
}

/// More than one transaction may hold; none of them has more than 500.
const MANY: u32 = 1_300;

/// So many tasks that lie in the trash.
async fn fill(store: &Store, stage: &Stage<'_, Store>) {
    let tasks: Vec<_> = (0..MANY).map(writers::addition).collect();
    for some in tasks.chunks(650) {
        let made = some.iter().map(|command| match command {
            Command::One(item) => item.clone(),
            other => panic!("{other:?} makes no task"),
        });
        let items: Vec<_> = made.collect();
        let doomed = items.iter().map(|item| match item {
            Item::Create(new) => Item::act(new.uid, Verb::Delete),
            Item::Act(Action { task, .. }) => panic!("{task:?} is no new one"),
        });
        let doomed = Bulk { items: doomed.collect(), atomic: true };
        stage.done(&Command::Bulk(Bulk { items, atomic: true })).await;
        stage.done(&Command::Bulk(doomed)).await;
    }
    assert_eq!(count(store, stage.ctx.owner).await, u64::from(MANY));
}

/// Whoever sweeps is gone after the first transaction: what it did is whole, and the rest comes next.
async fn what_is_cut_short_is_gone_on_with(store: &Store) {
    let stage = Stage::new(store);
    fill(store, &stage).await;
    let over = stage.ctx.now.plus_millis(TRASH_KEPT_MILLIS + 1);
    let one_is_done = async {
        while count(store, OWNERS[0]).await == u64::from(MANY) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = sweep(store, over) => panic!("all of it was one transaction"),
        () = one_is_done => {}
    }
    let left = count(store, OWNERS[0]).await;
    let gone = u64::from(MANY) - left;
    assert!(gone.is_multiple_of(500) && left > 0, "{left} are left");
    // Others write meanwhile.
    stage.add(1, "in between").await;
    assert_eq!(sweep(store, over).await, left);
    assert_eq!(count(store, OWNERS[0]).await, 1);
    // Each was purged once.
    let seq = stage.load(&Needs::default()).await.counters.next_seq;
    assert_eq!(seq, Seq(u64::from(3 * MANY) + 2));
}

/// What two servers find, one removes.
async fn two_sweep(one: &Store, other: &Store) {
    let stage = Stage::new(one);
    fill(one, &stage).await;
    let bob = Stage::of(other, OWNERS[1]);
    bob.add(1, "old").await;
    bob.act(1, Verb::Delete).await;
    let over = stage.ctx.now.plus_millis(TRASH_KEPT_MILLIS + 1);
    let (first, second) = tokio::join!(Box::pin(sweep(one, over)), Box::pin(sweep(other, over)));
    // Where one leaves off for the other, that one goes on.
    assert_eq!(first + second, u64::from(MANY) + 1);
    assert_eq!((count(one, OWNERS[0]).await, count(one, OWNERS[1]).await), (0, 0));
    let seq = stage.load(&Needs::default()).await.counters.next_seq;
    assert_eq!(seq, Seq(u64::from(3 * MANY) + 1));
}

async fn two_at_once_do_no_harm(store: &Store) {
    two_sweep(store, &store.clone()).await;
}

on_both! {
    what_has_expired_goes_and_nothing_else
    what_is_cut_short_is_gone_on_with
    two_at_once_do_no_harm
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn two_servers_on_postgres_do_no_harm() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let other = support::open(&database.url()).await;
        two_sweep(&store, &other).await;
        audit::postgres(&database.text()).await;
    });
}

/// One whose rows are damaged is told of, and the others are swept all the same.
async fn one_who_fails_keeps_nobody_waiting(url: &DatabaseUrl) {
    let store = support::with_owners(support::open(url).await).await;
    let (ann, bob) = (Stage::new(&store), Stage::of(&store, OWNERS[1]));
    for stage in [&ann, &bob] {
        for k in 1..=3 {
            stage.add(k, "old").await;
            stage.act(k, Verb::Delete).await;
        }
    }
    let mut asked = Asked::of(url).await;
    let owner = asked.quoted(OWNERS[0]);
    asked.run(format!("UPDATE tasks SET status = 9 WHERE owner = {owner} AND id = 1")).await;
    let mut failed = Vec::new();
    let over = ann.ctx.now.plus_millis(TRASH_KEPT_MILLIS + 1);
    let swept = store.sweep(over, CORRELATION, |owner, error| failed.push((owner, error.code())));
    assert_eq!(swept.await.expect("it is swept"), 3);
    assert_eq!(failed, [(OWNERS[0], ErrorCode::StorageCorrupt)]);
    assert_eq!(count(&store, OWNERS[1]).await, 0);
    // Once it is mended, that one is swept, too.
    asked.run(format!("UPDATE tasks SET status = 0 WHERE owner = {owner} AND id = 1")).await;
    assert_eq!(sweep(&store, over).await, 3);
}

#[test]
fn one_who_fails_keeps_nobody_waiting_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("todo.db");
    support::run(async {
        one_who_fails_keeps_nobody_waiting(&DatabaseUrl::Sqlite(path.clone())).await;
        audit::sqlite(&path).await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn one_who_fails_keeps_nobody_waiting_on_postgres() {
    support::run(async {
        let database = Database::make().await;
        one_who_fails_keeps_nobody_waiting(&database.url()).await;
    });
}

/// A database that is away is told of once, and not for each owner.
#[test]
fn without_a_database_it_ends() {
    support::run(async {
        let (store, _kept) = support::sqlite().await;
        store.close().await;
        let failed = |owner: Owner, error| panic!("{owner:?}: {error}");
        let ended = store.sweep(Timestamp::from_millis(0), CORRELATION, failed).await;
        assert_eq!(ended.expect_err("it cannot be asked").code(), ErrorCode::StorageUnavailable);
    });
}
