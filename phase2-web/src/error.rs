//! Everything a request can be refused for. [`ApiError`] is the one type that handlers and
//! extractors answer with, and this is the one place that makes a response of it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use todo_core::service::ServiceError;
use todo_core::{ErrorCode, StoreError, TaskError};

use crate::faults::Faults;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// By the rules, or by the store.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// What it asks with cannot be read, or breaks a rule.
    #[error(transparent)]
    Faulty(#[from] Faults),
    /// By the surface itself.
    #[error("{1}")]
    Request(ErrorCode, String),
}

impl ApiError {
    /// A refusal by the surface itself.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Request(code, message.into())
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Service(error) => error.code(),
            Self::Faulty(faults) => faults.code(),
            Self::Request(code, _) => *code,
        }
    }
}

impl From<TaskError> for ApiError {
    fn from(error: TaskError) -> Self {
        Self::Service(error.into())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.code().as_str()).into_response()
    }
}
