//! What others check access tokens with.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use todo_core::ErrorCode;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::params::NoParams;
use super::refusals::{Malformed, NoKeys};
use crate::auth::PublicKey;
use crate::{ApiError, App};

/// How long it may be kept: a key that is to sign is shown for longer than this before it does.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(public_keys))
}

/// Public keys (RFC 7517).
#[derive(Serialize, ToSchema)]
struct KeySet {
    #[schema(min_items = 1, max_items = 17)]
    keys: Vec<Key>,
}

/// A public Ed25519 key (RFC 8037).
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKey)]
struct Key {
    #[schema(pattern = "^OKP$")]
    kty: &'static str,
    #[schema(pattern = "^Ed25519$")]
    crv: &'static str,
    #[schema(pattern = "^EdDSA$")]
    alg: &'static str,
    #[serde(rename = "use")]
    #[schema(pattern = "^sig$")]
    usage: &'static str,
    /// What tokens name it by: its thumbprint (RFC 7638).
    #[schema(min_length = 43, max_length = 43)]
    kid: String,
    #[schema(min_length = 43, max_length = 43)]
    x: String,
}

impl Key {
    fn new(key: &PublicKey) -> Self {
        let (kty, crv, alg, usage) = ("OKP", "Ed25519", "EdDSA", "sig");
        Self { kty, crv, alg, usage, kid: key.kid(), x: key.x() }
    }
}

/// The keys that access tokens can be checked with, by who must not be able to make any.
///
/// Check `iss` (`todo`), `aud` (`todo-api`) and `exp` as well. Whether the session was ended only this
/// server knows.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "accounts", security(()),
    responses(
        (status = 200, description = "The keys. They may be kept for five minutes.", body = KeySet),
        Malformed, NoKeys,
    )
)]
async fn public_keys(State(app): State<App>, _: NoParams) -> Result<Response, ApiError> {
    let keys: Vec<_> = app.keys.published().iter().map(Key::new).collect();
    if keys.is_empty() {
        let message = "this server signs tokens with a secret that nobody else knows";
        return Err(ApiError::new(ErrorCode::NotFound, message));
    }
    Ok(([(CACHE_CONTROL, KEPT)], Json(KeySet { keys })).into_response())
}
