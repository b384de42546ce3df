//! What can go wrong between here and a server.

use std::io;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use todo_core::ErrorCode;

use crate::address::Server;

/// Why a server did not do what it was asked, or could not be asked. No token is in any of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody answers there.
    #[error("cannot reach {server}: {why}; nothing was done")]
    Unreachable {
        /// Which server.
        server: String,
        /// What is in the way.
        why: String,
    },
    /// The connection ended when the request had been sent.
    #[error("{server} gave no answer: {why}; what was asked may have been done")]
    Unanswered {
        /// Which server.
        server: String,
        /// What happened.
        why: String,
    },
    /// What answers there is not what it should be.
    #[error("{server} does not answer as a todo server does: {what}")]
    Strange {
        /// Which server.
        server: String,
        /// What it does.
        what: String,
    },
    /// The server's own refusal.
    #[error("{}", .0.message)]
    Refused(Box<Refusal>),
    /// Nobody has logged in there from here.
    #[error("you are not logged in to {0}")]
    LoggedOut(String),
    /// The session has ended: it was revoked, or it has not been used for too long.
    #[error("your session on {0} is over")]
    SessionOver(String),
    /// A token that was handed over is not taken.
    #[error("{0} does not take the token: it is wrong, was revoked, or its time is over")]
    TokenRefused(String),
    /// What is sent could be read on the way.
    #[error("{0} is not encrypted, so others could read your password and your tasks on the way")]
    Overheard(String),
    /// Where the tokens are kept.
    #[error("cannot {doing} {path}: {source}")]
    Keeping {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others could read the tokens.
    #[error("others can read {0}, in which your token is")]
    Open(PathBuf),
    /// The file with the tokens is not one of ours.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another process renews the token, and does not get done.
    #[error("another todo has held {0} for too long")]
    Busy(PathBuf),
}

impl ClientError {
    /// The stable code (SPEC 5).
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refusal) => refusal.code,
            Self::LoggedOut(_) | Self::SessionOver(_) | Self::TokenRefused(_) => {
                ErrorCode::Unauthorized
            }
            Self::Overheard(_) => ErrorCode::Forbidden,
            Self::Unreadable { .. } => ErrorCode::StorageCorrupt,
            Self::Unreachable { .. }
            | Self::Unanswered { .. }
            | Self::Strange { .. }
            | Self::Keeping { .. }
            | Self::Open(_)
            | Self::Busy(_) => ErrorCode::StorageUnavailable,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::LoggedOut(server) => format!("log in: todo login {server}"),
            Self::SessionOver(server) => format!("log in again: todo login {server}"),
            Self::TokenRefused(server) => format!("make another one on {server}"),
            Self::Overheard(_) => {
                "write https://, or say --insecure where nobody else is on the way".to_owned()
            }
            Self::Open(path) => format!("chmod 600 {}", path.display()),
            Self::Unreadable { .. } => "log in again, and it is made anew".to_owned(),
            Self::Unreachable { .. } => {
                "`todo --server none` works on the file meanwhile".to_owned()
            }
            _ => return None,
        })
    }

    pub(crate) fn strange(server: &Server, what: impl Into<String>) -> Self {
        Self::Strange { server: server.to_string(), what: what.into() }
    }
}

/// A refusal by the server: its problem (RFC 9457), read.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: ErrorCode,
    /// In words.
    pub message: String,
    /// When it is worth trying again, in seconds.
    pub retry_after: Option<u64>,
    /// The names of what is at fault in the request.
    pub parameters: Vec<String>,
}

/// Longest message that is shown; ours are shorter.
const MESSAGE_MAX: usize = 2_000;

/// Codes that a server may answer. One that is not here is a newer server's.
const CODES: &[ErrorCode] = &[
    ErrorCode::ValidationError,
    ErrorCode::NotFound,
    ErrorCode::AmbiguousReference,
    ErrorCode::VersionConflict,
    ErrorCode::InvalidTransition,
    ErrorCode::DueRequired,
    ErrorCode::UnsupportedRule,
    ErrorCode::RuleNeverMatches,
    ErrorCode::OpenSubtasks,
    ErrorCode::LimitExceeded,
    ErrorCode::InvalidCursor,
    ErrorCode::NothingToUndo,
    ErrorCode::ConfirmationRequired,
    ErrorCode::Unauthorized,
    ErrorCode::Forbidden,
    ErrorCode::EmailTaken,
    ErrorCode::RateLimited,
    ErrorCode::IdempotencyMismatch,
    ErrorCode::RequestInProgress,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::PayloadTooLarge,
    ErrorCode::StorageUnavailable,
    ErrorCode::StorageCorrupt,
    ErrorCode::Internal,
];

impl Refusal {
    /// Reads a problem; `None` if it is none.
    pub(crate) fn read(status: u16, retry_after: Option<u64>, body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Problem {
            code: String,
            detail: Option<String>,
            title: Option<String>,
            #[serde(default)]
            errors: Vec<Value>,
        }
        let problem: Problem = serde_json::from_slice(body).ok()?;
        let known = CODES.iter().copied().find(|code| code.as_str() == problem.code);
        // Whatever a newer server calls it: who asked was wrong, or the server is.
        let unknown =
            if status < 500 { ErrorCode::ValidationError } else { ErrorCode::StorageUnavailable };
        let mut message: String =
            problem.detail.or(problem.title)?.chars().take(MESSAGE_MAX).collect();
        if let Some(seconds) = retry_after {
            message.extend(["; try again in ", &seconds.to_string(), " s"]);
        }
        let name = |error: &Value| Some(error.get("parameter")?.as_str()?.to_owned());
        Some(Self {
            status,
            code: known.unwrap_or(unknown),
            message,
            retry_after,
            parameters: problem.errors.iter().filter_map(name).collect(),
        })
    }
}
