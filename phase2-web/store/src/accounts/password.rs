//! Changing a password, and what ends with the old one.

use todo_core::{Owner, StoreError};
use uuid::Uuid;

use super::devices::end_others;
use super::profile::{integer, text};
use super::tidings::tell;
use super::told::Happened;
use super::{By, Credentials, PasswordHash};
use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;

/// Another password for somebody who has proven the old one.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// Whose.
    pub owner: Owner,
    /// What it is now.
    pub hash: PasswordHash,
    /// Which access tokens counted when the old one was looked up: if others count by now, it was
    /// changed meanwhile, and stays as it is.
    pub token_version: u64,
    /// The one session that goes on.
    pub session: Uuid,
}

static OF: Sql = Sql::new("SELECT password, token_version FROM users WHERE owner = ?");
static CHANGE: Sql = Sql::new(
    "UPDATE users SET password = ?, token_version = token_version + 1, updated_at = ? \
     WHERE owner = ? AND token_version = ?",
);
static VERSION: Sql = Sql::new("SELECT token_version FROM users WHERE owner = ?{for update}");

impl Store {
    /// What somebody who is logged in already is checked against.
    pub async fn credentials_of(&self, owner: Owner) -> Result<Option<Credentials>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Credentials {
                owner,
                password: PasswordHash::new(text(row, 0)?.to_owned()),
                token_version: integer(row, 1)?,
            })
        };
        Ok(self.one(&OF, vec![owner.0.into()], read).await?)
    }

    /// Changes a password and ends every other session. Answers which access tokens count from now
    /// on; nothing if the password was changed meanwhile.
    pub async fn change_password(
        &self,
        new: &NewPassword,
        by: &By,
    ) -> Result<Option<u64>, StoreError> {
        let NewPassword { owner, hash, token_version, session } = new;
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), *owner).await? else { return Ok(None) };
        let values = vec![
            hash.as_str().into(),
            by.at.millis().into(),
            owner.0.into(),
            (*token_version).into(),
        ];
        if tx.lend().run(&CHANGE, values).await? == 0 {
            return Ok(None);
        }
        end_others(&mut tx.lend(), *owner, *session, by.at).await?;
        next.is(Happened::PasswordChanged, by, &mut tx.lend()).await?;
        tell(&mut tx.lend(), *owner).await?;
        self.committed(tx).await?;
        Ok(Some(token_version + 1))
    }
}

/// Which access tokens of a user count. Until the end of the transaction the password stays what it
/// is: nobody logs in with an old one behind the back of its change.
pub(super) async fn locked_version(conn: &mut Conn<'_>, owner: Owner) -> StoreResult<Option<u64>> {
    let found = conn.rows(&VERSION, vec![owner.0.into()], |row| integer(row, 0)).await?;
    Ok(found.into_iter().next())
}
