//! Leaving for good.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asker::Asker;
use super::{schema, set_cookie};
use crate::api::form::string;
use crate::api::refusals::{Invalid, Malformed, NotByToken, WrongProof};
use crate::api::sent::Sent;
use crate::auth::{LoggedIn, Password};
use crate::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(delete_me))
}

/// Deletes the account and everything of it, for good.
///
/// Every session is over, and every token. Nothing is left but the event `user.deleted`, which has the
/// account's id and nothing else of it. Backups that the operator made before still hold the rest.
#[utoipa::path(
    delete,
    path = "/api/auth/me",
    tag = "accounts",
    request_body = schema::Leave,
    responses(
        (status = 204, description = "There is nothing of it any more."),
        Malformed, WrongProof, NotByToken, Invalid,
    ),
)]
async fn delete_me(
    State(app): State<App>,
    by: LoggedIn,
    asker: Asker,
    sent: Sent,
) -> Result<Response, ApiError> {
    // What cannot be a password is a wrong one, and no fault of form.
    let password = sent
        .read(|form| form.required("password", |value| Ok(Password::new(string(value)?).ok())))?;
    app.delete_account(by, password).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, asker.cookie.clear());
    Ok(response)
}
