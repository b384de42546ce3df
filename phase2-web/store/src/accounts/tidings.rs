//! What other servers change of accounts, told while it happens: so that what a server remembers of
//! an account may be believed for longer than the moment.

use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgListener};
use sqlx::query::Query;
use todo_core::{Owner, StoreError};
use tokio::time::timeout;

use crate::Store;
use crate::conn::Conn;
use crate::db::Db;
use crate::fault::{Fault, StoreResult};
use crate::lender::Lender;
use crate::spans::{POSTGRES, asked};
use crate::tasks::jitter;

/// Where it is told, on PostgreSQL.
const CHANNEL: &str = "todo_accounts";
/// How it is told.
const SAY: &str = "SELECT pg_notify($1, $2)";
/// How long an answer may take until the connection counts as lost.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the listening connection is asked until what was told must have come.
const ASKED_MAX: u32 = 3;

/// Nothing that is told is heard: what [`Listener::heard`] may be `Unavailable` for.
#[derive(Debug, thiserror::Error)]
#[error(
    "what servers tell each other does not arrive; if a pooler is in between, set DATABASE_DIRECT_URL"
)]
pub struct Deaf;

/// Whether others change accounts, too.
#[derive(Debug)]
pub enum Tidings {
    /// Nobody: the file is this server's alone.
    Alone,
    /// They may, and are listened to from now on.
    Heard(Listener),
}

/// Listens to other servers, on a connection of its own.
#[derive(Debug)]
pub struct Listener {
    ear: PgListener,
    lender: Lender<Postgres>,
    /// What this one tells itself to know that it hears.
    own: String,
}

impl Store {
    /// Begins to listen to other servers.
    pub async fn tidings(&self) -> Result<Tidings, StoreError> {
        let Db::Postgres(lender) = &self.db else { return Ok(Tidings::Alone) };
        let pool = PoolOptions::<Postgres>::new().max_connections(1).acquire_timeout(PATIENCE);
        // What is told reaches the connection that asked for it, and none that a pooler lends later.
        let pool = pool.connect_lazy_with(self.direct(lender).as_ref().clone());
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            Ok(listener)
        };
        let ear = in_time(listening).await?;
        let own = format!("heard {:016x}{:016x}", jitter(), jitter());
        Ok(Tidings::Heard(Listener { ear, lender: lender.clone(), own }))
    }
}

impl Listener {
    /// Whose accounts were changed by anybody since the last call, or since the listening began. No
    /// change that was committed before this call is missing: what is told comes in the order of
    /// commits, and this call tells something itself and waits until it hears that. So it shows, too,
    /// if between us and the database something stands that passes nothing on.
    pub async fn heard(&mut self) -> Result<Vec<Owner>, StoreError> {
        let mut conn = self.lender.lend().await?;
        in_time(say(&self.own).execute(&mut *conn)).await?;
        conn.done();
        let mut owners = Vec::new();
        for _ in 0..ASKED_MAX {
            // PostgreSQL hands out what was told before it answers the next question.
            in_time(sqlx::query("SELECT 1").execute(&mut self.ear)).await?;
            let mut came = false;
            while let Some(told) = self.ear.next_buffered() {
                came |= told.payload() == self.own;
                owners.extend(told.payload().parse().ok().map(Owner));
            }
            if came {
                return Ok(owners);
            }
        }
        Err(StoreError::Unavailable(Deaf.into()))
    }
}

fn say(what: &str) -> Query<'_, Postgres, PgArguments> {
    sqlx::query(SAY).bind(CHANNEL).bind(what)
}

async fn in_time<T>(asked: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    let answered = timeout(PATIENCE, asked).await;
    answered.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| Fault::from(error).into())
}

/// Tells other servers that something of an account was changed, when the transaction is committed.
pub(super) async fn tell(conn: &mut Conn<'_>, owner: Owner) -> StoreResult<()> {
    if let Conn::Postgres(conn, limit) = conn {
        let owner = owner.0.to_string();
        asked(POSTGRES, SAY, limit.on(say(&owner).execute(&mut **conn))).await?;
    }
    Ok(())
}
