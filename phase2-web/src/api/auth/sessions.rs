//! Where somebody is logged in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use todo_store::accounts::Device;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::which::Which;
use crate::api::params::NoParams;
use crate::api::refusals::{Invalid, Malformed, NoSuchId, NotByToken};
use crate::api::sent::Sent;
use crate::auth::LoggedIn;
use crate::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, end_others)).routes(routes!(end))
}

#[derive(Serialize, ToSchema)]
struct Sessions {
    #[schema(max_items = 200)]
    sessions: Vec<Listed>,
}

/// A log-in on one device.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedSession)]
struct Listed {
    id: Uuid,
    /// What the device called itself.
    #[schema(required)]
    user_agent: Option<String>,
    /// Where it logged in from.
    #[schema(required)]
    address: Option<String>,
    #[schema(format = "date-time")]
    created_at: String,
    /// When it was refreshed last.
    #[schema(format = "date-time")]
    last_used_at: String,
    /// Until when it can be refreshed.
    #[schema(format = "date-time")]
    expires_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl Listed {
    fn new(device: Device, current: Uuid) -> Self {
        Self {
            id: device.session,
            user_agent: device.user_agent,
            address: device.address,
            created_at: device.created_at.to_string(),
            last_used_at: device.last_used_at.to_string(),
            expires_at: device.expires_at.to_string(),
            current: device.session == current,
        }
    }
}

/// Where the caller is logged in: the 200 sessions that were used last, the last first.
#[utoipa::path(
    get,
    path = "/api/auth/sessions",
    tag = "accounts",
    operation_id = "list_sessions",
    responses((status = 200, description = "The sessions.", body = Sessions), Malformed, NotByToken),
)]
async fn list(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
) -> Result<Json<Sessions>, ApiError> {
    let devices = app.store.devices(by.owner, app.clock.now()).await?;
    let sessions = devices.into_iter().map(|device| Listed::new(device, by.session)).collect();
    Ok(Json(Sessions { sessions }))
}

/// Ends every session but the one that asks.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions",
    tag = "accounts",
    operation_id = "end_other_sessions",
    responses((status = 204, description = "There is no other any more."), Malformed, NotByToken, Invalid),
)]
async fn end_others(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
    sent: Sent,
) -> Result<StatusCode, ApiError> {
    sent.nothing()?;
    app.end_other_sessions(by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a session: neither its access token nor its refresh token counts any more.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions/{id}",
    tag = "accounts",
    operation_id = "end_session",
    params(("id" = Uuid, Path, description = "Which.")),
    responses((status = 204, description = "It is over."), Malformed, NotByToken, NoSuchId, Invalid),
)]
async fn end(
    State(app): State<App>,
    by: LoggedIn,
    Which(session): Which,
    _: NoParams,
    sent: Sent,
) -> Result<StatusCode, ApiError> {
    sent.nothing()?;
    app.end_session(by, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
