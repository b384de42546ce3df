//! Coming back after a password was forgotten, and changing the address that mail goes to.
//!
//! Where there is mail, the link that is mailed is the proof. Where there is none, a password is reset
//! by the operator, and an address is changed by whoever knows the password.

use axum::http::header::RETRY_AFTER;
use todo_core::{ErrorCode, Owner};
use todo_store::accounts::{AccountError, Email, NewEmail, ProfilePatch, Seen, Standing, User};

use super::{Device, EmailLink, LoggedIn, Password, ResetLink, unauthorized};
use crate::metrics::Fate;
use crate::post::{Errand, NoMail};
use crate::{ApiError, App};

/// Another address that somebody wants, and what they say is their password. What cannot be one is
/// as wrong as any other.
#[derive(Debug)]
pub(crate) struct NewAddress {
    pub(crate) email: Email,
    pub(crate) current: Option<Password>,
}

/// An account after a change, and whether a link was sent that has to be followed for the rest of it.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) user: User,
    pub(crate) to_confirm: bool,
}

impl App {
    /// Has a link to a new password sent. Whether the address has an account is looked up later, so
    /// that neither the answer nor its time tells.
    pub(crate) fn forgot(&self, email: Email) {
        let Some(post) = self.post() else { return };
        if post.may_reset(&email, self.clock.now()).is_ok() {
            self.dispatch(Errand::Reset(email));
        }
    }

    /// Sets another password for whoever has followed the link to it. Every session is over then, and
    /// every personal access token: it may be somebody else who has them.
    pub(crate) async fn reset(
        &self,
        token: &str,
        password: Password,
        device: Device,
    ) -> Result<(), ApiError> {
        let now = self.clock.now();
        let link = ResetLink::read(token, &self.keys, now).ok_or_else(no_such_link)?;
        let known = self.as_seen(link.owner, link.seen).await?;
        let hash = self.passwords.hash(password).await?;
        let (ResetLink { owner, seen, .. }, by) = (link, device.by(now));
        let done = self.forgetting(owner, |store| async move {
            let done = store.reset_password_as_seen(owner, seen, &hash, &by).await;
            if matches!(done, Ok(true)) {
                tracing::info!(target: "security", owner = %owner.0, "a password was reset by a link");
            }
            done
        });
        if !done.await? {
            return Err(no_such_link());
        }
        self.dispatch(Errand::WasReset(known.email));
        Ok(())
    }

    /// Changes a profile, and the address if somebody knows the password: at once where there is no
    /// mail, else when the link is followed that is sent to the new one.
    pub(crate) async fn change_account(
        &self,
        by: LoggedIn,
        (mut patch, wanted): (ProfilePatch, Option<NewAddress>),
        expected: Option<Vec<u64>>,
    ) -> Result<Changed, ApiError> {
        let (owner, now) = (by.owner, self.clock.now());
        let mut booked = None;
        if let Some(NewAddress { email, current }) = wanted {
            if let Some(limits) = self.limits() {
                limits.prove(owner)?;
            }
            let known = self.proven(by, current).await?;
            match self.post() {
                // What is so already is no change (S2).
                _ if email.as_str() == known.email => {}
                Some(post) => {
                    // Before anything is written; what then comes to nothing gives it back.
                    let booking = post.book(owner, &email, now);
                    let booking = booking.map_err(|why| self.no_mail(why))?;
                    booked = Some((booking, Errand::Confirm { owner, email, seen: known.seen }));
                }
                None => patch.email = Some(NewEmail { email, seen: known.seen }),
            }
        }
        let (moved, by) = (patch.email.is_some(), by.by(now));
        let user = self.forgetting(owner, |store| async move {
            store.change_profile(owner, &patch, expected.as_deref(), &by).await
        });
        let user = user.await?;
        if moved {
            tracing::info!(target: "security", owner = %owner.0, "an e-mail address was changed");
        }
        let sent = booked.map(|(booking, errand)| self.dispatch_booked(booking, errand));
        Ok(Changed { user, to_confirm: sent.is_some() })
    }

    /// Changes the address of an account to that where the link was read; tells the old one.
    pub(crate) async fn confirm_email(&self, token: &str, device: Device) -> Result<(), ApiError> {
        let now = self.clock.now();
        let link = EmailLink::read(token, &self.keys, now).ok_or_else(no_such_link)?;
        let EmailLink { owner, seen, email, .. } = link;
        let known = self.as_seen(owner, seen).await?;
        let email = Some(NewEmail { email, seen });
        let patch = ProfilePatch { email, ..ProfilePatch::default() };
        let by = device.by(now);
        let done = self.forgetting(owner, |store| async move {
            let done = store.change_profile(owner, &patch, None, &by).await;
            if done.is_ok() {
                tracing::info!(target: "security", owner = %owner.0, "an e-mail address was confirmed");
            }
            match done {
                // Another link was faster.
                Err(AccountError::Superseded | AccountError::Gone) => Ok(false),
                done => done.map(|_| true),
            }
        });
        if !done.await? {
            return Err(no_such_link());
        }
        self.dispatch(Errand::Moved(known.email));
        Ok(())
    }

    fn no_mail(&self, why: NoMail) -> ApiError {
        match why {
            NoMail::TooSoon(wait) => {
                let message = format!("too many mails were asked for; try again in {wait} s");
                ApiError::new(ErrorCode::RateLimited, message).header(RETRY_AFTER, wait.into())
            }
            NoMail::Full => {
                self.metrics().mailed(Fate::Dropped);
                let message = "too many mails wait to be sent; try again in a while";
                ApiError::new(ErrorCode::StorageUnavailable, message)
            }
        }
    }

    /// How an account stands, if it does so as a link has seen it.
    async fn as_seen(&self, owner: Owner, seen: Seen) -> Result<Standing, ApiError> {
        let known = self.store.standing_of(owner).await?;
        known.filter(|known| known.seen == seen).ok_or_else(no_such_link)
    }

    /// How the account stands of somebody who is logged in and knows its password, too.
    async fn proven(&self, by: LoggedIn, current: Option<Password>) -> Result<Standing, ApiError> {
        let token_version = self.proven_again(by, current).await?;
        let known = self.store.standing_of(by.owner).await?;
        // What was proven may be the password no more.
        let known = known.filter(|known| known.seen.token_version == token_version);
        Ok(known.ok_or(AccountError::Superseded)?)
    }
}

/// The one answer to a link that does not count, whatever the reason.
fn no_such_link() -> ApiError {
    let message = "this link does not count: it was used, is too old, or the account has changed \
                   since; ask for another";
    unauthorized(None, message)
}
