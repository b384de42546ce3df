//! What an operator's probes ask.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use todo_core::ErrorCode;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::chain::Chain;
use crate::{ApiError, App};

/// How long what was seen of the database is believed.
const BELIEVED: Duration = Duration::from_secs(1);

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(ready))
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
}

impl Health {
    const OK: Json<Self> = Json(Self { status: "ok" });
}

/// Whether the server lives.
///
/// Says nothing of the database: to start the server again would not mend that.
#[utoipa::path(
    get, path = "/health", tag = "operations", security(()),
    responses((status = 200, description = "It lives.", body = Health))
)]
async fn health() -> Json<Health> {
    Health::OK
}

/// Whether the server can be asked now.
///
/// It can when the database answers and has this version's tables, and nobody told it to stop.
#[utoipa::path(
    get, path = "/ready", tag = "operations", security(()),
    responses((status = 200, description = "Ask it.", body = Health))
)]
async fn ready(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    let unready = |message| Err(ApiError::new(ErrorCode::StorageUnavailable, message));
    if app.is_draining() {
        return unready("the server is stopping");
    }
    match app.readiness().seen(&app).await {
        Seen::Ready => Ok(Health::OK),
        Seen::Strange => unready("the tables are not those of this version; run the migration"),
        Seen::Away => unready("the database cannot be reached"),
    }
}

/// What was seen of the database.
#[derive(Debug, Clone, Copy)]
enum Seen {
    Ready,
    Strange,
    Away,
}

/// What was last seen of the database, and when: however often probes ask, it is asked once a second.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Seen)>>);

impl Readiness {
    async fn seen(&self, app: &App) -> Seen {
        // Those who ask meanwhile wait for the same answer.
        let mut last = self.0.lock().await;
        if let Some((at, seen)) = *last
            && at.elapsed() < BELIEVED
        {
            return seen;
        }
        let seen = look(app).await;
        *last = Some((Instant::now(), seen));
        seen
    }
}

async fn look(app: &App) -> Seen {
    match app.store.migrated().await {
        Ok(true) => Seen::Ready,
        Ok(false) => Seen::Strange,
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "the database cannot be reached");
            Seen::Away
        }
    }
}
