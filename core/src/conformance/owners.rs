//! S6: owners do not see each other.

use super::given::{OWNERS, Stage, rename, uid};
use crate::command::{Command, Item, Verb};
use crate::error::TaskError;
use crate::facts::Needs;
use crate::ports::AsyncTaskStore;
use crate::reference::TaskRef;
use crate::service::ServiceError;
use crate::task::{Revision, TaskNo};

/// Another's task is `not_found`, by whatever name, and is not changed by any verb.
pub async fn another_owners_task_is_unknown<S: AsyncTaskStore>(store: &S) {
    let (one, other) = (Stage::of(store, OWNERS[0]), Stage::of(store, OWNERS[1]));
    let task = one.add(1, "mine").await;
    let names: [TaskRef; 3] =
        [uid(1).into(), TaskNo(1).into(), "bbbb01".parse().expect("a prefix")];
    for name in names {
        for verb in [rename("yours"), Verb::Delete, Verb::Restore, Verb::Purge] {
            let refused = other.run(&Command::One(Item::act(name.clone(), verb))).await;
            let Err(ServiceError::Refused(TaskError::NotFound(unknown))) = refused else {
                panic!("{name}: {refused:?}")
            };
            assert_eq!(unknown, name);
        }
    }
    let undo = other.run(&Command::Undo(None)).await.expect_err("their step is not ours");
    assert_eq!(undo.code(), crate::ErrorCode::NothingToUndo);
    assert_eq!(other.everything().await, (Vec::new(), crate::Facts::default()));
    assert_eq!(one.all().await, [task]);
}

/// A uid that this owner does not have is new, whoever else has it.
pub async fn one_uid_can_be_two_owners_tasks<S: AsyncTaskStore>(store: &S) {
    let (one, other) = (Stage::of(store, OWNERS[0]), Stage::of(store, OWNERS[1]));
    let mine = one.add(1, "mine").await;
    let theirs = other.add(1, "theirs").await;
    assert_eq!((theirs.uid, theirs.version), (mine.uid, Revision::FIRST));
    let theirs = other.rename(1, "still theirs").await;
    assert_eq!((one.all().await, other.all().await), (vec![mine.clone()], vec![theirs]));
    other.act(1, Verb::Purge).await;
    assert_eq!((one.all().await, other.all().await), (vec![mine], Vec::new()));
}

/// Each owner's numbers, events and steps are the owner's own.
pub async fn each_owner_counts_alone<S: AsyncTaskStore>(store: &S) {
    let (one, other) = (Stage::of(store, OWNERS[0]), Stage::of(store, OWNERS[1]));
    for k in 1..=3 {
        one.add(k, "mine").await;
    }
    assert_eq!(other.add(9, "theirs").await.id, TaskNo(1));
    let facts = async |stage: &Stage<'_, S>| stage.load(&Needs::all_steps()).await;
    let (mine, theirs) = (facts(&one).await, facts(&other).await);
    assert_eq!((mine.counters.next_id.0, mine.counters.next_seq.0, mine.count), (4, 4, 3));
    assert_eq!((theirs.counters.next_id.0, theirs.counters.next_seq.0, theirs.count), (2, 2, 1));
    assert_eq!((mine.steps.len(), theirs.steps.len()), (3, 1));
    // What one owner writes is no conflict for a plan of the other's.
    let planned = other.plan(&Command::One(Item::act(uid(9), Verb::Delete))).await.batch;
    one.add(4, "in between").await;
    store.commit(OWNERS[1], planned).await.expect("nothing of this owner has moved");
}
