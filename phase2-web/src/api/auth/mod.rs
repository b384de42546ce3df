//! Accounts: making one, logging in, staying so, leaving, what one prefers, and who else may come in.

mod asker;
mod body;
mod export;
mod leaving;
mod password;
mod recover;
mod schema;
mod sessions;
mod tokens;
mod which;

use axum::extract::State;
use axum::http::header::{ETAG, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::asker::{Asker, expected, tag};
use self::body::{Account, Login, Refresh, Register, Session, new_address, profile_patch};
use super::desk::is_known;
use super::params::NoParams;
use super::refusals::{
    Closed, ElseWhere, Invalid, Malformed, NoSession, NotByToken, ProfileMoved, Taken, WrongProof,
};
use super::sent::Sent;
use crate::auth::{
    Caller, Changed, LoggedIn, RefreshCookie, RefreshToken, Tokens, unauthorized, wrong_credentials,
};
use crate::{ApiError, App};

/// The routes of accounts.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(me, change_me))
        .merge(export::routes())
        .merge(leaving::routes())
        .merge(password::routes())
        .merge(recover::routes())
        .merge(sessions::routes())
        .merge(tokens::routes())
}

/// Makes an account and logs in.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    tag = "accounts",
    security(()),
    request_body = schema::Register,
    responses(
        (status = 201, description = "Made, and logged in.", body = Session),
        Malformed, Closed, Taken, Invalid,
    ),
)]
async fn register(asker: Asker, sent: Sent) -> Result<Response, ApiError> {
    let Asker { app, device, cookie } = asker;
    let Register { email, password, profile, invitation, cookie: wanted } =
        sent.read(Register::read)?;
    let invitation = invitation.as_deref();
    let (user, tokens) = app.register(email, password, profile, invitation, device).await?;
    let cookie = wanted.then_some(&cookie);
    Ok((StatusCode::CREATED, session(tokens, cookie, Some(user.into()))).into_response())
}

/// Logs in.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "accounts",
    security(()),
    request_body = schema::Login,
    responses(
        (status = 200, description = "Logged in.", body = Session),
        Malformed, WrongProof, Invalid,
    ),
)]
async fn login(asker: Asker, sent: Sent) -> Result<Response, ApiError> {
    let Asker { app, device, cookie } = asker;
    let Login { proof, cookie: wanted } = sent.read(Login::read)?;
    let (email, password) = proof.ok_or_else(wrong_credentials)?;
    let tokens = app.log_in(&email, password, device).await?;
    Ok(session(tokens, wanted.then_some(&cookie), None))
}

/// Gets the next two tokens for a refresh token.
///
/// A refresh token is good once. Sent again within half a minute it gets the token that counts by
/// then; later it ends its session.
#[utoipa::path(
    post,
    path = "/api/auth/refresh",
    tag = "accounts",
    security(()),
    request_body(content = Option<schema::Refresh>),
    responses(
        (status = 200, description = "The next two tokens.", body = Session),
        Malformed, WrongProof, ElseWhere, Invalid,
    ),
)]
async fn refresh(asker: Asker, sent: Sent) -> Result<Response, ApiError> {
    let Asker { app, device, cookie } = asker;
    let Some((token, from_cookie)) = token(sent, &cookie)? else {
        return Err(unauthorized(None, "send the refresh token as refresh_token"));
    };
    let tokens = app.refresh(token, device).await?;
    Ok(session(tokens, from_cookie.then_some(&cookie), None))
}

/// Logs out: ends the session of the access token, of the refresh token, or of both.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    tag = "accounts",
    request_body(content = Option<schema::Refresh>),
    responses(
        (status = 204, description = "The session is over."),
        Malformed, NoSession, Invalid,
    ),
)]
async fn logout(
    asker: Asker,
    by: Result<LoggedIn, ApiError>,
    sent: Sent,
) -> Result<Response, ApiError> {
    let Asker { app, device, cookie } = asker;
    let token = token(sent, &cookie)?;
    if let Some((token, _)) = &token {
        app.log_out_by(token, device).await?;
    }
    match by {
        Ok(by) => {
            app.log_out(by, by.session).await?;
        }
        // An access token that has expired is no reason to stay logged in.
        Err(_) if token.is_some() => {}
        Err(refused) => return Err(refused),
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, cookie.clear());
    Ok(response)
}

/// The account of the caller.
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "accounts",
    params(("If-None-Match" = Option<String>, Header, description = "What the caller has already.")),
    responses(
        (status = 200, description = "The account.", body = Account, headers(("ETag" = String, description = "Names this version of the profile."))),
        (status = 304, description = "The caller has it already."),
        Malformed,
    ),
)]
async fn me(
    State(app): State<App>,
    caller: Caller,
    _: NoParams,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let account = Account::from(app.store.user(caller.owner).await?);
    let tag = tag(account.version);
    if is_known(&headers, &tag)? {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(([(ETAG, tag)], axum::Json(account)).into_response())
}

/// Changes what the caller prefers, or their address.
///
/// Another address needs `current_password`. Where the server sends mail, it counts when the link is
/// followed that is sent to it, within 24 hours: the answer is 202, and the address in it still the
/// old one. Whether the address has an account already is told nobody but who reads there.
#[utoipa::path(
    patch,
    path = "/api/auth/me",
    tag = "accounts",
    params(("If-Match" = Option<String>, Header, description = "The versions of the profile that this may change.")),
    request_body(content((schema::ProfileChanges = "application/merge-patch+json"), (schema::ProfileChanges = "application/json"))),
    responses(
        (status = 200, description = "The account as it is now.", body = Account, headers(("ETag" = String, description = "Names this version of the profile."))),
        (status = 202, description = "The account as it is now; the new address was sent a link.", body = Account, headers(("ETag" = String, description = "Names this version of the profile."))),
        Malformed, WrongProof, NotByToken, Taken, ProfileMoved, Invalid,
    ),
)]
async fn change_me(
    by: LoggedIn,
    asker: Asker,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, ApiError> {
    let expected = expected(&headers)?;
    let change = sent.read(|form| {
        let address = new_address(form);
        Some((profile_patch(form), address))
    })?;
    let changed = asker.app.change_account(by, change, expected).await;
    let Changed { user, to_confirm } = changed.map_err(ApiError::conditional)?;
    let status = if to_confirm { StatusCode::ACCEPTED } else { StatusCode::OK };
    let account = Account::from(user);
    Ok((status, [(ETAG, tag(account.version))], axum::Json(account)).into_response())
}

/// The refresh token of a request, and whether a cookie held it.
fn token(sent: Sent, cookie: &RefreshCookie) -> Result<Option<(RefreshToken, bool)>, ApiError> {
    match sent.read(|form| Some(Refresh::read(form)))? {
        Refresh::Token(token) => Ok(Some((token, false))),
        Refresh::Nothing => Ok(cookie.token()?.map(|token| (token, true))),
        Refresh::Strange => {
            Err(unauthorized(Some("invalid_token"), "this is no refresh token of ours"))
        }
    }
}

fn session(tokens: Tokens, cookie: Option<&RefreshCookie>, user: Option<Account>) -> Response {
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
