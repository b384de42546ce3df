//! What the core asks of a store: three verbs, the owner first, always. What else is here follows from
//! them, and a store may know better.

use std::error::Error;
use std::future::Future;

use crate::batch::{Batch, Committed};
use crate::error::ErrorCode;
use crate::facts::{Facts, Needs};
use crate::query::{Page, TaskQuery};
use crate::stats::{Stats, StatsQuery, Tally};
use crate::task::{Owner, Task};

/// A cause from a store's own world.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a store did not do what it was asked. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the batch was planned on has moved: load and plan again.
    #[error("the tasks have changed meanwhile; try again")]
    Conflict,
    /// The receipt or inbox note of the batch is there already: this was done before.
    #[error("this request was carried out before")]
    Repeated,
    /// It cannot be reached, locked or written now.
    #[error("{0}")]
    Unavailable(#[source] Cause),
    /// What it holds cannot be read, and is left as it is.
    #[error("{0}")]
    Corrupt(#[source] Cause),
    /// Anything else.
    #[error("the store failed")]
    Backend(#[source] Cause),
}

impl StoreError {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Conflict => ErrorCode::VersionConflict,
            Self::Repeated => ErrorCode::RequestInProgress,
            Self::Unavailable(_) => ErrorCode::StorageUnavailable,
            Self::Corrupt(_) => ErrorCode::StorageCorrupt,
            Self::Backend(_) => ErrorCode::Internal,
        }
    }
}

/// A store for a surface that needs no runtime.
pub trait TaskStore {
    /// What a command must know, from one snapshot.
    fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError>;
    /// The answer to a query.
    fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError>;
    /// The numbers of the tasks that a question means: [`TaskStore::find`] knows them, and a store
    /// that need not make tasks of its rows for that answers here.
    fn stats(&self, owner: Owner, query: &StatsQuery) -> Result<Stats, StoreError> {
        let mut tally = Tally::new(*query.moment());
        for part in query.parts() {
            self.find(owner, part)?.tasks.iter().for_each(|task| tally.offer(task));
        }
        Ok(tally.finish())
    }
    /// Writes a batch, all of it or nothing, once it has checked that what the batch was planned
    /// on still holds ([`Batch::expected`], [`Batch::expected_seq`]).
    fn commit(&mut self, owner: Owner, batch: Batch) -> Result<Committed, StoreError>;
}

/// The same three verbs for servers.
pub trait AsyncTaskStore: Send + Sync {
    /// See [`TaskStore::load`].
    fn load(
        &self,
        owner: Owner,
        needs: &Needs,
    ) -> impl Future<Output = Result<Facts, StoreError>> + Send;

    /// See [`TaskStore::find`].
    fn find(
        &self,
        owner: Owner,
        query: &TaskQuery,
    ) -> impl Future<Output = Result<Page<Task>, StoreError>> + Send;

    /// See [`TaskStore::stats`].
    fn stats(
        &self,
        owner: Owner,
        query: &StatsQuery,
    ) -> impl Future<Output = Result<Stats, StoreError>> + Send {
        stats_of_tasks(self, owner, query)
    }

    /// See [`TaskStore::commit`].
    fn commit(
        &self,
        owner: Owner,
        batch: Batch,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// Waits until it is this caller's turn to write for an owner, and keeps it until the answer is
    /// dropped. Who was refused once takes a turn, so that those who collided go one after the
    /// other; nobody takes two at a time. A store that lets only one write anyway keeps this.
    fn turn(&self, owner: Owner) -> impl Future<Output = impl Send> + Send {
        let _ = owner;
        std::future::ready(())
    }

    /// Waits before a conflicting command is tried again. The store knows its runtime's timer and
    /// adds the jitter; one whose conflicts need no waiting keeps this.
    fn pause(&self, attempt: u32) -> impl Future<Output = ()> + Send {
        let _ = attempt;
        std::future::ready(())
    }
}

/// Statistics by whole tasks, whatever the store: for one that cannot answer a question otherwise.
pub async fn stats_of_tasks<S: AsyncTaskStore + ?Sized>(
    store: &S,
    owner: Owner,
    query: &StatsQuery,
) -> Result<Stats, StoreError> {
    let mut tally = Tally::new(*query.moment());
    for part in query.parts() {
        store.find(owner, part).await?.tasks.iter().for_each(|task| tally.offer(task));
    }
    Ok(tally.finish())
}
