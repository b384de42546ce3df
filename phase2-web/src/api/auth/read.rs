//! What is read of a request beside its meaning: who asks, the form of the body, preconditions.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::header::{CONTENT_TYPE, IF_MATCH, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use todo_core::ErrorCode;

use crate::ApiError;
use crate::auth::{Device, RefreshCookie};

/// Longest name of a device that is kept, in characters.
const USER_AGENT_MAX: usize = 200;

/// Who asks, as far as a log-in cares.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) device: Device,
    pub(super) cookie: RefreshCookie,
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let device = Device {
            user_agent: user_agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            address: address.map(|peer| peer.0.ip().to_string()),
        };
        Ok(Self { device, cookie: RefreshCookie::of(parts) })
    }
}

/// A body of `application/json`.
pub(super) struct Json<T>(pub(super) T);

/// A body of `application/merge-patch+json`, or of `application/json`.
pub(super) struct MergePatch<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        read(request, state, &["application/json"]).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Json<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(None);
        }
        read(request, state, &["application/json"]).await.map(Self).map(Some)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for MergePatch<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let forms = ["application/merge-patch+json", "application/json"];
        read(request, state, &forms).await.map(Self)
    }
}

async fn read<S: Send + Sync, T: DeserializeOwned>(
    request: Request,
    state: &S,
    forms: &[&str],
) -> Result<T, ApiError> {
    if !forms.iter().any(|form| is_of(request.headers(), form)) {
        let message = format!("write the body as {}", forms.join(" or "));
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
    }
    let body = Bytes::from_request(request, state).await;
    let body = body.map_err(|_| ApiError::new(ErrorCode::PayloadTooLarge, "the body is too long"))?;
    // Given an array, serde would take its items for the members in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::malformed("write the body as a JSON object"));
    }
    // The message of the parser names fields and places; of values it would repeat secrets.
    serde_json::from_slice(&body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ApiError::malformed(what_is_wrong(&error)),
        _ => ApiError::malformed(format!(
            "the body is not JSON: look at line {}, column {}",
            error.line(),
            error.column()
        )),
    })
}

/// The parser's own words where they speak of names; where they would repeat a value, the place.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let of_names = ["unknown field", "missing field", "duplicate field"];
    if of_names.iter().any(|start| told.starts_with(start)) {
        return told;
    }
    let (line, column) = (error.line(), error.column());
    format!("a member of the body is of the wrong type: look at line {line}, column {column}")
}

fn is_of(headers: &HeaderMap, form: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|given| given.to_str().ok());
    let given = given.and_then(|given| given.split(';').next()).map(str::trim);
    given.is_some_and(|given| given.eq_ignore_ascii_case(form))
}

/// The tag of a profile's version.
pub(super) fn tag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"me-{version}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The versions that `If-Match` names; nothing if it is not there, or takes any. A weak tag names
/// none (RFC 9110).
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<Vec<u64>>, ApiError> {
    let wrong = || ApiError::malformed("If-Match is a list of entity tags in quotes, or *");
    let mut versions = None;
    for header in headers.get_all(IF_MATCH) {
        let text = header.to_str().map_err(|_| wrong())?;
        if text.trim() == "*" {
            return Ok(None);
        }
        let versions = versions.get_or_insert_with(Vec::new);
        for given in text.split(',').map(str::trim) {
            let strong = given.strip_prefix("W/").unwrap_or(given);
            let inner = strong.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let version = inner.ok_or_else(wrong)?.strip_prefix("me-");
            versions.extend(version.filter(|_| strong == given).and_then(|v| v.parse::<u64>().ok()));
        }
    }
    Ok(versions)
}
