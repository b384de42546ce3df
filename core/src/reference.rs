//! How people and programs name a task: by number, by identity, or by the start of it.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::error::{Problem, excerpt};
use crate::task::{TaskId, TaskNo};

/// Fewest characters of a uid that stand for it.
const PREFIX_MIN: usize = 4;

/// A task as it is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskRef {
    /// By its number.
    No(TaskNo),
    /// By its identity.
    Uid(TaskId),
    /// By the first characters of its identity, hexadecimal, lower case, without hyphens.
    Prefix(Box<str>),
}

impl TaskRef {
    /// Whether an identity is the one meant; a number is compared with `id`.
    pub fn fits(&self, uid: TaskId, id: TaskNo) -> bool {
        match self {
            Self::No(no) => *no == id,
            Self::Uid(own) => *own == uid,
            Self::Prefix(prefix) => {
                let mut buffer = Uuid::encode_buffer();
                uid.0.as_simple().encode_lower(&mut buffer).starts_with(&**prefix)
            }
        }
    }
}

impl FromStr for TaskRef {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let refused = || Problem::NotAReference(excerpt(text));
        let text = text.trim();
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let number = text.parse().map_err(|_| refused())?;
            return if number == 0 { Err(refused()) } else { Ok(Self::No(TaskNo(number))) };
        }
        if let Ok(uid) = Uuid::try_parse(text) {
            return Ok(Self::Uid(TaskId(uid)));
        }
        let hex: String = text.chars().filter(|c| *c != '-').collect();
        let fits = (PREFIX_MIN..=32).contains(&hex.len());
        if fits && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            // All of it, with hyphens in other places.
            let whole = Uuid::try_parse(&hex).map(|uid| Self::Uid(TaskId(uid)));
            return Ok(whole.unwrap_or_else(|_| Self::Prefix(hex.to_ascii_lowercase().into())));
        }
        Err(refused())
    }
}

impl From<TaskId> for TaskRef {
    fn from(uid: TaskId) -> Self {
        Self::Uid(uid)
    }
}

impl From<TaskNo> for TaskRef {
    fn from(id: TaskNo) -> Self {
        Self::No(id)
    }
}

impl fmt::Display for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No(id) => id.fmt(f),
            Self::Uid(uid) => uid.fmt(f),
            // Without the hyphen it would be read as a number.
            Self::Prefix(prefix) if prefix.bytes().all(|b| b.is_ascii_digit()) => {
                write!(f, "{prefix}-")
            }
            Self::Prefix(prefix) => f.write_str(prefix),
        }
    }
}
