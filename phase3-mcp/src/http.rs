//! The tools over HTTP, for whoever has a token of the server (SPEC 8): the protocol's streamable
//! transport at `/mcp`, beside the routes of `todo-web` and within all that surrounds them, so a token,
//! a limit or a request's id is here what it is there.
//!
//! Nothing is kept between two requests, in either revision of the protocol: whichever replica is asked
//! can answer. A server is made for each request, for the one who asks, and goes with it. If the client
//! goes away first, so does the work, unless it has begun to be written: then it is written as a whole.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use rmcp::ErrorData;
use rmcp::model::JsonRpcError;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde::Serialize;
use todo_web::{ApiError, App, Caller, RequestId, Verbatim, at_home};

use crate::backend::Database;
use crate::confirm::Secrets;
use crate::server::McpServer;
use crate::tools::Tools;

/// Where the tools are.
const TOOLS: &str = "/mcp";
/// Where it stands how to be let in (RFC 9728): of everything, and of the tools.
const METADATA: &str = "/.well-known/oauth-protected-resource";
const METADATA_OF_TOOLS: &str = "/.well-known/oauth-protected-resource/mcp";

/// Longest message: as long as any other body. Arguments of tools are bounded more closely.
const BODY_MAX: usize = 1024 * 1024;

/// The routes of the tools, for `todo_web::router_with`.
pub fn routes(app: &App) -> Router<App> {
    Router::new()
        .route(TOOLS, post(answer))
        .route(METADATA, get(metadata))
        .route(METADATA_OF_TOOLS, get(metadata_of_tools))
        .layer(Extension(secrets(app)))
        .route_layer(from_fn_with_state(app.clone(), at_home))
}

/// The same in every replica, so that each takes what another has signed.
fn secrets(app: &App) -> Secrets {
    let (secret, other) = app.keys.tools();
    let secrets = Secrets::new(secret);
    if let Some(other) = other { secrets.accepting(other) } else { secrets }
}

/// Answers one message.
async fn answer(
    State(app): State<App>,
    Extension(secrets): Extension<Secrets>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &app).await {
        Ok(caller) => caller,
        Err(refused) => return challenge(refused, &app.reached_by(&parts.headers)),
    };
    // It has said who asks. What is not there any more is passed on to nobody.
    parts.headers.remove(AUTHORIZATION);
    parts.headers.remove(COOKIE);
    let correlation = parts.extensions.get().map(RequestId::correlation);
    let from = parts.extensions.get().copied();
    let database = Database::asked_by(caller, correlation, from, &app);
    let server =
        move || McpServer::new(Tools::new(database.clone(), app.clock.clone(), secrets.clone()));
    spoken(server, Request::from_parts(parts, body)).await
}

/// What a server says to a message.
async fn spoken(
    server: impl Fn() -> McpServer<Database> + Send + Sync + 'static,
    request: Request,
) -> Response {
    let said_json = request.headers().get(CONTENT_TYPE).is_some_and(is_json);
    let sessions = Arc::<NeverSessionManager>::default();
    let service = StreamableHttpService::new(move || Ok(server()), sessions, manner());
    let mut response = service.handle(request).await.map(Body::new);
    if said_json && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return no_message();
    }
    if response.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        response.extensions_mut().insert(Verbatim);
    }
    response
}

/// The library calls what it cannot read of another kind than it takes; the protocol has a word for it.
fn no_message() -> Response {
    let error = ErrorData::parse_error("the body is no JSON-RPC message", None);
    let body = Json(JsonRpcError::new(None, error));
    (StatusCode::BAD_REQUEST, Extension(Verbatim), body).into_response()
}

fn is_json(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default();
    let kind = kind.split_once(';').map_or(kind, |(kind, _)| kind);
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// One JSON answer to each message, unless there is more to tell on the way to it.
fn manner() -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        // `at_home` has looked at names and origins before.
        .disable_allowed_hosts()
        .with_max_request_body_bytes(BODY_MAX)
}

/// A refusal that also says where it stands how to be let in.
fn challenge(refused: ApiError, origin: &str) -> Response {
    let mut response = refused.into_response();
    let headers = response.headers_mut();
    let told = headers.get(WWW_AUTHENTICATE).and_then(|told| told.to_str().ok());
    let told =
        told.map(|told| format!("{told}, resource_metadata=\"{origin}{METADATA_OF_TOOLS}\""));
    if let Some(Ok(told)) = told.map(HeaderValue::try_from) {
        headers.insert(WWW_AUTHENTICATE, told);
    }
    response
}

/// What is guarded, and by what. Nobody gives tokens out in the way of OAuth, so no server is named that
/// would: people make them, and give them to their programs.
#[derive(Debug, Serialize)]
struct Metadata {
    resource: String,
    resource_name: &'static str,
    resource_documentation: String,
    bearer_methods_supported: [&'static str; 1],
    scopes_supported: [&'static str; 2],
}

impl Metadata {
    fn of(origin: &str, path: &str) -> Json<Self> {
        Json(Self {
            resource: format!("{origin}{path}"),
            resource_name: "Todo",
            resource_documentation: format!("{origin}/docs/"),
            bearer_methods_supported: ["header"],
            scopes_supported: ["read", "write"],
        })
    }
}

async fn metadata(State(app): State<App>, headers: HeaderMap) -> Json<Metadata> {
    Metadata::of(&app.reached_by(&headers), "")
}

async fn metadata_of_tools(State(app): State<App>, headers: HeaderMap) -> Json<Metadata> {
    Metadata::of(&app.reached_by(&headers), TOOLS)
}
