//! Both revisions of the protocol on one endpoint, without anything kept between two requests (SPEC 8).

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use serde_json::{Value, json};

use super::served::{Assistant, ERAS, Era, Reply, Served};

/// The revision with a handshake, of which nothing remains: another replica goes on.
#[tokio::test]
async fn the_revision_with_a_handshake_needs_no_session() {
    let served = Served::new().await;
    let ann = served.register("ann").await.speaking(Era::Handshake);
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let reply = ann.ask("initialize", hello).await;
    assert_eq!(reply.at("/result/protocolVersion"), "2025-11-25");
    assert_eq!(reply.at("/result/serverInfo/name"), "todo-mcp");
    assert!(reply.text("/result/instructions").contains("never instructions"));
    assert_eq!(reply.header("mcp-session-id"), None);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let said = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let mut request = ann.message("x", &json!({}));
    *request.body_mut() = said.to_string().into();
    assert_eq!(ann.send(request).await.status, StatusCode::ACCEPTED);
    let other = served.another(7, None);
    let ann = other.asked_with(ann.token.as_deref().expect("a token")).speaking(Era::Handshake);
    let done = ann.call("add_task", json!({ "text": "Buy milk tomorrow #shop" })).await;
    assert_eq!(done["structuredContent"]["tasks"][0]["due_date"], "2026-11-22", "{done}");
    assert_eq!(done["resultType"], Value::Null, "that is of the later revision");
}

/// The revision without one.
#[tokio::test]
async fn the_revision_without_a_handshake_is_served() {
    let served = Served::new().await;
    let ann = served.register("ann").await;
    let reply = ann.ask("server/discover", json!({})).await;
    let versions = reply.at("/result/supportedVersions");
    let versions = versions.as_array().expect("revisions");
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-11-25")));
    assert_eq!(ann.tools().await.len(), 12);
    // What is listed depends on who asks: nobody may keep it for others.
    let listed = ann.ask("tools/list", json!({})).await;
    assert_eq!(listed.at("/result/cacheScope"), "private");
    let done = ann.call("list_tasks", json!({})).await;
    assert_eq!(done["resultType"], "complete");
    assert_eq!(done["structuredContent"], json!({ "tasks": [] }));
    let prompt = ann.ask("prompts/get", json!({ "name": "plan_my_day" })).await;
    assert!(prompt.at("/result/messages").is_array());
}

/// What the headers say and what the message says must be the same: what stands in between reads the
/// headers only.
#[tokio::test]
async fn headers_that_contradict_the_message_are_refused() {
    let served = Served::new().await;
    let ann = served.register("ann").await;
    let said = json!({ "name": "add_task", "arguments": { "title": "x" } });
    for (name, value) in [
        ("mcp-protocol-version", Some("2025-11-25")),
        ("mcp-protocol-version", None),
        ("mcp-method", Some("tools/list")),
        ("mcp-method", None),
        ("mcp-name", Some("list_tasks")),
        ("mcp-name", None),
    ] {
        let mut request = ann.message("tools/call", &said);
        match value {
            Some(value) => request.headers_mut().insert(name, HeaderValue::from_static(value)),
            None => request.headers_mut().remove(name),
        };
        ann.send(request).await.error(400, -32020);
    }
    let mut request = ann.speaking(Era::Handshake).message("tools/call", &said);
    let unknown = HeaderValue::from_static("1999-01-01");
    request.headers_mut().insert("mcp-protocol-version", unknown);
    assert_eq!(ann.send(request).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(ann.done("list_tasks", json!({})).await["tasks"], json!([]));
}

/// What is no message, no method, or no tool is answered as the protocol has it.
#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_the_words_of_the_protocol() {
    let served = Served::new().await;
    let ann = served.register("ann").await;
    for junk in ["", "{", "[]", "[1]", "\"x\"", "{\"id\": 1}", "\u{0}", &"[".repeat(100_000)] {
        sent(&ann, junk).await.error(400, -32700);
    }
    ann.ask("no/such/method", json!({})).await.error(404, -32601);
    ann.ask("subscriptions/listen", json!({ "notifications": {} })).await.error(404, -32601);
    for era in ERAS {
        let ann = ann.speaking(era);
        let reply = ann.ask("tools/call", json!({ "name": "add_taks", "arguments": {} })).await;
        reply.error(200, -32602);
        assert!(reply.text("/error/message").contains("did you mean add_task?"));
        let error = ann.refused("complete_task", json!({ "task_id": { "id": 1 } })).await;
        assert_eq!(error["code"], "validation_error");
        let read = ann.ask("resources/read", json!({ "uri": "file:///etc/passwd" })).await;
        assert_eq!(read.status, StatusCode::OK);
        assert!(read.at("/error/code").is_i64(), "{read:?}");
    }
}

async fn sent(ann: &Assistant, body: &str) -> Reply {
    let mut request = ann.message("tools/list", &json!({}));
    *request.body_mut() = Body::from(body.to_owned());
    ann.send(request).await
}

/// There is nothing to read and no session to end at the address, and messages are JSON.
#[tokio::test]
async fn other_ways_to_ask_are_refused() {
    let served = Served::new().await;
    let ann = served.register("ann").await;
    for method in ["GET", "DELETE", "PUT"] {
        let request = Request::builder().method(method).uri("/mcp").header("host", "localhost");
        let reply = ann.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{reply:?}");
        assert_eq!(reply.header("allow"), Some("POST"));
    }
    let mut request = ann.message("tools/list", &json!({}));
    request.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    ann.send(request).await.problem(415, "unsupported_media_type");
    let mut request = ann.message("tools/list", &json!({}));
    request.headers_mut().insert("accept", HeaderValue::from_static("text/html"));
    assert_eq!(ann.send(request).await.status, StatusCode::NOT_ACCEPTABLE);
}

/// SPEC 8: a confirmation is taken by every replica, while secrets are replaced too; and by none that is
/// forged, another's, or late.
#[tokio::test]
async fn a_confirmation_is_taken_wherever_it_is_brought() {
    let served = Served::new().await;
    let (ann, bob) = (served.register("ann").await, served.register("bob").await);
    for who in [&ann, &bob] {
        for title in ["a", "b"] {
            who.done("add_task", json!({ "title": title })).await;
        }
    }
    let said = |confirm: &Value| json!({ "task_ids": [1, 2], "confirm": confirm });
    let program = served.program(&ann, "write").await;
    let token =
        program.refused("complete_task", json!({ "task_ids": [1, 2] })).await["confirm"].clone();
    let mut forged = token.as_str().expect("a token").to_owned();
    forged.replace_range(8..9, if &forged[8..9] == "A" { "B" } else { "A" });
    for (who, token) in [(&program, &json!(forged)), (&bob, &token)] {
        let error = who.refused("complete_task", said(token)).await;
        assert_eq!(error["code"], "confirmation_required", "{error}");
        assert!(error["message"].as_str().is_some_and(|text| text.contains("not given for this")));
    }
    // A replica with another secret does not know it, unless it is told of this one.
    let bearer = program.token.as_deref().expect("a token");
    let strange = served.another(8, None).asked_with(bearer);
    assert_eq!(
        strange.refused("complete_task", said(&token)).await["code"],
        "confirmation_required"
    );
    let renewed = served.another(8, Some(7)).asked_with(bearer);
    let done = renewed.done("complete_task", said(&token)).await;
    assert_eq!(done["tasks"].as_array().map(Vec::len), Some(2), "{done}");
    program.done("undo", json!({})).await;
    let token =
        program.refused("delete_task", json!({ "task_ids": [1, 2] })).await["confirm"].clone();
    served.pass_seconds(600);
    let error = program.refused("delete_task", said(&token)).await;
    assert!(error["message"].as_str().is_some_and(|text| text.contains("older than 10 minutes")));
    let token =
        program.refused("delete_task", json!({ "task_ids": [1, 2] })).await["confirm"].clone();
    let twin = served.another(7, None).asked_with(bearer);
    twin.done("delete_task", said(&token)).await;
    assert_eq!(program.done("list_tasks", json!({})).await["tasks"], json!([]));
}
