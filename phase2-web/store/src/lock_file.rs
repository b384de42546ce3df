//! One server a file: a lock beside the database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held while the database is open; the system lets go of it when the process ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct LockFile {
    _file: File,
}

/// Why a file could not be opened as a database.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("a database in memory would not outlive the server: name a file")]
    Memory,
    #[error("the folder {} is not there", .0.display())]
    NoFolder(PathBuf),
    #[error("{} is in use by another server{}", .path.display(), process(.pid))]
    InUse { path: PathBuf, pid: String },
    #[error("{} cannot be opened: {error}", .path.display())]
    Io { path: PathBuf, error: std::io::Error },
}

fn process(pid: &str) -> String {
    if pid.is_empty() { String::new() } else { format!(" (process {pid})") }
}

impl LockFile {
    /// Makes sure that the file is there, readable by its owner alone, and in nobody else's use.
    pub(crate) fn take(database: &Path) -> Result<Self, OpenError> {
        let name = database.as_os_str().to_string_lossy();
        if name.contains(":memory:") || name.contains("mode=memory") {
            return Err(OpenError::Memory);
        }
        let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(OpenError::NoFolder(folder.to_owned()));
        }
        let io = |error| OpenError::Io { path: database.to_owned(), error };
        let mut options = OpenOptions::new();
        private(options.write(true).create(true).truncate(false)).open(database).map_err(io)?;
        // A file has one lock, by whichever links one comes to it.
        let mut path = database.canonicalize().map_err(io)?.into_os_string();
        path.push(".lock");
        Self::lock(Path::new(&path), database)
    }

    fn lock(path: &Path, database: &Path) -> Result<Self, OpenError> {
        let io = |error| OpenError::Io { path: path.to_owned(), error };
        let mut options = OpenOptions::new();
        let options = private(options.read(true).write(true).create(true).truncate(false));
        let mut file = options.open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // Only to tell whom to ask: without it the message is shorter.
                let _ = file.read_to_string(&mut pid);
                let pid = pid.trim().to_owned();
                return Err(OpenError::InUse { path: database.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        file.rewind().and_then(|()| file.set_len(0)).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
