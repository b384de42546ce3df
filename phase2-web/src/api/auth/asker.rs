//! Who asks to log in, and the tag of what a profile is like.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;

use crate::api::etag::Tags;
use crate::api::params::NoParams;
use crate::auth::{Device, RefreshCookie};
use crate::layers::RequestId;
use crate::{ApiError, App};

/// Longest name of a device that is kept, in characters.
const USER_AGENT_MAX: usize = 200;

/// Who asks, as far as a log-in cares, and whom. There is no parameter to ask with.
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) app: App,
    pub(super) device: Device,
    pub(super) cookie: RefreshCookie,
}

impl FromRequestParts<App> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        NoParams::from_request_parts(parts, app).await?;
        let user_agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let device = Device {
            user_agent: user_agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect()),
            address: parts.extensions.get().copied(),
            correlation: RequestId::correlated(parts, app),
        };
        Ok(Self { app: app.clone(), device, cookie: RefreshCookie::of(parts, app.front()) })
    }
}

/// The tag of a profile's version.
pub(super) fn tag(version: u64) -> String {
    format!("\"me-{version}\"")
}

/// The versions that `If-Match` names; nothing if it is not there, or takes any.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<Vec<u64>>, ApiError> {
    let tags = Tags::if_match(headers)?;
    let named = tags.as_ref().and_then(Tags::strong);
    let version = |tag: &str| tag.strip_prefix("\"me-")?.strip_suffix('"')?.parse().ok();
    Ok(named.map(|tags| tags.into_iter().filter_map(version).collect()))
}
