//! Accounts: who there is, and what they prefer.

use chrono::Weekday;
use todo_core::{Preferences, Zone};

/// What a user prefers.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What they are called.
    pub name: Option<String>,
    /// A language tag.
    pub locale: Option<String>,
    /// Where they are, unless a request says otherwise.
    pub zone: Zone,
    /// The first day of their week.
    pub week_start: Weekday,
    /// How reminders are meant (R9).
    pub preferences: Preferences,
    /// Raised by each change.
    pub version: u64,
}
