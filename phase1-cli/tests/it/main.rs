//! The `todo` command from outside: the real binary, on real files.
//!
//! What a rule says is tested in the core and what the file does in the file's crate; here is what
//! only shows when a process is started: exit statuses, signals, disks, terminals, transcripts.

mod colours;
mod contexts;
mod days;
mod dry_run;
mod faults;
mod finding;
#[cfg(unix)]
mod hooks;
mod input;
mod reminders;
mod series;
mod stats;
mod support;
mod taken_over;
mod transcripts;
mod urgency;
mod watch;
