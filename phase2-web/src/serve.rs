//! Serving connections: the listener and the word to stop come from outside, so that whoever starts
//! a server owns both.
//!
//! HTTP/1.1 only. Browsers speak HTTP/2 over TLS alone, and what ends the TLS speaks HTTP/1.1 to
//! us; guessing the version from the first bytes would wait for them without a limit.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::Version;
use axum::http::header::HOST;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::Service;

use crate::App;
use crate::auth::keep_abreast;
use crate::kept::Kept;
use crate::layers::NoHost;
use crate::metrics;

/// Longest head of a request, and what is read of it at a time. A longer one is answered with 431.
const HEAD_MAX: usize = 64 * 1024;

/// How long, and how many bytes, of what a refused client still sends are read and thrown away: as long a
/// body as is ever taken, from a proxy that sends it all before it looks at the answer.
const LINGER: Duration = Duration::from_secs(5);
/// The same for one that stopping waits for.
const LINGER_AT_END: Duration = Duration::from_secs(1);
const LINGER_MAX: usize = 64 * 1024 * 1024;

/// How long a connection that is told to end is still listened to: what its client has sent by then may
/// not have been read yet.
const LAST_CALL: Duration = Duration::from_millis(200);

/// How long to leave the listener alone when it fails, as it does when files run out.
const PAUSE: Duration = Duration::from_millis(200);

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Every request was answered.
    Clean,
    /// So many connections still had a request when the time was up.
    CutOff(usize),
}

/// Serves until `stop` comes true; then says so at `/ready` for a moment, in which a load balancer
/// that does not know yet is still served, takes no more connections and finishes what has begun.
///
/// Mails that wait are tried once more after that.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    app: &App,
    stop: impl Future<Output = ()>,
) -> Stopped {
    let abreast = tokio::spawn(keep_abreast(app.clone()));
    let (end, left, open) = Open::none();
    let patience = Patience::of(app);
    let accept =
        async || accept(&listener, &patience, &open, &router, || app.metrics().connected()).await;
    tokio::select! {
        biased;
        () = stop => {}
        never = accept() => match never {},
    }
    app.drain();
    // Connections that are open stay so for as long: through one of them it may ask.
    let _over = tokio::time::timeout(app.front().notice, accept()).await;
    take_the_last(listener, &patience, &open, &router, || app.metrics().connected());
    drop(open);
    tracing::info!(connections = left.receiver_count(), "stopping");
    end.send_replace(true);
    let closed = tokio::time::timeout(app.front().drain_timeout, left.closed()).await;
    abreast.abort();
    app.send_what_is_left().await;
    match closed {
        Ok(()) => Stopped::Clean,
        Err(_) => Stopped::CutOff(left.receiver_count()),
    }
}

/// Serves what an operator watches, and nothing else, at `/metrics`: on a listener of its own, for it is
/// not for everybody. Ends when it is dropped.
pub async fn serve_metrics(listener: TcpListener, app: App) -> Infallible {
    let (_end, _left, open) = Open::none();
    let (patience, router) = (Patience::of(&app), metrics::routes(app));
    accept(&listener, &patience, &open, &router, || ()).await
}

/// Takes connections. Each is answered while `open` says nothing, and keeps what `hold` gives for as
/// long as it is open.
async fn accept<H: Send + Unpin + 'static>(
    listener: &TcpListener,
    patience: &Patience,
    open: &Open,
    router: &Router,
    hold: impl Fn() -> H,
) -> Infallible {
    loop {
        // Nobody closes the semaphore.
        let Ok(place) = Arc::clone(&patience.places).acquire_owned().await else { continue };
        match listener.accept().await {
            Ok((stream, peer)) => {
                answer(patience, open.clone(), router, stream, peer, (place, hold()));
            }
            Err(error) => pause(&error).await,
        }
    }
}

/// Takes those who have connected and were not taken yet, and closes the listener, which hangs up on who
/// is left: no more than may be open at all.
fn take_the_last<H: Send + Unpin + 'static>(
    listener: TcpListener,
    patience: &Patience,
    open: &Open,
    router: &Router,
    hold: impl Fn() -> H,
) {
    // It waits for nobody: it is as it was made, and answers that there is none.
    let Ok(listener) = listener.into_std() else { return };
    while let Ok(place) = Arc::clone(&patience.places).try_acquire_owned()
        && let Ok((stream, peer)) = listener.accept()
    {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        // One that cannot be served is closed.
        if let Ok(stream) = stream {
            answer(patience, open.clone(), router, stream, peer, (place, hold()));
        }
    }
}

/// What every connection has.
#[derive(Debug, Clone)]
struct Open {
    /// Tells it to end.
    end: watch::Receiver<bool>,
    /// Tells by being there that it is open.
    left: watch::Receiver<()>,
}

impl Open {
    fn none() -> (watch::Sender<bool>, watch::Sender<()>, Self) {
        let ((told, end), (counts, left)) = (watch::channel(false), watch::channel(()));
        (told, counts, Self { end, left })
    }
}

/// How a connection is spoken over, and how long a client that is slow is waited for.
struct Patience {
    http: http1::Builder,
    send: Duration,
    /// One for each connection that may be open.
    places: Arc<Semaphore>,
}

impl Patience {
    fn of(app: &App) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(app.front().head_timeout)
            .max_buf_size(HEAD_MAX);
        let front = app.front();
        Self { http, send: front.send_timeout, places: Arc::new(Semaphore::new(front.connections)) }
    }
}

/// Answers what comes over one connection, beside everything else.
fn answer<H: Send + Unpin + 'static>(
    patience: &Patience,
    open: Open,
    router: &Router,
    stream: TcpStream,
    peer: SocketAddr,
    held: H,
) {
    // An answer goes out when it is whole, not when the packet is full.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
    let router = router.clone();
    let service = service_fn(move |request| call(router.clone(), request, peer));
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience.send));
    // What becomes a socket goes on as a connection, although no request is answered over it any more.
    let Open { mut end, left } = open;
    let stream = Kept::new(stream, (held, left));
    let connection = patience.http.serve_connection(TokioIo::new(stream), service);
    let mut connection = connection.with_upgrades();
    tokio::spawn(async move {
        let mut ended = tokio::select! {
            ended = &mut connection => Some(ended),
            _ = end.changed() => None,
        };
        if ended.is_none() {
            // A request that was not read yet would be thrown away; its answer closes the connection.
            ended = tokio::time::timeout(LAST_CALL, &mut connection).await.ok();
        }
        let ended = if let Some(ended) = ended {
            ended
        } else {
            // Answers what it is at, and closes.
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        };
        // A client that hangs up, or is too slow: every server has them.
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
        let patience = if *end.borrow() { LINGER_AT_END } else { LINGER };
        // One that became a socket is in other hands.
        if let Some(parts) = connection.into_parts() {
            linger(parts.io.into_inner(), patience).await;
        }
    });
}

/// Reads what a client still sends after its last answer: of a request that was refused, or of a body that
/// was. To close with something unread resets the connection, and then the client may never see the answer
/// (RFC 9112 9.6). One that has nothing to send closes its side too, and is let go at once.
async fn linger<H: Unpin>(mut stream: Kept<H>, patience: Duration) {
    let mut buffer = vec![0; 16 * 1024];
    let rest = async {
        stream.shutdown().await?;
        let mut left = LINGER_MAX;
        while left > 0 {
            match stream.read(&mut buffer).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        io::Result::Ok(())
    };
    // However it ends, it is over.
    let _ended = tokio::time::timeout(patience, rest).await;
}

async fn call(
    mut router: Router,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    if !names_one_host(&request) {
        request.extensions_mut().insert(NoHost);
    }
    router.call(request.map(Body::new)).await
}

/// RFC 9112 3.2: HTTP/1.1 asks for one `Host`, and nothing takes two.
fn names_one_host(request: &Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() < Version::HTTP_11)
}

/// A client that gave up before it was accepted is nothing; all else may last a while.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be taken");
        tokio::time::sleep(PAUSE).await;
    }
}
