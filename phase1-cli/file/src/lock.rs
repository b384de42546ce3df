//! One writer at a time.
//!
//! The lock is an advisory lock on a file of its own, never on the file that is replaced: a lock
//! on that one would be a lock on a file that no longer has a name. The lock file stays; removing
//! it would let two writers lock two different files of the same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::error::FileError;

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(5);
/// How a holder's note begins.
const NOTE: &str = "process";
/// Longest note of a holder that is shown.
const NOTE_MAX: u64 = 200;

/// The right to write; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nobody reads the note of one who does not hold the lock, so a failure does not matter.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// The lock file of a tasks' file.
pub(crate) fn lock_path(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// A file beside another, with something added to the name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// Takes the lock of `path`, waiting up to five seconds.
pub(crate) fn take(path: &Path) -> Result<Lock, FileError> {
    let lock_path = lock_path(path);
    refuse_foreign(&lock_path)?;
    let open = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        options.open(&lock_path)
    };
    let file = open().map_err(FileError::io("open the lock file", &lock_path))?;
    let mut file = match file.try_lock() {
        Ok(()) => file,
        Err(TryLockError::WouldBlock) => wait(file, path, &lock_path)?,
        Err(TryLockError::Error(error)) => {
            return Err(FileError::io("lock", &lock_path)(error));
        }
    };
    // For whoever waits: who is in the way. Not being able to say so is no reason not to work.
    let _ = note(&mut file);
    Ok(Lock { file })
}

/// Waits in the system's queue, which is fair, rather than by asking again and again, which is
/// not: with fifty writers some would never get their turn.
fn wait(file: File, path: &Path, lock_path: &Path) -> Result<File, FileError> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let locked = file.lock().map(|()| file);
        // If the waiting is over, the file is dropped here and the lock with it.
        let _ = sender.send(locked);
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(locked) => locked.map_err(FileError::io("lock", lock_path)),
        Err(_) => Err(FileError::Locked { path: path.to_owned(), holder: holder(lock_path) }),
    }
}

/// A link or a file of somebody else's under this name must not be written to: the folder may be
/// shared, or have come from elsewhere with everything in it.
fn refuse_foreign(lock_path: &Path) -> Result<(), FileError> {
    let Ok(meta) = std::fs::symlink_metadata(lock_path) else { return Ok(()) };
    let mut note = Vec::new();
    let ours = meta.is_file() && {
        let read = File::open(lock_path).and_then(|f| f.take(NOTE_MAX).read_to_end(&mut note));
        // One that cannot be read will be refused when it is opened, with the system's reason.
        read.is_err() || note.is_empty() || note.starts_with(NOTE.as_bytes())
    };
    if ours { Ok(()) } else { Err(FileError::ForeignLock(lock_path.to_owned())) }
}

fn note(file: &mut File) -> std::io::Result<()> {
    let command: Vec<_> = std::env::args().take(2).collect();
    let name = Path::new(command.first().map_or("", String::as_str)).file_name();
    let name = name.and_then(|name| name.to_str()).unwrap_or("todo");
    let verb = command.get(1).map_or("", String::as_str);
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{NOTE} {} ({name} {verb})", std::process::id())
}

/// Who holds the lock now, if somebody does.
pub(crate) fn held_by(path: &Path) -> Option<String> {
    let lock_path = lock_path(path);
    let file = File::open(&lock_path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(holder(&lock_path)),
        _ => None,
    }
}

fn holder(lock_path: &Path) -> String {
    let mut note = String::new();
    let read = File::open(lock_path).and_then(|f| f.take(NOTE_MAX).read_to_string(&mut note));
    let note: String = note.chars().filter(|c| !c.is_control()).collect();
    if read.is_err() || note.is_empty() { "another process".to_owned() } else { note }
}
