//! Saved filters (Q9).

use todo_core::query::{Filters, SavedFilters};
use todo_core::words::Asking;
use todo_core::{Owner, ServiceError, StoreError, TaskError, Timestamp};

use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;
use crate::tasks::commit;
use crate::tasks::load::bad;

static ALL: Sql = Sql::new("SELECT name, filter FROM filters WHERE owner = ? ORDER BY name");
static SAVE: Sql = Sql::new(
    "INSERT INTO filters (owner, name, filter, updated_at) VALUES (?, ?, ?, ?) \
     ON CONFLICT (owner, name) DO UPDATE SET filter = excluded.filter, \
     updated_at = excluded.updated_at",
);
static REMOVE: Sql = Sql::new("DELETE FROM filters WHERE owner = ? AND name = ?");

impl Store {
    /// An owner's saved filters.
    pub async fn filters(&self, owner: Owner) -> Result<Filters, StoreError> {
        let pairs = self.asked(&ALL, vec![owner.0.into()], pair).await?;
        Ok(pairs.into_iter().collect())
    }

    /// Saves an expression under a name, over one that is there, and answers both as they are kept.
    pub async fn save_filter(
        &self,
        owner: Owner,
        name: &str,
        text: &str,
        asking: &Asking,
    ) -> Result<(String, String), ServiceError> {
        let now = asking.moment.now;
        self.change_filters(owner, now, |filters| filters.save(name, text, asking)).await
    }

    /// Removes a filter that no other one names.
    pub async fn remove_filter(
        &self,
        owner: Owner,
        name: &str,
        asking: &Asking,
    ) -> Result<(), ServiceError> {
        let now = asking.moment.now;
        self.change_filters(owner, now, |filters| filters.remove(name, asking)).await
    }

    /// What may be saved depends on the others: nobody else changes them meanwhile.
    async fn change_filters<T: Send>(
        &self,
        owner: Owner,
        now: Timestamp,
        change: impl FnOnce(&mut Filters) -> Result<T, TaskError> + Send,
    ) -> Result<T, ServiceError> {
        let mut tx = self.writing().await.map_err(failed)?;
        let before = lock(&mut tx.lend(), owner).await.map_err(failed)?;
        let mut after = before.clone();
        let done = change(&mut after)?;
        write(&mut tx.lend(), owner, now, &before, &after).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(done)
    }
}

fn failed(fault: Fault) -> ServiceError {
    ServiceError::Store(fault.into())
}

/// The filters as they stay until the transaction ends.
async fn lock(conn: &mut Conn<'_>, owner: Owner) -> StoreResult<Filters> {
    commit::lock(conn, owner).await?;
    let pairs = conn.rows(&ALL, vec![owner.0.into()], pair).await?;
    Ok(pairs.into_iter().collect())
}

/// A name and its expression.
fn pair(row: &dyn Cells) -> StoreResult<(String, String)> {
    let text = |at| Ok::<_, Fault>(row.text(at)?.ok_or_else(|| bad(()))?.to_owned());
    Ok((text(0)?, text(1)?))
}

/// Writes what differs.
async fn write(
    conn: &mut Conn<'_>,
    owner: Owner,
    now: Timestamp,
    before: &Filters,
    after: &Filters,
) -> StoreResult<()> {
    for (name, text) in after.iter().filter(|(name, text)| before.text(name) != Some(text)) {
        let values = vec![owner.0.into(), name.into(), text.into(), now.millis().into()];
        conn.run(&SAVE, values).await?;
    }
    for (name, _) in before.iter().filter(|(name, _)| after.text(name).is_none()) {
        conn.run(&REMOVE, vec![owner.0.into(), name.into()]).await?;
    }
    Ok(())
}
