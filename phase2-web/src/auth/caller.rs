//! Authority as an extractor: a handler that has a [`Caller`] in its signature is not reached
//! without one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use todo_core::event::{Actor, ActorKind};
use todo_core::{Ctx, ErrorCode, Owner, Timestamp};
use todo_store::accounts::Profile;
use uuid::Uuid;

use super::Claims;
use crate::error::Carried;
use crate::{ApiError, App};

/// Someone who may read.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) owner: Owner,
    pub(crate) actor: Actor,
    pub(crate) session: Uuid,
    pub(crate) profile: Arc<Profile>,
}

impl Caller {
    /// The context of what this caller does now.
    pub(crate) fn ctx(&self, now: Timestamp, correlation: Uuid) -> Ctx {
        Ctx {
            owner: self.owner,
            actor: self.actor,
            now,
            zone: self.profile.zone,
            week_start: self.profile.week_start,
            preferences: self.profile.preferences.clone(),
            correlation,
            causation: None,
        }
    }
}

/// Someone who may write too.
#[derive(Debug, Clone)]
pub(crate) struct CanWrite(pub(crate) Caller);

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // Found out already, by the layer that does it once a request.
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        if let Some(Carried(refused)) = parts.extensions.remove::<Carried>() {
            let code = refused.code();
            // Nobody else holds it.
            return Err(Arc::try_unwrap(refused)
                .unwrap_or_else(|refused| ApiError::new(code, refused.to_string())));
        }
        let token = bearer(&parts.headers)?;
        let now = app.clock.now();
        let claims = Claims::read(token, &app.keys, now)
            .map_err(|bad| unauthorized(Some("invalid_token"), &bad.to_string()))?;
        let owner = claims.owner();
        let live = app.sessions.live(&app.store, owner, claims.sid, now).await?;
        match live.filter(|session| session.token_version == claims.tv) {
            Some(session) => Ok(Self {
                owner,
                actor: Actor { kind: ActorKind::User, id: owner.0 },
                session: claims.sid,
                profile: session.profile,
            }),
            None => {
                Err(unauthorized(Some("invalid_token"), "this session has ended; log in again"))
            }
        }
    }
}

impl FromRequestParts<App> for CanWrite {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Caller::from_request_parts(parts, app).await.map(Self)
    }
}

/// Someone who has logged in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoggedIn {
    pub(crate) owner: Owner,
    pub(crate) session: Uuid,
}

impl FromRequestParts<App> for LoggedIn {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Caller { owner, session, .. } = Caller::from_request_parts(parts, app).await?;
        Ok(Self { owner, session })
    }
}

/// The token of `Authorization: Bearer …`, of which there must be one.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = given.next() else {
        return Err(unauthorized(None, "log in first: send the access token as a bearer token"));
    };
    let token = header.to_str().ok().and_then(|header| {
        let (scheme, token) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_matches(' '))
    });
    token.filter(|_| given.next().is_none()).ok_or_else(|| {
        unauthorized(Some("invalid_token"), "write one header: Authorization: Bearer TOKEN")
    })
}

/// A refusal to who has not shown who they are; `error` is the word of RFC 6750.
pub(crate) fn unauthorized(error: Option<&str>, message: &str) -> ApiError {
    let challenge = match error {
        Some(error) => HeaderValue::try_from(format!("Bearer realm=\"todo\", error=\"{error}\"")),
        None => Ok(HeaderValue::from_static("Bearer realm=\"todo\"")),
    };
    let challenge = challenge.unwrap_or(HeaderValue::from_static("Bearer"));
    ApiError::new(ErrorCode::Unauthorized, message).header(WWW_AUTHENTICATE, challenge)
}
