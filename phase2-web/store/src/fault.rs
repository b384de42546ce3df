//! What a database's complaint means to those who asked.

use todo_core::StoreError;

/// A complaint of the database that no caller expected. Its text stays in the log: it may show SQL.
pub(crate) fn fault(error: sqlx::Error) -> StoreError {
    if is_down(&error) {
        StoreError::Unavailable(error.into())
    } else {
        StoreError::Backend(error.into())
    }
}

/// Whether the database could not be reached, or cannot be written to now: something that passes.
fn is_down(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Tls(_) => true,
        _ => false,
    }
}
