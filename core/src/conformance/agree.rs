//! The law above the cases: a random history ends on the store under test as on the reference.

use std::collections::BTreeMap;

use proptest::prelude::{prop_assert, prop_assert_eq};
use proptest::test_runner::{TestCaseError, TestCaseResult, TestRunner};

use super::given::{OWNERS, Stage, cases, ctx, instant};
use super::history::{History, history};
use super::questions::queries;
use crate::command::Command;
use crate::error::{ErrorCode, TaskError};
use crate::event::EventEnvelope;
use crate::memory::{MemoryStore, Shared};
use crate::ports::{AsyncTaskStore, StoreError};
use crate::query::{Limit, Page, TaskQuery};
use crate::rules::{Decided, Note};
use crate::service::{Outcome, ServiceError};
use crate::stats::{Stats, StatsQuery};
use crate::step::{Step, StepNo};
use crate::task::{Task, TaskId};

/// Histories that every store is tried on.
const HISTORIES: u32 = 32;

/// Plays random histories with `play`, which makes a new empty store for each.
pub fn check(play: impl Fn(History) -> TestCaseResult) {
    let outcome = TestRunner::new(cases(HISTORIES)).run(&history(), play);
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// What a command came to, as it can be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It was carried out.
    Done {
        /// For each item, what became of it.
        items: Vec<Result<Decided, TaskError>>,
        /// The tasks it answered.
        tasks: BTreeMap<TaskId, Task>,
        /// Those that changed.
        changed: Vec<TaskId>,
        /// Those that were purged.
        purged: Vec<Task>,
        /// The step it left.
        step: Option<StepNo>,
        /// The step it took back or did again.
        taken: Option<Step>,
        /// What else came of it.
        notes: Vec<Note>,
        /// What happened.
        events: Vec<EventEnvelope>,
    },
    /// The rules refused it, for the same reason.
    Refused(TaskError),
    /// The store failed.
    Failed(ErrorCode),
}

impl From<Result<Outcome, ServiceError>> for Answer {
    fn from(result: Result<Outcome, ServiceError>) -> Self {
        match result {
            Ok(Outcome { items, tasks, changed, purged, step, taken, notes, events }) => {
                Self::Done { items, tasks, changed, purged, step, taken, notes, events }
            }
            Err(ServiceError::Refused(error)) => Self::Refused(error),
            Err(error) => Self::Failed(error.code()),
        }
    }
}

/// Plays one history on a new store and on the reference, and compares whatever can be seen.
pub async fn play<S: AsyncTaskStore>(store: &S, history: &History) -> TestCaseResult {
    let reference = Shared::new(MemoryStore::default());
    let start = ctx(OWNERS[0], instant("2026-11-21T12:00:00Z"));
    let mut ours = Stage { store, ctx: start.clone() };
    let mut theirs = Stage { store: &reference, ctx: start };
    for step in history {
        ours.later(step.wait);
        theirs.later(step.wait);
        let (answer, expected) = both(&ours, &theirs, &step.command).await;
        prop_assert_eq!(answer, expected, "{:?}", step.command);
    }
    prop_assert_eq!(ours.everything().await, theirs.everything().await);
    for query in queries(ours.moment()) {
        let page = same_answer(&ours, &theirs, &query).await?;
        same_stats(&ours, &theirs, &query).await?;
        prop_assert_eq!(&walk(&ours, &query).await?, &page.tasks, "in pages: {:?}", query);
    }
    Ok(())
}

/// The answer that both give.
pub async fn same_answer<A: AsyncTaskStore, B: AsyncTaskStore>(
    ours: &Stage<'_, A>,
    reference: &Stage<'_, B>,
    query: &TaskQuery,
) -> Result<Page<Task>, TestCaseError> {
    let (page, expected) = (ours.find(query).await, reference.find(query).await);
    // The reference always says that there may be one; who knows better must not miss one.
    let by_clock = reference.all().await.iter().any(|task| {
        task.trash.is_none() && task.recurrence.as_ref().is_some_and(|r| r.is_scheduled())
    });
    prop_assert!(page.by_clock || !by_clock, "R5: {:?}", query);
    let page = Page { by_clock: expected.by_clock, ..page };
    prop_assert_eq!(&page, &expected, "{:?}", query);
    Ok(page)
}

/// The numbers that both give of what a query means, in the trash and not (S4).
pub async fn same_stats<A: AsyncTaskStore, B: AsyncTaskStore>(
    ours: &Stage<'_, A>,
    reference: &Stage<'_, B>,
    query: &TaskQuery,
) -> TestCaseResult {
    let asked = StatsQuery::new(query.filter.clone(), query.moment);
    let stats = ours.store.stats(ours.ctx.owner, &asked).await;
    let expected = reference.store.stats(reference.ctx.owner, &asked).await;
    let told = |stats: Result<Stats, StoreError>| stats.map_err(|error| error.code());
    prop_assert_eq!(told(stats), told(expected), "{:?}", asked);
    Ok(())
}

async fn both<A: AsyncTaskStore, B: AsyncTaskStore>(
    ours: &Stage<'_, A>,
    theirs: &Stage<'_, B>,
    command: &Command,
) -> (Answer, Answer) {
    (ours.run(command).await.into(), theirs.run(command).await.into())
}

async fn walk<S: AsyncTaskStore>(
    stage: &Stage<'_, S>,
    query: &TaskQuery,
) -> Result<Vec<Task>, TestCaseError> {
    let mut query = TaskQuery { limit: Limit::Page(2), count: false, ..query.clone() };
    let mut walked = Vec::new();
    loop {
        let Page { tasks, next, total, .. } = stage.find(&query).await;
        prop_assert_eq!(total, None);
        walked.extend(tasks);
        if next.is_none() {
            return Ok(walked);
        }
        query.after = next;
    }
}
