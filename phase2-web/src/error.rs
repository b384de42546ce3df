//! Everything a request can be refused for. [`ApiError`] is the one type that handlers and
//! extractors answer with. It becomes a response without a body that carries the error; the frame
//! around the routes (`layers::frame`) knows the request, and writes the problem of it.

use std::fmt;
use std::sync::Arc;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use todo_core::service::ServiceError;
use todo_core::{ErrorCode, StoreError, TaskError};
use todo_store::accounts::AccountError;

use crate::auth::{PasswordError, unauthorized};
use crate::problem::{Fault, Place, status_of};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ApiError(Box<Refusal>);

#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
struct Refusal {
    #[source]
    cause: Cause,
    status: Option<StatusCode>,
    faults: Vec<Fault>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is behind it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The rules, or the store.
    #[error(transparent)]
    Service(ServiceError),
    /// The surface itself.
    #[error("{1}")]
    Request(ErrorCode, String),
}

impl ApiError {
    /// A refusal by the surface itself; the message is shown to the client.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::of(Cause::Request(code, message.into()))
    }

    /// What cannot be read at all: 400, where a value that breaks its field's rule is 422.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationError, message).status(StatusCode::BAD_REQUEST)
    }

    /// A query parameter that is unknown, repeated or ill-formed: 400.
    pub fn parameter(name: &str, code: &'static str, message: impl fmt::Display) -> Self {
        let place = Place::Parameter(name.to_owned());
        Self::faults(vec![Fault::new(place, code, &message)]).status(StatusCode::BAD_REQUEST)
    }

    /// Values of a body that break their fields' rules, all of them at once: 422.
    pub fn faults(faults: Vec<Fault>) -> Self {
        Self::coded(ErrorCode::ValidationError, faults)
    }

    /// Faults of a body that are all of one kind.
    pub(crate) fn coded(code: ErrorCode, faults: Vec<Fault>) -> Self {
        let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
        let mut error = Self::new(code, told.join("; "));
        error.0.faults = faults;
        error
    }

    /// With the places of what is wrong.
    #[must_use]
    pub(crate) fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// Answered with another status than the one its code has.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// With one more header in the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says that the request named the version it expects (`If-Match`): a moved version is then 412
    /// instead of 409.
    #[must_use]
    pub fn conditional(self) -> Self {
        match self.code() {
            ErrorCode::VersionConflict => self.status(StatusCode::PRECONDITION_FAILED),
            _ => self,
        }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match &self.0.cause {
            Cause::Service(error) => error.code(),
            Cause::Request(code, _) => *code,
        }
    }

    /// The status it is answered with.
    pub fn status_code(&self) -> StatusCode {
        self.0.status.unwrap_or_else(|| status_of(self.code()))
    }

    pub(crate) fn cause(&self) -> &Cause {
        &self.0.cause
    }

    pub(crate) fn listed(&self) -> &[Fault] {
        &self.0.faults
    }

    fn of(cause: Cause) -> Self {
        let refusal = Refusal { cause, status: None, faults: Vec::new(), headers: Vec::new() };
        Self(Box::new(refusal))
    }
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        Self::of(Cause::Service(error))
    }
}

impl From<TaskError> for ApiError {
    fn from(error: TaskError) -> Self {
        Self::of(Cause::Service(error.into()))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::of(Cause::Service(error.into()))
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Superseded => unauthorized(None, &error.to_string()),
            AccountError::Gone => unauthorized(Some("invalid_token"), &error.to_string()),
            error => Self::new(error.code(), error.to_string()),
        }
    }
}

/// One fault for all who waited for the same answer: the first of them gets it with its cause.
impl From<Arc<StoreError>> for ApiError {
    fn from(error: Arc<StoreError>) -> Self {
        match Arc::try_unwrap(error) {
            Ok(error) => error.into(),
            Err(shared) => Self::new(shared.code(), "the session cannot be looked up now"),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::new(ErrorCode::RateLimited, error.to_string())
                .header(RETRY_AFTER, HeaderValue::from_static("1")),
            PasswordError::Unreadable => Self::from(StoreError::Corrupt(error.into())),
            PasswordError::Failed => Self::from(StoreError::Backend(error.into())),
        }
    }
}

/// Marks a response of a protocol that has words of its own for refusals: no problem is made of it.
#[derive(Debug, Clone, Copy)]
pub struct Verbatim;

/// An error on its way to the frame.
#[derive(Debug, Clone)]
pub(crate) struct Carried(pub(crate) Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status_code().into_response();
        for (name, value) in &self.0.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use todo_core::Timestamp;

    use super::*;
    use crate::chain::Chain;
    use crate::layers::RequestId;
    use crate::problem::Problem;

    /// SPEC 7: the log says why something failed, down to what the database said; the answer does not.
    #[test]
    fn what_is_behind_a_failure_is_for_the_log() {
        let cause = std::io::Error::other("relation \"tasks\" does not exist");
        let error = ApiError::from(StoreError::Backend(cause.into()));
        let logged = Chain(&error).to_string();
        assert_eq!(logged, "the store failed: relation \"tasks\" does not exist");
        let id = RequestId::of(&HeaderMap::new(), Timestamp::from_millis(0));
        let told = serde_json::to_string(&Problem::new(&error, &id)).expect("JSON");
        assert!(told.contains("internal") && !told.contains("relation"), "{told}");
    }
}
