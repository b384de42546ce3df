//! The tasks of one person in one JSON file (specification, section 6).
//!
//! What must never happen is that a task is lost. So: one writer at a time, from before it reads
//! until after the file is in place (`lock`); the new file is written beside the old one, synced
//! and renamed over it (`atomic`); the generation before is kept; and a file that cannot be read
//! is never written. Readers take no lock: a rename shows them the file before or the file after.
//!
//! What must not be slow is a list. So the file is not made into tasks: its rows stay where they
//! are in the buffer, a query looks at them there, and a change copies all rows but its own as
//! they stand, unknown fields included.

mod atomic;
mod doctor;
mod document;
mod error;
mod index;
mod legacy;
mod lock;
mod mirror;
mod parts;
mod rows;
mod scan;
mod store;
mod write;

pub use doctor::{Backup, Finding, Report, Severity, doctor, restore_backup};
pub use error::FileError;
pub use mirror::News;
pub use store::FileStore;
