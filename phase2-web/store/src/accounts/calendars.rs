//! The secret address by which a calendar is subscribed to: one a user.

use todo_core::{Owner, StoreError};
use uuid::Uuid;

use super::profile::uuid;
use super::sessions::still_there;
use super::told::Happened;
use super::{AccountError, By, Digest};
use crate::Store;
use crate::cells::Cells;
use crate::sql::Sql;

/// An address to be made.
#[derive(Debug, Clone)]
pub struct NewCalendar {
    /// Whose.
    pub owner: Owner,
    /// The session in which it is made.
    pub session: Uuid,
    /// Of the secret in it, which is stored nowhere.
    pub digest: Digest,
}

static PUT: Sql = Sql::new(
    "INSERT INTO calendars (owner, digest, created_at) VALUES (?, ?, ?) \
     ON CONFLICT (owner) DO UPDATE SET digest = excluded.digest, created_at = excluded.created_at",
);
static REMOVE: Sql = Sql::new("DELETE FROM calendars WHERE owner = ?");
static OWNER: Sql = Sql::new("SELECT owner FROM calendars WHERE digest = ?");

impl Store {
    /// Makes an address; the one before counts no more. A session that is over makes none.
    pub async fn make_calendar(&self, new: &NewCalendar, by: &By) -> Result<(), AccountError> {
        let NewCalendar { owner, session, digest } = new;
        let mut tx = self.writing().await?;
        let next = self.next_event(&mut tx.lend(), *owner).await?.ok_or(AccountError::Gone)?;
        still_there(&mut tx.lend(), *owner, *session, by.at).await?;
        let values = vec![owner.0.into(), digest.to_vec().into(), by.at.millis().into()];
        tx.lend().run(&PUT, values).await?;
        next.is(Happened::CalendarMade, by, &mut tx.lend()).await?;
        Ok(self.committed(tx).await?)
    }

    /// Takes the address away; says whether there was one.
    pub async fn remove_calendar(&self, owner: Owner, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), owner).await? else { return Ok(false) };
        if tx.lend().run(&REMOVE, vec![owner.0.into()]).await? == 0 {
            return Ok(false);
        }
        next.is(Happened::CalendarRemoved, by, &mut tx.lend()).await?;
        self.committed(tx).await?;
        Ok(true)
    }

    /// Whose calendar has an address of this digest. It is asked for each time: an address that was
    /// taken away is over on every server at once.
    pub async fn calendar_owner(&self, digest: &Digest) -> Result<Option<Owner>, StoreError> {
        let read = |row: &dyn Cells| Ok(Owner(uuid(row, 0)?));
        Ok(self.one(&OWNER, vec![digest.to_vec().into()], read).await?)
    }
}
