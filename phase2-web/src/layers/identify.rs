//! Who is asking, found out once a request: for the limits, for the log, and for the handler.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use todo_core::Owner;

use crate::App;
use crate::auth::Caller;

/// Whose request it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User(pub(crate) Owner);

/// A request with a good token carries its [`Caller`] from here on, and its answer the [`User`]. One
/// with a bad token is a stranger's: a handler that needs a caller refuses it.
pub(super) async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    if !request.headers().contains_key(AUTHORIZATION) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = Caller::from_request_parts(&mut parts, &app).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let user = User(caller.owner);
    parts.extensions.insert(user);
    parts.extensions.insert(caller);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    response.extensions_mut().insert(user);
    response
}
