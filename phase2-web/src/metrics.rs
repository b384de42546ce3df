//! What an operator watches: counts and durations since the start, as Prometheus reads them.
//!
//! Each label has few values: methods and statuses that there are, and the pattern of a route, never
//! what was asked for. There is no label for users.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeLabelValue, EncodeMetric, LabelValueEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use todo_core::{Owner, Timestamp};
use todo_store::Store;

use crate::App;
use crate::lately::Lately;

/// The form of what is told.
const OPEN_METRICS: [(HeaderName, &str); 1] =
    [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];

/// Bounds of durations, in seconds: from what a read takes to where a request is given up.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Counts and durations since the start.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// Others add their own when they start.
    registry: Mutex<Registry>,
    answers: Family<Answer, Counter>,
    durations: Family<Question, Histogram, fn() -> Histogram>,
    refused: Family<Refused, Counter>,
    mails: Family<Mailed, Counter>,
    connections: Gauge,
    lately: Lately,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: Route,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Question {
    method: &'static str,
    route: Route,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    reason: Reason,
}

/// Why a log-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    /// The password is not that of the account, or there is no such account.
    Wrong,
    /// Too many have failed before.
    HeldUp,
}

impl EncodeLabelValue for Reason {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        let text = match self {
            Self::Wrong => "wrong_password",
            Self::HeldUp => "too_many",
        };
        text.encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Mailed {
    outcome: Fate,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fate {
    /// The mail server has taken it.
    Sent,
    /// It was given up, after some tries or at once.
    Failed,
    /// Too many were waiting.
    Dropped,
}

impl EncodeLabelValue for Fate {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        let text = match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        };
        text.encode(encoder)
    }
}

/// The pattern of a route; nothing where none fits.
#[derive(Debug, Clone)]
struct Route(Option<MatchedPath>);

impl Route {
    fn as_str(&self) -> &str {
        self.0.as_ref().map_or("-", MatchedPath::as_str)
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}

impl Metrics {
    /// Nothing yet, of an application that starts now.
    pub(crate) fn new(store: Store, now: Timestamp) -> Self {
        let mut registry = Registry::default();
        let answers = Family::default();
        let help = "Requests that were answered";
        registry.register("http_requests", help, answers.clone());
        let durations: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        let help = "From the head of a request to the beginning of its answer";
        let (name, unit) = ("http_request_duration", Unit::Seconds);
        registry.register_with_unit(name, help, unit, durations.clone());
        // There from the start, so that the first failure is seen to be one more.
        let refused = Family::default();
        for reason in [Reason::Wrong, Reason::HeldUp] {
            drop(refused.get_or_create(&Refused { reason }));
        }
        registry.register("login_failures", "Log-ins that were refused", refused.clone());
        let mails = Family::default();
        for outcome in [Fate::Sent, Fate::Failed, Fate::Dropped] {
            drop(mails.get_or_create(&Mailed { outcome }));
        }
        registry.register("mails", "What became of mails", mails.clone());
        let connections = Gauge::default();
        let help = "Connections of clients that are open";
        registry.register("active_connections", help, connections.clone());
        let started = Gauge::<f64, AtomicU64>::default();
        started.set(Duration::from_millis(now.millis().unsigned_abs()).as_secs_f64());
        let help = "When the server started, since 1970";
        registry.register_with_unit("process_start_time", help, Unit::Seconds, started);
        registry.register_collector(Box::new(OfStore(store)));
        let lately = Lately::default();
        registry.register_collector(Box::new(lately.clone()));
        let registry = Mutex::new(registry);
        Self { registry, answers, durations, refused, mails, connections, lately }
    }

    /// A request was answered.
    pub(crate) fn answered(
        &self,
        method: &Method,
        route: Option<&MatchedPath>,
        status: StatusCode,
        took: Duration,
    ) {
        let (method, route) = (named(method), Route(route.cloned()));
        let question = Question { method, route: route.clone() };
        self.durations.get_or_create(&question).observe(took.as_secs_f64());
        let status = status.as_u16();
        self.answers.get_or_create(&Answer { method, route, status }).inc();
    }

    /// A user has asked for something.
    pub(crate) fn asked(&self, owner: Owner) {
        self.lately.asked(owner);
    }

    /// A log-in was refused.
    pub(crate) fn login_failed(&self, reason: Reason) {
        self.refused.get_or_create(&Refused { reason }).inc();
    }

    /// A mail was sent, or not.
    pub(crate) fn mailed(&self, outcome: Fate) {
        self.mails.get_or_create(&Mailed { outcome }).inc();
    }

    /// A client has connected, for as long as this is kept.
    pub(crate) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry())?;
        Ok(text)
    }
}

/// Anybody can make up methods: those that are not known are one.
pub(crate) fn named(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A connection of a client.
#[derive(Debug)]
pub(crate) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What the store tells when it is asked.
#[derive(Debug)]
struct OfStore(Store);

impl Collector for OfStore {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let measures = self.0.measures();
        for (name, help, count) in [
            ("todos_created", "Tasks that came to be", measures.created),
            ("todos_completed", "Tasks that were completed", measures.completed),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, MetricType::Counter)?)?;
        }
        let connections = measures.connections;
        let idle = connections.open.saturating_sub(connections.used);
        let help = "Connections to the database: on SQLite those that read";
        let kind = MetricType::Gauge;
        let mut pool = encoder.encode_descriptor("db_pool_connections", help, None, kind)?;
        for (state, count) in [("used", connections.used), ("idle", idle)] {
            ConstGauge::new(count).encode(pool.encode_family(&[("state", state)])?)?;
        }
        for (name, help, count) in [
            ("db_pool_connections_max", "Connections that there may be", connections.most),
            ("db_pool_waiting", "Those who wait for a connection", connections.waiting),
        ] {
            let gauge = ConstGauge::new(count);
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}

/// What is served apart from everything else.
pub(crate) fn routes(app: App) -> Router {
    Router::new().route("/metrics", get(tell)).with_state(app)
}

async fn tell(State(app): State<App>) -> Response {
    match app.metrics().text() {
        Ok(text) => (OPEN_METRICS, text).into_response(),
        // A number that the format cannot hold.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
