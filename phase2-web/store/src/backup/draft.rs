//! A file that has not got its name yet.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::task::spawn_blocking;

use super::{BackupError, Over};
use crate::lock_file::private;

/// How the name of one ends.
pub(super) const PART: &str = ".part";

static MADE: AtomicU32 = AtomicU32::new(0);

/// A file beside the one that it is to become; gone with this, unless it is kept.
#[derive(Debug)]
pub(super) struct Draft(PathBuf);

impl Draft {
    /// An empty one, for its owner's eyes only.
    pub(super) fn beside(file: &Path) -> Result<Self, BackupError> {
        let name = file.file_name().unwrap_or_else(|| OsStr::new("backup"));
        loop {
            let made = MADE.fetch_add(1, Ordering::Relaxed);
            let mut draft = name.to_owned();
            draft.push(format!(".{}-{made}{PART}", std::process::id()));
            let path = file.with_file_name(draft);
            match private(OpenOptions::new().write(true).create_new(true)).open(&path) {
                Ok(_) => return Ok(Self(path)),
                // Left behind by a process of the same number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(BackupError::Io(file.to_owned(), error)),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it its name, once it is on the disk.
    pub(super) fn keep(self, file: &Path, over: Over) -> Result<(), BackupError> {
        let wrong = BackupError::io(file);
        File::open(&self.0).and_then(|draft| draft.sync_all()).map_err(&wrong)?;
        match over {
            Over::Replace => fs::rename(&self.0, file).map_err(&wrong)?,
            Over::Refuse => match link(&self.0, file) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Err(BackupError::Exists(file.to_owned()));
                }
                linked => linked.map_err(&wrong)?,
            },
        }
        sync_folder(file).map_err(wrong)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Where it was renamed there is nothing left to remove.
        let _gone = fs::remove_file(&self.0);
    }
}

/// Gives a file to whom another belongs: who puts a backup back may be root, and the server is not.
#[cfg(unix)]
pub(super) fn owned_alike(file: &File, other: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let (own, other) = (file.metadata()?, fs::metadata(other)?);
    if (own.uid(), own.gid()) == (other.uid(), other.gid()) {
        return Ok(());
    }
    fchown(file, Some(other.uid()), Some(other.gid()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
pub(super) fn owned_alike(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives a file another name, never that of another. Where a file system knows one name a file, the
/// name is looked for first.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !to.try_exists()? => {
            fs::rename(from, to)
        }
        linked => linked,
    }
}

pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

/// Work on files of any length, off the threads that answer requests.
pub(super) async fn blocking<T: Send + 'static>(
    file: &Path,
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let failed = |error| BackupError::Io(file.to_owned(), io::Error::other(error));
    spawn_blocking(work).await.map_err(failed)?
}
