//! Personal access tokens: what a program of the user's shows for itself.

use std::str::FromStr;

use todo_core::error::excerpt;
use todo_core::{Owner, Problem, StoreError, Timestamp};
use uuid::Uuid;

use super::profile::{self, instant, integer, profile_columns, text, uuid};
use super::sessions::still_there;
use super::tidings::tell;
use super::told::Happened;
use super::{AccountError, By, Digest, Profile};
use crate::Store;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::bad;

/// How many tokens one user has at most.
pub const TOKENS_MAX: u64 = 50;

/// How often it is noted that a token is used, at most.
const NOTED_MILLIS: i64 = 60 * 1000;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read.
    Read,
    /// Read and write.
    Write,
}

impl Scope {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl FromStr for Scope {
    type Err = Problem;

    fn from_str(word: &str) -> Result<Self, Problem> {
        const WORDS: &[&str] = &["read", "write"];
        match word.trim().to_ascii_lowercase().as_str() {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            _ => Err(Problem::NotOneOf { given: excerpt(word), allowed: WORDS }),
        }
    }
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// A UUID v7 minted by the caller.
    pub id: Uuid,
    /// Whose.
    pub owner: Owner,
    /// The session in which it is made.
    pub session: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// Of the token itself, which is stored nowhere.
    pub digest: Digest,
    /// What it may do.
    pub scope: Scope,
    /// Until when; for ever unless it says so.
    pub expires_at: Option<Timestamp>,
}

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Which.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was used last, to some two minutes.
    pub last_used_at: Option<Timestamp>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// What a token allows.
#[derive(Debug, Clone)]
pub struct TokenAccess {
    /// What it may do.
    pub scope: Scope,
    /// When it was used last, to some two minutes.
    pub last_used_at: Option<Timestamp>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// What its owner prefers.
    pub profile: Profile,
}

static FORGET: Sql = Sql::new("DELETE FROM tokens WHERE owner = ? AND expires_at <= ?");
static COUNT: Sql = Sql::new("SELECT COUNT(*) FROM tokens WHERE owner = ?");
static ADD: Sql = Sql::new(
    "INSERT INTO tokens (id, owner, name, digest, scope, created_at, expires_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?)",
);
static LIST: Sql = Sql::new(
    "SELECT id, name, scope, created_at, last_used_at, expires_at FROM tokens \
     WHERE owner = ? ORDER BY created_at DESC, id DESC",
);
static REMOVE: Sql = Sql::new("DELETE FROM tokens WHERE id = ? AND owner = ?");
static HOLDER: Sql = Sql::new("SELECT owner, id FROM tokens WHERE digest = ?");
static ACCESS: Sql = Sql::new(concat!(
    "SELECT t.scope, t.last_used_at, t.expires_at, ",
    profile_columns!(),
    " FROM tokens t JOIN users u ON u.owner = t.owner WHERE t.id = ? AND t.owner = ?"
));
static NOTE: Sql = Sql::new(
    "UPDATE tokens SET last_used_at = ? \
     WHERE id = ? AND owner = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
);

impl Store {
    /// Makes a token, and forgets those of this user that have expired. A session that is over makes
    /// none, whoever still believes in it: it would outlive what ended the session.
    pub async fn add_token(&self, new: &NewToken, by: &By) -> Result<(), AccountError> {
        let NewToken { id, owner, session, name, digest, scope, expires_at } = new;
        let now = by.at;
        let mut tx = self.writing().await?;
        let next = self.next_event(&mut tx.lend(), *owner).await?.ok_or(AccountError::Gone)?;
        // The user's row is the lock: of many tokens at once none is counted by nobody.
        still_there(&mut tx.lend(), *owner, *session, now).await?;
        tx.lend().run(&FORGET, vec![owner.0.into(), now.millis().into()]).await?;
        let count = tx.lend().rows(&COUNT, vec![owner.0.into()], |row| integer(row, 0)).await?;
        if count.into_iter().any(|count| count >= TOKENS_MAX) {
            return Err(AccountError::TooManyTokens);
        }
        let values = vec![
            (*id).into(),
            owner.0.into(),
            name.as_str().into(),
            digest.to_vec().into(),
            scope.as_str().into(),
            now.millis().into(),
            expires_at.map(Timestamp::millis).into(),
        ];
        tx.lend().run(&ADD, values).await?;
        next.is(Happened::TokenMade(*id, *scope), by, &mut tx.lend()).await?;
        Ok(self.committed(tx).await?)
    }

    /// The tokens of a user, the newest first.
    pub async fn tokens(&self, owner: Owner) -> Result<Vec<Token>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Token {
                id: uuid(row, 0)?,
                name: text(row, 1)?.to_owned(),
                scope: scope(row, 2)?,
                created_at: instant(row, 3)?,
                last_used_at: row.integer(4)?.map(Timestamp::from_millis),
                expires_at: row.integer(5)?.map(Timestamp::from_millis),
            })
        };
        Ok(self.asked(&LIST, vec![owner.0.into()], read).await?)
    }

    /// Takes a token away; says whether this user had it.
    pub async fn remove_token(&self, owner: Owner, id: Uuid, by: &By) -> Result<bool, StoreError> {
        let mut tx = self.writing().await?;
        let Some(next) = self.next_event(&mut tx.lend(), owner).await? else { return Ok(false) };
        if tx.lend().run(&REMOVE, vec![id.into(), owner.0.into()]).await? == 0 {
            return Ok(false);
        }
        next.is(Happened::TokenRevoked(id), by, &mut tx.lend()).await?;
        tell(&mut tx.lend(), owner).await?;
        self.committed(tx).await?;
        Ok(true)
    }

    /// Whose token it is that has this digest, and which.
    pub async fn token_holder(&self, digest: &Digest) -> Result<Option<(Owner, Uuid)>, StoreError> {
        let read = |row: &dyn Cells| Ok((Owner(uuid(row, 0)?), uuid(row, 1)?));
        Ok(self.one(&HOLDER, vec![digest.to_vec().into()], read).await?)
    }

    /// What a token allows; nothing once it was taken away.
    pub async fn token_access(
        &self,
        owner: Owner,
        id: Uuid,
    ) -> Result<Option<TokenAccess>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(TokenAccess {
                scope: scope(row, 0)?,
                last_used_at: row.integer(1)?.map(Timestamp::from_millis),
                expires_at: row.integer(2)?.map(Timestamp::from_millis),
                profile: profile::read(row, 3)?,
            })
        };
        Ok(self.one(&ACCESS, vec![id.into(), owner.0.into()], read).await?)
    }

    /// Notes that a token is used, unless that was done less than a minute ago.
    pub async fn note_token(
        &self,
        owner: Owner,
        id: Uuid,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = now.plus_millis(-NOTED_MILLIS);
        if last.is_some_and(|last| last > before) {
            return Ok(());
        }
        let mut tx = self.writing().await?;
        let values = vec![now.millis().into(), id.into(), owner.0.into(), before.millis().into()];
        tx.lend().run(&NOTE, values).await?;
        Ok(tx.commit().await?)
    }
}

fn scope(row: &dyn Cells, at: usize) -> StoreResult<Scope> {
    text(row, at)?.parse().map_err(bad::<Problem>)
}
