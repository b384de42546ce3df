//! Problem details (RFC 9457): the one shape of every refusal, and the one place that says which
//! status a code has.

use std::fmt;
use std::ops::Range;

use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use serde_json::Value;
use todo_core::change::Field;
use todo_core::error::{Candidate, FieldError};
use todo_core::service::ServiceError;
use todo_core::{ErrorCode, Task, TaskError};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{ApiError, Cause};
use crate::layers::RequestId;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The status of each code, unless the request gives a reason for another.
pub(crate) const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidCursor => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::AmbiguousReference
        | ErrorCode::VersionConflict
        | ErrorCode::InvalidTransition
        | ErrorCode::OpenSubtasks
        | ErrorCode::NothingToUndo
        | ErrorCode::ConfirmationRequired
        | ErrorCode::EmailTaken
        | ErrorCode::RequestInProgress => StatusCode::CONFLICT,
        ErrorCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::ValidationError
        | ErrorCode::DueRequired
        | ErrorCode::UnsupportedRule
        | ErrorCode::RuleNeverMatches
        | ErrorCode::LimitExceeded
        | ErrorCode::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::StorageUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        // A code that this surface does not know is a fault of the program.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// How long a client does best to wait before it tries again, in seconds, where that is known from
/// the code alone.
pub(crate) const fn retry_after(code: ErrorCode) -> Option<u32> {
    match code {
        ErrorCode::StorageUnavailable => Some(5),
        ErrorCode::RequestInProgress => Some(1),
        _ => None,
    }
}

/// The code that stands for a refusal by the framework, of which only the status is known.
pub(crate) const fn code_of(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::UNAUTHORIZED => ErrorCode::Unauthorized,
        StatusCode::FORBIDDEN => ErrorCode::Forbidden,
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::TOO_MANY_REQUESTS => ErrorCode::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => ErrorCode::StorageUnavailable,
        status if status.as_u16() < 500 => ErrorCode::ValidationError,
        _ => ErrorCode::Internal,
    }
}

/// Where in a request a fault lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON Pointer (RFC 6901) into the body.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    place: Place,
    /// Of words, where in them the trouble lies, in characters.
    part: Option<Range<usize>>,
    code: &'static str,
    message: String,
}

impl Fault {
    /// A fault at a place; the code is its kind, for programs.
    pub fn new(place: Place, code: &'static str, message: &impl fmt::Display) -> Self {
        Self { place, part: None, code, message: message.to_string() }
    }

    /// Only a part of the value is at fault: so many characters from its beginning, to so many.
    #[must_use]
    pub fn in_part(self, part: Range<usize>) -> Self {
        Self { part: Some(part), ..self }
    }

    /// The same of something that lies deeper in a body: a pointer goes on from there.
    #[must_use]
    pub(crate) fn below(self, at: &str) -> Self {
        match self.place {
            Place::Pointer(pointer) => {
                Self { place: Place::Pointer(format!("{at}{pointer}")), ..self }
            }
            Place::Parameter(_) => self,
        }
    }

    /// The place.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// A fault that a rule found in a field: a top-level member of the body.
impl From<&FieldError> for Fault {
    fn from(error: &FieldError) -> Self {
        let pointer = Place::Pointer(format!("/{}", error.field));
        Self::new(pointer, error.problem.code(), &error.problem)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Pointer(pointer) if pointer.is_empty() => f.write_str(&self.message),
            Place::Pointer(pointer) => {
                write!(f, "{} {}", pointer.trim_start_matches('/'), self.message)
            }
            Place::Parameter(name) => write!(f, "{name} {}", self.message),
        }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (pointer, parameter) = match &self.place {
            Place::Pointer(pointer) => (Some(pointer.as_str()), None),
            Place::Parameter(name) => (None, Some(name.as_str())),
        };
        let (from, to) = self.part.as_ref().map(|part| (part.start, part.end)).unzip();
        FaultBody { pointer, parameter, from, to, code: self.code, message: &self.message }
            .serialize(serializer)
    }
}

/// One fault of a request.
#[derive(Serialize, ToSchema)]
#[schema(as = Fault)]
struct FaultBody<'a> {
    /// Where in the body it lies: a JSON Pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/title")]
    pointer: Option<&'a str>,
    /// The query parameter that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "limit")]
    parameter: Option<&'a str>,
    /// Of words that are not understood, at which of their characters the trouble begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    from: Option<usize>,
    /// Behind which of them it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    to: Option<usize>,
    /// The kind of fault.
    #[schema(example = "too_long")]
    code: &'a str,
    /// What is wrong, in words.
    message: &'a str,
}

/// Enough of a task to let a person choose it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Candidate)]
struct Named {
    #[schema(minimum = 1)]
    id: u64,
    uid: Uuid,
    title: String,
}

impl From<&Candidate> for Named {
    fn from(c: &Candidate) -> Self {
        Self { id: c.id.0, uid: c.uid.0, title: c.title.clone() }
    }
}

/// Why a request was refused (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of problem it is: a stable path, the same for every problem of one `code`.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/problems/not-found")]
    kind: String,
    /// The kind in a few words.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong, where, and what to do.
    detail: String,
    /// The id of the request, as in `X-Request-Id`.
    instance: String,
    /// The stable name of the error, the same on every surface.
    #[schema(example = "not_found")]
    code: &'static str,
    /// Each fault of the request, where there can be several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<FaultBody<'_>>, required = false)]
    errors: Vec<Fault>,
    /// The task as it stands, when it has moved on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object, nullable = false)]
    current: Option<Value>,
    /// The tasks that a reference may mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    candidates: Vec<Named>,
    /// The open subtasks in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    open: Vec<Named>,
}

impl Problem {
    /// The problem that an error is to the client of one request.
    pub(crate) fn new(error: &ApiError, id: &RequestId) -> Self {
        let mut problem = Self::plain(error.status_code(), error.code(), id);
        problem.errors = error.listed().to_vec();
        match error.cause() {
            Cause::Request(ErrorCode::Internal, _) | Cause::Service(ServiceError::Store(_)) => {}
            Cause::Service(ServiceError::Refused(refused)) => {
                problem.detail = refused.to_string();
                problem.explain(refused);
            }
            cause => problem.detail = cause.to_string(),
        }
        problem
    }

    /// The problem of a refusal of which only the status is known.
    pub(crate) fn of_status(status: StatusCode, id: &RequestId) -> Self {
        let mut problem = Self::plain(status, code_of(status), id);
        if let Some(told) = told_of(status) {
            told.clone_into(&mut problem.detail);
        }
        problem
    }

    fn plain(status: StatusCode, code: ErrorCode, id: &RequestId) -> Self {
        Self {
            kind: format!("/problems/{}", code.as_str().replace('_', "-")),
            title: title_of(code),
            status: status.as_u16(),
            detail: told_of_code(code).to_owned(),
            instance: id.instance(),
            code: code.as_str(),
            errors: Vec::new(),
            current: None,
            candidates: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Adds what a rule knows beyond its message.
    fn explain(&mut self, error: &TaskError) {
        if self.errors.is_empty() {
            self.errors = faults_of(error);
        }
        match error {
            TaskError::VersionConflict { current, .. } | TaskError::UidTaken { current } => {
                self.current = as_json(current);
            }
            TaskError::Ambiguous { candidates, .. } => {
                self.candidates = candidates.iter().map(Named::from).collect();
            }
            TaskError::OpenSubtasks { open, .. } => {
                self.open = open.iter().map(Named::from).collect();
            }
            TaskError::Refused { error, .. } => self.explain(error),
            _ => {}
        }
    }
}

/// What a rule found wrong, field by field.
pub(crate) fn faults_of(error: &TaskError) -> Vec<Fault> {
    let field = |name: &str| Place::Pointer(format!("/{name}"));
    match error {
        TaskError::Validation(faults) => faults.iter().map(Fault::from).collect(),
        TaskError::Words { field: name, error } => {
            let fault = Fault::new(field(name), error.code.as_str(), error);
            vec![fault.in_part(error.at.clone())]
        }
        TaskError::StepConflict { fields, .. } => {
            let fault = |own: &Field| {
                Fault::new(field(own.as_str()), "changed_since", &"was changed since")
            };
            fields.iter().map(fault).collect()
        }
        TaskError::DueRequired(what) => {
            let message = format!("is needed for {what}");
            vec![Fault::new(field("due_date"), error.code().as_str(), &message)]
        }
        _ => Vec::new(),
    }
}

/// A task always is JSON; if it were not, the conflict is still to be told.
fn as_json(task: &Task) -> Option<Value> {
    serde_json::to_value(task).ok()
}

/// What is told of an error whose own message must stay here: it may show SQL or paths.
const fn told_of_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::StorageUnavailable => "the storage cannot be reached now; try again in a while",
        ErrorCode::StorageCorrupt => "what is stored cannot be read; nothing was changed",
        ErrorCode::VersionConflict => "the tasks have changed meanwhile; try again",
        ErrorCode::RequestInProgress => "this request is being carried out; ask again in a while",
        _ => "something went wrong here; the log names it by the id of this request",
    }
}

/// What is told of a refusal by the framework.
fn told_of(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        StatusCode::NOT_FOUND => "there is nothing at this address; /docs lists what there is",
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take this method; see Allow",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too long",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "write the body as application/json",
        StatusCode::REQUEST_TIMEOUT => "the body took too long to arrive; send it again",
        status if status.is_client_error() => "the request cannot be read",
        _ => return None,
    })
}

const fn title_of(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ValidationError => "The request is not valid",
        ErrorCode::NotFound => "Not found",
        ErrorCode::AmbiguousReference => "Several tasks fit",
        ErrorCode::VersionConflict => "Changed meanwhile",
        ErrorCode::InvalidTransition => "The status cannot become this one",
        ErrorCode::DueRequired => "A due date is needed",
        ErrorCode::UnsupportedRule => "The recurrence rule is not supported",
        ErrorCode::RuleNeverMatches => "The recurrence rule never comes true",
        ErrorCode::OpenSubtasks => "Open subtasks stand in the way",
        ErrorCode::LimitExceeded => "A limit is reached",
        ErrorCode::InvalidCursor => "The cursor is not valid",
        ErrorCode::NothingToUndo => "There is nothing to undo or redo",
        ErrorCode::ConfirmationRequired => "A confirmation is needed",
        ErrorCode::Unauthorized => "Not logged in",
        ErrorCode::Forbidden => "Not allowed",
        ErrorCode::EmailTaken => "The e-mail address is taken",
        ErrorCode::RateLimited => "Too many requests",
        ErrorCode::IdempotencyMismatch => "The idempotency key came with another request",
        ErrorCode::RequestInProgress => "The request is being carried out",
        ErrorCode::UnsupportedMediaType => "The format of the body is not supported",
        ErrorCode::PayloadTooLarge => "The body is too long",
        ErrorCode::StorageUnavailable => "The storage is not available",
        ErrorCode::StorageCorrupt => "The storage is damaged",
        _ => "Internal error",
    }
}
