//! The secret in the address of a calendar: 256 random bits, of which a digest is stored.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use todo_core::{ErrorCode, Owner, Timestamp};
use todo_store::accounts::{Digest, NewCalendar};

use super::LoggedIn;
use super::login::no_random;
use crate::edge::random;
use crate::{ApiError, App};

/// A calendar's secret. Never shown but once, to its owner.
pub(crate) struct CalendarSecret([u8; 32]);

impl CalendarSecret {
    /// Reads what [`CalendarSecret::text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }

    /// As it stands in the address.
    pub(crate) fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// What is stored of it.
    fn digest(&self) -> Digest {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for CalendarSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CalendarSecret(…)")
    }
}

impl App {
    /// Makes another address for somebody's calendar; the one before counts no more.
    pub(crate) async fn make_calendar(
        &self,
        by: LoggedIn,
        now: Timestamp,
    ) -> Result<CalendarSecret, ApiError> {
        let LoggedIn { owner, session, .. } = by;
        let secret = CalendarSecret(random().map_err(|_| no_random())?);
        let new = NewCalendar { owner, session, digest: secret.digest() };
        self.store.make_calendar(&new, &by.by(now)).await?;
        tracing::info!(target: "security", owner = %owner.0, "an address of a calendar was made");
        Ok(secret)
    }

    /// Takes the address of somebody's calendar away.
    pub(crate) async fn remove_calendar(&self, by: LoggedIn) -> Result<(), ApiError> {
        if self.store.remove_calendar(by.owner, &by.by(self.clock.now())).await? {
            let owner = by.owner.0;
            tracing::info!(target: "security", %owner, "an address of a calendar was taken away");
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::NotFound, "your calendar has no address"))
    }

    /// Whose calendar a secret lets see.
    pub(crate) async fn calendar_owner(
        &self,
        secret: Option<CalendarSecret>,
    ) -> Result<Owner, ApiError> {
        let owner = match secret {
            Some(secret) => self.store.calendar_owner(&secret.digest()).await?,
            None => None,
        };
        owner.ok_or_else(|| ApiError::new(ErrorCode::NotFound, "there is no such calendar"))
    }
}
