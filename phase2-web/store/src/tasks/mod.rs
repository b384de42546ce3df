//! Tasks in tables: the three verbs.

mod apply;
mod commit;
mod conditions;
mod days;
mod find;
mod index;
pub(crate) mod load;
mod order;
pub(crate) mod row;
mod rows;
mod steps;
mod tables;
pub(crate) mod values;
mod write;

use todo_core::batch::{Batch, Committed};
use todo_core::query::{Page, TaskQuery};
use todo_core::{AsyncTaskStore, Facts, Needs, Owner, StoreError, Task};

use crate::Store;
use crate::conn::Conn;
use crate::db::Db;
use crate::fault::{Fault, StoreResult};

impl AsyncTaskStore for Store {
    async fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        self.facts(owner, needs).await.map_err(Fault::into)
    }

    async fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        self.answer(owner, query).await.map_err(Fault::into)
    }

    async fn commit(&self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        self.carry_out(owner, batch).await.map_err(Fault::into)
    }
}

impl Store {
    async fn facts(&self, owner: Owner, needs: &Needs) -> StoreResult<Facts> {
        match &self.db {
            Db::Sqlite(db) => {
                let mut tx = db.readers.begin().await?;
                load::load(&mut Conn::Sqlite(&mut tx), owner, needs).await
            }
            Db::Postgres(pool) => {
                let mut tx =
                    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
                load::load(&mut Conn::Postgres(&mut tx), owner, needs).await
            }
        }
    }

    async fn carry_out(&self, owner: Owner, batch: Batch) -> StoreResult<Committed> {
        match &self.db {
            Db::Sqlite(db) => {
                let mut tx = db.writer.begin_with("BEGIN IMMEDIATE").await?;
                let written = commit::prepare(&mut Conn::Sqlite(&mut tx), owner, batch).await?;
                apply::sqlite(&mut tx, owner, written.ops, "").await?;
                tx.commit().await?;
                Ok(written.done)
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let written = commit::prepare(&mut Conn::Postgres(&mut tx), owner, batch).await?;
                apply::postgres(&mut tx, owner, written.ops).await?;
                tx.commit().await?;
                Ok(written.done)
            }
        }
    }
}
