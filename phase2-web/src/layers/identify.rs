//! Who is asking, found out once a request: for the limits, for the log, and for the handler.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use todo_core::Owner;

use crate::App;
use crate::auth::Caller;
use crate::error::Carried;

/// Whose request it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User(pub(crate) Owner);

/// Who asks here is the same to everybody, and need not wait for the database.
const OPEN: [&str; 9] = [
    "/health",
    "/ready",
    "/openapi.json",
    "/.well-known/jwks.json",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/docs",
    "/docs/",
    "/",
];

/// A request with a good token carries its [`Caller`] from here on, and its answer the [`User`]. One
/// with a bad token is a stranger's: a handler that needs a caller refuses it, with the refusal that
/// was found here. It is not asked for again: what the database did not answer it would not answer
/// the second time either.
pub(super) async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let open = route.is_some_and(|route| OPEN.contains(&route.as_str()));
    if open || !request.headers().contains_key(AUTHORIZATION) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &app).await {
        Ok(caller) => caller,
        Err(refused) => {
            parts.extensions.insert(Carried(Arc::new(refused)));
            return next.run(Request::from_parts(parts, body)).await;
        }
    };
    app.metrics().asked(caller.owner);
    let user = User(caller.owner);
    parts.extensions.insert(user);
    parts.extensions.insert(caller);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    response.extensions_mut().insert(user);
    response
}
