//! Accounts: making one, logging in, staying so, leaving, and what one prefers.

mod body;
mod read;

use axum::extract::State;
use axum::http::header::{ETAG, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use todo_store::accounts::Email;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::{Login, Me, MePatch, Refresh, Register, Session};
use self::read::{Asker, Json, MergePatch, expected};
use crate::auth::{
    Caller, CanWrite, Password, RefreshCookie, RefreshToken, Tokens, unauthorized,
    wrong_credentials,
};
use crate::problem::Problem;
use crate::{ApiError, App};

/// The routes of accounts.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me, change_me))
}

/// Make an account and log in.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "accounts", security(()),
    request_body = Register,
    responses(
        (status = 201, description = "Made, and logged in", body = Session),
        (status = 400, description = "Cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "No registrations here", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The address has an account", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value breaks its rule", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn register(
    State(app): State<App>,
    asker: Asker,
    Json(body): Json<Register>,
) -> Result<Response, ApiError> {
    let cookie = body.cookie.then_some(&asker.cookie);
    let (email, password, profile) = body.checked()?;
    let (user, tokens) = app.register(email, password, profile, asker.device).await?;
    Ok((StatusCode::CREATED, session(tokens, cookie, Some(user.into()))).into_response())
}

/// Log in.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "accounts", security(()),
    request_body = Login,
    responses(
        (status = 200, description = "Logged in", body = Session),
        (status = 400, description = "Cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No such account, or another password", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn login(
    State(app): State<App>,
    asker: Asker,
    Json(body): Json<Login>,
) -> Result<Response, ApiError> {
    // What cannot be an address or a password is the password of no account.
    let email = Email::new(&body.email.0).map_err(|_| wrong_credentials())?;
    let password = Password::new(&body.password.0).map_err(|_| wrong_credentials())?;
    let tokens = app.log_in(&email, password, asker.device).await?;
    Ok(session(tokens, body.cookie.then_some(&asker.cookie), None))
}

/// Get the next two tokens for a refresh token.
///
/// A refresh token is good once. Sent again within half a minute it gets the token that counts by
/// then; later it ends its session.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "accounts", security(()),
    request_body = Option<Refresh>,
    responses(
        (status = 200, description = "The next two tokens", body = Session),
        (status = 400, description = "Cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The session is over", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The cookie came from elsewhere", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn refresh(
    State(app): State<App>,
    asker: Asker,
    body: Option<Json<Refresh>>,
) -> Result<Response, ApiError> {
    let Some((token, from_cookie)) = token(body, &asker.cookie)? else {
        return Err(unauthorized(None, "send the refresh token as refresh_token"));
    };
    let tokens = app.refresh(&token).await?;
    Ok(session(tokens, from_cookie.then_some(&asker.cookie), None))
}

/// Log out: end the session of the access token, of the refresh token, or of both.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "accounts",
    request_body = Option<Refresh>,
    responses(
        (status = 204, description = "The session is over"),
        (status = 400, description = "Cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token that counts", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The cookie came from elsewhere", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn logout(
    State(app): State<App>,
    caller: Result<Caller, ApiError>,
    asker: Asker,
    body: Option<Json<Refresh>>,
) -> Result<Response, ApiError> {
    let token = token(body, &asker.cookie)?;
    if let Some((token, _)) = &token {
        app.log_out_by(token).await?;
    }
    match caller {
        Ok(caller) => app.log_out(caller.owner, caller.session).await?,
        // An access token that has expired is no reason to stay logged in.
        Err(_) if token.is_some() => {}
        Err(refused) => return Err(refused),
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, asker.cookie.clear());
    Ok(response)
}

/// The account of the caller.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "accounts",
    responses(
        (status = 200, description = "The account", body = Me, headers(("ETag" = String, description = "The version of the profile"))),
    )
)]
async fn me(State(app): State<App>, caller: Caller) -> Result<Response, ApiError> {
    Ok(account(app.store.user(caller.owner).await?.into()))
}

/// Change what the caller prefers.
#[utoipa::path(
    patch, path = "/api/auth/me", tag = "accounts",
    params(("If-Match" = Option<String>, Header, description = "The versions of the profile that this may change")),
    request_body(content((MePatch = "application/merge-patch+json"), (MePatch = "application/json"))),
    responses(
        (status = 200, description = "The account as it is now", body = Me, headers(("ETag" = String, description = "The version of the profile"))),
        (status = 400, description = "Cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "The profile has another version", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value breaks its rule", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn change_me(
    State(app): State<App>,
    CanWrite(caller): CanWrite,
    headers: HeaderMap,
    MergePatch(body): MergePatch<MePatch>,
) -> Result<Response, ApiError> {
    let expected = expected(&headers)?;
    let patch = body.checked()?;
    let now = app.clock.now();
    let changed = app.store.change_profile(caller.owner, &patch, expected.as_deref(), now).await;
    // What it was is out of date, whoever changed it.
    app.sessions.forget(caller.owner, caller.session).await;
    let user = changed.map_err(|error| ApiError::from(error).conditional())?;
    Ok(account(user.into()))
}

/// The refresh token of a request, and whether a cookie held it.
fn token(
    body: Option<Json<Refresh>>,
    cookie: &RefreshCookie,
) -> Result<Option<(RefreshToken, bool)>, ApiError> {
    match body.and_then(|Json(body)| body.refresh_token) {
        Some(text) => match RefreshToken::parse(&text.0) {
            Some(token) => Ok(Some((token, false))),
            None => Err(unauthorized(Some("invalid_token"), "this is no refresh token of ours")),
        },
        None => Ok(cookie.token()?.map(|token| (token, true))),
    }
}

fn session(tokens: Tokens, cookie: Option<&RefreshCookie>, user: Option<Me>) -> Response {
    let header = cookie.and_then(|cookie| cookie.set(&tokens.refresh));
    let body = Session::new(tokens, header.is_some(), user);
    let mut response = axum::Json(body).into_response();
    set_cookie(&mut response, header);
    response
}

fn set_cookie(response: &mut Response, header: Option<HeaderValue>) {
    if let Some(header) = header {
        response.headers_mut().insert(SET_COOKIE, header);
    }
}

fn account(me: Me) -> Response {
    let tag = read::tag(me.version());
    ([(ETAG, tag)], axum::Json(me)).into_response()
}
