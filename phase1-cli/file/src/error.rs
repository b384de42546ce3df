//! What can go wrong with the file, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

use todo_core::StoreError;

/// A fault of the file or of the place it is in. Whatever it is, the file was left as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused something.
    #[error("cannot {doing} {}: {}", .path.display(), explain(.source))]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Another process held the lock for too long.
    #[error("{} is in use by {holder}; try again when it has finished", .path.display())]
    Locked {
        /// The tasks' file.
        path: PathBuf,
        /// Who holds it, as it wrote itself down.
        holder: String,
    },
    /// Something else under the name of the lock file.
    #[error("{} is not a lock file of todo; move it away", .0.display())]
    ForeignLock(PathBuf),
    /// A directory, a device, a pipe.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Marked read-only. Replacing it would be possible, and wrong.
    #[error("{} is read-only; make it writable (chmod u+w) to change tasks", .0.display())]
    ReadOnly(PathBuf),
    /// Larger than is read.
    #[error("{} is larger than {} MiB, which no task list is", .path.display(), .max >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound in bytes.
        max: u64,
    },
    /// Written by a later version of this program.
    #[error(
        "{} has format {format}; this todo knows formats up to {known}. Use a newer todo",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// The newest one known here.
        known: u64,
    },
    /// Gone or empty, while the generation before it is there.
    #[error(
        "{} is gone or empty, but its backup is there. To get that back: todo doctor \
         --restore-backup. To begin anew, move the backup away",
        .0.display()
    )]
    Lost(PathBuf),
    /// Not what this program writes.
    #[error("{} is damaged: {what}. Nothing was changed; run `todo doctor`", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        what: String,
    },
}

impl FileError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn damaged(path: &Path, what: &dyn std::fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.to_string() }
    }
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Damaged { .. } | FileError::Newer { .. } | FileError::Lost(_) => {
                Self::Corrupt(Box::new(error))
            }
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

/// The system's word for it, without its error number, and what helps.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "no space is left on the disk; make room and try again".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "permission denied; check who owns the file and its folder".to_owned()
        }
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_owned()
        }
    }
}
