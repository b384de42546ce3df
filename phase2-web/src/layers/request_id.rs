//! The id of a request: what its answer, its problem and its line in the log are known by.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use todo_core::Timestamp;
use uuid::Uuid;

use crate::App;
use crate::edge::fresh_id;

/// Where a client gives it, and where it is answered.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken from a client.
const LONGEST: usize = 128;

/// The namespace of correlation ids that are made of other ids.
const DERIVED: Uuid = Uuid::from_u128(0x8f0b_2c52_7a59_5a0e_9d0c_3e3e_6a6f_6d11);

/// The id of a request: the client's where it gave a well-formed one, else a fresh one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId {
    header: HeaderValue,
    uuid: Option<Uuid>,
}

impl RequestId {
    /// The one that a request's headers give, or one of this moment.
    pub(crate) fn of(headers: &HeaderMap, now: Timestamp) -> Self {
        Self::given(headers).unwrap_or_else(|| Self::fresh(now))
    }

    fn given(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(REQUEST_ID)?;
        let text = header.to_str().ok()?;
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(known);
        fits.then(|| Self { header: header.clone(), uuid: Uuid::try_parse(text).ok() })
    }

    fn fresh(now: Timestamp) -> Self {
        let id = fresh_id(now);
        let mut text = Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut text);
        let header = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("-"));
        Self { header, uuid: Some(id) }
    }

    /// What events that come of the request are tied to it by: itself if it is a UUID, else one
    /// derived of it.
    pub fn correlation(&self) -> Uuid {
        self.uuid.unwrap_or_else(|| Uuid::new_v5(&DERIVED, self.header.as_bytes()))
    }

    /// What events that come of a request are tied to it by.
    pub(crate) fn correlated(parts: &Parts, app: &App) -> Uuid {
        let id = parts.extensions.get::<Self>();
        id.map_or_else(|| fresh_id(app.clock.now()), Self::correlation)
    }

    /// As a header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// As a text.
    pub(crate) fn as_str(&self) -> &str {
        self.header.to_str().unwrap_or_default()
    }

    /// As the `instance` of a problem: a URI where it is a UUID, else as it was given.
    pub(crate) fn instance(&self) -> String {
        match self.uuid {
            Some(uuid) => uuid.urn().to_string(),
            None => self.as_str().to_owned(),
        }
    }
}
