//! What other servers change of accounts, told while it happens: so that what a server remembers of
//! an account may be believed for longer than the moment.

use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgListener;
use todo_core::{Owner, StoreError};
use tokio::time::timeout;

use crate::Store;
use crate::conn::Conn;
use crate::db::Db;
use crate::fault::{Fault, StoreResult};

/// Where it is told, on PostgreSQL.
const CHANNEL: &str = "todo_accounts";
/// How long an answer may take until the connection counts as lost.
const PATIENCE: Duration = Duration::from_secs(2);

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
pub struct Listener(PgListener);

impl Store {
    /// Begins to listen to other servers.
    pub async fn tidings(&self) -> Result<Tidings, StoreError> {
        let Db::Postgres(lender) = &self.db else { return Ok(Tidings::Alone) };
        let pool = PoolOptions::<Postgres>::new().max_connections(1).acquire_timeout(PATIENCE);
        let pool = pool.connect_lazy_with(lender.pool().connect_options().as_ref().clone());
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            Ok(listener)
        };
        Ok(Tidings::Heard(Listener(in_time(listening).await?)))
    }
}

impl Listener {
    /// Whose accounts were changed by anybody since the last call, or since the listening began. No
    /// change that was committed before this call is missing.
    pub async fn heard(&mut self) -> Result<Vec<Owner>, StoreError> {
        // PostgreSQL hands out what was told before it answers the next question.
        in_time(sqlx::query("SELECT 1").execute(&mut self.0)).await?;
        let mut owners = Vec::new();
        while let Some(told) = self.0.next_buffered() {
            owners.extend(told.payload().parse().ok().map(Owner));
        }
        Ok(owners)
    }
}

async fn in_time<T>(asked: impl Future<Output = sqlx::Result<T>>) -> Result<T, StoreError> {
    let answered = timeout(PATIENCE, asked).await;
    answered.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| Fault::from(error).into())
}

/// Tells other servers that something of an account was changed, when the transaction is committed.
pub(super) async fn tell(conn: &mut Conn<'_>, owner: Owner) -> StoreResult<()> {
    if let Conn::Postgres(conn) = conn {
        let told = sqlx::query("SELECT pg_notify($1, $2)");
        told.bind(CHANNEL).bind(owner.0.to_string()).execute(&mut **conn).await?;
    }
    Ok(())
}
