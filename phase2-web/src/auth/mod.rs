//! Who is asking: passwords, access tokens, refresh tokens, personal ones, and what a handler learns of them.

mod abreast;
mod access;
mod caller;
mod cookie;
mod keys;
mod link;
mod login;
mod manage;
mod pace;
mod passwords;
mod personal;
mod recover;
mod refresh;
mod registration;
mod secret;
mod sessions;
mod signing;

pub(crate) use abreast::keep_abreast;
pub(crate) use access::{ACCESS_SECONDS, Claims};
pub(crate) use caller::{Caller, CanWrite, LoggedIn, unauthorized};
pub(crate) use cookie::RefreshCookie;
pub use keys::Keys;
pub(crate) use link::{EmailLink, InviteLink, ResetLink};
pub(crate) use login::{Device, Tokens, wrong_credentials};
pub(crate) use manage::Wanted;
pub(crate) use pace::Pace;
pub(crate) use passwords::Verdict;
pub use passwords::{BadCost, Password, PasswordCost, PasswordError, Passwords};
pub(crate) use personal::PersonalToken;
pub(crate) use recover::{Changed, NewAddress};
pub(crate) use refresh::RefreshToken;
pub use registration::{BadRegistration, Registration};
pub use secret::{Secret, SecretError};
pub use sessions::SessionCache;
pub use signing::{KeyError, Pem, PublicKey, SigningKey};
