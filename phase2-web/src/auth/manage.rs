//! What somebody who is logged in does about who else may come in. All of it counts here at once,
//! and on other servers within five seconds.

use todo_core::{ErrorCode, Timestamp};
use todo_store::accounts::{AccountError, NewPassword, NewToken, Opened, Scope, Token};
use uuid::Uuid;

use super::login::no_random;
use super::{LoggedIn, Password, PersonalToken, Verdict, unauthorized};
use crate::edge::fresh_id;
use crate::{ApiError, App};

/// A personal access token that somebody wants.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) scope: Scope,
    pub(crate) expires_at: Option<Timestamp>,
}

impl App {
    /// Changes a password; every other session is over then. Answers the access token that this one
    /// goes on with: those that were given out before are over, too. A current password that is none
    /// at all is as wrong as any other.
    pub(crate) async fn change_password(
        &self,
        by: LoggedIn,
        current: Option<Password>,
        new: Password,
    ) -> Result<String, ApiError> {
        let LoggedIn { owner, session } = by;
        let known = self.store.credentials_of(owner).await?.ok_or(AccountError::Gone)?;
        let token_version = known.token_version;
        let verdict = match current {
            Some(current) => self.passwords.compare(current, Some(known.password)).await?,
            None => Verdict::Wrong,
        };
        if verdict == Verdict::Wrong {
            tracing::info!(target: "security", owner = %owner.0, "a change of password was refused");
            return Err(wrong_password());
        }
        let hash = self.passwords.hash(new).await?;
        let new = NewPassword { owner, hash, token_version, session };
        let now = self.clock.now();
        let changed = self.store.change_password(&new, now).await;
        // It may have been done even if that was not answered.
        self.sessions.forget(owner);
        // Somebody else was faster: what was proven is the password no more.
        let token_version = changed?.ok_or_else(wrong_password)?;
        tracing::info!(target: "security", owner = %owner.0, "a password was changed");
        let opened = Opened { session, owner, token_version };
        self.keys.access_token(&opened, now).ok_or_else(no_random)
    }

    /// Ends a session of a user, be it the one that asks.
    pub(crate) async fn end_session(&self, by: LoggedIn, session: Uuid) -> Result<(), ApiError> {
        let ended = self.store.end_session(by.owner, session, self.clock.now()).await;
        self.sessions.forget(by.owner);
        if ended? { Ok(()) } else { Err(none_such("session")) }
    }

    /// Ends every session of a user but the one that asks.
    pub(crate) async fn end_other_sessions(&self, by: LoggedIn) -> Result<(), ApiError> {
        let ended = self.store.end_other_sessions(by.owner, by.session, self.clock.now()).await;
        self.sessions.forget(by.owner);
        Ok(ended?)
    }

    /// Makes a personal access token. What it is used by is known to nobody after this.
    pub(crate) async fn make_token(
        &self,
        by: LoggedIn,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<(Token, PersonalToken), ApiError> {
        let secret = PersonalToken::fresh().map_err(|_| no_random())?;
        let Wanted { name, scope, expires_at } = wanted;
        let (id, owner, digest) = (fresh_id(now), by.owner, secret.digest());
        let new = NewToken { id, owner, name, digest, scope, expires_at };
        self.store.add_token(&new, now).await?;
        tracing::info!(
            target: "security", owner = %owner.0, token = %id, scope = scope.as_str(),
            "a personal access token was made"
        );
        let NewToken { name, .. } = new;
        Ok((Token { id, name, scope, created_at: now, last_used_at: None, expires_at }, secret))
    }

    /// Revokes a personal access token.
    pub(crate) async fn revoke_token(&self, by: LoggedIn, token: Uuid) -> Result<(), ApiError> {
        let removed = self.store.remove_token(by.owner, token).await;
        self.sessions.forget(by.owner);
        if removed? { Ok(()) } else { Err(none_such("token")) }
    }
}

fn none_such(what: &str) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("you have no {what} of this id"))
}

/// To be told from a token that counts no more: the challenge names no error.
fn wrong_password() -> ApiError {
    unauthorized(None, "the current password is another one")
}
