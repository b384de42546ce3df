//! The headers that tell a browser what an answer may do: nothing, unless it is a page.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use crate::App;

/// For JSON: a browser that is made to show it runs nothing of it.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// For Swagger UI, which sets styles and pictures from within its script.
const DOCS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// One year: what browsers ask for before they believe it.
const HTTPS_ONLY: &str = "max-age=31536000";

pub(super) fn secure(app: &App, route: &str, response: &mut Response) {
    let html = response.headers().get(CONTENT_TYPE).is_some_and(is_html);
    let headers = response.headers_mut();
    let policy = if route.starts_with("/docs") { DOCS } else { NOTHING };
    // A page brings its own policy.
    if !(html && headers.contains_key(CONTENT_SECURITY_POLICY)) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(COOP, HeaderValue::from_static("same-origin"));
    if app.front().https() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    // What is somebody's own is kept by nobody else, and no refusal is kept at all.
    if !route.starts_with("/docs") && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn is_html(value: &HeaderValue) -> bool {
    value.as_bytes().starts_with(b"text/html")
}
