//! Accounts: who there is, what they prefer, and where they are logged in.
//!
//! Time is an argument everywhere. What a user's row is touched by has the owner in its `where`;
//! only look-ups by e-mail address and by the digest of a token begin without one, and they are
//! what tells the owner.

mod belongings;
mod calendars;
mod devices;
mod email;
mod farewell;
mod invitations;
mod manage;
mod password;
mod preferred;
mod profile;
mod sessions;
mod standing;
mod tickets;
mod tidings;
mod tokens;
mod told;
mod users;

use std::fmt;

use todo_core::{ErrorCode, StoreError};

use crate::Store;
use crate::bind::Value;
use crate::cells::Cells;
use crate::fault::{Fault, StoreResult};
use crate::sql::Sql;

pub use belongings::{Belongings, BelongingsPlace};
pub use calendars::NewCalendar;
pub use devices::{Device, SESSIONS_LISTED};
pub use email::Email;
pub use farewell::Farewell;
pub(crate) use farewell::leftovers;
pub use invitations::Invitation;
pub use manage::Account;
pub use password::NewPassword;
pub use profile::{Profile, ProfilePatch};
pub use sessions::{Access, Digest, NewSession, Opened, Rotation};
pub use standing::{NewEmail, Seen, Standing};
pub use tickets::Ticket;
pub use tidings::{Deaf, Listener, Tidings};
pub use tokens::{NewToken, Scope, TOKENS_MAX, Token, TokenAccess};
pub use told::By;
pub use users::{Credentials, NewUser, User};

/// Why an account could not be made, found or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The address belongs to another account, perhaps in another spelling.
    #[error("another account has this e-mail address; log in to it, or take another address")]
    EmailTaken,
    /// The profile is at another version than the caller expected (S3).
    #[error("your profile has changed: it is at version {}; look at it and try again", .0.version)]
    VersionConflict(Box<Profile>),
    /// The user has as many tokens as one may have.
    #[error("you have {TOKENS_MAX} tokens already; revoke one that is not needed any more")]
    TooManyTokens,
    /// The invitation was used by somebody.
    #[error("this invitation was used already; ask for another")]
    InvitationUsed,
    /// The password or the address is another one than the caller has seen.
    #[error("the password or the e-mail address has changed meanwhile; try again")]
    Superseded,
    /// There is no such account any more.
    #[error("this account is gone")]
    Gone,
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::EmailTaken => ErrorCode::EmailTaken,
            Self::VersionConflict(_) => ErrorCode::VersionConflict,
            Self::TooManyTokens => ErrorCode::LimitExceeded,
            Self::InvitationUsed => ErrorCode::Forbidden,
            Self::Superseded | Self::Gone => ErrorCode::Unauthorized,
            Self::Store(error) => error.code(),
        }
    }
}

impl Store {
    /// The one row that a query answers, if it does.
    async fn one<T>(
        &self,
        sql: &'static Sql,
        values: Vec<Value>,
        read: impl Fn(&dyn Cells) -> StoreResult<T> + Copy,
    ) -> StoreResult<Option<T>> {
        Ok(self.asked(sql, values, read).await?.pop())
    }
}

impl From<Fault> for AccountError {
    fn from(fault: Fault) -> Self {
        Self::Store(fault.into())
    }
}

/// A hashed password as a PHC string. Never shown, hashed or not.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
