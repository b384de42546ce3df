//! Personal access tokens.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use todo_core::Timestamp;
use todo_store::accounts::{Profile, Scope, Token};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::schema;
use super::which::Which;
use crate::api::faults::Trouble;
use crate::api::form::{Form, Read, string, text, word};
use crate::api::params::NoParams;
use crate::api::refusals::{Invalid, Malformed, NoSuchId, NotByToken};
use crate::api::sent::Sent;
use crate::auth::{LoggedIn, Wanted};
use crate::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, make)).routes(routes!(revoke))
}

#[derive(Serialize, ToSchema)]
struct Tokens {
    #[schema(max_items = 50)]
    tokens: Vec<Listed>,
}

/// What is known of a personal access token.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedToken)]
struct Listed {
    id: Uuid,
    name: String,
    #[schema(value_type = schema::TokenScope, inline)]
    scope: &'static str,
    #[schema(format = "date-time")]
    created_at: String,
    /// When it was used last, to some two minutes.
    #[schema(required, format = "date-time")]
    last_used_at: Option<String>,
    /// Until when it counts; for ever if this is null.
    #[schema(required, format = "date-time")]
    expires_at: Option<String>,
}

/// A personal access token that was made just now.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeToken)]
struct Made {
    #[serde(flatten)]
    listed: Listed,
    /// To be sent with each request: `Authorization: Bearer …`. It is shown here and never again.
    #[schema(pattern = "^todo_pat_[0-9a-f]{72}$")]
    token: String,
}

impl From<Token> for Listed {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scope: token.scope.as_str(),
            created_at: token.created_at.to_string(),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
            expires_at: token.expires_at.map(|at| at.to_string()),
        }
    }
}

/// The personal access tokens of the caller, the newest first.
#[utoipa::path(
    get,
    path = "/api/auth/tokens",
    tag = "accounts",
    operation_id = "list_tokens",
    responses((status = 200, description = "The tokens.", body = Tokens), Malformed, NotByToken),
)]
async fn list(State(app): State<App>, by: LoggedIn, _: NoParams) -> Result<Json<Tokens>, ApiError> {
    let tokens = app.store.tokens(by.owner).await?.into_iter().map(Listed::from).collect();
    Ok(Json(Tokens { tokens }))
}

/// Makes a personal access token, for a program.
///
/// With the scope `read` it reads what the caller may read; with `write` it does everything that the
/// caller may do, but with the account: its password, sessions, tokens and profile.
#[utoipa::path(
    post,
    path = "/api/auth/tokens",
    tag = "accounts",
    operation_id = "make_token",
    request_body = schema::MakeToken,
    responses(
        (status = 201, description = "Made; this is the only time that it is shown.", body = Made),
        Malformed, NotByToken, Invalid,
    ),
)]
async fn make(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
    sent: Sent,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let now = app.clock.now();
    let wanted = sent.read(|form| read(form, now))?;
    let (token, secret) = app.make_token(by, wanted, now).await?;
    Ok((StatusCode::CREATED, Json(Made { listed: token.into(), token: secret.text() })))
}

/// Revokes a personal access token.
#[utoipa::path(
    delete,
    path = "/api/auth/tokens/{id}",
    tag = "accounts",
    operation_id = "revoke_token",
    params(("id" = Uuid, Path, description = "Which.")),
    responses((status = 204, description = "It counts no more."), Malformed, NotByToken, NoSuchId, Invalid),
)]
async fn revoke(
    State(app): State<App>,
    by: LoggedIn,
    Which(token): Which,
    _: NoParams,
    sent: Sent,
) -> Result<StatusCode, ApiError> {
    sent.nothing()?;
    app.revoke_token(by, token).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read(form: &mut Form<'_>, now: Timestamp) -> Option<Wanted> {
    let name = form.required("name", text(Profile::checked_name));
    let scope = form.required("scope", word::<Scope>);
    let expires_at = form.optional("expires_at", |value| later(string(value)?.parse()?, now));
    Some(Wanted { name: name?, scope: scope?, expires_at })
}

/// What is over before it begins was meant otherwise.
fn later(at: Timestamp, now: Timestamp) -> Read<Timestamp> {
    if at > now { Ok(at) } else { Err(Trouble::new("past", "is past; say a time to come")) }
}
