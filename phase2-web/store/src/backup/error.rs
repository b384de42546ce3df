//! Why there is no backup, or why one was not put back.

use std::io;
use std::path::{Path, PathBuf};

use todo_core::StoreError;

/// Why there is no backup, or why one was not put back. For operators: paths are shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A file of that name is there.
    #[error("{} is there already; take another name, or say --force to replace it", .0.display())]
    Exists(PathBuf),
    /// There is nothing to copy.
    #[error("there is no database {}", .0.display())]
    NoDatabase(PathBuf),
    /// The database itself was named as its backup.
    #[error("{} is the database itself; name another file", .0.display())]
    Itself(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    Io(PathBuf, #[source] io::Error),
    /// It is something else.
    #[error("{} is not a backup of this kind of database", .0.display())]
    NotABackup(PathBuf),
    /// It cannot be read to its end, or does not agree with itself.
    #[error("{} is damaged: {}", .0.display(), .1)]
    Damaged(PathBuf, String),
    /// It is the file of a database that was in use; the newest of it is in another file.
    #[error(
        "a part of {} is in {}; open it with any SQLite once, which brings them together",
        .0.display(), .1.display()
    )]
    Parted(PathBuf, PathBuf),
    /// It has tables that this version does not know.
    #[error("{} was made by a newer version; use that to put it back", .0.display())]
    Newer(PathBuf),
    /// There is something that would be lost.
    #[error("the database {}; say --force to put the backup in its place", occupied(.0.as_ref()))]
    Occupied(Option<u64>),
    /// Others work on the database.
    #[error("the database is in use by {0} other connections; stop the servers first")]
    InUse(u64),
    /// One of PostgreSQL's programs is not there.
    #[error("{0} cannot be run ({1}); install the client programs of PostgreSQL")]
    NoProgram(&'static str, #[source] io::Error),
    /// One of PostgreSQL's programs failed.
    #[error("{0} failed: {1}")]
    Program(&'static str, String),
    /// The database cannot be reached or read.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
}

fn occupied(accounts: Option<&u64>) -> String {
    match accounts {
        Some(1) => "holds 1 account".to_owned(),
        Some(accounts) => format!("holds {accounts} accounts"),
        None => "holds what cannot be read".to_owned(),
    }
}

impl BackupError {
    pub(super) fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io(path.to_owned(), error)
    }

    /// The same of the file as people know it.
    pub(super) fn of(self, file: &Path) -> Self {
        match self {
            Self::NotABackup(_) => Self::NotABackup(file.to_owned()),
            Self::Damaged(_, how) => Self::Damaged(file.to_owned(), how),
            Self::Newer(_) => Self::Newer(file.to_owned()),
            other => other,
        }
    }
}
