//! Owners: the row that is the lock of all that is written for one person.

use todo_core::{Owner, StoreError, Zone};

use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::bad;
use crate::tasks::values::{due_key, read_due};

static INSERT: Sql = Sql::new("INSERT INTO owners (owner, timezone) VALUES (?, ?)");

/// Makes an owner's row, within a transaction of the caller's.
pub(crate) async fn insert_owner(conn: &mut Conn<'_>, owner: Owner, zone: Zone) -> StoreResult<()> {
    conn.run(&INSERT, vec![owner.0.into(), zone.name().into()]).await?;
    Ok(())
}

static MOVE: Sql = Sql::new("UPDATE owners SET timezone = ? WHERE owner = ?");
static DAYS: Sql =
    Sql::new("SELECT DISTINCT due_day FROM tasks WHERE owner = ? AND due_day IS NOT NULL");
static REKEY: Sql = Sql::new(
    "UPDATE tasks SET due_key = k.key FROM {keys} k WHERE tasks.owner = ? AND tasks.due_day = k.name",
);

/// Has an owner's all-day tasks stand in order by the days of another zone (Q6), within a
/// transaction of the caller's, which changes the profile. Takes the owner's lock: whoever writes
/// tasks reckons in the zone that he finds with it.
pub(crate) async fn rederive_keys(
    conn: &mut Conn<'_>,
    owner: Owner,
    zone: Zone,
) -> StoreResult<()> {
    conn.run(&MOVE, vec![zone.name().into(), owner.0.into()]).await?;
    let day = |row: &dyn Cells| Ok(row.text(0)?.unwrap_or_default().to_owned());
    let mut keys = Vec::new();
    for day in conn.rows(&DAYS, vec![owner.0.into()], day).await? {
        let due = read_due(&day).map_err(bad)?;
        keys.push((day, due_key(Some(due), zone)));
    }
    if !keys.is_empty() {
        conn.run(&REKEY, vec![keys.into(), owner.0.into()]).await?;
    }
    Ok(())
}

impl Store {
    /// Makes an owner without an account: for those who only keep tasks, and for tests.
    pub async fn add_owner(&self, owner: Owner, zone: Zone) -> Result<(), StoreError> {
        let mut tx = self.writing().await?;
        insert_owner(&mut tx.lend(), owner, zone).await?;
        Ok(tx.commit().await?)
    }
}
