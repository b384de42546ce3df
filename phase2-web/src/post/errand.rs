//! What is to be sent, and what it comes to when it is its turn.

use todo_core::{Owner, StoreError};
use todo_store::accounts::{Email, Seen};

use super::{Letter, Mail, Text};
use crate::App;
use crate::auth::{EmailLink, ResetLink};

/// What is to be sent.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A link to a new password, if the address has an account.
    Reset(Email),
    /// That a password was chosen by such a link, to where the link went.
    WasReset(String),
    /// A link by which an address becomes that of an account.
    Confirm {
        /// Whose.
        owner: Owner,
        /// Which.
        email: Email,
        /// What was seen when the password was proven.
        seen: Seen,
    },
    /// That an account has another address, to the one that it had.
    Moved(String),
}

impl Errand {
    /// The mail, if there is one to send.
    pub(super) async fn letter(
        &self,
        app: &App,
        mail: &Mail,
    ) -> Result<Option<Letter>, StoreError> {
        Ok(match self {
            Self::Reset(email) => app.store.standing(email).await?.map(|known| {
                let link = ResetLink::new(&known, app.clock.now());
                let link = mail.link("reset", &link.text(&app.keys));
                Text::Reset(&link).to(known.email)
            }),
            Self::WasReset(to) => Some(Text::WasReset.to(to.clone())),
            Self::Moved(to) => Some(Text::Moved.to(to.clone())),
            Self::Confirm { owner, email, seen } => {
                match app.store.standing(email).await? {
                    // Whoever reads there may know; whoever asked may not.
                    Some(other) if other.owner != *owner => Some(Text::Taken.to(other.email)),
                    _ => {
                        let link = EmailLink::new(*owner, *seen, email, app.clock.now());
                        let link = mail.link("confirm-email", &link.text(&app.keys));
                        Some(Text::Confirm(&link).to(email.as_str().to_owned()))
                    }
                }
            }
        })
    }
}
