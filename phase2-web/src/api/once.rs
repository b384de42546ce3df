//! Answers that are kept, so that a request that comes again is answered again and not carried out
//! again.
//!
//! The answer is made inside the write's transaction and kept with it: it is there exactly if the
//! write is. A refusal writes nothing and keeps nothing; the same request may succeed later.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use todo_core::StoreError;

use crate::ApiError;

/// Longest `Idempotency-Key`.
const KEY_MAX: usize = 255;

/// Says that an answer was kept from before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The request's key, if it has one.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    if values.next().is_some() || !plain || !(1..=KEY_MAX).contains(&text.len()) {
        let what = "Idempotency-Key is given once, as 1 to 255 visible ASCII characters";
        return Err(ApiError::malformed(what));
    }
    Ok(Some(text.to_owned()))
}

/// An answer that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    status: StatusCode,
    etag: Option<String>,
    location: Option<String>,
    body: Vec<u8>,
}

/// How a kept answer begins: the version of this form.
const FORM: u8 = 1;

impl Kept {
    /// A JSON answer.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        // Every key is a text and nothing of it can fail to be written.
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { status, etag: None, location: None, body }
    }

    /// With the tag of the task that it tells of.
    pub(crate) fn with_etag(mut self, etag: String) -> Self {
        self.etag = Some(etag);
        self
    }

    /// Of something that was made, with its address.
    pub(crate) fn created(mut self, location: String) -> Self {
        self.status = StatusCode::CREATED;
        self.location = Some(location);
        self
    }

    /// As it is kept: form, status, the two headers, each with its length, and the body.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM];
        bytes.extend(self.status.as_u16().to_be_bytes());
        for text in [&self.etag, &self.location] {
            let text = text.as_deref().unwrap_or_default();
            // Both are short: numbers, and a path made of one.
            bytes.push(u8::try_from(text.len()).unwrap_or_default());
            bytes.extend(text.as_bytes());
        }
        bytes.extend(&self.body);
        bytes
    }

    /// What [`Kept::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        Self::parse(bytes).ok_or_else(|| StoreError::Corrupt("a kept answer".into()).into())
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (form, rest) = bytes.split_first()?;
        let (status, mut rest) = rest.split_at_checked(2)?;
        let status = StatusCode::from_u16(u16::from_be_bytes(status.try_into().ok()?)).ok()?;
        let mut texts = [None, None];
        for text in &mut texts {
            let (len, after) = rest.split_first()?;
            let (bytes, after) = after.split_at_checked(usize::from(*len))?;
            *text = Some(String::from_utf8(bytes.to_vec()).ok()?).filter(|text| !text.is_empty());
            rest = after;
        }
        let [etag, location] = texts;
        (*form == FORM).then(|| Self { status, etag, location, body: rest.to_vec() })
    }

    /// The answer, as one that was given before.
    pub(crate) fn replayed(self) -> Response {
        let mut response = self.into_response();
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let json = Some("application/json".to_owned());
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, json),
            (header::ETAG, self.etag),
            (header::LOCATION, self.location),
        ] {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}
