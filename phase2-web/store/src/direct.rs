//! Whether two URLs of PostgreSQL lead to the same database: one through a pooler, one past it.
//!
//! What both tell of themselves does not settle it: a copy of a server has its numbers and its names.
//! So something is said on the one way and listened for on the other.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgListener};
use sqlx::{Connection, PgConnection, Postgres};
use todo_core::StoreError;
use tokio::time::timeout;

use crate::tasks::jitter;

/// Where it is said.
const CHANNEL: &str = "todo_same_database";
/// Says it, and who it was that did.
const SAY: &str = "SELECT pg_backend_pid(), pg_notify($1, $2)::text";
/// How long each way may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often who listens is asked until what was said must have come.
const ASKED_MAX: u32 = 3;

/// Another database than the one that is served.
#[derive(Debug, thiserror::Error)]
#[error("DATABASE_DIRECT_URL is not the same database of PostgreSQL as DATABASE_URL")]
pub(crate) struct Misdirected;

/// One of the two does not answer, so nobody can say.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} cannot be asked whether both are the same database; \
     where the pooler is stopped, set DATABASE_URL to the direct one and DATABASE_DIRECT_URL to nothing"
)]
struct Unasked(&'static str, #[source] sqlx::Error);

/// Refuses a direct way that leads elsewhere than the pooled one. Answers the process of the server that
/// was asked through the pooler, which may keep it.
pub(crate) async fn same(
    pooled: &PgConnectOptions,
    direct: &PgConnectOptions,
) -> Result<i32, StoreError> {
    let own = format!("{:016x}{:016x}", jitter(), jitter());
    let pool = PoolOptions::<Postgres>::new().max_connections(1).acquire_timeout(PATIENCE);
    let pool = pool.connect_lazy_with(direct.clone());
    let listening = async {
        let mut ear = PgListener::connect_with(&pool).await?;
        ear.listen(CHANNEL).await?;
        Ok(ear)
    };
    let mut ear = asked("DATABASE_DIRECT_URL", listening).await?;
    let said = async {
        let mut conn = PgConnection::connect_with(pooled).await?;
        let said = sqlx::query_as::<_, (i32, Option<String>)>(SAY).bind(CHANNEL).bind(&own);
        let (process, _) = said.fetch_one(&mut conn).await?;
        conn.close().await?;
        Ok(process)
    };
    let process = asked("DATABASE_URL", said).await?;
    let heard = async {
        for _ in 0..ASKED_MAX {
            // PostgreSQL hands out what was said before it answers the next question.
            sqlx::query("SELECT 1").execute(&mut ear).await?;
            while let Some(told) = ear.next_buffered() {
                if told.payload() == own {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    };
    let heard = asked("DATABASE_DIRECT_URL", heard).await?;
    // Nobody else may be connected to what is restored into.
    drop(ear);
    pool.close().await;
    if heard { Ok(process) } else { Err(StoreError::Backend(Misdirected.into())) }
}

async fn asked<T>(
    which: &'static str,
    answer: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, StoreError> {
    let answered = timeout(PATIENCE, answer).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    answered.map_err(|error| StoreError::Unavailable(Unasked(which, error).into()))
}
