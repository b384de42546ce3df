//! The outermost layer: it knows a request from its first byte to the end of its answer. Here a
//! request gets its id, a refusal becomes a problem, the headers that every answer has are set, and
//! the one line in the log is written.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::TraceId;
use todo_core::ErrorCode;
use tokio::time::Instant;
use tracing::Instrument;

use super::headers;
use super::identify::User;
use super::request_id::{REQUEST_ID, RequestId};
use super::spans::Traced;
use crate::App;
use crate::chain::Chain;
use crate::client::ClientAddress;
use crate::error::{ApiError, Carried, Verbatim};
use crate::problem::{MEDIA_TYPE, Problem, code_of, retry_after};

pub(super) async fn frame(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers(), app.clock.now());
    let traced = Traced::begin(&request, &id);
    let mut line = Line::begin(&request, id.clone(), traced.trace());
    request.extensions_mut().insert(id.clone());
    let client = ClientAddress::of(&request, &app.front().proxies);
    if let Some(client) = client {
        request.extensions_mut().insert(client);
    }

    let answer = ClientAddress::asks(client, next.run(request));
    let mut response = answer.instrument(traced.span().clone()).await;

    tell_options(&line.method, &mut response);
    refuse_well(&mut response, &id);
    headers::secure(&app, line.route(), &mut response);
    response.headers_mut().insert(REQUEST_ID, id.header());
    // Whoever asks again does so by another connection, and finds another server; on this one, the
    // next request and our end might pass each other.
    if app.is_draining() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    line.end(&app, &response);
    traced.end(response.status());
    response
}

/// A route answers `OPTIONS` with the methods it takes: the router adds `Allow` around this.
fn tell_options(method: &Method, response: &mut Response) {
    if method == Method::OPTIONS && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}

/// Writes the problem of a refusal, whoever refused: a handler, an extractor or the framework. One that is
/// [`Verbatim`] says it in the words of a protocol of its own.
fn refuse_well(response: &mut Response, id: &RequestId) {
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let is_problem = response.headers().get(CONTENT_TYPE).is_some_and(|is| is == MEDIA_TYPE);
    let verbatim = response.extensions().get::<Verbatim>().is_some();
    if !refused || is_problem || verbatim {
        return;
    }
    let carried = response.extensions_mut().remove::<Carried>();
    let (problem, code) = match &carried {
        Some(Carried(error)) => {
            log_fault(error, id);
            (Problem::new(error, id), error.code())
        }
        None => (Problem::of_status(status, id), code_of(status)),
    };
    // Numbers, texts and a task, all of which JSON can say.
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(seconds) = retry_after(code).filter(|_| !headers.contains_key(RETRY_AFTER)) {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if code == ErrorCode::Unauthorized && !headers.contains_key(WWW_AUTHENTICATE) {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    *response.body_mut() = body.into();
}

/// A fault that is not the client's is logged once, here, with everything behind it.
fn log_fault(error: &ApiError, id: &RequestId) {
    if error.status_code().is_server_error() {
        let (id, code) = (id.as_str(), error.code().as_str());
        tracing::error!(request_id = id, code, error = %Chain(error), "failed");
    }
}

/// The line in the log. It is written even if the client goes away and the request is dropped.
struct Line {
    method: Method,
    route: Option<MatchedPath>,
    id: RequestId,
    trace: Option<TraceId>,
    begun: Instant,
    ended: bool,
}

impl Line {
    fn begin(request: &Request, id: RequestId, trace: Option<TraceId>) -> Self {
        Self {
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            id,
            trace,
            begun: Instant::now(),
            ended: false,
        }
    }

    /// The pattern of the route, never the path that was asked for: that may hold secrets.
    fn route(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }

    fn end(&mut self, app: &App, response: &Response) {
        self.ended = true;
        let took = self.begun.elapsed();
        app.metrics().answered(&self.method, self.route.as_ref(), response.status(), took);
        let user = response.extensions().get::<User>();
        tracing::info!(
            method = self.method.as_str(),
            route = self.route(),
            status = response.status().as_u16(),
            ms = milliseconds(took),
            request_id = self.id.as_str(),
            trace_id = self.trace.map(tracing::field::display),
            user = user.map(|User(owner)| tracing::field::display(owner.0)),
            "answered"
        );
    }
}

fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.ended {
            tracing::info!(
                method = self.method.as_str(),
                route = self.route(),
                ms = milliseconds(self.begun.elapsed()),
                request_id = self.id.as_str(),
                trace_id = self.trace.map(tracing::field::display),
                "the client went away"
            );
        }
    }
}
