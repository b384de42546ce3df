//! Tasks that were made elsewhere, to ask questions about.

use std::sync::Arc;

use todo_core::batch::Meta;
use todo_core::memory::MemoryStore;
use todo_core::{Actor, ActorKind, Batch, Owner, Task, TaskStore, Timestamp};
use uuid::Uuid;

use super::Memory;
use crate::surfaces::Told;
use crate::surfaces::told::Refusal;

impl Memory {
    /// Holds these tasks from now on, with the numbers that they have, and nothing else.
    pub(in crate::surfaces) fn hold(&mut self, tasks: impl Iterator<Item = Task>) -> Told<()> {
        let actor = Actor { kind: ActorKind::System, id: Owner::LOCAL.0 };
        let at = Timestamp::from_millis(0);
        // At once: a number that comes after a higher one would not be given.
        let batch = Batch {
            expected: Vec::new(),
            expected_seq: None,
            seen: None,
            upserts: tasks.map(Arc::new).collect(),
            deletes: Vec::new(),
            events: Vec::new(),
            step: None,
            firings: Vec::new(),
            receipt: None,
            inbox: None,
            meta: Meta { actor, at, correlation: Uuid::nil(), causation: None },
        };
        self.store = MemoryStore::default();
        let held = self.store.commit(Owner::LOCAL, batch);
        held.map(drop).map_err(|error| Refusal::broken(error.to_string()))
    }
}
