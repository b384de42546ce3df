//! Invitations that were used. One that was not is known to nobody but who has it: it is signed.

use todo_core::Timestamp;
use uuid::Uuid;

use super::{AccountError, By, NewUser};
use crate::Store;
use crate::sql::Sql;

/// An invitation that somebody shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// Which.
    pub id: Uuid,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// How much longer it is known that one was used: to a server whose clock is behind it counts on.
const REMEMBERED_MILLIS: i64 = 24 * 60 * 60 * 1000;

static FORGET: Sql = Sql::new("DELETE FROM spent_invitations WHERE expires_at <= ?");
static SPEND: Sql = Sql::new("INSERT INTO spent_invitations (id, expires_at) VALUES (?, ?)");

impl Store {
    /// Makes an account for an invitation, which is used up by that and by nothing else: of several
    /// who come with it at once one gets an account, and if the address is taken it still counts.
    pub async fn create_invited_user(
        &self,
        user: &NewUser,
        invitation: Invitation,
        by: &By,
    ) -> Result<(), AccountError> {
        let mut tx = self.writing().await?;
        let past = by.at.millis().saturating_sub(REMEMBERED_MILLIS);
        tx.lend().run(&FORGET, vec![past.into()]).await?;
        let values = vec![invitation.id.into(), invitation.expires_at.millis().into()];
        match tx.lend().run(&SPEND, values).await {
            Err(fault) if fault.is_taken() => return Err(AccountError::InvitationUsed),
            done => done?,
        };
        self.insert(&mut tx.lend(), user, by).await?;
        Ok(self.committed(tx).await?)
    }
}
