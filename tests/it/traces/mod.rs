//! What a collector of traces is told, and that nobody waits for it (SPEC 7, Operations).

mod collector;
mod events;

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as Outcome;
use serde_json::{Value, json};
use todo_tests::http::{Answer, Asked};
use todo_tests::services::{Database, TodoWeb, free_port};
use tokio::runtime::Runtime;

use crate::outage::writers::Account;
use collector::{Collector, Received, hex, number, text};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const RATIO: &str = "OTEL_TRACES_SAMPLER_ARG";

/// How long stopping may take: a second's notice, two for the last spans, and room for a machine that
/// has other things to do. A collector that is waited for would take more.
const STOPPED_MAX: Duration = Duration::from_secs(15);

#[test]
fn a_request_is_traced_to_its_questions_on_sqlite() {
    traced(None, "sqlite");
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn a_request_is_traced_to_its_questions_on_postgres() {
    let database = Database::fresh();
    traced(Some(database.url()), "postgresql");
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

fn traced(url: Option<String>, system: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let collector = Collector::start(&runtime);
    let mut server = TodoWeb::start_with(&runtime, url, vec![(ENDPOINT, collector.url())]);
    let account = runtime.block_on(Account::register(server.address()));
    let made = ask(
        &runtime,
        &account,
        Asked::new(Method::POST, "/api/tasks?dry_run=false")
            .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
            .json(&json!({ "title": "private-words" })),
    );
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let path = "/api/tasks?search=private-words";
    assert_eq!(ask(&runtime, &account, Asked::new(Method::GET, path)).status, StatusCode::OK);
    let file = Asked::new(Method::POST, "/api/import?format=todotxt");
    let taken = ask(&runtime, &account, file.body("text/plain", "a task of a file\n"));
    assert_eq!(taken.status, StatusCode::OK, "{taken:?}");
    let others = Asked::new(Method::DELETE, "/api/auth/sessions");
    assert!(ask(&runtime, &account, others).status.is_success());
    // What has not been sent yet is sent at the end.
    server.stop();

    let received = collector.received();
    // What is asked beside requests, as at the start, is no trace of its own; what outlives one is of its.
    let roots = received.spans.iter().filter(|span| span.parent_span_id.is_empty());
    let strays: Vec<_> = roots.filter(|span| span.kind != SpanKind::Server as i32).collect();
    assert!(strays.is_empty(), "{strays:?}");
    for (name, work) in
        [("POST /api/import", "import"), ("DELETE /api/auth/sessions", "change an account")]
    {
        let (root, work) = (only(&received, name), only(&received, work));
        assert_eq!((&work.trace_id, &work.parent_span_id), (&root.trace_id, &root.span_id));
        let trace = received.of(&hex(&root.trace_id));
        let asked =
            |span: &&Span| below(&trace, span, work) && span.kind == SpanKind::Client as i32;
        assert!(trace.iter().copied().any(|span| asked(&span)), "{name}: {trace:?}");
    }
    assert!(received.services.iter().all(|name| name == "todo-web"), "{:?}", received.services);
    let root = only(&received, "POST /api/tasks");
    assert_eq!((hex(&root.trace_id), hex(&root.parent_span_id)), (TRACE.into(), CALLER.into()));
    assert_eq!(root.kind, SpanKind::Server as i32);
    assert_eq!(text(root, "http.request.method").as_deref(), Some("POST"));
    assert_eq!(text(root, "http.route").as_deref(), Some("/api/tasks"));
    assert_eq!(number(root, "http.response.status_code"), Some(201));
    assert_eq!(text(root, "todo.request_id").as_deref(), made.header("x-request-id"));
    assert_eq!(text(root, "url.path"), None);
    questions(&received, root, system, "INSERT INTO tasks");

    // One that nobody traces has a trace of its own.
    let root = only(&received, "GET /api/tasks");
    assert!(root.parent_span_id.is_empty() && hex(&root.trace_id) != TRACE);
    questions(&received, root, system, "FROM tasks");
    let line = lines(&server).find(|line| line["trace_id"] == hex(&root.trace_id));
    assert_eq!(line.expect("the line of the request")["message"], "answered");

    let told = format!("{received:?}");
    for secret in ["private", "correct horse", "ann@example", &account.token] {
        assert!(!told.contains(secret), "{secret}");
    }
}

/// The questions to the database that were asked for a request: all below its span, with the text of
/// the statement, of which one holds `words`.
fn questions(received: &Received, root: &Span, system: &str, words: &str) {
    let trace = received.of(&hex(&root.trace_id));
    let mut statements = Vec::new();
    for span in trace.iter().filter(|span| span.span_id != root.span_id) {
        assert!(below(&trace, span, root), "{span:?}");
        assert_eq!(text(span, "db.system.name").as_deref(), Some(system), "{span:?}");
        if let Some(statement) = text(span, "db.query.text") {
            assert_eq!(span.kind, SpanKind::Client as i32);
            let verb = text(span, "db.operation.name").expect("what it does");
            assert!(statement.starts_with(&verb) && span.name == verb, "{span:?}");
            statements.push(statement);
        }
    }
    assert!(statements.iter().any(|statement| statement.contains(words)), "{statements:?}");
}

/// Whether a span lies below another.
fn below(trace: &[&Span], span: &Span, root: &Span) -> bool {
    if span.parent_span_id == root.span_id {
        return true;
    }
    let above = trace.iter().find(|above| above.span_id == span.parent_span_id);
    above.is_some_and(|above| below(trace, above, root))
}

/// Who has decided already is followed; of the rest, `OTEL_TRACES_SAMPLER_ARG` says how much.
#[test]
fn what_is_traced_can_be_decided_before_and_here() {
    let runtime = Runtime::new().expect("a runtime");
    let collector = Collector::start(&runtime);
    let settings = vec![(ENDPOINT, collector.url()), (RATIO, "0".to_owned())];
    let mut server = TodoWeb::start_with(&runtime, None, settings);
    let account = runtime.block_on(Account::register(server.address()));
    let missing = |parents: &[&str]| {
        let mut asked = Asked::new(Method::GET, "/api/tasks/7");
        for parent in parents {
            asked = asked.header("traceparent", *parent);
        }
        assert_eq!(ask(&runtime, &account, asked).status, StatusCode::NOT_FOUND);
    };
    let sampled = format!("00-{TRACE}-{CALLER}-01");
    missing(&[]);
    missing(&[&format!("00-{TRACE}-{CALLER}-00")]);
    missing(&["nonsense"]);
    missing(&[&format!("00-{}-{CALLER}-01", "0".repeat(32))]);
    missing(&[&format!("01-{TRACE}-{CALLER}-01-{}", "x".repeat(300))]);
    // Of two nobody can say which is meant.
    missing(&[&sampled, &sampled]);
    missing(&[&sampled]);
    server.stop();
    let received = collector.received();
    let root = only(&received, "GET /api/tasks/{id}");
    assert_eq!(hex(&root.trace_id), TRACE);
    assert_eq!(received.of(TRACE).len(), received.spans.len(), "{received:?}");
    // What a client did wrong is no failure of the server.
    assert_ne!(root.status.as_ref().map_or(0, |status| status.code), Outcome::Error as i32);
    assert_eq!(lines(&server).filter(|line| !line["trace_id"].is_null()).count(), 1);
}

/// A collector that is not there, and one that takes what it is sent and never answers.
#[test]
fn a_collector_that_does_not_answer_holds_nobody_up() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let silent = silent.local_addr().expect("a bound listener has an address").port();
    let runtime = Runtime::new().expect("a runtime");
    for port in [free_port(), silent] {
        let settings = vec![(ENDPOINT, format!("http://127.0.0.1:{port}"))];
        let mut server = TodoWeb::start_with(&runtime, None, settings);
        let account = runtime.block_on(Account::register(server.address()));
        for _ in 0..20 {
            let asked = Asked::new(Method::POST, "/api/tasks").json(&json!({ "title": "a" }));
            assert_eq!(ask(&runtime, &account, asked).status, StatusCode::CREATED);
        }
        let told = Instant::now();
        server.stop();
        assert!(told.elapsed() < STOPPED_MAX, "{:?}", told.elapsed());
        let warned: Vec<_> = lines(&server).filter(|line| line["level"] == "WARN").collect();
        // Once that nothing arrives, and once that the last did not.
        assert!((1..=2).contains(&warned.len()), "{warned:?}");
        assert!(warned.iter().all(|line| line.to_string().contains("traces")), "{warned:?}");
    }
}

/// The thread that sends is there with the setting, and not without.
#[test]
#[cfg(target_os = "linux")]
fn without_a_collector_nothing_is_started() {
    let runtime = Runtime::new().expect("a runtime");
    let collector = Collector::start(&runtime);
    for (settings, sends) in [(vec![], false), (vec![(ENDPOINT, collector.url())], true)] {
        let server = TodoWeb::start_with(&runtime, None, settings);
        let threads = format!("/proc/{}/task", server.pid().expect("it runs"));
        let threads = std::fs::read_dir(threads).expect("its threads");
        let mut names = threads.flatten().map(|thread| {
            // It may have ended meanwhile.
            std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default()
        });
        assert_eq!(names.any(|name| name.starts_with("OpenTelemetry")), sends);
    }
}

fn ask(runtime: &Runtime, account: &Account, asked: Asked) -> Answer {
    runtime.block_on(account.client.ask(asked.bearer(&account.token))).expect("an answer")
}

fn only<'r>(received: &'r Received, name: &str) -> &'r Span {
    let mut named = received.spans.iter().filter(|span| span.name == name);
    let first = named.next().unwrap_or_else(|| panic!("no span {name}: {received:?}"));
    assert!(named.next().is_none(), "{received:?}");
    first
}

fn lines(server: &TodoWeb) -> impl Iterator<Item = Value> {
    let lines: Vec<_> = server.log().lines().map(str::to_owned).collect();
    lines.into_iter().map(|line| serde_json::from_str(&line).expect("a line of JSON"))
}
