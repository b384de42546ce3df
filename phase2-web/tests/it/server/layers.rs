//! The layers on routes that misbehave, and what they add to those that do not.

use std::net::SocketAddr;
use std::num::NonZeroU32;

use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use http_body_util::BodyExt;
use serde_json::Value;
use todo_web::{App, Front, Rate, surround};
use tower::ServiceExt;

use crate::support::TestApp;

/// Routes that do what handlers must not.
fn bad_routes() -> Router<App> {
    Router::new()
        .route("/panic", get(async || -> &'static str { panic!("a secret: hunter2") }))
        .route("/stuck", get(async || std::future::pending::<&'static str>().await))
        .route("/read", post(async |body: Bytes| body.len().to_string()))
        .route("/json", post(async |Json(_): Json<Value>| "read"))
        .route("/long", get(async || "x".repeat(5000)))
        .route("/tagged", get(async || ([("etag", "\"1-1\"")], "x".repeat(5000))))
}

async fn app(front: Front) -> Router {
    surround(bad_routes(), TestApp::with_front(front).await.app)
}

async fn ask(router: &Router, request: Request<Body>) -> (Response<()>, String) {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(head, ()), String::from_utf8_lossy(&body).into_owned())
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

#[track_caller]
fn is_refused(response: &Response<()>, body: &str, status: u16, code: &str) {
    assert_eq!(response.status().as_u16(), status, "{body}");
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{body}");
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["code"], code, "{body}");
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_and_harms_nobody_else() {
    let router = app(Front::default()).await;
    let (response, body) =
        ask(&router, request(Method::GET, "/panic").body(Body::empty()).unwrap()).await;
    is_refused(&response, &body, 500, "internal");
    assert!(!body.contains("hunter2") && !body.contains("panic"), "{body}");
    let (response, _) =
        ask(&router, request(Method::GET, "/long").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_the_framework_refuses_is_a_problem() {
    let router = app(Front::default()).await;
    let json = request(Method::POST, "/json").header("content-type", "text/plain");
    let (response, body) = ask(&router, json.body("{}".into()).unwrap()).await;
    is_refused(&response, &body, 415, "unsupported_media_type");
    // Of unknown length: it is stopped while it is read.
    let flood = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![0; 65536])));
    let flood = request(Method::POST, "/read").body(Body::from_stream(flood)).unwrap();
    let (response, body) = ask(&router, flood).await;
    is_refused(&response, &body, 413, "payload_too_large");
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let router = app(Front::default()).await;
    // From here on time passes by itself when nothing else happens.
    tokio::time::pause();
    let (response, body) =
        ask(&router, request(Method::GET, "/stuck").body(Body::empty()).unwrap()).await;
    is_refused(&response, &body, 503, "storage_unavailable");
    assert!(response.headers().contains_key("retry-after"));
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let (response, body) = ask(&router, request(Method::POST, "/read").body(never).unwrap()).await;
    is_refused(&response, &body, 408, "validation_error");
}

#[tokio::test]
async fn long_answers_are_packed_unless_a_tag_stands_for_their_bytes() {
    let router = app(Front::default()).await;
    for (path, packed) in [("/long", true), ("/tagged", false)] {
        for coding in ["gzip", "br"] {
            let asked = request(Method::GET, path).header("accept-encoding", coding);
            let (response, body) = ask(&router, asked.body(Body::empty()).unwrap()).await;
            let told =
                response.headers().get("content-encoding").map(|told| told.to_str().unwrap());
            assert_eq!(told, packed.then_some(coding), "{path}");
            assert_eq!(body.len() < 5000, packed, "{path}");
        }
    }
}

#[tokio::test]
async fn only_listed_origins_may_ask() {
    let origin = "https://a.example";
    let router = app(Front { origins: vec![origin.parse().unwrap()], ..Front::default() }).await;
    for (asked, answered) in [(origin, Some(origin)), ("https://b.example", None)] {
        let ordinary = request(Method::GET, "/long").header("origin", asked);
        let preflight = request(Method::OPTIONS, "/read")
            .header("origin", asked)
            .header("access-control-request-method", "POST");
        for asked in [ordinary, preflight] {
            let (response, _) = ask(&router, asked.body(Body::empty()).unwrap()).await;
            let told = response.headers().get("access-control-allow-origin");
            assert_eq!(told.map(|told| told.to_str().unwrap()), answered);
            assert!(!response.headers().contains_key("access-control-allow-credentials"));
        }
    }
    let closed = app(Front::default()).await;
    let asked = request(Method::GET, "/long").header("origin", origin);
    let (response, _) = ask(&closed, asked.body(Body::empty()).unwrap()).await;
    assert!(!response.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn browsers_are_bound_to_https_only_where_there_is_https() {
    let hsts = Some("max-age=31536000");
    for (origin, told) in [("https://todo.example", hsts), ("http://todo.example", None)] {
        let public_origin = Some(origin.to_owned());
        let router = app(Front { public_origin, ..Front::default() }).await;
        let asked = request(Method::GET, "/long").body(Body::empty()).unwrap();
        let (response, _) = ask(&router, asked).await;
        let header = response.headers().get("strict-transport-security");
        assert_eq!(header.map(|header| header.to_str().unwrap()), told);
    }
}

/// A request from an address.
fn from(peer: &str, path: &str) -> Request<Body> {
    let mut asked = request(Method::GET, path).body(Body::empty()).unwrap();
    let peer: SocketAddr = format!("{peer}:1").parse().unwrap();
    asked.extensions_mut().insert(ConnectInfo(peer));
    asked
}

#[tokio::test]
async fn an_address_is_told_its_limit_and_then_refused() {
    let rate = Rate::PerMinute(NonZeroU32::new(2).unwrap());
    let router = app(Front { rate, ..Front::default() }).await;
    tokio::time::pause();
    for left in ["\"default\";r=1;t=30", "\"default\";r=0;t=60"] {
        let (response, _) = ask(&router, from("192.0.2.1", "/long")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["ratelimit-policy"], "\"default\";q=2;w=60");
        assert_eq!(response.headers()["ratelimit"], left);
    }
    let (response, body) = ask(&router, from("192.0.2.1", "/long")).await;
    is_refused(&response, &body, 429, "rate_limited");
    assert_eq!(response.headers()["retry-after"], "30");
    assert_eq!(response.headers()["ratelimit"], "\"default\";r=0;t=30");
    // A neighbour in the same /64 is the same customer; the next /64 is another.
    for (peer, status) in [
        ("[2001:db8::1]", 200),
        ("[2001:db8::2]", 200),
        ("[2001:db8::3]", 429),
        ("[2001:db9::1]", 200),
    ] {
        assert_eq!(ask(&router, from(peer, "/long")).await.0.status(), status, "{peer}");
    }
    tokio::time::advance(std::time::Duration::from_secs(30)).await;
    assert_eq!(ask(&router, from("192.0.2.1", "/long")).await.0.status(), 200);
}

/// SPEC 7: limits are by address, which a proxy says where it is trusted and nobody else does.
#[tokio::test]
async fn what_a_trusted_proxy_says_is_the_address_that_counts() {
    let front = Front {
        rate: Rate::PerMinute(NonZeroU32::new(1).unwrap()),
        proxies: "127.0.0.1".parse().unwrap(),
        ..Front::default()
    };
    let router = app(front).await;
    tokio::time::pause();
    for (peer, said, status) in [
        ("127.0.0.1", "192.0.2.1", 200),
        ("127.0.0.1", "192.0.2.2", 200),
        ("127.0.0.1", "192.0.2.1", 429),
        // What the client itself wrote before that does not help it,
        ("127.0.0.1", "192.0.2.7, 192.0.2.1", 429),
        // nor does a header of its own where there is no proxy between.
        ("192.0.2.1", "192.0.2.8", 429),
        ("192.0.2.3", "192.0.2.8", 200),
        ("192.0.2.3", "192.0.2.9", 429),
    ] {
        let mut asked = from(peer, "/long");
        asked.headers_mut().insert("x-forwarded-for", said.parse().unwrap());
        assert_eq!(ask(&router, asked).await.0.status(), status, "{peer} for {said}");
    }
}

#[tokio::test]
async fn passwords_are_guessed_ten_times_a_minute_and_address() {
    let test = TestApp::new().await;
    let router = todo_web::router(test.app.clone());
    for _ in 0..10 {
        let mut guess = from("192.0.2.1", "/api/auth/login");
        *guess.method_mut() = Method::POST;
        assert_ne!(ask(&router, guess).await.0.status(), 429);
    }
    let mut guess = from("192.0.2.1", "/api/auth/register");
    *guess.method_mut() = Method::POST;
    let (response, body) = ask(&router, guess).await;
    is_refused(&response, &body, 429, "rate_limited");
    // Everything else from there goes on.
    assert_eq!(ask(&router, from("192.0.2.1", "/health")).await.0.status(), 200);
    assert_eq!(ask(&router, from("192.0.2.1", "/openapi.json")).await.0.status(), 200);
}

#[tokio::test]
async fn a_user_is_counted_by_name_and_not_by_address() {
    let rate = Rate::PerMinute(NonZeroU32::new(3).unwrap());
    let test = TestApp::with_front(Front { rate, ..Front::default() }).await;
    let token = test.register("ann").await.token.unwrap();
    let router = todo_web::router(test.app.clone());
    for (peer, status) in
        [("192.0.2.1", 200), ("192.0.2.2", 200), ("192.0.2.3", 200), ("192.0.2.4", 429)]
    {
        let mut asked = from(peer, "/api/tasks");
        let bearer = format!("Bearer {token}").parse().unwrap();
        asked.headers_mut().insert("authorization", bearer);
        let (response, body) = ask(&router, asked).await;
        assert_eq!(response.status(), status, "{body}");
    }
    let (response, body) = ask(&router, from("192.0.2.4", "/api/tasks")).await;
    is_refused(&response, &body, 401, "unauthorized");
}
