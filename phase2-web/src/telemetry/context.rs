//! Traces that go on where a request does not: through the log, to whoever is told of what it did.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Span, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::layers::SPANS;

const PARENT: &str = "traceparent";

/// The place in a trace at which this is called, as W3C writes it; nothing where there is none.
pub fn traceparent() -> Option<String> {
    let span = Span::current();
    if span.is_none() {
        return None;
    }
    let mut carried = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carried);
    carried.remove(PARENT)
}

/// A span for what is done about an event, in the trace of the request that it came of. What is no
/// `traceparent` begins a trace of its own.
pub fn follows(traceparent: Option<&str>, name: &'static str, event_type: &str) -> Span {
    let Some(traceparent) = traceparent else { return Span::none() };
    let span = trace_span!(
        target: SPANS,
        parent: None,
        "event",
        otel.name = name,
        otel.kind = "consumer",
        messaging.operation.name = "process",
        todo.event_type = event_type,
    );
    if !span.is_disabled() {
        let carried = HashMap::from([(PARENT.to_owned(), traceparent.to_owned())]);
        let propagator = TraceContextPropagator::new();
        // It is refused only by a span that has begun, or that is none.
        let _set = span.set_parent(propagator.extract_with_context(&Context::new(), &carried));
    }
    span
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{TraceContextExt, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// SPEC 9: who is told of an event works in the trace of the request that it came of.
    #[test]
    fn what_is_done_about_an_event_is_in_its_requests_trace() {
        assert_eq!(traceparent(), None, "nobody collects traces");
        assert!(follows(Some("x"), "audit", "task.created").is_disabled());
        let provider = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let _kept = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        assert_eq!(traceparent(), None, "there is no request");

        let request = tracing::info_span!("request");
        let carried = request.in_scope(traceparent).expect("a place in a trace");
        assert_eq!((carried.len(), &carried[..3]), (55, "00-"));
        let consumer = follows(Some(&carried), "audit", "task.created");
        let trace = |span: &Span| span.context().span().span_context().trace_id();
        assert_eq!(trace(&consumer), trace(&request));
        assert!(follows(None, "audit", "task.created").is_none());
        // Whatever stands there, it does no harm.
        assert_ne!(trace(&follows(Some("no trace"), "audit", "x")), trace(&request));
    }
}
