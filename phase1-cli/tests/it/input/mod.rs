//! Whatever is typed, and whatever a file holds: it is understood, or refused with the place marked
//! and nothing written (W2, SPEC 5), and nothing of it reaches the terminal but text.

mod arguments;
mod hostile;
mod pages;
#[cfg(unix)]
mod password;
#[cfg(unix)]
pub(crate) mod terminal;
mod time;
mod widths;
