//! The three ways to name a task.

use super::given::{Stage, rename, uid};
use crate::command::{Command, Item};
use crate::error::TaskError;
use crate::facts::Needs;
use crate::ports::AsyncTaskStore;
use crate::reference::TaskRef;
use crate::service::ServiceError;
use crate::task::{TaskId, TaskNo};

async fn resolve<S: AsyncTaskStore>(stage: &Stage<'_, S>, text: &str) -> Vec<TaskId> {
    let reference: TaskRef = text.parse().expect("a reference of the suite");
    let needs = Needs { tasks: [reference.clone()].into(), ..Needs::default() };
    let facts = stage.load(&needs).await;
    let mut found = facts.resolved.get(&reference).cloned().expect("every reference is resolved");
    found.sort();
    let loaded: Vec<_> = facts.tasks.keys().copied().collect();
    assert_eq!(loaded, found, "what a reference fits is loaded, and nothing else");
    found
}

/// By number, by uid in any spelling, and by a start of the uid that fits one task; trashed or not.
pub async fn a_task_is_found_by_number_uid_and_prefix<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    for k in 0..4 {
        stage.add(k, "named").await;
    }
    stage.act(3, crate::Verb::Delete).await;
    for (at, k) in (0..4).enumerate() {
        let hyphened = uid(k).to_string();
        let simple = uid(k).0.as_simple().to_string();
        let names = [
            (at + 1).to_string(),
            hyphened.to_uppercase(),
            simple.clone(),
            simple[..6].to_owned(),
            hyphened[..11].to_owned(),
            simple[..31].to_uppercase(),
            hyphened,
        ];
        for name in names {
            assert_eq!(resolve(&stage, &name).await, [uid(k)], "{name}");
        }
    }
}

/// A prefix that fits several tasks fits all of them, and a command on it names them.
pub async fn a_short_prefix_fits_several<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    for k in 0..5 {
        stage.add(k, &format!("number {k}")).await;
    }
    assert_eq!(resolve(&stage, "aaaa").await, [uid(0), uid(2), uid(4)]);
    assert_eq!(resolve(&stage, "BBBB").await, [uid(1), uid(3)]);
    let prefix: TaskRef = "bbbb".parse().expect("a prefix");
    let refused = stage.run(&Command::One(Item::act(prefix.clone(), rename("which?")))).await;
    let Err(ServiceError::Refused(TaskError::Ambiguous { reference, candidates })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(reference, prefix);
    let named: Vec<_> = candidates.iter().map(|c| (c.id, c.uid, c.title.as_str())).collect();
    let expected = [(TaskNo(2), uid(1), "number 1"), (TaskNo(4), uid(3), "number 3")];
    assert_eq!(named, expected);
}

/// What nobody has ever made is resolved to nothing.
pub async fn an_unknown_reference_fits_none<S: AsyncTaskStore>(store: &S) {
    let stage = Stage::new(store);
    let unknown = ["2", "999999999999", "cccc", "aaaa09", &uid(9).to_string()];
    for name in unknown {
        assert_eq!(resolve(&stage, name).await, [], "{name} in an empty store");
    }
    stage.add(0, "the only one").await;
    for name in unknown {
        assert_eq!(resolve(&stage, name).await, [], "{name}");
    }
    // A number is no prefix of a uid.
    assert_eq!(resolve(&stage, "1").await, [uid(0)]);
}
