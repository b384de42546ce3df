//! How answers look: on a screen, and to programs.

pub(crate) mod agenda;
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod notes;
pub(crate) mod now;
pub(crate) mod outcome;
pub(crate) mod palette;
pub(crate) mod plain;
pub(crate) mod progress;
pub(crate) mod reminders;
pub(crate) mod repeat;
pub(crate) mod screen;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod steps;
pub(crate) mod table;
pub(crate) mod tree;
pub(crate) mod when;
pub(crate) mod why;
