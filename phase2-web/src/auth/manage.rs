//! What somebody who is logged in does about who else may come in. All of it counts here at once,
//! and on other servers within five seconds.

use todo_core::event::{Actor, ActorKind};
use todo_core::{ErrorCode, Owner, Timestamp};
use todo_store::Store;
use todo_store::accounts::{
    AccountError, Email, Farewell, NewPassword, NewToken, Opened, Scope, Token,
};
use tracing::Instrument;
use uuid::Uuid;

use super::login::no_random;
use super::{LoggedIn, Password, PersonalToken, Verdict, unauthorized};
use crate::edge::fresh_id;
use crate::layers::detached;
use crate::metrics::Reason;
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
        let LoggedIn { owner, session, .. } = by;
        let token_version = self.proven_again(by, current).await?;
        let hash = self.passwords.hash(new).await?;
        let new = NewPassword { owner, hash, token_version, session };
        let now = self.clock.now();
        let by = by.by(now);
        let changed = self.forgetting(owner, |store| async move {
            let changed = store.change_password(&new, &by).await;
            if matches!(changed, Ok(Some(_))) {
                tracing::info!(target: "security", owner = %owner.0, "a password was changed");
            }
            changed
        });
        // Somebody else was faster: what was proven is the password no more.
        let token_version = changed.await?.ok_or_else(wrong_password)?;
        let opened = Opened { session, owner, token_version };
        self.keys.access_token(&opened, now).ok_or_else(no_random)
    }

    /// Deletes an account with everything of it. The event that is left says that its user did so.
    pub(crate) async fn delete_account(
        &self,
        by: LoggedIn,
        password: Option<Password>,
    ) -> Result<(), ApiError> {
        let (owner, now) = (by.owner, self.clock.now());
        let proven = Some(self.proven_again(by, password).await?);
        let actor = Actor { kind: ActorKind::User, id: owner.0 };
        let farewell = Farewell { owner, actor, correlation: by.correlation, proven };
        let delete = |store: Store| async move {
            let deleted = store.delete_user(&farewell, now).await;
            if matches!(deleted, Ok(true)) {
                tracing::info!(target: "security", owner = %owner.0, "a user deleted their account");
            }
            deleted
        };
        // Somebody else was faster: what was proven is the password no more, or it is deleted.
        if self.forgetting(owner, delete).await? { Ok(()) } else { Err(wrong_password()) }
    }

    /// Which access tokens count of somebody who is logged in and knows their password, too. Wrong ones
    /// count together with those of log-ins: whoever has found an access token guesses no faster by it.
    pub(super) async fn proven_again(
        &self,
        by: LoggedIn,
        current: Option<Password>,
    ) -> Result<u64, ApiError> {
        let unreadable = |_| ApiError::new(ErrorCode::Internal, "an address cannot be read");
        let email = Email::new(&self.store.user(by.owner).await?.email).map_err(unreadable)?;
        let attempt = self.attempt(&email, by.address)?;
        match self.compared(by.owner, current).await {
            Ok((Verdict::Wrong, _)) => {
                self.metrics().login_failed(Reason::Wrong);
                tracing::info!(
                    target: "security", owner = %by.owner.0, "a password was not proven again"
                );
                Err(wrong_password())
            }
            Ok((Verdict::Right | Verdict::Outdated, token_version)) => {
                attempt.succeeded();
                Ok(token_version)
            }
            Err(error) => {
                attempt.came_to_nothing();
                Err(error)
            }
        }
    }

    async fn compared(
        &self,
        owner: Owner,
        current: Option<Password>,
    ) -> Result<(Verdict, u64), ApiError> {
        let known = self.store.credentials_of(owner).await?.ok_or(AccountError::Gone)?;
        let verdict = match current {
            Some(current) => self.passwords.compare(current, Some(known.password)).await?,
            None => Verdict::Wrong,
        };
        Ok((verdict, known.token_version))
    }

    /// Ends a session of a user, be it the one that asks.
    pub(crate) async fn end_session(&self, by: LoggedIn, session: Uuid) -> Result<(), ApiError> {
        if self.log_out(by, session).await? { Ok(()) } else { Err(none_such("session")) }
    }

    /// Ends every session of a user but the one that asks.
    pub(crate) async fn end_other_sessions(&self, by: LoggedIn) -> Result<(), ApiError> {
        let (LoggedIn { owner, session, .. }, by) = (by, by.by(self.clock.now()));
        self.forgetting(owner, |store| async move {
            store.end_other_sessions(owner, session, &by).await
        })
        .await
    }

    /// Makes a personal access token. The second of what it answers is kept nowhere.
    pub(crate) async fn make_token(
        &self,
        by: LoggedIn,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<(Token, PersonalToken), ApiError> {
        let secret = PersonalToken::fresh().map_err(|_| no_random())?;
        let Wanted { name, scope, expires_at } = wanted;
        let (id, owner, digest) = (fresh_id(now), by.owner, secret.digest());
        let new = NewToken { id, owner, session: by.session, name, digest, scope, expires_at };
        self.store.add_token(&new, &by.by(now)).await?;
        tracing::info!(
            target: "security", owner = %owner.0, token = %id, scope = scope.as_str(),
            "a personal access token was made"
        );
        let NewToken { name, .. } = new;
        Ok((Token { id, name, scope, created_at: now, last_used_at: None, expires_at }, secret))
    }

    /// Revokes a personal access token.
    pub(crate) async fn revoke_token(&self, by: LoggedIn, token: Uuid) -> Result<(), ApiError> {
        let (owner, by) = (by.owner, by.by(self.clock.now()));
        let remove = |store: Store| async move { store.remove_token(owner, token, &by).await };
        if self.forgetting(owner, remove).await? { Ok(()) } else { Err(none_such("token")) }
    }

    /// Ends or changes something of an account, and then forgets what is remembered of it, whether
    /// that was answered or not. It is done to its end even if whoever asked goes away meanwhile: what
    /// was not forgotten then would be believed for a minute.
    pub(crate) async fn forgetting<T, E, W>(
        &self,
        owner: Owner,
        work: impl FnOnce(Store) -> W,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Send + 'static,
        W: Future<Output = Result<T, E>> + Send + 'static,
        ApiError: From<E>,
    {
        let (work, sessions) = (work(self.store.clone()), self.sessions.clone());
        to_its_end(async move {
            let done = work.await;
            sessions.forget(owner);
            done
        })
        .await
    }
}

/// Goes on with something even if whoever asked for it goes away meanwhile.
pub(super) async fn to_its_end<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError>
where
    T: Send + 'static,
    E: Send + 'static,
    ApiError: From<E>,
{
    let stopped = |_| ApiError::new(ErrorCode::Internal, "a change of an account broke off");
    Ok(tokio::spawn(work.instrument(detached("change an account"))).await.map_err(stopped)??)
}

fn none_such(what: &str) -> ApiError {
    ApiError::new(ErrorCode::NotFound, format!("you have no {what} of this id"))
}

/// To be told from a token that counts no more: the challenge names no error.
fn wrong_password() -> ApiError {
    unauthorized(None, "the current password is another one")
}
