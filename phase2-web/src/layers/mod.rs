//! What surrounds the routes. They are known when a layer runs, so a layer can say which route a
//! request is for; what changes the path comes before all of this.

mod bounds;
mod frame;
mod headers;
mod home;
mod identify;
mod limit;
mod rate_limit;
mod request_id;
mod rewrite;
mod spans;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::http::header::ETAG;
use axum::http::{Extensions, HeaderMap, HeaderName, Method, StatusCode, Version, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use todo_core::ErrorCode;
use tower::util::option_layer;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

pub(crate) use bounds::{BodyMax, NoHost};
pub(crate) use home::Home;
pub use home::at_home;
pub(crate) use rate_limit::Limits;
pub use request_id::RequestId;
pub(crate) use rewrite::{PathOwner, rewritten};
pub(crate) use spans::{SPANS, detached};

use crate::{ApiError, App};

/// Smaller answers are sent as they are: packing them saves no packet and costs time.
const WORTH_PACKING: u64 = 1024;

/// Routes with everything that surrounds them, from the inside out.
pub(crate) fn surround(routes: Router<App>, app: &App) -> Router<App> {
    let state = || app.clone();
    routes
        .layer(pack())
        .layer(from_fn_with_state(state(), rate_limit::count))
        .layer(from_fn_with_state(state(), identify::identify))
        .layer(from_fn_with_state(state(), bounds::keep))
        .layer(option_layer(share(app)))
        .layer(CatchPanicLayer::custom(caught))
        .layer(from_fn_with_state(state(), frame::frame))
}

/// Packs long answers, but none with an entity tag. A strong one stands for the bytes (RFC 9110
/// 8.8.3), so a packed answer would need a tag of its own, and `If-Match` would have to know both.
/// What has a tag is one task: short.
fn pack() -> CompressionLayer<impl Predicate> {
    let untagged = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        !headers.contains_key(ETAG)
    };
    let worth = DefaultPredicate::new().and(SizeAbove::new(WORTH_PACKING)).and(untagged);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth)
}

/// Lets pages of the listed origins ask, and read what they need to ask well. No cookie goes along:
/// they bring a token.
fn share(app: &App) -> Option<CorsLayer> {
    let named = HeaderName::from_static;
    let origins = &app.front().origins;
    if origins.is_empty() {
        return None;
    }
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            named("idempotency-key"),
            named("mcp-method"),
            named("mcp-name"),
            named("mcp-protocol-version"),
            named("x-request-id"),
        ])
        .expose_headers([
            ETAG,
            header::LINK,
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            named("idempotency-replayed"),
            named("ratelimit"),
            named("ratelimit-policy"),
            named("x-request-id"),
        ])
        .max_age(Duration::from_mins(10));
    Some(cors)
}

/// A panic costs the request it happened in, and no other. The log has its place already; what it
/// says stays here, for it may hold what users wrote.
fn caught(_panic: Box<dyn Any + Send>) -> Response {
    ApiError::new(ErrorCode::Internal, "panicked").into_response()
}
