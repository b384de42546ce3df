//! How many files may be open, of which each connection is one.

use crate::Front;

/// What is open besides the connections of clients: the database, its backups, logs, what is exported.
const ASIDE: usize = 256;

/// Fewest connections that are worth serving, however few files there may be.
const FEWEST: usize = 16;

/// Raises the limit on open files as far as this process may, and answers how many clients' connections
/// that leaves room for. With more of them the database could not be opened again, nor a backup made.
pub(crate) fn room() -> usize {
    let wanted = Front::default().connections;
    let files = u64::try_from(wanted.saturating_add(ASIDE)).unwrap_or(u64::MAX);
    match rlimit::increase_nofile_limit(files) {
        Ok(files) => {
            let room = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(ASIDE);
            if room < wanted {
                tracing::warn!(connections = room.max(FEWEST), "few files may be open (ulimit -n)");
            }
            room.clamp(FEWEST, wanted)
        }
        Err(error) => {
            tracing::warn!(%error, "how many files may be open is not known");
            wanted
        }
    }
}
