//! Logging in, staying so, and leaving.

use axum::http::header::RETRY_AFTER;
use todo_core::{ErrorCode, Owner, StoreError, Timestamp};
use todo_store::Store;
use todo_store::accounts::{
    By, Credentials, Email, NewSession, NewUser, Opened, Profile, Rotation, User,
};
use uuid::Uuid;

use super::manage::to_its_end;
use super::pace::Try;
use super::{LoggedIn, Password, RefreshToken, Verdict, unauthorized};
use crate::client::ClientAddress;
use crate::edge::fresh_id;
use crate::metrics::Reason;
use crate::{ApiError, App};

/// Where somebody comes from who has shown no access token, for the list of sessions.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<ClientAddress>,
    /// Ties together all that the request sets off.
    pub(crate) correlation: Uuid,
}

impl Device {
    /// As the one by whom something is done to an account.
    pub(crate) fn by(&self, now: Timestamp) -> By {
        let address = self.address.map(|ClientAddress(address)| address.to_string());
        By { address, ..By::user(now, self.correlation) }
    }
}

/// What a log-in gives.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: RefreshToken,
}

impl App {
    /// Makes an account and logs it in.
    pub(crate) async fn register(
        &self,
        email: Email,
        password: Password,
        profile: Profile,
        invitation: Option<&str>,
        device: Device,
    ) -> Result<(User, Tokens), ApiError> {
        let now = self.clock.now();
        let invited = self.admitted(&email, invitation, now)?;
        let password = self.passwords.hash(password).await?;
        let owner = Owner(fresh_id(now));
        let user = NewUser { owner, email, password, profile };
        self.admit(&user, invited, &device.by(now)).await?;
        let tokens = self.open(owner, 1, device, now).await?;
        Ok((self.store.user(owner).await?, tokens))
    }

    /// Logs in. The answer to a wrong password is that to an unknown address, and takes as long; and
    /// who has sent too many waits for both.
    pub(crate) async fn log_in(
        &self,
        email: &Email,
        password: Password,
        device: Device,
    ) -> Result<Tokens, ApiError> {
        let attempt = self.attempt(email, device.address)?;
        let known = match self.prove(email, password).await {
            Ok(Some(known)) => known,
            Ok(None) => {
                self.metrics().login_failed(Reason::Wrong);
                return Err(wrong_credentials());
            }
            Err(error) => {
                attempt.came_to_nothing();
                return Err(error);
            }
        };
        attempt.succeeded();
        self.open(known.owner, known.token_version, device, self.clock.now()).await
    }

    /// Begins to look at a password, unless too many were wrong before.
    pub(super) fn attempt(
        &self,
        email: &Email,
        from: Option<ClientAddress>,
    ) -> Result<Try<'_>, ApiError> {
        self.pace().begin(email, from, self.clock.now()).map_err(|wait| {
            self.metrics().login_failed(Reason::HeldUp);
            held_up(wait)
        })
    }

    /// The account of an address, if the password is its.
    async fn prove(
        &self,
        email: &Email,
        password: Password,
    ) -> Result<Option<Credentials>, ApiError> {
        let known = self.store.credentials(email).await?;
        let again = password.clone();
        let stored = known.as_ref().map(|known| known.password.clone());
        let verdict = self.passwords.compare(password, stored).await?;
        let owner = known.as_ref().map(|known| known.owner.0);
        let Some(known) = known.filter(|_| verdict != Verdict::Wrong) else {
            tracing::info!(target: "security", owner = ?owner, "a log-in was refused");
            return Ok(None);
        };
        if verdict == Verdict::Outdated {
            let new = self.passwords.hash(again).await?;
            self.store.rehash(known.owner, &known.password, &new).await?;
        }
        Ok(Some(known))
    }

    /// Goes on with a session. Whoever hangs up meanwhile comes again with the same token; and if that
    /// ends the session, it is over here, too.
    pub(crate) async fn refresh(
        &self,
        token: RefreshToken,
        device: Device,
    ) -> Result<Tokens, ApiError> {
        let app = self.clone();
        to_its_end(async move { app.turn(&token, &device).await }).await
    }

    async fn turn(&self, token: &RefreshToken, device: &Device) -> Result<Tokens, ApiError> {
        let now = self.clock.now();
        let successor = token.successor(&self.keys);
        let refused = || unauthorized(Some("invalid_token"), "log in again: this session is over");
        let by = device.by(now);
        let (opened, refresh) =
            match self.store.rotate(&token.digest(), &successor.digest(), &by).await? {
                Rotation::Turned(opened) => (opened, successor),
                // The answer of a moment ago was lost, or another request was faster.
                Rotation::Again(opened, digest) => {
                    (opened, token.later(&self.keys, &digest).ok_or_else(refused)?)
                }
                Rotation::Reused(Opened { owner, session, .. }) => {
                    self.sessions.forget(owner);
                    tracing::warn!(
                        target: "security", owner = %owner.0, %session,
                        "a refresh token came again after it was used; its session was ended"
                    );
                    return Err(refused());
                }
                Rotation::Refused => return Err(refused()),
            };
        self.tokens(&opened, refresh, now)
    }

    /// Ends a session, here at once and elsewhere within five seconds; says whether there was one.
    pub(crate) async fn log_out(&self, by: LoggedIn, session: Uuid) -> Result<bool, ApiError> {
        let (owner, by) = (by.owner, by.by(self.clock.now()));
        let end = |store: Store| async move { store.end_session(owner, session, &by).await };
        self.forgetting(owner, end).await
    }

    /// Ends the session of a refresh token. One that is unknown, or has ended, is no error.
    pub(crate) async fn log_out_by(
        &self,
        token: &RefreshToken,
        device: Device,
    ) -> Result<(), ApiError> {
        let (app, digest) = (self.clone(), token.digest());
        to_its_end(async move {
            let by = device.by(app.clock.now());
            let ended = app.store.end_session_of(&digest, &by).await?;
            if let Some(Opened { owner, .. }) = ended {
                app.sessions.forget(owner);
            }
            Ok::<_, StoreError>(())
        })
        .await
    }

    async fn open(
        &self,
        owner: Owner,
        token_version: u64,
        device: Device,
        now: Timestamp,
    ) -> Result<Tokens, ApiError> {
        let refresh = RefreshToken::fresh().map_err(|_| no_random())?;
        let by = device.by(now);
        let Device { user_agent, .. } = device;
        let (id, digest) = (fresh_id(now), refresh.digest());
        let session = NewSession { id, owner, token_version, digest, user_agent };
        if !self.store.open_session(&session, &by).await? {
            // It was the password until a moment ago.
            return Err(wrong_credentials());
        }
        self.tokens(&Opened { session: id, owner, token_version }, refresh, now)
    }

    fn tokens(
        &self,
        opened: &Opened,
        refresh: RefreshToken,
        now: Timestamp,
    ) -> Result<Tokens, ApiError> {
        let access = self.keys.access_token(opened, now).ok_or_else(no_random)?;
        Ok(Tokens { access, refresh })
    }
}

/// The one answer to a log-in that fails.
pub(crate) fn wrong_credentials() -> ApiError {
    unauthorized(None, "the e-mail address and the password do not belong together")
}

/// The refusal of a try that comes too soon after others that failed.
fn held_up(wait: u64) -> ApiError {
    let message = format!("too many passwords of this account were wrong; try again in {wait} s");
    ApiError::new(ErrorCode::RateLimited, message).header(RETRY_AFTER, wait.into())
}

pub(super) fn no_random() -> ApiError {
    ApiError::new(ErrorCode::Internal, "no token could be made")
}
