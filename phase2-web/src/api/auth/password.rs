//! Changing a password.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Session;
use super::schema;
use crate::api::form::{Form, string, text};
use crate::api::params::NoParams;
use crate::api::refusals::{Invalid, Malformed, NotByToken, WrongProof};
use crate::api::sent::Sent;
use crate::auth::{LoggedIn, Password};
use crate::{ApiError, App};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(change_password))
}

/// Changes the password, and ends every other session.
///
/// The session that asks goes on: its refresh token stays good, and it is answered an access token
/// for the one that it sent, which is over. Personal access tokens stay good.
#[utoipa::path(
    post,
    path = "/api/auth/password",
    tag = "accounts",
    request_body = schema::ChangePassword,
    responses(
        (status = 200, description = "Changed.", body = Session),
        Malformed, WrongProof, NotByToken, Invalid,
    ),
)]
async fn change_password(
    State(app): State<App>,
    by: LoggedIn,
    _: NoParams,
    sent: Sent,
) -> Result<Json<Session>, ApiError> {
    let (current, new) = sent.read(read)?;
    let access = app.change_password(by, current, new).await?;
    Ok(Json(Session::going_on(access)))
}

/// What cannot be a password is a wrong one, and no fault of form; but not as the new one.
fn read(form: &mut Form<'_>) -> Option<(Option<Password>, Password)> {
    let current = form.required("current_password", |value| Ok(Password::new(string(value)?).ok()));
    let new = form.required("new_password", text(Password::new));
    Some((current?, new?))
}
