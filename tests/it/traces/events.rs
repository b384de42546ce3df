//! A trace goes on behind its request: through the log to consumers and to sockets (SPEC 9).

use axum::http::{Method, StatusCode};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};
use todo_tests::http::{Asked, Client};
use todo_tests::services::{Database, TodoServer, until};
use tokio::runtime::Runtime;

use super::collector::{Collector, Received, hex, text};
use super::{CALLER, ENDPOINT, TRACE, below};
use crate::faults::listener::Listener;

/// The trace in which the account is made.
const ACCOUNT: &str = "0af7651916cd43dd8448eb211c80319c";

#[test]
fn a_request_is_traced_to_consumers_and_sockets_on_sqlite() {
    traced(TodoServer::alone());
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_request_is_traced_to_consumers_and_sockets_on_postgres() {
    let database = Database::fresh();
    traced(TodoServer::with("all", database.url()));
}

fn traced(server: TodoServer) {
    let runtime = Runtime::new().expect("a runtime");
    let collector = Collector::start(&runtime);
    let mut server = server.set(vec![(ENDPOINT, collector.url())]);
    server.start_ready(&runtime);
    let client = Client::new(server.address());
    let ask = |asked: Asked| runtime.block_on(client.ask(asked)).expect("an answer");
    let person = json!({ "email": "ann@example.org", "password": "correct horse battery" });
    let register = Asked::new(Method::POST, "/api/auth/register").json(&person);
    let answer = ask(register.header("traceparent", format!("00-{ACCOUNT}-{CALLER}-01")));
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let session: Value = answer.json().expect("a session");
    let token = session["access_token"].as_str().expect("a token");

    // Whoever has seen what was before is told of what comes while it happens.
    let listener = Listener::start(&runtime, vec![server.address()], token.to_owned());
    listener.comes_to(2);
    let add = Asked::new(Method::POST, "/api/tasks").json(&json!({ "title": "private-words" }));
    let add = add.header("traceparent", format!("00-{TRACE}-{CALLER}-01")).bearer(token);
    assert_eq!(ask(add).status, StatusCode::CREATED);
    listener.has_seen(&runtime, 3);
    until("the audit does not tell of all", || {
        let told: Value = ask(Asked::new(Method::GET, "/api/audit").bearer(token)).json()?;
        let count = told["items"].as_array().map_or(0, Vec::len);
        if count == 3 { Ok(()) } else { Err(format!("{count} of 3")) }
    });
    server.stop();

    let received = collector.received();
    for name in ["audit", "live"] {
        follows(&received, TRACE, (name, "task.created"));
    }
    // Of an account no more is known than that.
    for event in ["user.registered", "auth.logged_in"] {
        follows(&received, ACCOUNT, ("audit", event));
    }
    assert!(!format!("{received:?}").contains("private"), "what a task says is in no trace");
}

/// What was done about an event is a part of the trace, below the request that it came of.
fn follows(received: &Received, trace: &str, (name, event): (&str, &str)) {
    let spans = received.of(trace);
    let root = spans.iter().find(|span| hex(&span.parent_span_id) == CALLER).expect("a request");
    let is_it = |span: &&&Span| {
        span.name == name && text(span, "todo.event_type").as_deref() == Some(event)
    };
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    assert!(!found.is_empty(), "{name} of {event}: {spans:?}");
    assert_eq!(found[0].kind, SpanKind::Consumer as i32);
    assert!(below(&spans, found[0], root), "{:?}", found[0]);
}
