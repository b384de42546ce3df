//! What a database's complaint means to those who asked.

use sqlx::error::{DatabaseError, ErrorKind};
use todo_core::StoreError;

/// Inside the store a complaint of the database stays what it is until it is answered: who asked
/// may know better what it means.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

pub(crate) type StoreResult<T> = Result<T, Fault>;

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(StoreError::Backend(error.into()))
    }
}

impl From<Fault> for StoreError {
    fn from(error: Fault) -> Self {
        match error {
            Fault::Store(error) => error,
            Fault::Sql(error) => fault(error),
        }
    }
}

impl Fault {
    /// Whether the connection is no more. What was asked last may have been done or not.
    pub(crate) fn is_broken(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            // The server is shut down, or ended this connection.
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
            }
            _ => false,
        }
    }

    /// Where nobody can have been faster, a row that is there already is a complaint like any other: who gave
    /// way to it would meet it again for ever.
    pub(crate) fn of_a_leader(self) -> Self {
        match self {
            Self::Sql(error) if taken_by_somebody(&error) => {
                StoreError::Backend(error.into()).into()
            }
            fault => fault,
        }
    }

    /// Whether a lock could not be had in time: somebody holds what was to be written.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self, Self::Sql(error) if held_by_somebody(error))
    }

    /// Whether a row was there already.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Sql(error) if taken_by_somebody(error))
    }
}

/// Whether it is a lock of PostgreSQL that could not be had in time: somebody holds what was to be written, and
/// anything else can be. A file is held as a whole: that is none of these.
pub fn is_held(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else { return false };
    cause.downcast_ref().is_some_and(held_by_somebody)
}

fn held_by_somebody(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().is_some_and(|code| code == LOCKED))
}

fn taken_by_somebody(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.kind() == ErrorKind::UniqueViolation)
}

/// What a complaint of the database means. Its text stays in the log: it may show SQL.
pub(crate) fn fault(error: sqlx::Error) -> StoreError {
    match meaning(&error) {
        Meaning::Down => StoreError::Unavailable(error.into()),
        Meaning::Damaged => StoreError::Corrupt(error.into()),
        Meaning::Moved => StoreError::Conflict,
        Meaning::Repeated => StoreError::Repeated,
        Meaning::Unexpected => StoreError::Backend(error.into()),
    }
}

enum Meaning {
    /// It could not be reached, or cannot be written to now: something that passes.
    Down,
    /// What it holds cannot be read.
    Damaged,
    /// Somebody was faster.
    Moved,
    /// It was done before.
    Repeated,
    Unexpected,
}

fn meaning(error: &sqlx::Error) -> Meaning {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        // An answer that belongs to no question, as from a pooler that is used as it must not be.
        | sqlx::Error::Protocol(_)
        | sqlx::Error::BeginFailed
        | sqlx::Error::Tls(_) => Meaning::Down,
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => Meaning::Damaged,
        sqlx::Error::Database(error) => complaint(&**error),
        _ => Meaning::Unexpected,
    }
}

fn complaint(error: &dyn DatabaseError) -> Meaning {
    if error.kind() == ErrorKind::UniqueViolation {
        return taken(error);
    }
    let code = error.code().unwrap_or_default();
    match code.parse() {
        // A code of five signs is PostgreSQL's, whatever they are; SQLite's are shorter numbers.
        Ok(code) if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => sqlite(code),
        _ => postgres(&code),
    }
}

/// Two ways of being second: to the same request, or to the same tasks.
fn taken(error: &dyn DatabaseError) -> Meaning {
    // PostgreSQL names the constraint, SQLite the columns.
    let by_name = error
        .constraint()
        .is_some_and(|name| name.starts_with("receipts") || name.starts_with("inbox"));
    let by_column = error.constraint().is_none()
        && ["receipts.", "inbox."].iter().any(|table| error.message().contains(table));
    if by_name || by_column { Meaning::Repeated } else { Meaning::Moved }
}

/// By primary result code (<https://sqlite.org/rescode.html>): the low byte of an extended one.
fn sqlite(code: i32) -> Meaning {
    match code & 0xff {
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL.
        5..=10 | 13..=15 => Meaning::Down,
        // CORRUPT, NOTADB.
        11 | 26 => Meaning::Damaged,
        _ => Meaning::Unexpected,
    }
}

/// What PostgreSQL says of a lock that could not be had.
const LOCKED: &str = "55P03";

/// By class (PostgreSQL documentation, appendix A).
fn postgres(code: &str) -> Meaning {
    match code {
        // Serialization failure, deadlock.
        "40001" | "40P01" => Meaning::Moved,
        // Lock not available, statement cancelled (by its timeout), a standby's read-only
        // transaction, too long in a transaction, still starting.
        LOCKED | "57014" | "25006" | "25P03" | "57P03" => Meaning::Down,
        // Data or index corrupted.
        "XX001" | "XX002" => Meaning::Damaged,
        // Connection, resources (53100: disk full), operator, I/O.
        code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            Meaning::Down
        }
        _ => Meaning::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SPEC 7: what passes is 503 and not 500. Who asks again gets another connection.
    #[test]
    fn an_answer_to_nothing_is_of_a_connection_and_passes() {
        let strange = sqlx::Error::Protocol("unexpected message: NotificationResponse".into());
        assert!(matches!(fault(strange), StoreError::Unavailable(_)));
        assert!(matches!(fault(sqlx::Error::RowNotFound), StoreError::Backend(_)));
    }
}
