//! Tickets that were used: each lets somebody in once, at whichever server it is shown. One that was
//! not used is known to nobody but who has it: it is signed.

use todo_core::{StoreError, Timestamp};
use uuid::Uuid;

use crate::Store;
use crate::sql::Sql;

/// A ticket that somebody shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Which.
    pub id: Uuid,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// How much longer it is known that one was used: to a server whose clock is behind it counts on.
const REMEMBERED_MILLIS: i64 = 10 * 60 * 1000;

static FORGET: Sql = Sql::new("DELETE FROM spent_tickets WHERE expires_at <= ?");
static SPEND: Sql = Sql::new("INSERT INTO spent_tickets (id, expires_at) VALUES (?, ?)");

impl Store {
    /// Uses a ticket up. Of all who show the same one, on all servers, one is answered `true`. After
    /// a crash in between it is used up, and its owner asks for another.
    pub async fn spend_ticket(&self, ticket: Ticket, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.writing().await?;
        let past = now.millis().saturating_sub(REMEMBERED_MILLIS);
        tx.lend().run(&FORGET, vec![past.into()]).await?;
        let values = vec![ticket.id.into(), ticket.expires_at.millis().into()];
        match tx.lend().run(&SPEND, values).await {
            Err(fault) if fault.is_taken() => return Ok(false),
            done => done?,
        };
        tx.commit().await?;
        Ok(true)
    }
}
