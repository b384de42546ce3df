//! What a request brings: its body, of a media type that is taken, and a digest of all that it asks
//! for.

use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use todo_core::ErrorCode;

use super::faults::Faults;
use super::form::Form;
use super::json;
use crate::ApiError;
use crate::layers::BodyMax;

/// A JSON body. None at all is an empty object: a verb needs no more than its path.
#[derive(Debug)]
pub struct Sent {
    value: Value,
    /// What makes this request another one than the last with the same `Idempotency-Key`.
    pub(crate) fingerprint: [u8; 32],
}

impl Sent {
    /// Reads the object with `read`, and answers every fault that it noted.
    pub fn read<T>(self, read: impl FnOnce(&mut Form<'_>) -> Option<T>) -> Result<T, ApiError> {
        let mut faults = Faults::default();
        let read = Form::open(self.value, String::new(), &mut faults).and_then(|mut form| {
            let read = read(&mut form);
            form.finish();
            read
        });
        if !faults.is_empty() {
            return Err(faults.into_error());
        }
        // Whoever answers nothing has noted why.
        read.ok_or_else(|| ApiError::new(ErrorCode::Internal, "the request was not understood"))
    }

    /// Refuses a body that says anything.
    pub(crate) fn nothing(self) -> Result<[u8; 32], ApiError> {
        let fingerprint = self.fingerprint;
        self.read(|_| Some(())).map(|()| fingerprint)
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        check_head(request.headers())?;
        let (parts, bytes) = whole(request).await?;
        let fingerprint = digest(&parts).chain_update(&bytes).finalize().into();
        if bytes.is_empty() {
            return Ok(Self { value: Value::Object(Map::new()), fingerprint });
        }
        let patch = parts.method == Method::PATCH;
        check_type(&parts.headers, |media| {
            media == "application/json" || (patch && media == "application/merge-patch+json")
        })?;
        Ok(Self { value: json::read(&bytes)?, fingerprint })
    }
}

/// A file that is still on its way. Its media type is one in which such files come.
#[derive(Debug)]
pub(crate) struct SentFile(Request);

impl SentFile {
    /// Waits for all of it.
    pub(crate) async fn whole(self) -> Result<File, ApiError> {
        let (parts, bytes) = whole(self.0).await?;
        Ok(File { asked: digest(&parts), bytes })
    }
}

/// A whole file.
#[derive(Debug)]
pub(crate) struct File {
    asked: Sha256,
    pub(crate) bytes: Bytes,
}

impl File {
    /// See [`Sent::fingerprint`]. It takes a while, for a long file.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.asked.clone().chain_update(&self.bytes).finalize().into()
    }
}

impl<S: Send + Sync> FromRequest<S> for SentFile {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        const TAKEN: &[&str] = &[
            "application/json",
            "application/octet-stream",
            "text/calendar",
            "text/csv",
            "text/plain",
        ];
        check_head(request.headers())?;
        check_type(request.headers(), |media| TAKEN.contains(&media))?;
        Ok(Self(request))
    }
}

/// A body comes as it is, and is of one type at most.
fn check_head(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    if !codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let message = "send the body as it is: no Content-Encoding is undone here";
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
    }
    if headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
        return Err(ApiError::malformed("say in one Content-Type what the body is"));
    }
    Ok(())
}

fn check_type(headers: &HeaderMap, taken: impl FnOnce(&str) -> bool) -> Result<(), ApiError> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = given.unwrap_or_default().split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_utf8 = parts.all(|part| {
        let part = part.to_ascii_lowercase();
        let charset = part.strip_prefix("charset=").map(|name| name.trim_matches('"').to_owned());
        charset.is_none_or(|name| name == "utf-8" || name == "us-ascii")
    });
    if taken(&media) && is_utf8 {
        return Ok(());
    }
    let message = match given {
        None => "say in Content-Type what the body is",
        Some(_) => "a body of this Content-Type is not taken here",
    };
    Err(ApiError::new(ErrorCode::UnsupportedMediaType, message))
}

/// The whole body; how long it may be is decided around the routes.
async fn whole(request: Request) -> Result<(Parts, Bytes), ApiError> {
    let (parts, body) = request.into_parts();
    let most = parts.extensions.get::<BodyMax>().copied().unwrap_or_default();
    let mut limited = Request::new(body);
    // The bound travels with the request.
    limited.extensions_mut().clone_from(&parts.extensions);
    let bytes =
        Bytes::from_request(limited, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => most.exceeded(),
            _ => ApiError::malformed("the body cannot be read to its end; send it again"),
        })?;
    Ok((parts, bytes))
}

/// A digest of all that a request asks for, but its body.
fn digest(parts: &Parts) -> Sha256 {
    let mut digest = Sha256::new();
    let query = parts.uri.query().unwrap_or_default();
    for part in [parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), query.as_bytes()] {
        // Told apart: no two requests run together into one.
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest
}
