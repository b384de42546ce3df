//! Where users are logged in. A session is one log-in on one device: a chain of refresh tokens, of
//! which the newest counts.
//!
//! Two requests may come with the same token at once: the page was open twice, or an answer was
//! lost on its way. The second is given what the first was, for a short while. Later, the second use
//! of a token means that two have it, and the session ends.

use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::devices::end;
use super::password::locked_version;
use super::profile::{self, instant, integer, profile_columns, uuid};
use super::told::Happened;
use super::{AccountError, By, Profile};
use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::sql::Sql;

/// SHA-256 of a token. The token itself is stored nowhere.
pub type Digest = [u8; 32];

/// How long a session lives without being used.
const IDLE_MILLIS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How long a session lives at most.
const LIFE_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How long a token that was used may come again.
const GRACE_MILLIS: i64 = 30 * 1000;

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// A UUID v7 minted by the caller.
    pub id: Uuid,
    /// Whose.
    pub owner: Owner,
    /// Which access tokens of the user counted when they proved who they are.
    pub token_version: u64,
    /// Of its first refresh token.
    pub digest: Digest,
    /// What the device calls itself.
    pub user_agent: Option<String>,
}

/// A session that a refresh token has proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub session: Uuid,
    /// Whose.
    pub owner: Owner,
    /// Which access tokens of theirs count.
    pub token_version: u64,
}

/// What became of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It was used, and its successor counts now.
    Turned(Opened),
    /// It was used a moment ago. The token of this digest counts now.
    Again(Opened, Digest),
    /// It was used before, by somebody else it seems: the session was ended.
    Reused(Opened),
    /// It is unknown, or its session has ended.
    Refused,
}

/// What an access token of a session allows.
#[derive(Debug, Clone)]
pub struct Access {
    /// Until when, unless the session is used.
    pub expires_at: Timestamp,
    /// Which access tokens of the user count.
    pub token_version: u64,
    /// What the user prefers.
    pub profile: Profile,
}

/// In one order, so that two log-ins do not wait for each other.
static LIVE: Sql = Sql::new(
    "SELECT 1 FROM sessions WHERE id = ? AND owner = ? AND revoked_at IS NULL AND expires_at > ?",
);
static FORGET: Sql = Sql::new(
    "DELETE FROM sessions WHERE owner = ? AND id IN (SELECT id FROM sessions WHERE owner = ? \
     AND (revoked_at IS NOT NULL OR expires_at <= ?) ORDER BY id{for update})",
);
static OPEN: Sql = Sql::new(
    "INSERT INTO sessions (id, owner, user_agent, address, created_at, last_used_at, expires_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?)",
);
static ADD: Sql =
    Sql::new("INSERT INTO refresh_tokens (digest, session, owner, created_at) VALUES (?, ?, ?, ?)");
static USE: Sql =
    Sql::new("UPDATE refresh_tokens SET used_at = ? WHERE digest = ? AND used_at IS NULL");
static FIND: Sql = Sql::new(
    "SELECT s.id, s.owner, u.token_version, r.used_at, s.created_at FROM refresh_tokens r \
     JOIN sessions s ON s.id = r.session AND s.owner = r.owner \
     JOIN users u ON u.owner = s.owner \
     WHERE r.digest = ? AND s.revoked_at IS NULL AND s.expires_at > ?",
);
static CURRENT: Sql = Sql::new(
    "SELECT digest FROM refresh_tokens WHERE session = ? AND owner = ? AND used_at IS NULL",
);
static USED: Sql =
    Sql::new("UPDATE sessions SET last_used_at = ?, expires_at = ? WHERE id = ? AND owner = ?");
static ACCESS: Sql = Sql::new(concat!(
    "SELECT s.expires_at, u.token_version, ",
    profile_columns!(),
    " FROM sessions s JOIN users u ON u.owner = s.owner \
     WHERE s.id = ? AND s.owner = ? AND s.revoked_at IS NULL"
));

/// A log-in that others were in the way of, again and again.
#[derive(Debug, thiserror::Error)]
#[error("others use the same sessions")]
struct Deadlock;

impl Store {
    /// Opens a session, and forgets those of this user that have ended. Opens none, and says so, if
    /// other access tokens count by now: the password that was proven has been changed since.
    pub async fn open_session(&self, session: &NewSession, by: &By) -> Result<bool, StoreError> {
        match self.try_open(session, by).await {
            // A deadlock with the use of a session that is forgotten: it is over.
            Err(StoreError::Conflict) => match self.try_open(session, by).await {
                Err(StoreError::Conflict) => Err(StoreError::Unavailable(Deadlock.into())),
                done => done,
            },
            done => done,
        }
    }

    async fn try_open(&self, session: &NewSession, by: &By) -> Result<bool, StoreError> {
        let NewSession { id, owner, token_version, digest, user_agent } = session;
        let now = by.at;
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), *owner).await? else { return Ok(false) };
        if locked_version(&mut tx.lend(), *owner).await? != Some(*token_version) {
            return Ok(false);
        }
        let ended = vec![owner.0.into(), owner.0.into(), now.millis().into()];
        tx.lend().run(&FORGET, ended).await?;
        let values = vec![
            (*id).into(),
            owner.0.into(),
            user_agent.clone().into(),
            by.address.clone().into(),
            now.millis().into(),
            now.millis().into(),
            now.plus_millis(IDLE_MILLIS).millis().into(),
        ];
        tx.lend().run(&OPEN, values).await?;
        add_token(&mut tx.lend(), *id, *owner, digest, now).await?;
        let opened = Happened::LoggedIn { session: *id, user_agent: user_agent.as_deref() };
        next.is(opened, by, &mut tx.lend()).await?;
        self.committed(tx).await?;
        Ok(true)
    }

    /// Uses a refresh token; `successor` is the digest of the one that follows it.
    pub async fn rotate(
        &self,
        digest: &Digest,
        successor: &Digest,
        by: &By,
    ) -> Result<Rotation, StoreError> {
        let now = by.at;
        let mut tx = self.writing().await?;
        // Whoever marks the token first locks it; the others see afterwards that it is used.
        let values = vec![now.millis().into(), digest.to_vec().into()];
        let first = tx.lend().run(&USE, values).await? == 1;
        let Some(found) = find(&mut tx.lend(), digest, now).await? else {
            return Ok(Rotation::Refused);
        };
        let Opened { session, owner, .. } = found.opened;
        if first {
            add_token(&mut tx.lend(), session, owner, successor, now).await?;
            let last = found.created_at.plus_millis(LIFE_MILLIS);
            let expires_at = now.plus_millis(IDLE_MILLIS).min(last).millis();
            let values =
                vec![now.millis().into(), expires_at.into(), session.into(), owner.0.into()];
            tx.lend().run(&USED, values).await?;
            tx.commit().await?;
            return Ok(Rotation::Turned(found.opened));
        }
        if now.millis() - found.used_at.millis() <= GRACE_MILLIS {
            let current = current(&mut tx.lend(), found.opened).await?;
            let again = |digest| Rotation::Again(found.opened, digest);
            return Ok(current.map_or(Rotation::Refused, again));
        }
        // Nothing is locked yet that others lock after the owner's row. Somebody may have been faster.
        if let Some(next) = self.next_event(&mut tx.lend(), owner).await?
            && end(&mut tx.lend(), owner, session, now).await?
        {
            next.is(Happened::RefreshReused(session), by, &mut tx.lend()).await?;
            self.committed(tx).await?;
        }
        Ok(Rotation::Reused(found.opened))
    }

    /// Ends the session of a refresh token, used or not, and says which it was.
    pub async fn end_session_of(
        &self,
        digest: &Digest,
        by: &By,
    ) -> Result<Option<Opened>, StoreError> {
        let mut tx = self.writing().await?;
        let Some(Found { opened, .. }) = find(&mut tx.lend(), digest, by.at).await? else {
            return Ok(None);
        };
        let Opened { session, owner, .. } = opened;
        if let Some(next) = self.next_event(&mut tx.lend(), owner).await?
            && end(&mut tx.lend(), owner, session, by.at).await?
        {
            next.is(Happened::SessionEnded(session), by, &mut tx.lend()).await?;
            self.committed(tx).await?;
        }
        Ok(Some(opened))
    }

    /// What a session allows; nothing once it has ended.
    pub async fn access(&self, owner: Owner, session: Uuid) -> Result<Option<Access>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Access {
                expires_at: instant(row, 0)?,
                token_version: integer(row, 1)?,
                profile: profile::read(row, 2)?,
            })
        };
        Ok(self.one(&ACCESS, vec![session.into(), owner.0.into()], read).await?)
    }
}

struct Found {
    opened: Opened,
    used_at: Timestamp,
    created_at: Timestamp,
}

/// The session of a token that is marked as used, unless it has ended.
async fn find(conn: &mut Conn<'_>, digest: &Digest, now: Timestamp) -> StoreResult<Option<Found>> {
    let read = |row: &dyn Cells| {
        Ok(Found {
            opened: Opened {
                session: uuid(row, 0)?,
                owner: Owner(uuid(row, 1)?),
                token_version: integer(row, 2)?,
            },
            used_at: instant(row, 3)?,
            created_at: instant(row, 4)?,
        })
    };
    let values = vec![digest.to_vec().into(), now.millis().into()];
    Ok(conn.rows(&FIND, values, read).await?.pop())
}

/// The digest of the session's token that counts now.
async fn current(conn: &mut Conn<'_>, opened: Opened) -> StoreResult<Option<Digest>> {
    let read = |row: &dyn Cells| Ok(row.bytes(0)?.and_then(|digest| digest.try_into().ok()));
    let values = vec![opened.session.into(), opened.owner.0.into()];
    Ok(conn.rows(&CURRENT, values, read).await?.pop().flatten())
}

async fn add_token(
    conn: &mut Conn<'_>,
    session: Uuid,
    owner: Owner,
    digest: &Digest,
    now: Timestamp,
) -> StoreResult<()> {
    let values = vec![digest.to_vec().into(), session.into(), owner.0.into(), now.millis().into()];
    conn.run(&ADD, values).await?;
    Ok(())
}

/// Locks a user's row, and looks whether a session of theirs is not over: whoever still believes in one
/// that is makes nothing that would outlive what ended it.
pub(super) async fn still_there(
    conn: &mut Conn<'_>,
    owner: Owner,
    session: Uuid,
    now: Timestamp,
) -> Result<(), AccountError> {
    locked_version(conn, owner).await?.ok_or(AccountError::Gone)?;
    let values = vec![session.into(), owner.0.into(), now.millis().into()];
    if conn.rows(&LIVE, values, |_| Ok(())).await?.is_empty() {
        return Err(AccountError::Gone);
    }
    Ok(())
}
