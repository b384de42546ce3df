//! How long a request may be, and how long it may take.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use todo_core::ErrorCode;

use crate::{ApiError, App};

/// Longest path with its query. The cursor behind a title that folding has made long is up to 32 KiB.
const URL_MAX: usize = 40 * 1024;

/// Longest body.
const BODY_MAX: usize = 1024 * 1024;

/// Where more is taken, in more time.
const IMPORT: &str = "/api/import";
const IMPORT_MAX: usize = 64 * 1024 * 1024;
const IMPORT_TIMES: u32 = 10;

/// Marks a request that came over the wire without a `Host`, or with several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoHost;

/// How many bytes the body of a request may be long. It travels with the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyMax(usize);

impl Default for BodyMax {
    fn default() -> Self {
        Self(BODY_MAX)
    }
}

impl BodyMax {
    /// The refusal of a longer one.
    pub(crate) fn exceeded(self) -> ApiError {
        let message = format!("the body is too long; at most {} MiB are taken", self.0 / BODY_MAX);
        ApiError::new(ErrorCode::PayloadTooLarge, message)
    }
}

/// What the request may take.
struct Bounds {
    body: BodyMax,
    time: Duration,
}

impl Bounds {
    fn of(request: &Request, time: Duration) -> Self {
        match request.extensions().get::<MatchedPath>() {
            Some(route) if route.as_str() == IMPORT => {
                Self { body: BodyMax(IMPORT_MAX), time: time * IMPORT_TIMES }
            }
            _ => Self { body: BodyMax::default(), time },
        }
    }
}

/// Refuses what is too long before it is read, and gives up on what takes too long.
pub(super) async fn keep(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<NoHost>().is_some() {
        return ApiError::malformed("name the server in one Host header").into_response();
    }
    let bounds = Bounds::of(&request, app.front().timeout);
    let url = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
    if url > URL_MAX {
        let message = format!("the address is {url} bytes long; at most {URL_MAX} are taken");
        let error = ApiError::new(ErrorCode::ValidationError, message);
        return error.status(StatusCode::URI_TOO_LONG).into_response();
    }
    let length = request.body().size_hint().lower();
    if usize::try_from(length).is_ok_and(|length| length > bounds.body.0) {
        return bounds.body.exceeded().into_response();
    }
    DefaultBodyLimit::max(bounds.body.0).apply(&mut request);
    request.extensions_mut().insert(bounds.body);
    let (request, arrived) = watch(request);
    match tokio::time::timeout(bounds.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) if !arrived.load(Ordering::Acquire) => {
            let message = "the body took too long to arrive; send it again";
            let error = ApiError::new(ErrorCode::ValidationError, message);
            error.status(StatusCode::REQUEST_TIMEOUT).into_response()
        }
        Err(_) => {
            let message = "this took too long; look whether it was done before you try again";
            ApiError::new(ErrorCode::StorageUnavailable, message).into_response()
        }
    }
}

/// Whose fault it is that a request takes long: the client's, until its whole body is here.
fn watch(request: Request) -> (Request, Arc<AtomicBool>) {
    let arrived = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    if request.body().is_end_stream() {
        return (request, arrived);
    }
    let watched = Arc::clone(&arrived);
    (request.map(|body| Body::new(Watched { body, arrived: watched })), arrived)
}

struct Watched {
    body: Body,
    arrived: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        let ended = matches!(frame, Poll::Ready(None)) || self.body.is_end_stream();
        self.arrived.fetch_or(ended, Ordering::Release);
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
