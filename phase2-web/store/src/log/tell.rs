//! Wake-ups between the processes of one PostgreSQL.
//!
//! `NOTIFY` in a transaction that writes would have all of them wait for each other at their ends; so it
//! is said afterwards, on another connection, and once for all that was written while it was said before.
//! It may be lost, with a process or a connection: it only spares waiting, and everybody looks once in a
//! while anyway.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgListener};
use tokio::sync::watch::Receiver;
use tokio::time::sleep;

use super::wakes::{Bells, ring};
use crate::Store;
use crate::db::{Db, KEPT_ALIVE};
use crate::failpoint;
use crate::fault::StoreResult;
use crate::lender::Lender;
use crate::spans::{POSTGRES, asked};
use crate::tasks::jitter;

/// Where it is said that something was written, and that something was told.
const CHANNELS: [&str; 2] = ["todo_outbox", "todo_log"];
/// It changes nothing that must outlast a crash: nobody waits for the disk.
const SAY: &str = "SELECT pg_notify($1, $2), set_config('synchronous_commit', 'off', true)";
/// After it was said: whatever comes meanwhile is said at once.
const REST: Duration = Duration::from_millis(5);
/// After a failure. Until then everybody looks by himself.
const PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Tells other processes what happens here, and hears what happens there, for as long as it is polled.
    /// On SQLite there is nobody else. Failures are logged, and it is tried again.
    pub async fn keep_told(&self) -> Infallible {
        let Db::Postgres(lender) = &self.db else { return std::future::pending().await };
        // By which it knows its own words.
        let own = format!("{:016x}", jitter());
        let direct = self.direct(lender);
        let (written, told) = (&self.bells.written_here, &self.bells.told_here);
        let [outbox, log] = CHANNELS;
        tokio::select! {
            never = hear(&direct, &own, &self.bells) => never,
            never = say(lender, written.subscribe(), outbox, &own) => never,
            never = say(lender, told.subscribe(), log, &own) => never,
        }
    }
}

async fn say(
    lender: &Lender<Postgres>,
    mut rung: Receiver<u64>,
    channel: &str,
    own: &str,
) -> Infallible {
    loop {
        if rung.changed().await.is_err() {
            return std::future::pending().await;
        }
        failpoint("wake.begins");
        let pause = match say_once(lender, channel, own).await {
            Ok(()) => REST,
            Err(fault) => {
                tracing::debug!(%fault, channel, "others could not be woken");
                lender.mend().await;
                PAUSE
            }
        };
        sleep(pause).await;
    }
}

async fn say_once(lender: &Lender<Postgres>, channel: &str, own: &str) -> StoreResult<()> {
    let mut lent = lender.lend().await?;
    let (conn, limit) = lent.parts();
    let said = sqlx::query(SAY).bind(channel).bind(own).execute(conn);
    asked(POSTGRES, SAY, limit.on(said)).await?;
    lent.done();
    Ok(())
}

async fn hear(direct: &Arc<PgConnectOptions>, own: &str, bells: &Bells) -> Infallible {
    let pool = PoolOptions::<Postgres>::new().max_connections(1).acquire_timeout(PATIENCE);
    // Whatever is in between does not forget who says nothing for hours.
    let pool = pool.connect_lazy_with(direct.as_ref().clone().options(KEPT_ALIVE));
    let mut quiet = false;
    loop {
        match PgListener::connect_with(&pool).await {
            Ok(mut ear) => {
                if let Err(error) = hear_until_it_breaks(&mut ear, own, bells).await {
                    tracing::debug!(%error, "what other servers tell is not heard for a moment");
                }
                quiet = false;
            }
            Err(error) if !quiet => {
                tracing::warn!(%error, "what other servers tell is not heard; looking once a second");
                quiet = true;
            }
            Err(_) => {}
        }
        sleep(PAUSE).await;
    }
}

async fn hear_until_it_breaks(ear: &mut PgListener, own: &str, bells: &Bells) -> sqlx::Result<()> {
    ear.listen_all(CHANNELS).await?;
    // What was said before that.
    ring(&bells.writes);
    ring(&bells.log);
    while let Some(told) = ear.try_recv().await? {
        if told.payload() != own {
            let outbox = told.channel() == CHANNELS[0];
            ring(if outbox { &bells.writes } else { &bells.log });
        }
    }
    Ok(())
}
