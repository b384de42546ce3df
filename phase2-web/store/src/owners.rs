//! Owners: the row that is the lock of all that is written for one person.

use todo_core::{Owner, StoreError, Zone};

use crate::Store;
use crate::conn::Conn;
use crate::db::Db;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;

static INSERT: Sql = Sql::new("INSERT INTO owners (owner, timezone) VALUES (?, ?)");

/// Makes an owner's row, within a transaction of the caller's.
pub(crate) async fn insert_owner(conn: &mut Conn<'_>, owner: Owner, zone: Zone) -> StoreResult<()> {
    conn.run(&INSERT, vec![owner.0.into(), zone.name().into()]).await?;
    Ok(())
}

impl Store {
    /// Makes an owner without an account: for those who only keep tasks, and for tests.
    pub async fn add_owner(&self, owner: Owner, zone: Zone) -> Result<(), StoreError> {
        let done = match &self.db {
            Db::Sqlite(db) => {
                let mut conn = db.writer.acquire().await.map_err(Fault::from)?;
                insert_owner(&mut Conn::Sqlite(&mut conn), owner, zone).await
            }
            Db::Postgres(pool) => {
                let mut conn = pool.acquire().await.map_err(Fault::from)?;
                insert_owner(&mut Conn::Postgres(&mut conn), owner, zone).await
            }
        };
        Ok(done?)
    }
}
