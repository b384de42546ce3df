//! The sessions of a user as they see them, and how they end them.

use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::By;
use super::profile::{instant, uuid};
use super::tidings::tell;
use super::told::Happened;
use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;

/// How many sessions are listed. All of them can be ended without being listed.
pub const SESSIONS_LISTED: usize = 200;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub session: Uuid,
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// Where it logged in from.
    pub address: Option<String>,
    /// When it logged in.
    pub created_at: Timestamp,
    /// When its refresh token was used last.
    pub last_used_at: Timestamp,
    /// Until when, unless it is used.
    pub expires_at: Timestamp,
}

static DEVICES: Sql = Sql::new(
    "SELECT id, user_agent, address, created_at, last_used_at, expires_at FROM sessions \
     WHERE owner = ? AND revoked_at IS NULL AND expires_at > ? \
     ORDER BY last_used_at DESC, id DESC LIMIT ?",
);
static END: Sql = Sql::new(
    "UPDATE sessions SET revoked_at = ? \
     WHERE id = ? AND owner = ? AND revoked_at IS NULL AND expires_at > ?",
);
/// In one order, as those who log in forget them.
static END_OTHERS: Sql = Sql::new(
    "UPDATE sessions SET revoked_at = ? WHERE owner = ? AND id IN (SELECT id FROM sessions \
     WHERE owner = ? AND id <> ? AND revoked_at IS NULL ORDER BY id{for update})",
);

impl Store {
    /// Where a user is logged in, what was used last first; no more than [`SESSIONS_LISTED`].
    pub async fn devices(&self, owner: Owner, now: Timestamp) -> Result<Vec<Device>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Device {
                session: uuid(row, 0)?,
                user_agent: row.text(1)?.map(str::to_owned),
                address: row.text(2)?.map(str::to_owned),
                created_at: instant(row, 3)?,
                last_used_at: instant(row, 4)?,
                expires_at: instant(row, 5)?,
            })
        };
        let most = SESSIONS_LISTED as u64;
        let values = vec![owner.0.into(), now.millis().into(), most.into()];
        Ok(self.asked(&DEVICES, values, read).await?)
    }

    /// Ends a session; says whether there was one of this user.
    pub async fn end_session(
        &self,
        owner: Owner,
        session: Uuid,
        by: &By,
    ) -> Result<bool, StoreError> {
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), owner).await? else { return Ok(false) };
        if !end(&mut tx.lend(), owner, session, by.at).await? {
            return Ok(false);
        }
        next.is(Happened::SessionEnded(session), by, &mut tx.lend()).await?;
        self.committed(tx).await?;
        Ok(true)
    }

    /// Ends every session of a user but one. Where there is no other, nothing happened.
    pub async fn end_other_sessions(
        &self,
        owner: Owner,
        kept: Uuid,
        by: &By,
    ) -> Result<(), StoreError> {
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), owner).await? else { return Ok(()) };
        if end_others(&mut tx.lend(), owner, kept, by.at).await? == 0 {
            return Ok(());
        }
        next.is(Happened::OthersEnded, by, &mut tx.lend()).await?;
        tell(&mut tx.lend(), owner).await?;
        Ok(self.committed(tx).await?)
    }
}

/// Ends a session, and tells of it; says whether it was there.
pub(super) async fn end(
    conn: &mut Conn<'_>,
    owner: Owner,
    session: Uuid,
    now: Timestamp,
) -> StoreResult<bool> {
    let now = now.millis();
    let values = vec![now.into(), session.into(), owner.0.into(), now.into()];
    let ended = conn.run(&END, values).await? > 0;
    if ended {
        tell(conn, owner).await?;
    }
    Ok(ended)
}

/// Ends every session of a user but one, and says how many those were. The caller tells of it.
pub(super) async fn end_others(
    conn: &mut Conn<'_>,
    owner: Owner,
    kept: Uuid,
    now: Timestamp,
) -> StoreResult<u64> {
    let values = vec![now.millis().into(), owner.0.into(), owner.0.into(), kept.into()];
    conn.run(&END_OTHERS, values).await
}
