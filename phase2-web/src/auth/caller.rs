//! Authority as an extractor: a handler that has a [`Caller`] in its signature is not reached
//! without one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use todo_core::event::{Actor, ActorKind};
use todo_core::{Ctx, ErrorCode, Owner, Timestamp};
use todo_store::accounts::{By, Profile, Scope};
use uuid::Uuid;

use super::sessions::Grant;
use super::{Claims, PersonalToken};
use crate::client::ClientAddress;
use crate::error::Carried;
use crate::layers::RequestId;
use crate::{ApiError, App};

/// Someone who may read.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose tasks.
    pub owner: Owner,
    /// Who acts: the user, or a program with a token of theirs.
    pub actor: Actor,
    pub(super) proof: Proof,
    /// What the user has set.
    pub profile: Arc<Profile>,
}

/// What a caller has shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proof {
    /// An access token of a session.
    Session(SessionProof),
    /// A personal access token that may do so much.
    Token(Scope),
}

/// What an access token says of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionProof {
    pub(super) id: Uuid,
    /// Which access tokens of the user counted when it was made.
    pub(super) token_version: u64,
    /// Until when it counts.
    pub(super) until: Timestamp,
}

impl Caller {
    /// Whether they may write too.
    pub fn may_write(&self) -> bool {
        match self.proof {
            Proof::Token(Scope::Read) => false,
            Proof::Session(_) | Proof::Token(Scope::Write) => true,
        }
    }

    /// The session that was shown; nothing of a program.
    pub(crate) fn session(&self) -> Option<Uuid> {
        match &self.proof {
            Proof::Session(session) => Some(session.id),
            Proof::Token(_) => None,
        }
    }

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
        Self::by_token(token, app, parts.extensions.get().copied()).await
    }
}

impl Caller {
    /// By a token of either kind.
    pub(super) async fn by_token(
        token: &str,
        app: &App,
        from: Option<ClientAddress>,
    ) -> Result<Self, ApiError> {
        if PersonalToken::is_meant(token) {
            Self::by_personal_token(token, app, from).await
        } else {
            Self::by_access_token(token, app).await
        }
    }

    async fn by_access_token(token: &str, app: &App) -> Result<Self, ApiError> {
        let now = app.clock.now();
        let claims = Claims::read(token, &app.keys, now)
            .map_err(|bad| unauthorized(Some("invalid_token"), &bad.to_string()))?;
        let owner = claims.owner();
        let mut live = app.sessions.live(&app.store, owner, claims.sid, now).await?;
        let known = live.as_ref().map(|live| live.grant);
        if matches!(known, Some(Grant::Session { token_version }) if token_version < claims.tv) {
            // Another server made it a moment ago, and knows more than we have heard.
            app.sessions.forget(owner);
            live = app.sessions.live(&app.store, owner, claims.sid, now).await?;
        }
        match live {
            Some(live) if live.grant == Grant::Session { token_version: claims.tv } => Ok(Self {
                owner,
                actor: Actor { kind: ActorKind::User, id: owner.0 },
                proof: Proof::Session(claims.proof()),
                profile: live.profile,
            }),
            _ => Err(unauthorized(Some("invalid_token"), "this session has ended; log in again")),
        }
    }

    async fn by_personal_token(
        text: &str,
        app: &App,
        from: Option<ClientAddress>,
    ) -> Result<Self, ApiError> {
        let over = || {
            let message = "this personal access token does not count: it is not one of ours, was \
                           revoked, or has expired";
            unauthorized(Some("invalid_token"), message)
        };
        let token = PersonalToken::parse(text).ok_or_else(over)?;
        let digest = token.digest();
        let mut holder = app.sessions.known_holder(&digest).await;
        if holder.is_none() {
            // Anybody can make up tokens that look right.
            app.limits().map_or(Ok(()), |limits| limits.look_up(from))?;
            holder = app.sessions.holder(&app.store, &digest).await?;
        }
        let (owner, id) = holder.ok_or_else(over)?;
        let live = app.sessions.live_token(&app.store, owner, id, app.clock.now()).await?;
        let live = live.ok_or_else(over)?;
        let Grant::Token(scope) = live.grant else { return Err(over()) };
        Ok(Self {
            owner,
            actor: Actor { kind: ActorKind::Token, id },
            proof: Proof::Token(scope),
            profile: live.profile,
        })
    }
}

impl FromRequestParts<App> for CanWrite {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        if caller.may_write() {
            Ok(Self(caller))
        } else {
            Err(forbidden("this token may only read"))
        }
    }
}

/// Someone who has logged in, and may do with the account what they like. No program may that has a
/// personal access token: whoever finds one must not be able to make himself others.
#[derive(Debug, Clone, Copy)]
pub struct LoggedIn {
    /// Who.
    pub owner: Owner,
    pub(crate) session: Uuid,
    /// Where the request came from.
    pub(crate) address: Option<ClientAddress>,
    /// Ties together all that the request sets off.
    pub(crate) correlation: Uuid,
}

impl LoggedIn {
    /// As the one by whom something is done to the account.
    pub fn by(&self, now: Timestamp) -> By {
        let address = self.address.map(|ClientAddress(address)| address.to_string());
        By { session: Some(self.session), address, ..By::user(now, self.correlation) }
    }
}

impl FromRequestParts<App> for LoggedIn {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Caller { owner, proof, .. } = Caller::from_request_parts(parts, app).await?;
        match proof {
            Proof::Session(session) => {
                let (address, correlation) =
                    (parts.extensions.get().copied(), RequestId::correlated(parts, app));
                Ok(Self { owner, session: session.id, address, correlation })
            }
            Proof::Token(_) => Err(forbidden("a personal access token cannot do this; log in")),
        }
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

/// A refusal to a token that may not do this (RFC 6750).
fn forbidden(message: &str) -> ApiError {
    let challenge = HeaderValue::from_static("Bearer realm=\"todo\", error=\"insufficient_scope\"");
    ApiError::new(ErrorCode::Forbidden, message).header(WWW_AUTHENTICATE, challenge)
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
