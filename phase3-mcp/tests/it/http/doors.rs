//! Names, origins, limits and lengths: what is looked at before a message is.

use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};
use todo_web::{Front, Rate};

use super::served::Served;

const AT: [&str; 3] =
    ["/mcp", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"];

fn public() -> Front {
    Front {
        public_origin: Some("https://todo.example.org".to_owned()),
        origins: vec![HeaderValue::from_static("https://page.example")],
        ..Front::default()
    }
}

/// SPEC 8: by a name that is not ours, or from a page that has no business here, nothing is answered,
/// token or no token.
#[tokio::test]
async fn foreign_names_and_pages_are_refused() {
    let served = Served::with(public()).await;
    let ann = served.register("ann").await;
    let send = async |name: &'static str, value: &'static str| {
        let mut request = ann.message("tools/list", &json!({}));
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        ann.send(request).await
    };
    for (name, value) in [
        ("host", "evil.example"),
        ("host", "evil.example:8000"),
        ("host", "todo.example.org.evil.example"),
        ("host", "localhost@evil.example"),
        ("origin", "https://evil.example"),
        ("origin", "https://todo.example.org.evil.example"),
        ("origin", "http://todo.example.org"),
        ("origin", "https://todo.example.org:8443"),
        ("origin", "http://localhost"),
        ("origin", "null"),
        ("origin", "junk"),
    ] {
        send(name, value).await.problem(403, "forbidden");
    }
    for (name, value) in [
        ("host", "todo.example.org"),
        ("host", "Todo.Example.ORG:443"),
        ("host", "localhost:8000"),
        ("host", "127.0.0.1:8000"),
        ("host", "[::1]:8000"),
        ("origin", "https://todo.example.org"),
        ("origin", "https://page.example"),
    ] {
        let reply = send(name, value).await;
        assert_eq!(reply.status, StatusCode::OK, "{name}: {value}: {reply:?}");
    }
    // Of two origins neither counts for the other.
    let mut request = ann.message("tools/list", &json!({}));
    for origin in ["https://page.example", "https://evil.example"] {
        request.headers_mut().append("origin", HeaderValue::from_static(origin));
    }
    ann.send(request).await.problem(403, "forbidden");
    // Before it is looked at who asks.
    for path in AT {
        let method = if path == "/mcp" { Method::POST } else { Method::GET };
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "evil.example").body(Body::empty());
        let reply = served.stranger().send(request.expect("a request")).await;
        reply.problem(403, "forbidden");
    }
}

/// Where nobody has said how browsers reach it, its own pages are those of the address it is asked at.
#[tokio::test]
async fn pages_of_its_own_may_ask() {
    let served = Served::new().await;
    let ann = served.register("ann").await;
    for (host, origin, welcome) in [
        ("localhost:8000", "http://localhost:8000", true),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", true),
        ("localhost:8000", "http://localhost:3000", false),
        ("localhost:8000", "http://127.0.0.1:8000", false),
        ("localhost:8000", "http://evil.example:8000", false),
        ("evil.example:8000", "http://evil.example:8000", false),
    ] {
        let mut request = ann.message("tools/list", &json!({}));
        for (name, value) in [("host", host), ("origin", origin)] {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let status = ann.send(request).await.status;
        let expected = if welcome { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(status, expected, "{host} {origin}");
    }
}

/// RFC 9728: each document is of the resource whose address it is made of.
#[tokio::test]
async fn it_stands_somewhere_what_is_guarded_by_what() {
    for (front, origin) in
        [(Front::default(), "http://localhost"), (public(), "https://todo.example.org")]
    {
        let served = Served::with(front).await;
        for (path, resource) in [(AT[1], origin.to_owned()), (AT[2], format!("{origin}/mcp"))] {
            let reply = served.asked_with("junk").rest(Method::GET, path, &Value::Null).await;
            assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
            let expected = json!({
                "resource": resource,
                "resource_name": "Todo",
                "resource_documentation": format!("{origin}/docs/"),
                "bearer_methods_supported": ["header"],
                "scopes_supported": ["read", "write"],
            });
            assert_eq!(reply.json(), expected);
        }
        let reply = served.stranger().ask("tools/list", json!({})).await;
        let challenge = reply.header("www-authenticate").expect("a challenge");
        let at = format!("resource_metadata=\"{origin}{}\"", AT[2]);
        assert!(challenge.ends_with(&at), "{challenge}");
    }
}

/// SPEC 7: the tools count towards the limit of the API; each token has its own.
#[tokio::test]
async fn calls_count_towards_the_limit_of_requests() {
    let rate = Rate::PerMinute(NonZeroU32::new(8).expect("not zero"));
    let served = Served::with(Front { rate, ..Front::default() }).await;
    let ann = served.register("ann").await;
    // Two of the eight.
    let program = served.program(&ann, "read").await;
    ann.rest(Method::GET, "/api/tasks", &Value::Null).await;
    let mut last = ann.ask("tools/list", json!({})).await;
    for _ in 0..8 {
        last = ann.ask("tools/list", json!({})).await;
    }
    last.problem(429, "rate_limited");
    assert!(last.header("retry-after").is_some() && last.header("ratelimit").is_some());
    assert_eq!(program.tools().await.len(), 4, "the user's limit is not the program's");
}

/// SPEC 7: a message is bounded, and arguments more closely (SPEC 5: `payload_too_large`).
#[tokio::test]
async fn long_messages_are_refused() {
    let served = Served::new().await;
    let ann = served.register("ann").await;
    let long =
        |bytes: usize| json!({ "name": "add_task", "arguments": { "title": "x".repeat(bytes) } });
    // As a whole, and piece by piece: nobody has said how long that would be.
    let whole = ann.send(ann.message("tools/call", &long(2 << 20))).await;
    whole.problem(413, "payload_too_large");
    let (parts, body) = ann.message("tools/call", &long(2 << 20)).into_parts();
    let pieces = Body::from_stream(body.into_data_stream());
    let pieces = ann.send(Request::from_parts(parts, pieces)).await;
    pieces.problem(413, "payload_too_large");
    let error = ann.refused("add_task", json!({ "title": "x".repeat(200_000) })).await;
    assert_eq!(error["code"], "payload_too_large", "{error}");
    assert_eq!(ann.done("list_tasks", json!({})).await["tasks"], json!([]));
}
