//! Replacing a file so that a crash at any moment leaves the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::FileError;
use crate::lock::beside;

const BUFFER: usize = 1 << 20;

/// The generation before the present one.
pub(crate) fn backup_path(path: &Path) -> PathBuf {
    beside(path, ".bak")
}

/// Where the next generation is written. One fixed name: only the holder of the lock writes, and
/// what a killed writer left is removed by the next.
pub(crate) fn temporary_path(path: &Path) -> PathBuf {
    beside(path, ".tmp")
}

/// Follows symbolic links, so that the file they point to is replaced and not the link.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, FileError> {
    const LINKS_MAX: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or_else(|| Path::new("")).join(target),
            // Not a link, or not there: the folder decides where it is.
            Err(_) => return in_real_folder(&path),
        }
    }
    let error = io::Error::other("too many symbolic links");
    Err(FileError::io("open", &path)(error))
}

fn in_real_folder(path: &Path) -> Result<PathBuf, FileError> {
    let Some(name) = path.file_name() else { return Err(FileError::NotAFile(path.to_owned())) };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(FileError::io("open the folder", folder))?;
    Ok(folder.join(name))
}

/// Writes the next generation with `write` and puts it in place of `path`, keeping the present
/// one as the backup. The caller holds the lock.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FileError> {
    put(path, write, keep_backup)
}

/// Puts the backup in place of `path` and leaves it where it is. The caller holds the lock.
pub(crate) fn put_back(path: &Path) -> Result<(), FileError> {
    copy(&backup_path(path), path)
}

/// Copies a file, whole or not at all; a link under the new name is replaced, not followed.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), FileError> {
    let bytes = fs::read(from).map_err(FileError::io("read", from))?;
    put(to, |out| out.write_all(&bytes), |_| Ok(()))
}

fn put(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    before: impl FnOnce(&Path) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let temporary = temporary_path(path);
    let replaced = write_temporary(path, &temporary, write)
        .and_then(|()| before(path))
        .and_then(|()| fs::rename(&temporary, path).map_err(FileError::io("replace", path)));
    if replaced.is_err() {
        // A half-written file helps nobody, least of all on a full disk.
        let _ = fs::remove_file(&temporary);
    }
    replaced.and_then(|()| sync_folder(path))
}

fn write_temporary(
    path: &Path,
    temporary: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FileError> {
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(FileError::io("remove", temporary)(error));
        }
        _ => {}
    }
    let file = create(path, temporary).map_err(FileError::io("write", temporary))?;
    let mut writer = BufWriter::with_capacity(BUFFER, file);
    write(&mut writer)
        .and_then(|()| writer.into_inner().map_err(io::IntoInnerError::into_error))
        .and_then(|file| file.sync_all())
        .map_err(FileError::io("write", temporary))
}

/// A new file with the mode and owner of the one it is to replace; private if there is none.
fn create(path: &Path, temporary: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
        options.mode(0o600);
        let file = options.open(temporary)?;
        if let Ok(old) = fs::metadata(path) {
            let new = file.metadata()?;
            if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
                // Somebody helping out as root must not lock the owner out. Others cannot give
                // files away; then the file is theirs, as any copy would be.
                let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
            }
            file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o7777))?;
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        options.open(temporary)
    }
}

/// Gives the present generation a second name. A link costs nothing and leaves no moment without
/// the file; where the file system has no links it is copied.
fn keep_backup(path: &Path) -> Result<(), FileError> {
    let backup = backup_path(path);
    let passing = beside(path, ".bak.tmp");
    // Left by a crash between the next two lines; renaming a link onto itself would keep it.
    let _ = fs::remove_file(&passing);
    let linked = match fs::hard_link(path, &passing) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) => fs::copy(path, &passing).map(drop),
        Ok(()) => Ok(()),
    };
    let kept = linked.and_then(|()| fs::rename(&passing, &backup));
    let _ = fs::remove_file(&passing);
    kept.map_err(FileError::io("keep a backup at", &backup))
}

/// Makes a rename last: on POSIX systems the folder's own entry must be synced too.
fn sync_folder(path: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(FileError::io("sync the folder", folder))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
