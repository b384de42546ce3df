//! Who is asking: passwords, access tokens, refresh tokens, personal ones, and what a handler learns of them.

mod abreast;
mod access;
mod calendar;
mod caller;
mod cookie;
mod keys;
mod login;
mod manage;
mod pace;
mod passwords;
mod personal;
mod refresh;
mod secret;
mod sessions;
mod signing;

pub(crate) use abreast::keep_abreast;
pub(crate) use access::{ACCESS_SECONDS, Claims};
pub(crate) use calendar::CalendarSecret;
pub(crate) use caller::{Caller, CanWrite, LoggedIn, unauthorized};
pub(crate) use cookie::RefreshCookie;
pub use keys::Keys;
pub use login::{BadRegistration, Registration};
pub(crate) use login::{Device, Tokens, wrong_credentials};
pub(crate) use manage::Wanted;
pub(crate) use pace::Pace;
pub(crate) use passwords::Verdict;
pub use passwords::{BadCost, Password, PasswordCost, PasswordError, Passwords};
pub(crate) use personal::PersonalToken;
pub(crate) use refresh::RefreshToken;
pub use secret::{Secret, SecretError};
pub use sessions::SessionCache;
pub use signing::{KeyError, Pem, PublicKey, SigningKey};
