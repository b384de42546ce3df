//! A collector of traces, as small as one can be.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Keeps what it is sent.
pub(super) struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Received {
    pub(super) spans: Vec<Span>,
    /// Who sent them.
    pub(super) services: Vec<String>,
}

impl Collector {
    pub(super) fn start(runtime: &Runtime) -> Self {
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let received = Arc::new(Mutex::new(Received::default()));
        let kept = Arc::clone(&received);
        let take = post(async move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-protobuf");
            let request = ExportTraceServiceRequest::decode(body).expect("a request of OTLP");
            kept.lock().expect("nobody panics").take(request);
            StatusCode::OK
        });
        let routes = Router::new().route("/v1/traces", take);
        runtime.spawn(async move { axum::serve(listener, routes).await });
        Self { address, received }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has been sent so far.
    pub(super) fn received(&self) -> Received {
        self.received.lock().expect("nobody panics").clone()
    }
}

impl Received {
    fn take(&mut self, request: ExportTraceServiceRequest) {
        for sent in request.resource_spans {
            let resource = sent.resource.expect("who it is of");
            self.services.extend(text_of(&resource.attributes, "service.name"));
            self.spans.extend(sent.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }

    /// The spans of a trace.
    pub(super) fn of(&self, trace: &str) -> Vec<&Span> {
        self.spans.iter().filter(|span| hex(&span.trace_id) == trace).collect()
    }
}

/// An attribute of a span that is a text.
pub(super) fn text(span: &Span, key: &str) -> Option<String> {
    text_of(&span.attributes, key)
}

/// An attribute of a span that is a number.
pub(super) fn number(span: &Span, key: &str) -> Option<i64> {
    match value(&span.attributes, key)? {
        Value::IntValue(number) => Some(*number),
        _ => None,
    }
}

fn text_of(attributes: &[KeyValue], key: &str) -> Option<String> {
    match value(attributes, key)? {
        Value::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}

fn value<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    let AnyValue { value } = attribute.value.as_ref()?;
    value.as_ref()
}

/// An identity as `traceparent` writes it.
pub(super) fn hex(id: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(id)
}
