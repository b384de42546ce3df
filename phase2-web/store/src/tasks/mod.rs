//! Tasks in tables: the three verbs.

mod find;
pub(crate) mod row;
pub(crate) mod values;

use todo_core::batch::{Batch, Committed};
use todo_core::query::{Page, TaskQuery};
use todo_core::{AsyncTaskStore, Facts, Needs, Owner, StoreError, Task};

use crate::Store;

impl AsyncTaskStore for Store {
    async fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        let _ = (owner, needs, &self.db);
        Err(StoreError::Conflict)
    }

    async fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        self.answer(owner, query).await
    }

    async fn commit(&self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        let _ = (owner, batch);
        Err(StoreError::Conflict)
    }
}
