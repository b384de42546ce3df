//! Every convention on every route (SPEC 7 "Conventions"). The routes are read from the OpenAPI
//! document, so a new one cannot escape.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;
use todo_web::openapi;
use uuid::Uuid;

use crate::support::{Client, Reply, TestApp};

/// Every code that the API knows (SPEC 5).
const CODES: &[&str] = &[
    "validation_error",
    "not_found",
    "ambiguous_reference",
    "version_conflict",
    "invalid_transition",
    "due_required",
    "unsupported_rule",
    "rule_never_matches",
    "open_subtasks",
    "limit_exceeded",
    "invalid_cursor",
    "nothing_to_undo",
    "confirmation_required",
    "unauthorized",
    "forbidden",
    "email_taken",
    "rate_limited",
    "idempotency_mismatch",
    "request_in_progress",
    "unsupported_media_type",
    "payload_too_large",
    "storage_unavailable",
    "storage_corrupt",
    "internal",
];

/// The one route that takes more than a mebibyte, in several formats.
const IMPORT: &str = "/api/import";

/// An operation of the document.
pub(super) struct Route {
    pub(super) method: Method,
    /// With the names of its places.
    pub(super) pattern: String,
    /// With something in each of its places.
    pub(super) path: String,
    pub(super) operation: Value,
}

impl Route {
    /// Whether nobody needs to log in for it.
    pub(super) fn is_open(&self) -> bool {
        self.operation["security"].as_array().is_some_and(|needs| {
            needs.is_empty() || needs.iter().all(|need| need.as_object().unwrap().is_empty())
        })
    }

    fn takes_a_body(&self) -> bool {
        self.operation.get("requestBody").is_some()
    }

    async fn send(&self, client: &Client, media_type: &str, body: impl Into<Body>) -> Reply {
        let request = Request::builder().method(&self.method).uri(&self.path);
        client.send(request.header(CONTENT_TYPE, media_type), body).await
    }
}

pub(super) fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(&openapi::text()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_ascii_uppercase().parse() else { continue };
            let (pattern, path, operation) = (path.clone(), filled(path), operation.clone());
            routes.push(Route { method, pattern, path, operation });
        }
    }
    assert!(routes.len() > 30, "the document lists {} routes only", routes.len());
    routes
}

/// A path with something in each of its places.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// What is true of every answer.
#[track_caller]
fn is_well_formed(reply: &Reply, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{what}: {name} of {reply:?}");
    }
    assert!(reply.header("x-request-id").is_some(), "{what}: {reply:?}");
}

/// What is true of every refusal.
#[track_caller]
fn is_problem(reply: &Reply, what: &str) {
    is_well_formed(reply, what);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{what}");
    let problem = reply.json();
    let code = problem["code"].as_str().unwrap();
    assert!(CODES.contains(&code), "{what}: {code}");
    assert_eq!(problem["type"], format!("/problems/{}", code.replace('_', "-")), "{what}");
    assert_eq!(problem["status"], reply.status.as_u16(), "{what}");
    for text in ["title", "detail"] {
        assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{what}: {problem}");
    }
    let id = reply.header("x-request-id").unwrap();
    let instance = Uuid::try_parse(id).map_or_else(|_| id.to_owned(), |id| id.urn().to_string());
    assert_eq!(problem["instance"], instance, "{what}");
    if reply.status == StatusCode::UNAUTHORIZED {
        assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer"), "{what}");
    }
    if reply.status == StatusCode::TOO_MANY_REQUESTS || reply.status.as_u16() == 503 {
        assert!(reply.header("retry-after").is_some(), "{what}");
    }
}

#[tokio::test]
async fn no_route_is_reached_without_a_token_unless_it_says_so() {
    let client = TestApp::new().await.anonymous();
    let mut open = Vec::new();
    for route in routes() {
        let what = format!("{} {}", route.method, route.path);
        let reply = route.send(&client, "application/json", "{}").await;
        if route.is_open() {
            open.push(what);
        } else {
            is_problem(&reply, &what);
            reply.refused(401, "unauthorized");
        }
    }
    assert_eq!(
        open,
        [
            "GET /.well-known/jwks.json",
            "POST /api/auth/confirm-email",
            "POST /api/auth/forgot",
            "POST /api/auth/login",
            "POST /api/auth/refresh",
            "POST /api/auth/register",
            "POST /api/auth/reset",
            "GET /api/calendar/1",
            "GET /health",
            "GET /ready",
        ]
    );
}

#[tokio::test]
async fn every_route_says_which_methods_it_takes() {
    let client = TestApp::new().await.register("ann").await;
    for route in routes() {
        for method in [Method::OPTIONS, Method::TRACE] {
            let what = format!("{method} {}", route.path);
            let request = Request::builder().method(&method).uri(&route.path);
            let reply = client.send(request, "").await;
            let allowed = reply.header("allow").unwrap_or_else(|| panic!("{what}: {reply:?}"));
            assert!(allowed.contains(route.method.as_str()), "{what}: {allowed}");
            if method == Method::OPTIONS {
                assert_eq!((reply.status, reply.body.len()), (StatusCode::NO_CONTENT, 0), "{what}");
                is_well_formed(&reply, &what);
            } else {
                is_problem(&reply, &what);
                reply.refused(405, "validation_error");
            }
        }
    }
}

#[tokio::test]
async fn no_route_takes_a_body_it_cannot_read() {
    let app = TestApp::new().await;
    for (at, route) in routes().iter().filter(|route| route.takes_a_body()).enumerate() {
        // One may not ask often where passwords are tried.
        let client = app.register(&format!("ann{at}")).await;
        let what = format!("{} {}", route.method, route.path);
        if route.path != IMPORT {
            let reply = route.send(&client, "text/plain", "{}").await;
            is_problem(&reply, &what);
            reply.refused(415, "unsupported_media_type");
        }
        for broken in ["{", "[", "\u{0}", "{\"a\":1,\"a\":2}", "nul"] {
            let reply = route.send(&client, "application/json", broken).await;
            is_problem(&reply, &what);
            assert!(matches!(reply.status.as_u16(), 400 | 422), "{what} {broken:?}: {reply:?}");
        }
        let reply = route.send(&client, "application/json", vec![b' '; too_long(route)]).await;
        is_problem(&reply, &what);
        reply.refused(413, "payload_too_large");
    }
}

fn too_long(route: &Route) -> usize {
    let mebibytes = if route.path == IMPORT { 64 } else { 1 };
    mebibytes * 1024 * 1024 + 1
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let client = TestApp::new().await.anonymous();
    let longest = "x".repeat(128);
    let too_long = "x".repeat(129);
    for route in routes() {
        let ask = async |id: &str| {
            let request = Request::builder().method(&route.method).uri(&route.path);
            let request = request.header("x-request-id", id);
            client.send(request.header(CONTENT_TYPE, "application/json"), "{}").await
        };
        for id in ["a.B_9-z", "01234567-89ab-7def-8123-456789abcdef", &longest] {
            let reply = ask(id).await;
            assert_eq!(reply.header("x-request-id"), Some(id), "{}", route.path);
            if !reply.status.is_success() {
                is_problem(&reply, &route.path);
            }
        }
        for id in ["", "with space", "a/b", "é", &too_long] {
            let reply = ask(id).await;
            let made = Uuid::try_parse(reply.header("x-request-id").unwrap()).unwrap();
            assert_eq!(made.get_version_num(), 7, "{} {id:?}", route.path);
        }
    }
}

#[tokio::test]
async fn what_is_no_route_is_a_problem_too() {
    let client = TestApp::new().await.anonymous();
    let long = format!("/api/tasks?search={}", "x".repeat(40 * 1024));
    for (path, status, code) in [
        ("/nothing", 404, "not_found"),
        ("/api", 404, "not_found"),
        ("/api/", 404, "not_found"),
        ("/api/tasks/", 404, "not_found"),
        ("/api/auth/login/", 404, "not_found"),
        ("/api//tasks", 404, "not_found"),
        (&long, 414, "validation_error"),
    ] {
        let reply = client.get(path).await;
        is_problem(&reply, path);
        reply.refused(status, code);
    }
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let client = TestApp::new().await.anonymous();
    for path in ["/health", "/ready", "/", "/openapi.json"] {
        let reply = client.send(Request::head(path), "").await;
        assert_eq!((reply.status, reply.body.len()), (StatusCode::OK, 0), "{path}");
    }
}
