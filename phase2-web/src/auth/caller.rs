//! Authority as an extractor: a handler that has a [`Caller`] in its signature is not reached
//! without one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use todo_core::event::Actor;
use todo_core::{Ctx, ErrorCode, Owner, Timestamp};
use todo_store::accounts::Profile;
use uuid::Uuid;

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
    async fn from_request_parts(_parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        Err(ApiError::new(ErrorCode::Unauthorized, "log in first"))
    }
}

impl FromRequestParts<App> for CanWrite {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Caller::from_request_parts(parts, app).await.map(Self)
    }
}
