//! Who may make an account.

use std::str::FromStr;

use todo_core::{ErrorCode, Timestamp};
use todo_store::accounts::{AccountError, By, Email, NewUser};

use super::InviteLink;
use crate::{ApiError, App};

/// Who may make an account. Their operator may always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// Anybody.
    #[default]
    Open,
    /// Whoever has an invitation.
    Invite,
    /// Nobody.
    Closed,
}

/// A setting that is none of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not one of open, invite, closed")]
pub struct BadRegistration;

impl FromStr for Registration {
    type Err = BadRegistration;
    fn from_str(text: &str) -> Result<Self, BadRegistration> {
        match text.trim().to_ascii_lowercase().as_str() {
            "open" => Ok(Self::Open),
            "invite" => Ok(Self::Invite),
            "closed" => Ok(Self::Closed),
            _ => Err(BadRegistration),
        }
    }
}

impl App {
    /// The invitation that an address needs to be registered, if it needs one. Nothing is looked up:
    /// what cannot count costs no hash.
    pub(super) fn admitted(
        &self,
        email: &Email,
        invitation: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<InviteLink>, ApiError> {
        let refused = |message| Err(ApiError::new(ErrorCode::Forbidden, message));
        match (self.registration, invitation) {
            // One that is not needed is not used up.
            (Registration::Open, _) => Ok(None),
            (Registration::Closed, _) => {
                refused("this server takes no registrations; ask its operator for an account")
            }
            (Registration::Invite, None) => {
                refused("this server takes registrations by invitation; ask its operator for one")
            }
            (Registration::Invite, Some(text)) => {
                let link = InviteLink::read(text, &self.keys, now);
                match link.filter(|link| link.is_for(email)) {
                    Some(link) => Ok(Some(link)),
                    None => refused(
                        "this invitation does not count: it is too old, or for another address; \
                         ask for another",
                    ),
                }
            }
        }
    }

    /// Makes an account, and uses up the invitation to it.
    pub(super) async fn admit(
        &self,
        user: &NewUser,
        invited: Option<InviteLink>,
        by: &By,
    ) -> Result<(), AccountError> {
        match invited {
            None => self.store.create_user(user, by).await,
            Some(link) => self.store.create_invited_user(user, link.invitation, by).await,
        }
    }
}
