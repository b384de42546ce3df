//! Coming back after a password was forgotten, and confirming an address: by links that are mailed.

use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asker::Asker;
use super::schema;
use crate::api::form::{Form, string, text};
use crate::api::refusals::{Invalid, Malformed, Taken, WrongProof};
use crate::api::sent::Sent;
use crate::auth::Password;
use crate::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(forgot)).routes(routes!(reset)).routes(routes!(confirm))
}

/// Has a link to a new password sent to an address.
///
/// The answer is always the same: nobody learns here whether the address has an account, or whether
/// the server sends mail. No more than three mails at once go to one address, and one each ten minutes,
/// by each server.
#[utoipa::path(
    post,
    path = "/api/auth/forgot",
    tag = "accounts",
    operation_id = "forgot_password",
    security(()),
    request_body = schema::Forgot,
    responses(
        (status = 202, description = "If the address has an account, it is sent a link."),
        Malformed, Invalid,
    ),
)]
async fn forgot(asker: Asker, sent: Sent) -> Result<StatusCode, ApiError> {
    let email = sent.read(|form| form.required("email", text(todo_store::accounts::Email::new)))?;
    asker.app.forgot(email);
    Ok(StatusCode::ACCEPTED)
}

/// Sets another password for whoever has followed the link to it, within 30 minutes and once.
///
/// Every session of the account is over, and its personal access tokens and the address of its
/// calendar are revoked: log in anew.
#[utoipa::path(
    post,
    path = "/api/auth/reset",
    tag = "accounts",
    operation_id = "reset_password",
    security(()),
    request_body = schema::Reset,
    responses(
        (status = 204, description = "Changed."),
        Malformed, WrongProof, Invalid,
    ),
)]
async fn reset(asker: Asker, sent: Sent) -> Result<StatusCode, ApiError> {
    let (token, password) = sent.read(|form| {
        let (token, password) = (token(form), form.required("password", text(Password::new)));
        Some((token?, password?))
    })?;
    asker.app.reset(&token, password, asker.device).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the address where the link was read that of the account. The old one is told.
#[utoipa::path(
    post,
    path = "/api/auth/confirm-email",
    tag = "accounts",
    operation_id = "confirm_email",
    security(()),
    request_body = schema::ConfirmEmail,
    responses(
        (status = 204, description = "Changed."),
        Malformed, WrongProof, Taken, Invalid,
    ),
)]
async fn confirm(asker: Asker, sent: Sent) -> Result<StatusCode, ApiError> {
    let token = sent.read(token)?;
    asker.app.confirm_email(&token, asker.device).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn token(form: &mut Form<'_>) -> Option<String> {
    form.required("token", |value| Ok(string(value)?.to_owned()))
}
