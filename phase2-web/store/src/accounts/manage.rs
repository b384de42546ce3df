//! What an operator does about accounts.

use todo_core::{Owner, StoreError, Timestamp};

use super::profile::{instant, integer, text};
use super::tidings::tell;
use super::told::Happened;
use super::{By, PasswordHash};
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::{DatabaseUrl, Store};

/// An account as an operator sees it: nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The address as it was typed.
    pub email: String,
    /// Since when.
    pub created_at: Timestamp,
    /// How many tasks there are, the trash included.
    pub tasks: u64,
}

static ACCOUNTS: Sql = Sql::new(
    "SELECT u.email, u.created_at, o.tasks FROM users u JOIN owners o ON o.owner = u.owner \
     ORDER BY u.created_at, u.owner",
);
static RESET: Sql = Sql::new(
    "UPDATE users SET password = ?, token_version = token_version + 1, updated_at = ? \
     WHERE owner = ?",
);
static REVOKE_ALL: Sql = Sql::new("DELETE FROM tokens WHERE owner = ?");
static REVOKE_CALENDAR: Sql = Sql::new("DELETE FROM calendars WHERE owner = ?");
static END_ALL: Sql =
    Sql::new("UPDATE sessions SET revoked_at = ? WHERE owner = ? AND revoked_at IS NULL");

impl DatabaseUrl {
    /// Every account there is, the oldest first. Works beside a server, and changes nothing.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Account {
                email: text(row, 0)?.to_owned(),
                created_at: instant(row, 1)?,
                tasks: integer(row, 2)?,
            })
        };
        self.look(async |mut conn| conn.rows(&ACCOUNTS, Vec::new(), read).await).await
    }
}

impl Store {
    /// Gives an account another password, ends all of its sessions and revokes its personal access
    /// tokens and the address of its calendar: it may be somebody else who has them.
    pub async fn reset_password(
        &self,
        owner: Owner,
        hash: &PasswordHash,
        by: &By,
    ) -> Result<(), StoreError> {
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), owner).await? else { return Ok(()) };
        let values = vec![hash.as_str().into(), by.at.millis().into(), owner.0.into()];
        tx.lend().run(&RESET, values).await?;
        end_all(&mut tx.lend(), owner, by.at).await?;
        next.is(Happened::PasswordReset, by, &mut tx.lend()).await?;
        Ok(self.committed(tx).await?)
    }
}

/// Ends every session of a user, revokes every token and the address of their calendar, and tells of it:
/// whoever had the old password may have them.
pub(super) async fn end_all(conn: &mut Conn<'_>, owner: Owner, now: Timestamp) -> StoreResult<()> {
    conn.run(&END_ALL, vec![now.millis().into(), owner.0.into()]).await?;
    conn.run(&REVOKE_ALL, vec![owner.0.into()]).await?;
    conn.run(&REVOKE_CALENDAR, vec![owner.0.into()]).await?;
    tell(conn, owner).await
}
