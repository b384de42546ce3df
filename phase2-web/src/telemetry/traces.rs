//! Traces, sent to a collector by OTLP (protobuf over HTTP).
//!
//! Spans that ended wait in a queue of the SDK, which a thread of its own sends. Who is traced never
//! waits for it: when the queue is full, because the collector is slow or away, spans are dropped.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use tracing::level_filters::LevelFilter;
use tracing::{Subscriber, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::chain::Chain;
use crate::layers::SPANS;

/// How long the collector may take to accept what it is sent, all tries together.
const SENT_MAX: Duration = Duration::from_secs(5);
/// How long the last spans are waited for.
const LAST_MAX: Duration = Duration::from_secs(2);
/// Between two lines in the log about a collector that takes nothing.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// Who collects traces, and how many.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// The collector, as `http://127.0.0.1:4318`.
    pub endpoint: String,
    /// How much of those requests is recorded of which nobody has decided that before: from 0 to 1.
    pub ratio: f64,
}

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TracesError {
    /// There is nothing to know a collector by.
    #[error("the certificates that a collector's is signed with cannot be read")]
    Certificates(#[source] io::Error),
    /// The SDK refuses what it was told, as it may have been by `OTEL_…` in the environment.
    #[error("traces cannot be sent")]
    Exporter(#[source] Box<dyn Error + Send + Sync>),
}

/// Sends spans until it is finished.
#[derive(Debug)]
pub(super) struct Export(SdkTracerProvider);

impl Export {
    pub(super) fn start(traces: &Traces, name: &'static str) -> Result<Self, TracesError> {
        let problem = Problem::default();
        let client = client(traces, problem.clone())?;
        let exporter = Otlp::builder()
            .with_http()
            .with_endpoint(format!("{}/v1/traces", traces.endpoint.trim_end_matches('/')))
            .with_timeout(SENT_MAX)
            .with_shared_http_client(client)
            .build()
            .map_err(|error| TracesError::Exporter(error.into()))?;
        let named = [
            KeyValue::new("service.name", name),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ];
        let resource = Resource::builder_empty()
            .with_attributes(named)
            .with_detector(Box::new(EnvResourceDetector::new()));
        let provider = SdkTracerProvider::builder()
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(traces.ratio))))
            .with_resource(resource.build())
            .with_batch_exporter(Telling { exporter, problem, told: Mutex::default() })
            .build();
        Ok(Self(provider))
    }

    /// Makes the spans of requests and of questions to the database into those of a trace, and
    /// nothing else.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let spans = [SPANS, todo_store::SPANS].map(|target| (target, LevelFilter::TRACE));
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(env!("CARGO_PKG_NAME")))
            .with_context_activation(false)
            .with_location(false)
            .with_target(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_targets(spans))
    }

    pub(super) async fn finish(self) {
        // It waits on a thread: for the one that sends.
        let finished = spawn_blocking(move || self.0.shutdown_with_timeout(LAST_MAX)).await;
        if !matches!(finished, Ok(Ok(()))) {
            warn!("the last traces could not be sent");
        }
    }
}

/// Why nothing could be sent the last time.
#[derive(Debug, Clone, Default)]
struct Problem(Arc<Mutex<Option<String>>>);

impl Problem {
    fn note(&self, text: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An exporter that says in the log, once in a while, when nothing arrives.
#[derive(Debug)]
struct Telling {
    exporter: Otlp,
    problem: Problem,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    /// Spans that were sent in vain since. Of those that found no room in the queue the SDK tells nobody.
    lost: usize,
}

impl SpanExporter for Telling {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let done = self.exporter.export(batch).await;
        if let Err(error) = &done {
            self.tell(spans, error);
        }
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl Telling {
    fn tell(&self, spans: usize, error: &(dyn Error + 'static)) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.lost += spans;
        if told.last.is_none_or(|last| last.elapsed() >= TOLD_EVERY) {
            let error = self.problem.take().unwrap_or_else(|| Chain(error).to_string());
            warn!(error, spans = told.lost, "traces do not reach the collector");
            *told = Told { last: Some(Instant::now()), lost: 0 };
        }
    }
}

/// What talks to the collector.
fn client(traces: &Traces, problem: Problem) -> Result<Arc<dyn HttpClient>, TracesError> {
    let runtime = Handle::current();
    if traces.endpoint.starts_with("https://") {
        let client = HyperClient::new(tls().map_err(TracesError::Certificates)?, SENT_MAX, None);
        return Ok(Arc::new(OnRuntime { client, runtime, problem }));
    }
    let client = HyperClient::with_default_connector(SENT_MAX, None);
    Ok(Arc::new(OnRuntime { client, runtime, problem }))
}

/// Trusts whom the machine trusts.
fn tls() -> io::Result<HttpsConnector<HttpConnector>> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider)?;
    Ok(tls.https_only().enable_http1().build())
}

/// A client that works on our runtime, whoever asks it: the thread of the SDK has none. Follows no
/// redirect, and reads no answer that is longer than four megabytes.
struct OnRuntime<C> {
    client: C,
    runtime: Handle,
    problem: Problem,
}

/// Nothing of what is sent.
impl<C> fmt::Debug for OnRuntime<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnRuntime(…)")
    }
}

type Sent<'c> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'c>>;

impl<C: HttpClient + Clone + 'static> HttpClient for OnRuntime<C> {
    fn send_bytes<'c, 'sent>(&'c self, request: Request<Bytes>) -> Sent<'sent>
    where
        'c: 'sent,
    {
        Box::pin(async {
            let client = self.client.clone();
            let answer = self.runtime.spawn(async move { client.send_bytes(request).await });
            let answer = answer.await?;
            match &answer {
                Ok(answer) if answer.status().is_success() => {}
                Ok(answer) => self.problem.note(format!("it answered {}", answer.status())),
                Err(error) => self.problem.note(Chain(error.as_ref()).to_string()),
            }
            answer
        })
    }
}
