//! Accounts (SPEC 7).

mod access;
mod calendar;
mod cookie;
mod export;
mod forgot;
mod leaving;
mod login;
mod me;
mod new_email;
mod new_password;
mod pace;
mod passwords;
mod refresh;
mod register;
mod rollover;
mod secret;
mod sessions;
mod signing;
mod timing;
mod tokens;
