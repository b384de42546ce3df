//! How an account ends (SPEC 9): nothing is left of it but the word that it is gone.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection};
use todo_core::event::{Actor, SCHEMA_VERSION};
use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::password::locked_version;
use super::tidings::tell;
use crate::Store;
use crate::conn::Conn;
use crate::db::Db;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::rows::word;

/// The end of an account.
#[derive(Debug, Clone)]
pub struct Farewell {
    /// Whose.
    pub owner: Owner,
    /// Who ends it.
    pub actor: Actor,
    /// Shared by everything that one request set off.
    pub correlation: Uuid,
    /// Which access tokens counted when the password was proven that is to allow it: if others count
    /// by now, it was changed meanwhile, and nothing is deleted.
    pub proven: Option<u64>,
}

static LOCK: Sql = Sql::new("UPDATE owners SET tasks = tasks WHERE owner = ?");

/// Without this a file keeps what is deleted until something else comes to lie there. It does keep what
/// was deleted, changed or moved before in pages that hold rows of others too.
static OVERWRITE: Sql = Sql::new("PRAGMA secure_delete = ON");
/// Overwriting costs, and other deletions are not for good.
static AS_BEFORE: Sql = Sql::new("PRAGMA secure_delete = OFF");

/// Brings all into the file, and makes the log beside it empty: that holds the pages as they were.
const EMPTY_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
/// How long that may hold up others who write, while it waits for those who read.
const EMPTY_LOG_PATIENCE: Duration = Duration::from_millis(250);
/// What it answers first when it was not done.
const BUSY: i64 = 1;

/// What consumers write, who may be some events behind: when they come to the end of an account, what
/// they wrote of it since it was deleted goes too. First what is parked: who plays it takes it before what follows
/// from it is written. Last what they change, and not only add to: a consumer who comes to such a row waits, and
/// everybody for the consumer.
static LEFTOVERS: [Sql; 5] = [
    Sql::new("DELETE FROM dead_letters WHERE owner = ?"),
    // The database lets none of it go before its user has gone.
    Sql::new("DELETE FROM audit WHERE owner = ?"),
    Sql::new("DELETE FROM inbox WHERE owner = ?"),
    Sql::new("DELETE FROM activity WHERE owner = ?"),
    Sql::new("DELETE FROM notifications WHERE owner = ?"),
];
/// Every other table that holds something of somebody, those first that refer to others.
static FORGET: [Sql; 13] = [
    Sql::new("DELETE FROM refresh_tokens WHERE owner = ?"),
    Sql::new("DELETE FROM sessions WHERE owner = ?"),
    Sql::new("DELETE FROM tokens WHERE owner = ?"),
    Sql::new("DELETE FROM calendars WHERE owner = ?"),
    Sql::new("DELETE FROM messages WHERE owner = ?"),
    Sql::new("DELETE FROM conversations WHERE owner = ?"),
    Sql::new("DELETE FROM filters WHERE owner = ?"),
    Sql::new("DELETE FROM receipts WHERE owner = ?"),
    Sql::new("DELETE FROM reminder_firings WHERE owner = ?"),
    Sql::new("DELETE FROM steps WHERE owner = ?"),
    Sql::new("DELETE FROM task_tags WHERE owner = ?"),
    Sql::new("DELETE FROM tasks WHERE owner = ?"),
    Sql::new("DELETE FROM events WHERE owner = ?"),
];
/// By which it was known what there was to tell.
static LEAVE: [Sql; 2] = [
    Sql::new("DELETE FROM users WHERE owner = ?"),
    // What others of this version write waits for this row, and then finds it gone.
    Sql::new("DELETE FROM owners WHERE owner = ?"),
];

/// What is told last: whose account it was, and nothing of what was in it.
static EVENT: Sql = Sql::new(
    "INSERT INTO events (owner, seq, event_type, schema_version, actor_kind, actor_id, \
     aggregate_type, aggregate_id, aggregate_version, at, correlation_id, data) \
     SELECT o.owner, o.next_seq, 'user.deleted', ?, ?, ?, 'user', o.owner, \
     COALESCE(u.version, 0) + 1, ?, ?, '{}' \
     FROM owners o LEFT JOIN users u ON u.owner = o.owner WHERE o.owner = ?",
);
/// Last of all: from here on the relay passes over what was still to be told.
static UNTELL: Sql = Sql::new("DELETE FROM outbox WHERE owner = ?");
/// It is the only one that is left.
static OUTBOX: Sql = Sql::new(
    "INSERT INTO outbox (owner, seq, created_at, trace) SELECT owner, seq, ?, ? FROM events \
     WHERE owner = ?",
);

impl Store {
    /// Deletes an account and everything of it: no row is left in any table, and where its last rows were
    /// in a file, nothing that could be read. What rows left behind when they were changed, before this,
    /// stays until something is written over it; what a database server or a disk keeps is out of reach.
    /// One event is left that tells of it, and is told as any other: the last of its owner. All of this is
    /// one transaction. Answers whether there was such an account.
    pub async fn delete_user(
        &self,
        farewell: &Farewell,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let owner = farewell.owner;
        let mut tx = self.writing().await?;
        // Without this row it was deleted before, and what tells so must stay.
        if tx.lend().run(&LOCK, vec![owner.0.into()]).await? == 0 {
            return Ok(false);
        }
        // That row is what log-ins and new tokens wait for.
        let counts = locked_version(&mut tx.lend(), owner).await?;
        if farewell.proven.is_some() && farewell.proven != counts {
            return Ok(false);
        }
        let file = matches!(self.db, Db::Sqlite(_));
        if file {
            tx.lend().run(&OVERWRITE, Vec::new()).await?;
        }
        // Of a large account.
        tx.take_time().await?;
        for forget in &FORGET {
            tx.lend().run(forget, vec![owner.0.into()]).await?;
        }
        say(&mut tx.lend(), farewell, now).await?;
        for leave in LEAVE.iter().chain(&LEFTOVERS) {
            tx.lend().run(leave, vec![owner.0.into()]).await?;
        }
        tell(&mut tx.lend(), owner).await?;
        tx.lend().run(&UNTELL, vec![owner.0.into()]).await?;
        if file {
            tx.lend().run(&AS_BEFORE, Vec::new()).await?;
        }
        let told = vec![now.millis().into(), self.origin().trace.into(), owner.0.into()];
        tx.lend().run(&OUTBOX, told).await?;
        tx.commit().await?;
        self.wake_writes();
        self.empty_log().await;
        Ok(true)
    }

    /// Empties the log beside a file. The account is gone either way: where others read or write for as
    /// long as this waits, or a crash comes before, what the log holds of it is written over later, or is
    /// gone with the log when the server stops.
    async fn empty_log(&self) {
        let Db::Sqlite(db) = &self.db else { return };
        // On a connection of its own, which waits for less long than the writer does.
        let options = db.writer.connect_options().as_ref().clone();
        let done = async {
            let mut conn = options.busy_timeout(EMPTY_LOG_PATIENCE).connect().await?;
            let busy: i64 = sqlx::query_scalar(EMPTY_LOG).fetch_one(&mut conn).await?;
            conn.close().await?;
            Ok::<_, sqlx::Error>(busy)
        };
        match done.await {
            Ok(busy) if busy == BUSY => tracing::debug!("the log of the file is emptied later"),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the log of the file could not be emptied"),
        }
    }
}

/// Takes away what consumers have written of an account since it was deleted.
pub(crate) async fn leftovers(conn: &mut Conn<'_>, owner: Owner) -> StoreResult<()> {
    for forget in &LEFTOVERS {
        conn.run(forget, vec![owner.0.into()]).await?;
    }
    Ok(())
}

async fn say(conn: &mut Conn<'_>, farewell: &Farewell, now: Timestamp) -> StoreResult<()> {
    let Farewell { owner, actor, correlation, .. } = farewell;
    let event = vec![
        SCHEMA_VERSION.into(),
        word(&actor.kind)?.into(),
        actor.id.into(),
        now.millis().into(),
        (*correlation).into(),
        owner.0.into(),
    ];
    conn.run(&EVENT, event).await?;
    Ok(())
}
