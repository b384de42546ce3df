//! The pages that links in mails lead to. Each is one form; what it does is in one script, for the
//! policy of these pages lets no other run. The token of a link stands behind the `#`, which browsers
//! send to nobody, and the script takes it out of the address bar before anything else.
//!
//! Nothing happens by opening a page: programs that look into mail open links too.

use axum::Router;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Html;
use axum::routing::get;

use crate::App;

const POLICY: (HeaderName, &str) = (
    CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const RESET: &str = include_str!("pages/reset.html");
const CONFIRM_EMAIL: &str = include_str!("pages/confirm-email.html");
const INVITATION: &str = include_str!("pages/invitation.html");
const SCRIPT: &str = include_str!("pages/account.js");
const STYLE: &str = include_str!("pages/account.css");

pub(super) fn routes() -> Router<App> {
    let page = |html: &'static str| get(async move || ([POLICY], Html(html)));
    let file =
        |kind: &'static str, text: &'static str| get(async move || ([(CONTENT_TYPE, kind)], text));
    Router::new()
        .route("/reset", page(RESET))
        .route("/confirm-email", page(CONFIRM_EMAIL))
        .route("/invitation", page(INVITATION))
        .route("/assets/account.js", file("text/javascript; charset=utf-8", SCRIPT))
        .route("/assets/account.css", file("text/css; charset=utf-8", STYLE))
}
