//! Somebody's tasks as the log tells of them.

use std::collections::BTreeMap;
use std::time::Duration;

use todo_core::event::{Seq, apply};
use todo_core::{Owner, StoreError, Task, TaskId};
use todo_store::Store;
use todo_store::log::{Entry, Position, Unreadable};
use tokio::time::timeout;

use crate::surfaces::memory::Memory;
use crate::surfaces::rest::{Base, Rest, runtime};
use crate::surfaces::told::Refusal;
use crate::surfaces::{Surface, Told};

/// How long the relay may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(2);
const BATCH: u32 = 500;

/// A consumer by position, who keeps nothing but what events say.
#[derive(Debug)]
pub(super) struct ReadModel {
    /// What it answers with.
    pub(super) tasks: Memory,
    store: Store,
    told: BTreeMap<TaskId, Task>,
    at: Position,
    seen: Seq,
}

/// What must not stand in a log.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Storage(#[from] StoreError),
    #[error("after seq {0} of an owner the log tells seq {1}")]
    OutOfOrder(Seq, Seq),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl ReadModel {
    /// Begins where the log ends: before anything has happened to whom the surface is of.
    pub(super) fn new<B: Base>(rest: &Rest<B>) -> Self {
        rest.relay();
        let store = rest.store();
        let at = runtime().block_on(store.log_head()).expect("a log");
        Self { tasks: Memory::fresh(), store, told: BTreeMap::new(), at, seen: Seq(0) }
    }

    /// Takes in all that has happened by now.
    pub(super) fn follow<B: Base>(&mut self, rest: &mut Rest<B>) -> Told<()> {
        let owner = rest.owner()?;
        let seen = self.seen;
        let followed = runtime().block_on(async { timeout(PATIENCE, self.read(owner)).await });
        match followed {
            Err(_) => return Err(Refusal::broken("the relay does not tell what has happened")),
            Ok(Err(fault)) => return Err(Refusal::broken(fault.to_string())),
            Ok(Ok(())) => {}
        }
        if self.seen == seen { Ok(()) } else { self.tasks.hold(self.told.values().cloned()) }
    }

    async fn read(&mut self, owner: Owner) -> Result<(), Fault> {
        // Before the first look: what is told after it rings.
        let mut wakes = self.store.wakes();
        let goal = self.happened(owner).await?;
        while self.seen < goal {
            let entries = self.store.read_log(self.at, BATCH).await?;
            if entries.is_empty() {
                wakes.log().await;
            }
            for entry in entries {
                self.at = entry.position.unwrap_or(self.at);
                if entry.owner == owner {
                    self.take(&entry)?;
                }
            }
        }
        Ok(())
    }

    /// The number of the last event of an owner.
    async fn happened(&self, owner: Owner) -> Result<Seq, StoreError> {
        let mut last = self.seen;
        loop {
            let entries = self.store.read_history(owner, last, BATCH).await?;
            match entries.last() {
                Some(entry) => last = entry.seq,
                None => return Ok(last),
            }
        }
    }

    fn take(&mut self, entry: &Entry) -> Result<(), Fault> {
        if entry.seq.0 != self.seen.0 + 1 {
            return Err(Fault::OutOfOrder(self.seen, entry.seq));
        }
        self.seen = entry.seq;
        let envelope = match entry.envelope() {
            Ok(envelope) => envelope,
            // What happened to the account; and what is said of a task that was purged meanwhile, whose
            // last event is still to come.
            Err(Unreadable::NotOfATask(_) | Unreadable::Blank) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let task = envelope.aggregate_id;
        let before = self.told.remove(&task);
        let after = apply(before, &envelope.event());
        self.told.extend(after.map(|after| (task, after)));
        Ok(())
    }
}
