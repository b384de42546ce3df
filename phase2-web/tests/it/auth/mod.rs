//! Accounts (SPEC 7).

mod access;
mod cookie;
mod login;
mod me;
mod pace;
mod new_password;
mod passwords;
mod refresh;
mod register;
mod secret;
mod sessions;
mod tokens;
