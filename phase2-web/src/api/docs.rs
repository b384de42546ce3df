//! The documentation that the server carries with it: the OpenAPI document, Swagger UI, and a
//! landing page. None of it needs another server.

use std::sync::{Arc, LazyLock, OnceLock};

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use todo_core::ErrorCode;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::{ApiError, App, openapi};

/// What a browser sees first.
const LANDING: &str = include_str!("landing.html");

/// Swagger UI changes with the program only.
const A_DAY: (axum::http::HeaderName, &str) = (CACHE_CONTROL, "public, max-age=86400");

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/openapi.json").display_request_duration(true);
    // Asked by default, it would send the document to a validator on the internet.
    Arc::new(config.validator_url("none"))
});

/// What a server of these routes shows of itself. The document is written when it is first asked for.
pub(super) fn routes(document: OpenApi) -> Router<App> {
    let (document, text) = (Arc::new(document), Arc::new(OnceLock::new()));
    let told = async move || {
        let text: &Bytes = text.get_or_init(|| openapi::written(&document).into());
        ([(CONTENT_TYPE, "application/json")], text.clone())
    };
    Router::new()
        .route("/", get(async || Html(LANDING)))
        .route("/openapi.json", get(told))
        .route("/docs", get(async || Redirect::to("/docs/")))
        .route("/docs/", get(async || swagger("index.html")))
        .route("/docs/{*file}", get(async |Path(file): Path<String>| swagger(&file)))
}

fn swagger(file: &str) -> Result<Response, ApiError> {
    let served = utoipa_swagger_ui::serve(file, Arc::clone(&CONFIG));
    let served = served.map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?;
    let Some(served) = served else {
        return Err(ApiError::new(ErrorCode::NotFound, "there is no such page; see /docs/"));
    };
    Ok(([(CONTENT_TYPE, served.content_type.as_str()), (A_DAY.0, A_DAY.1)], served.bytes)
        .into_response())
}
