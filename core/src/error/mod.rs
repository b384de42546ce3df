//! Everything the rules can refuse, each with one stable code.
//!
//! A surface maps the code (exit status, HTTP status, MCP `isError`) and shows the message; it
//! never invents either. A message says what is wrong, where, and what to do about it.

mod problem;

use std::borrow::Cow;
use std::fmt;

use crate::change::Field;
use crate::recurrence::RuleError;
use crate::reference::TaskRef;
use crate::step::StepNo;
use crate::task::{Revision, Status, Task, TaskId, TaskNo};
use crate::words::WordsError;

pub use problem::{FieldError, Problem, excerpt, similar};

/// The stable name of an error, the same on every surface (SPEC 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// A value breaks a rule of its field; [`FieldError`] says which.
    ValidationError,
    /// No such task, step or filter for this owner (S6: nor if it is somebody else's).
    NotFound,
    /// A shortened reference fits several tasks.
    AmbiguousReference,
    /// The task has changed since the caller, or the step, saw it (S3, S7).
    VersionConflict,
    /// A status cannot follow the present one (S1).
    InvalidTransition,
    /// What was asked for counts from a due date, and there is none (R1, R9).
    DueRequired,
    /// A recurrence rule outside the subset (R2).
    UnsupportedRule,
    /// A recurrence rule without a date before 2100 (R2).
    RuleNeverMatches,
    /// Open subtasks stand in the way (S8).
    OpenSubtasks,
    /// A bound on number or size is reached.
    LimitExceeded,
    /// A page cursor is broken, foreign, or of another query (Q7).
    InvalidCursor,
    /// There is no step to undo or redo (S7).
    NothingToUndo,
    /// The act needs a confirmation that was not given.
    ConfirmationRequired,
    /// Nobody has logged in, or no longer.
    Unauthorized,
    /// The caller may not do this.
    Forbidden,
    /// Another account has this e-mail address.
    EmailTaken,
    /// Too many requests, or too many tries.
    RateLimited,
    /// The same idempotency key came with another request.
    IdempotencyMismatch,
    /// The request of this idempotency key is being carried out.
    RequestInProgress,
    /// The body is in a format that is not taken here.
    UnsupportedMediaType,
    /// The body is too long.
    PayloadTooLarge,
    /// The store cannot be reached or written.
    StorageUnavailable,
    /// What is stored cannot be read; nothing was overwritten.
    StorageCorrupt,
    /// A fault of the program.
    Internal,
}

impl ErrorCode {
    /// The code as it is written on every surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidationError => "validation_error",
            Self::NotFound => "not_found",
            Self::AmbiguousReference => "ambiguous_reference",
            Self::VersionConflict => "version_conflict",
            Self::InvalidTransition => "invalid_transition",
            Self::DueRequired => "due_required",
            Self::UnsupportedRule => "unsupported_rule",
            Self::RuleNeverMatches => "rule_never_matches",
            Self::OpenSubtasks => "open_subtasks",
            Self::LimitExceeded => "limit_exceeded",
            Self::InvalidCursor => "invalid_cursor",
            Self::NothingToUndo => "nothing_to_undo",
            Self::ConfirmationRequired => "confirmation_required",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::EmailTaken => "email_taken",
            Self::RateLimited => "rate_limited",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::RequestInProgress => "request_in_progress",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::PayloadTooLarge => "payload_too_large",
            Self::StorageUnavailable => "storage_unavailable",
            Self::StorageCorrupt => "storage_corrupt",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Enough of a task to let a person choose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The small number.
    pub id: TaskNo,
    /// The identity.
    pub uid: TaskId,
    /// The text.
    pub title: String,
}

impl From<&Task> for Candidate {
    fn from(task: &Task) -> Self {
        Self { id: task.id, uid: task.uid, title: task.title.as_str().to_owned() }
    }
}

/// What a rule refused. Nothing has changed when one of these is answered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// One or more values break their field's rule.
    #[error("{}", join(.0))]
    Validation(Vec<FieldError>),
    /// No such task for this owner, or it lies in the trash (S4, S6).
    #[error("there is no task {0}")]
    NotFound(TaskRef),
    /// No such step, or it is older than the ones kept (S7).
    #[error("there is no step {0} to take back; the newest 100 are kept")]
    NoSuchStep(StepNo),
    /// No saved filter of that name (Q9).
    #[error("there is no saved filter {name:?}{}", meant(.like.as_deref()))]
    NoSuchFilter {
        /// As it was asked, shortened.
        name: String,
        /// One that is there and like it.
        like: Option<String>,
    },
    /// A shortened uid fits more than one task.
    #[error("{reference} fits {} tasks: {}; write more of the uid", .candidates.len(), list(.candidates))]
    Ambiguous {
        /// As it was asked.
        reference: TaskRef,
        /// At most ten of those that fit.
        candidates: Vec<Candidate>,
    },
    /// The caller expected another version (S3).
    #[error("task {} has changed: it is at version {}, not {expected}; look at it and try again", .current.id, .current.version)]
    VersionConflict {
        /// The task as it stands.
        current: Box<Task>,
        /// What the caller had seen.
        expected: Revision,
    },
    /// The uid of a task to be made is that of another one (S2).
    #[error("task {} has this uid and is not what was asked for{}; look at it, or ask without a uid", .current.id, if .current.trash.is_some() { ", and lies in the trash" } else { "" })]
    UidTaken {
        /// The task that has it, as it stands.
        current: Box<Task>,
    },
    /// A later change touched what a step would write (S7).
    #[error("step {step} cannot be taken back: {}", moved(*.task, .fields))]
    StepConflict {
        /// The step.
        step: StepNo,
        /// The task that moved on.
        task: TaskNo,
        /// Which of its fields; empty when the task itself is gone.
        fields: Vec<Field>,
    },
    /// S1 does not lead there.
    #[error("task {task} is {from}, which cannot become {to}; reopen it first")]
    InvalidTransition {
        /// The task.
        task: TaskNo,
        /// Where it is.
        from: Status,
        /// Where it was to go.
        to: Status,
    },
    /// Something that counts from a due date, on a task without one (R1, R9).
    #[error("{0} needs a due date; set one too, or leave it away")]
    DueRequired(&'static str),
    /// A rule outside the subset (R2).
    #[error("this rule is not supported: {0}")]
    UnsupportedRule(#[from] RuleError),
    /// Words that are not understood wholly (W1 to W3): where the trouble lies, and what may help.
    #[error("{error}")]
    Words {
        /// The field they were to be.
        field: &'static str,
        /// What is wrong, with its own code.
        error: Box<WordsError>,
    },
    /// A rule without a date before 2100 (R2).
    #[error("the rule {0} never comes true from {1} on")]
    RuleNeverMatches(String, String),
    /// Only an open task can be put off.
    #[error("task {task} is {status}; reopen it first")]
    NotOpen {
        /// The task.
        task: TaskNo,
        /// Where it is.
        status: Status,
    },
    /// S8: the subtasks are open and no cascade was asked for.
    #[error("task {task} has open subtasks: {}; finish them first, or include them (cascade)", list(.open))]
    OpenSubtasks {
        /// The parent.
        task: TaskNo,
        /// At most ten of the open ones.
        open: Vec<Candidate>,
    },
    /// A bound on number is reached.
    #[error("too many {what}: at most {limit}")]
    LimitExceeded {
        /// What is counted.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// Q7.
    #[error("this cursor is not valid here; start again from the first page")]
    InvalidCursor,
    /// S7.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// S7.
    #[error("there is nothing to redo")]
    NothingToRedo,
    /// A bulk command asked for all or nothing, and one item was refused (S5).
    #[error("nothing was done, because item {} was refused: {error}", .index + 1)]
    Refused {
        /// Which item, from 0.
        index: usize,
        /// Why.
        error: Box<Self>,
    },
}

impl TaskError {
    /// A single faulty field.
    pub fn field(field: impl Into<Cow<'static, str>>, problem: Problem) -> Self {
        Self::Validation(vec![FieldError::new(field, problem)])
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Validation(_) => ErrorCode::ValidationError,
            Self::NotFound(_) | Self::NoSuchStep(_) | Self::NoSuchFilter { .. } => {
                ErrorCode::NotFound
            }
            Self::Ambiguous { .. } => ErrorCode::AmbiguousReference,
            Self::VersionConflict { .. } | Self::UidTaken { .. } | Self::StepConflict { .. } => {
                ErrorCode::VersionConflict
            }
            Self::InvalidTransition { .. } | Self::NotOpen { .. } => ErrorCode::InvalidTransition,
            Self::DueRequired(_) => ErrorCode::DueRequired,
            Self::UnsupportedRule(_) => ErrorCode::UnsupportedRule,
            Self::RuleNeverMatches(..) => ErrorCode::RuleNeverMatches,
            Self::Words { error, .. } => error.code,
            Self::OpenSubtasks { .. } => ErrorCode::OpenSubtasks,
            Self::LimitExceeded { .. } => ErrorCode::LimitExceeded,
            Self::InvalidCursor => ErrorCode::InvalidCursor,
            Self::NothingToUndo | Self::NothingToRedo => ErrorCode::NothingToUndo,
            Self::Refused { error, .. } => error.code(),
        }
    }
}

impl From<FieldError> for TaskError {
    fn from(error: FieldError) -> Self {
        Self::Validation(vec![error])
    }
}

fn join(errors: &[FieldError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn list(candidates: &[Candidate]) -> String {
    let named = candidates.iter().map(|c| match c.id {
        // Made by the same command, so it has no number yet.
        TaskNo::UNSTAMPED => format!("a new {:?}", excerpt(&c.title)),
        id => format!("{id} {:?}", excerpt(&c.title)),
    });
    named.collect::<Vec<_>>().join(", ")
}

fn meant(like: Option<&str>) -> String {
    like.map(|like| format!("; did you mean {like:?}?")).unwrap_or_default()
}

fn moved(task: TaskNo, fields: &[Field]) -> String {
    if fields.is_empty() {
        return "a task that it changed is gone for good".to_owned();
    }
    if fields.contains(&Field::Recurrence) {
        return format!(
            "the series of task {task} has gone on since; delete the newest of it instead"
        );
    }
    let fields: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
    format!("{} of task {task} changed since; undo that first", fields.join(", "))
}
