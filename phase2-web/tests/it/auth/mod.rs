//! Accounts (SPEC 7).

mod access;
mod cookie;
mod forgot;
mod login;
mod me;
mod new_email;
mod new_password;
mod pace;
mod passwords;
mod refresh;
mod register;
mod secret;
mod sessions;
mod tokens;
