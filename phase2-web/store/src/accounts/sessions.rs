//! Where users are logged in. A session is one log-in on one device: a chain of refresh tokens, of
//! which the newest counts.
//!
//! Two requests may come with the same token at once: the page was open twice, or an answer was
//! lost on its way. The second is given what the first was, for a short while. Later, the second use
//! of a token means that two have it, and the session ends.

use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::profile::{self, number, profile_columns};
use super::sql::{Arg, Tx, row};
use super::{AccountError, Profile};
use crate::Store;
use crate::fault::fault;

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
    /// Of its first refresh token.
    pub digest: Digest,
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// Where it asked from.
    pub address: Option<String>,
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

impl Store {
    /// Opens a session, and forgets those of this user that have ended.
    pub async fn open_session(
        &self,
        session: &NewSession,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let NewSession { id, owner, digest, user_agent, address } = session;
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        let ended = "DELETE FROM sessions \
                     WHERE owner = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)";
        let args = [Arg::Id(owner.0), Arg::Number(now.millis())];
        tx.run(ended, &args).await.map_err(fault)?;
        let sql = "INSERT INTO sessions (id, owner, user_agent, address, created_at, \
                   last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6)";
        let args = [
            Arg::Id(*id),
            Arg::Id(owner.0),
            Arg::MaybeText(user_agent.as_deref()),
            Arg::MaybeText(address.as_deref()),
            Arg::Number(now.millis()),
            Arg::Number(now.plus_millis(IDLE_MILLIS).millis()),
        ];
        tx.run(sql, &args).await.map_err(fault)?;
        add_token(&mut tx, *id, *owner, digest, now).await?;
        tx.commit().await.map_err(fault)
    }

    /// Uses a refresh token; `successor` is the digest of the one that follows it.
    pub async fn rotate(
        &self,
        digest: &Digest,
        successor: &Digest,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        // Whoever marks the token first locks it; the others see afterwards that it is used.
        let sql = "UPDATE refresh_tokens SET used_at = $2 WHERE digest = $1 AND used_at IS NULL";
        let args = [Arg::Bytes(digest), Arg::Number(now.millis())];
        let first = tx.run(sql, &args).await.map_err(fault)? == 1;
        let Some(Found { opened, used_at, created_at }) = find(&mut tx, digest, now).await? else {
            return Ok(Rotation::Refused);
        };
        let Opened { session, owner, .. } = opened;
        if !first && now.millis() - used_at.millis() <= GRACE_MILLIS {
            let current = current(&mut tx, opened).await?;
            return Ok(current.map_or(Rotation::Refused, |digest| Rotation::Again(opened, digest)));
        }
        if !first {
            end(&mut tx, owner, session, now).await?;
            tx.commit().await.map_err(fault)?;
            return Ok(Rotation::Reused(opened));
        }
        add_token(&mut tx, session, owner, successor, now).await?;
        let last = created_at.plus_millis(LIFE_MILLIS);
        let expires_at = now.plus_millis(IDLE_MILLIS).min(last);
        let sql = "UPDATE sessions SET last_used_at = $3, expires_at = $4 \
                   WHERE id = $1 AND owner = $2";
        let args = [
            Arg::Id(session),
            Arg::Id(owner.0),
            Arg::Number(now.millis()),
            Arg::Number(expires_at.millis()),
        ];
        tx.run(sql, &args).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(Rotation::Turned(opened))
    }

    /// Ends a session. One that has ended stays so.
    pub async fn end_session(
        &self,
        owner: Owner,
        session: Uuid,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        end(&mut tx, owner, session, now).await?;
        tx.commit().await.map_err(fault)
    }

    /// Ends the session of a refresh token, used or not, and says which it was.
    pub async fn end_session_of(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<Opened>, StoreError> {
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        let Some(Found { opened, .. }) = find(&mut tx, digest, now).await? else {
            return Ok(None);
        };
        end(&mut tx, opened.owner, opened.session, now).await?;
        tx.commit().await.map_err(fault)?;
        Ok(Some(opened))
    }

    /// What a session allows; nothing once it has ended.
    pub async fn access(
        &self,
        owner: Owner,
        session: Uuid,
    ) -> Result<Option<Access>, AccountError> {
        let sql = concat!(
            "SELECT s.expires_at, u.token_version, ",
            profile_columns!(),
            " FROM sessions s JOIN users u ON u.owner = s.owner \
             WHERE s.id = $1 AND s.owner = $2 AND s.revoked_at IS NULL"
        );
        let args = [Arg::Id(session), Arg::Id(owner.0)];
        let Some(row) = row(&self.db, sql, &args).await.map_err(fault)? else { return Ok(None) };
        Ok(Some(Access {
            expires_at: Timestamp::from_millis(row.at(0).map_err(fault)?),
            token_version: number(row.at(1).map_err(fault)?)?,
            profile: profile::read(&row, 2)?,
        }))
    }
}

struct Found {
    opened: Opened,
    used_at: Timestamp,
    created_at: Timestamp,
}

/// The session of a token, unless it has ended.
async fn find(tx: &mut Tx, digest: &Digest, now: Timestamp) -> Result<Option<Found>, StoreError> {
    let sql = "SELECT s.id, s.owner, u.token_version, r.used_at, s.created_at \
               FROM refresh_tokens r \
               JOIN sessions s ON s.id = r.session AND s.owner = r.owner \
               JOIN users u ON u.owner = s.owner \
               WHERE r.digest = $1 AND s.revoked_at IS NULL AND s.expires_at > $2";
    let args = [Arg::Bytes(digest), Arg::Number(now.millis())];
    let Some(row) = tx.row(sql, &args).await.map_err(fault)? else { return Ok(None) };
    let used_at = row.at::<Option<i64>>(3).map_err(fault)?;
    Ok(Some(Found {
        opened: Opened {
            session: row.at(0).map_err(fault)?,
            owner: Owner(row.at(1).map_err(fault)?),
            token_version: number(row.at(2).map_err(fault)?)?,
        },
        used_at: used_at.map_or(now, Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.at(4).map_err(fault)?),
    }))
}

/// The digest of the session's token that counts now.
async fn current(tx: &mut Tx, opened: Opened) -> Result<Option<Digest>, StoreError> {
    let sql = "SELECT digest FROM refresh_tokens \
               WHERE session = $1 AND owner = $2 AND used_at IS NULL";
    let args = [Arg::Id(opened.session), Arg::Id(opened.owner.0)];
    let Some(row) = tx.row(sql, &args).await.map_err(fault)? else { return Ok(None) };
    let digest: Vec<u8> = row.at(0).map_err(fault)?;
    Ok(digest.try_into().ok())
}

async fn add_token(
    tx: &mut Tx,
    session: Uuid,
    owner: Owner,
    digest: &Digest,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO refresh_tokens (digest, session, owner, created_at) \
               VALUES ($1, $2, $3, $4)";
    let args = [Arg::Bytes(digest), Arg::Id(session), Arg::Id(owner.0), Arg::Number(now.millis())];
    tx.run(sql, &args).await.map_err(fault)?;
    Ok(())
}

async fn end(tx: &mut Tx, owner: Owner, session: Uuid, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET revoked_at = $3 \
               WHERE id = $1 AND owner = $2 AND revoked_at IS NULL";
    let args = [Arg::Id(session), Arg::Id(owner.0), Arg::Number(now.millis())];
    tx.run(sql, &args).await.map_err(fault)?;
    Ok(())
}
