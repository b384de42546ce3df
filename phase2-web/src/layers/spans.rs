//! The span of a request in a trace, which those of its questions to the database lie below.
//!
//! Its attributes are those that OpenTelemetry's conventions for HTTP servers name, without the path
//! and the query: these may hold secrets, and what users look for.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method, StatusCode};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TraceId};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Span, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::request_id::RequestId;
use crate::metrics::named;

/// What the spans of this crate are known by. They are of the finest level, so that nothing but an
/// exporter of traces asks for them; without one, a span is the comparison of two numbers.
pub(crate) const SPANS: &str = "todo_web::spans";

/// Longest `traceparent` that is read: its first version has 55 bytes, and later ones begin alike.
const PARENT_MAX: usize = 256;

/// A span for work that goes on even if the request is given up that began it. It is of the same trace
/// and lies below that request's, but does not keep that open: a child of it would.
pub(crate) fn detached(work: &'static str) -> Span {
    let request = Span::current();
    let span = trace_span!(
        target: SPANS,
        parent: None,
        "detached",
        otel.name = work,
        otel.kind = "internal",
    );
    if !span.is_disabled() {
        // It is refused only by a span that has begun, or that is none.
        let _set = span.set_parent(request.context());
    }
    span
}

/// A request as a trace knows it; nothing where there are no traces.
#[derive(Debug)]
pub(super) struct Traced {
    span: Span,
    /// Only of one that is recorded: of another nobody has anything.
    trace: Option<TraceId>,
}

impl Traced {
    pub(super) fn begin(request: &Request, id: &RequestId) -> Self {
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let span = trace_span!(
            target: SPANS,
            "request",
            otel.name = name(request.method(), route),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method(request.method()),
            http.route = route,
            http.response.status_code = Empty,
            error.type = Empty,
            todo.request_id = id.as_str(),
        );
        if span.is_disabled() {
            return Self { span, trace: None };
        }
        let propagator = TraceContextPropagator::new();
        let parent = propagator.extract_with_context(&Context::new(), &Parent(request.headers()));
        // It is refused only by a span that has begun, or that is none.
        let _set = span.set_parent(parent);
        let context = span.context();
        let context = context.span().span_context().clone();
        let trace = context.is_sampled().then(|| context.trace_id());
        Self { span, trace }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// For the line in the log.
    pub(super) fn trace(&self) -> Option<TraceId> {
        self.trace
    }

    pub(super) fn end(&self, status: StatusCode) {
        // A whole number is told as one only where it is signed.
        self.span.record("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", status.as_str());
        }
    }
}

/// A name that few requests differ in.
fn name(method: &Method, route: Option<&str>) -> String {
    let method = match named(method) {
        "other" => "HTTP",
        known => known,
    };
    match route {
        Some(route) => format!("{method} {route}"),
        None => method.to_owned(),
    }
}

fn method(method: &Method) -> &'static str {
    match named(method) {
        "other" => "_OTHER",
        known => known,
    }
}

/// The `traceparent` of a request, and no other header: what a `tracestate` says is for systems that
/// are asked further, and there are none.
struct Parent<'h>(&'h HeaderMap);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let mut given = self.0.get_all("traceparent").iter().filter(|_| key == "traceparent");
        let (first, second) = (given.next()?, given.next());
        // Of two nobody can say which is meant.
        let one = first.to_str().ok().filter(|text| text.len() <= PARENT_MAX);
        one.filter(|_| second.is_none())
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
