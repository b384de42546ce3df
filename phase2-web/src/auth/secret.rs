//! The one secret that all keys follow from: given by the operator, or made and kept beside the
//! database that it guards.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use crate::edge::random;

/// Fewest bytes of a secret.
const SECRET_MIN: usize = 32;
/// Longest file that is read as a secret.
const FILE_MAX: u64 = 4096;

/// A secret of at least 32 bytes. Never shown.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

/// Why there is no secret to work with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Fewer than 32 bytes.
    #[error("is shorter than {SECRET_MIN} bytes; make one with: openssl rand -hex 32")]
    TooShort,
    /// A file that others on the machine can read.
    #[error("{} can be read by others; take that away with: chmod 600 FILE", .0.display())]
    Exposed(PathBuf),
    /// A file that does not hold what [`Secret::kept`] writes.
    #[error("{} does not hold a secret; restore it, or remove it to have another made", .0.display())]
    Damaged(PathBuf),
    /// The file could not be read or made.
    #[error("{} cannot be used: {}", .0.display(), .1)]
    Io(PathBuf, #[source] io::Error),
    /// The system gave no random bytes.
    #[error("the system has no random bytes to give")]
    Random,
}

impl Secret {
    /// A secret that the operator gave.
    pub fn new(bytes: &[u8]) -> Result<Self, SecretError> {
        if bytes.len() < SECRET_MIN {
            return Err(SecretError::TooShort);
        }
        Ok(Self(bytes.into()))
    }

    /// The secret that a file holds; one is made where there is none.
    pub fn kept(path: &Path) -> Result<Self, SecretError> {
        if let Some(found) = Self::found(path)? {
            return Ok(found);
        }
        Self::make(path)?;
        // Read again: if another process was first, its secret is the one that counts.
        let made = File::open(path).map_err(|error| SecretError::Io(path.to_owned(), error))?;
        Self::read(path, made)
    }

    /// The secret that a file holds, if there is one. None is made.
    pub(crate) fn found(path: &Path) -> Result<Option<Self>, SecretError> {
        match File::open(path) {
            Ok(file) => Self::read(path, file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SecretError::Io(path.to_owned(), error)),
        }
    }

    fn read(path: &Path, file: File) -> Result<Self, SecretError> {
        let wrong = |error| SecretError::Io(path.to_owned(), error);
        if file.metadata().map_err(wrong)?.mode() & 0o077 != 0 {
            return Err(SecretError::Exposed(path.to_owned()));
        }
        let mut text = String::new();
        file.take(FILE_MAX).read_to_string(&mut text).map_err(wrong)?;
        let whole = (text.len() as u64) < FILE_MAX;
        let bytes = HEXLOWER.decode(text.trim_end().as_bytes()).ok().filter(|_| whole);
        bytes
            .and_then(|bytes| Self::new(&bytes).ok())
            .ok_or_else(|| SecretError::Damaged(path.to_owned()))
    }

    /// Writes a fresh secret in full before it gets its name, and gives it that name only if no
    /// other has it: no reader sees half of one, and of two processes one wins.
    fn make(path: &Path) -> Result<(), SecretError> {
        let wrong = |error| SecretError::Io(path.to_owned(), error);
        let fresh = random::<SECRET_MIN>().map_err(|_| SecretError::Random)?;
        let mark = random::<8>().map_err(|_| SecretError::Random)?;
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", HEXLOWER.encode(&mark)));
        let draft = PathBuf::from(name);
        let written = write_synced(&draft, &HEXLOWER.encode(&fresh));
        let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        });
        let removed = fs::remove_file(&draft);
        linked.and(removed).and_then(|()| sync_folder(path)).map_err(wrong)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn write_synced(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
