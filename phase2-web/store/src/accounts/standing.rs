//! How an account stands, for links that are mailed: where its mail goes, and what must not have
//! changed until a link is followed.

use todo_core::{Owner, StoreError};

use super::manage::end_all;
use super::profile::{integer, text, uuid};
use super::told::Happened;
use super::{AccountError, By, Email, PasswordHash};
use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;

/// How an account stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Whose it is.
    pub owner: Owner,
    /// Where its mail goes: the address as it was kept, never as somebody typed it later.
    pub email: String,
    /// What a change must have seen.
    pub seen: Seen,
}

/// Which password and which address somebody has seen. Both only rise: neither comes again, not even
/// when an old password or address does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Raised by each change of the password.
    pub token_version: u64,
    /// Raised by each change of the address.
    pub email_version: u64,
}

/// Another address for an account.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEmail {
    /// What it is now.
    pub email: Email,
    /// What was seen when it was proven to be theirs: if that is past, nothing is changed.
    pub seen: Seen,
}

static BY_EMAIL: Sql =
    Sql::new("SELECT owner, email, token_version, email_version FROM users WHERE email_key = ?");
static BY_OWNER: Sql =
    Sql::new("SELECT owner, email, token_version, email_version FROM users WHERE owner = ?");
static RESET: Sql = Sql::new(
    "UPDATE users SET password = ?, token_version = token_version + 1, updated_at = ? \
     WHERE owner = ? AND token_version = ? AND email_version = ?",
);
static MOVE: Sql = Sql::new(
    "UPDATE users SET email = ?, email_key = ?, email_version = email_version + 1 \
     WHERE owner = ? AND token_version = ? AND email_version = ?",
);

impl Store {
    /// How the account of an address stands.
    pub async fn standing(&self, email: &Email) -> Result<Option<Standing>, StoreError> {
        Ok(self.one(&BY_EMAIL, vec![email.key().into()], read).await?)
    }

    /// How somebody's account stands.
    pub async fn standing_of(&self, owner: Owner) -> Result<Option<Standing>, StoreError> {
        Ok(self.one(&BY_OWNER, vec![owner.0.into()], read).await?)
    }

    /// Gives an account another password, ends its sessions and revokes its personal access tokens,
    /// if it still stands as it was seen; says whether. Of several who have seen the same, one does.
    pub async fn reset_password_as_seen(
        &self,
        owner: Owner,
        seen: Seen,
        hash: &PasswordHash,
        by: &By,
    ) -> Result<bool, StoreError> {
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), owner).await? else { return Ok(false) };
        let values = vec![
            hash.as_str().into(),
            by.at.millis().into(),
            owner.0.into(),
            seen.token_version.into(),
            seen.email_version.into(),
        ];
        if tx.lend().run(&RESET, values).await? == 0 {
            return Ok(false);
        }
        end_all(&mut tx.lend(), owner, by.at).await?;
        next.is(Happened::PasswordReset, by, &mut tx.lend()).await?;
        self.committed(tx).await?;
        Ok(true)
    }
}

fn read(row: &dyn Cells) -> StoreResult<Standing> {
    Ok(Standing {
        owner: Owner(uuid(row, 0)?),
        email: text(row, 1)?.to_owned(),
        seen: Seen { token_version: integer(row, 2)?, email_version: integer(row, 3)? },
    })
}

/// Writes another address.
pub(super) async fn write_email(
    conn: &mut Conn<'_>,
    owner: Owner,
    new: &NewEmail,
) -> Result<(), AccountError> {
    let values = vec![
        new.email.as_str().into(),
        new.email.key().into(),
        owner.0.into(),
        new.seen.token_version.into(),
        new.seen.email_version.into(),
    ];
    match conn.run(&MOVE, values).await {
        Err(fault) if fault.is_taken() => Err(AccountError::EmailTaken),
        Ok(0) => Err(AccountError::Superseded),
        done => Ok(done.map(drop)?),
    }
}
