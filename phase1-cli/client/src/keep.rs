//! Where tokens are kept: a file for each server, which its owner alone can read.
//!
//! Not in the platform's key store: on Linux it is asked over D-Bus, which headless machines lack
//! and which would bring a runtime into a program that starts none.
//!
//! A crash leaves the file before or the file after, never half of one: it is written beside,
//! synced and renamed. One lock beside it stands around each renewal of the tokens, so that of two
//! processes the second finds what the first one got.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::address::Server;
use crate::error::ClientError;

/// Longest file that is read, in bytes.
const SIZE_MAX: u64 = 64 << 10;
/// How long another process may hold the lock: longer than its request can take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is tried.
const PAUSE: Duration = Duration::from_millis(10);

/// A token. It is shown nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Token(pub(crate) String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What proves who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Tokens {
    /// A session's: one for requests, one to get the next two.
    Session { access_token: Token, refresh_token: Token },
    /// A personal access token.
    Personal { token: Token },
}

impl Tokens {
    /// The one that is sent with requests.
    pub(crate) fn bearer(&self) -> &str {
        match self {
            Self::Session { access_token: token, .. } | Self::Personal { token } => &token.0,
        }
    }
}

/// What is kept of a log-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) server: String,
    /// Whether its owner accepts that it can be overheard.
    #[serde(default)]
    pub(crate) insecure: bool,
    #[serde(flatten)]
    pub(crate) tokens: Tokens,
}

/// The file of one server.
#[derive(Debug)]
pub(crate) struct Keeper {
    path: PathBuf,
}

/// Held while tokens are renewed.
#[derive(Debug)]
pub(crate) struct Held {
    _file: File,
}

impl Keeper {
    /// In a folder that is made when something is first kept in it.
    pub(crate) fn new(folder: &Path, server: &Server) -> Self {
        Self { path: folder.join(server.file_name()).join("login.json") }
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(io::Error) -> ClientError {
        let path = self.path.clone();
        move |source| ClientError::Keeping { doing, path, source }
    }

    /// What is kept, if somebody has logged in.
    pub(crate) fn read(&self) -> Result<Option<Kept>, ClientError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed("read")(error)),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().map_err(self.failed("read"))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(ClientError::Open(self.path.clone()));
            }
        }
        let mut text = String::new();
        file.take(SIZE_MAX).read_to_string(&mut text).map_err(self.failed("read"))?;
        // Where in it is told, and never what: the text is a secret.
        serde_json::from_str(&text).map(Some).map_err(|error| ClientError::Unreadable {
            path: self.path.clone(),
            why: format!("it is not as it was written, at line {}", error.line()),
        })
    }

    /// Keeps it.
    pub(crate) fn write(&self, kept: &Kept) -> Result<(), ClientError> {
        self.make_folder()?;
        let text = serde_json::to_string_pretty(kept).map_err(io::Error::other);
        let text = text.map_err(self.failed("write"))?;
        let beside = self.path.with_extension("json.new");
        // Left by a crash, or put there by somebody: a link is not followed.
        let _ = fs::remove_file(&beside);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&beside).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            sync_folder(&self.path)
        });
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written.map_err(self.failed("write"))
    }

    /// Keeps it no longer.
    pub(crate) fn remove(&self) -> Result<(), ClientError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("remove")(error))
            }
            _ => Ok(()),
        }
    }

    /// Waits until nobody else renews the tokens.
    pub(crate) fn hold(&self) -> Result<Held, ClientError> {
        self.make_folder()?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = self.path.with_extension("lock");
        let file = options.open(&path).map_err(self.failed("lock"))?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Held { _file: file }),
                Err(TryLockError::Error(error)) => return Err(self.failed("lock")(error)),
                Err(TryLockError::WouldBlock) if since.elapsed() > PATIENCE => {
                    return Err(ClientError::Busy(path));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            }
        }
    }

    fn make_folder(&self) -> Result<(), ClientError> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(self.failed("make the folder of"))
    }
}

/// Makes a rename last: on POSIX systems the folder's own entry must be synced too.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
