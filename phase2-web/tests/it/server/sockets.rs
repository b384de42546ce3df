//! Real connections: slow heads, stopping under load.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::stream;
use todo_web::{App, Front, Stopped, router, serve, surround};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::support::TestApp;

/// What ends a test that would wait for ever.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// A handler that says when it is reached, and waits to be let go.
#[derive(Clone)]
pub(super) struct Gate {
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self { reached: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) }
    }

    pub(super) fn routes(&self) -> Router<App> {
        let gate = self.clone();
        let wait = async move || {
            gate.reached.add_permits(1);
            gate.open.acquire().await.unwrap().forget();
            "let go"
        };
        Router::new().route("/wait", get(wait)).route("/quick", get(async || "quick"))
    }
}

pub(super) struct Served {
    pub(super) address: SocketAddr,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) done: JoinHandle<Stopped>,
    gate: Gate,
    /// Keeps the folder.
    _test: TestApp,
}

async fn served(front: Front) -> Served {
    let test = TestApp::with_front(front).await;
    let gate = Gate::new();
    let router = surround(gate.routes(), test.app.clone());
    serving(test, gate, router).await
}

pub(super) async fn serving(test: TestApp, gate: Gate, router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let app = test.app.clone();
    let done = tokio::spawn(async move {
        serve(listener, router, &app, async { stopped.await.unwrap_or_default() }).await
    });
    Served { address, stop, done, gate, _test: test }
}

pub(super) async fn sent(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Everything that comes until the server closes.
pub(super) async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await;
    read.expect("the server closes in time").unwrap();
    String::from_utf8(answer).unwrap()
}

pub(super) fn get_of(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[tokio::test]
async fn stopping_loses_no_request_that_was_begun() {
    const CLIENTS: u32 = 40;
    let server = served(Front::default()).await;
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        streams.push(sent(server.address, &get_of("/wait")).await);
    }
    server.gate.reached.acquire_many(CLIENTS).await.unwrap().forget();
    // One that is connected and has asked for nothing is not waited for.
    let mut idle = sent(server.address, &get_of("/quick")).await;
    let mut head = [0; 15];
    idle.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");

    server.stop.send(()).unwrap();
    rest(&mut idle).await;
    // By then nobody listens there any more.
    assert!(TcpStream::connect(server.address).await.is_err());
    server.gate.open.add_permits(CLIENTS as usize);
    for mut stream in streams {
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("let go"), "{answer}");
    }
    assert_eq!(server.done.await.unwrap(), Stopped::Clean);
}

/// SPEC 7, graceful shutdown: a request on a connection that was taken may be on its way when the end
/// comes, and is answered.
#[tokio::test]
async fn what_nobody_has_read_yet_when_it_ends_is_answered() {
    let server = served(Front { notice: Duration::ZERO, ..Front::default() }).await;
    let mut streams = Vec::new();
    for _ in 0..40 {
        streams.push(sent(server.address, "").await);
    }
    // All of them are taken: they come in turn, and this one is answered.
    sent(server.address, &get_of("/quick")).await.read_exact(&mut [0; 15]).await.unwrap();
    server.stop.send(()).unwrap();
    // The listener is closed in the moment in which the connections are told to end.
    while TcpStream::connect(server.address).await.is_ok() {}
    for stream in &mut streams {
        stream.write_all(get_of("/quick").as_bytes()).await.unwrap();
    }
    for mut stream in streams {
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer:?}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(server.done.await.unwrap(), Stopped::Clean);
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let front = Front { drain_timeout: Duration::from_millis(50), ..Front::default() };
    let server = served(front).await;
    let _stream = sent(server.address, &get_of("/wait")).await;
    server.gate.reached.acquire().await.unwrap().forget();
    server.stop.send(()).unwrap();
    assert_eq!(server.done.await.unwrap(), Stopped::CutOff(1));
}

#[tokio::test]
async fn a_client_that_dribbles_its_head_is_let_go_of() {
    let front = Front { head_timeout: Duration::from_millis(100), ..Front::default() };
    let server = served(front).await;
    for begun in ["", "G", "GET /quick HTTP/1.1\r\nHost: lo"] {
        let mut stream = sent(server.address, begun).await;
        let answer = rest(&mut stream).await;
        assert!(!answer.contains("200"), "{answer}");
    }
}

/// What makes an answer, until it is let go of.
struct Held(#[expect(dead_code, reason = "it is held, not asked")] OwnedSemaphorePermit);

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_hung_up_on() {
    let front = Front { send_timeout: Duration::from_millis(100), ..Front::default() };
    let test = TestApp::with_front(front).await;
    let made = Arc::new(Semaphore::new(1));
    let turns = Arc::clone(&made);
    let endless = async move || {
        let held = Held(turns.acquire_owned().await.unwrap());
        Body::from_stream(stream::repeat_with(move || {
            let _held = &held;
            io::Result::Ok(Bytes::from(vec![b' '; 64 * 1024]))
        }))
    };
    let router = surround(Router::new().route("/endless", get(endless)), test.app.clone());
    let server = serving(test, Gate::new(), router).await;
    let mut silent = sent(server.address, &get_of("/endless")).await;
    let mut head = [0; 15];
    silent.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    // What it held is there for others, although its connection is still open on this side.
    let turn = tokio::time::timeout(DEADLINE, made.acquire()).await;
    turn.expect("the answer is given up").unwrap().forget();
}

#[tokio::test]
async fn more_connections_than_there_is_room_for_wait() {
    let server = served(Front { connections: 2, ..Front::default() }).await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        busy.push(sent(server.address, &get_of("/wait")).await);
    }
    server.gate.reached.acquire_many(2).await.unwrap().forget();
    let last = "GET /quick HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut third = sent(server.address, last).await;
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(100), third.read(&mut byte)).await;
    assert!(early.is_err(), "it is answered beyond the room");
    server.gate.open.add_permits(1);
    drop(busy);
    let answer = rest(&mut third).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("quick"), "{answer}");
}

#[tokio::test]
async fn requests_may_follow_each_other_without_waiting() {
    let server = served(Front::default()).await;
    let last = "GET /quick HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let text = [get_of("/quick"), get_of("/nothing"), last.to_owned()].concat();
    let answer = rest(&mut sent(server.address, &text).await).await;
    let heads = answer.match_indices("HTTP/1.1 ");
    let codes: Vec<_> = heads.map(|(at, _)| &answer[at + 9..at + 12]).collect();
    assert_eq!(codes, ["200", "404", "200"], "{answer}");
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let server = served(Front::default()).await;
    let flood = "x: y\r\n".repeat(200);
    let long = format!("x: {}\r\n", "y".repeat(512 * 1024));
    for headers in [flood, long] {
        let text = format!("GET /quick HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        let answer = rest(&mut sent(server.address, &text).await).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

/// SPEC 7: whoever sends what is no HTTP is told so; a connection that only closes looks like a
/// fault of the network.
#[tokio::test]
async fn what_is_no_request_is_answered() {
    let server = served(Front::default()).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(70_000));
    for (text, status) in [
        ("nonsense\r\n\r\n", "400"),
        ("GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
        (
            "POST /quick HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\
             Content-Length: 2\r\n\r\nab",
            "400",
        ),
        (long.as_str(), "4"),
    ] {
        let answer = rest(&mut sent(server.address, text).await).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{text:.60}: {answer}");
    }
}

/// RFC 9112 9.6: who sends a whole body before it looks at the answer sees it, as proxies do.
#[tokio::test]
async fn what_is_refused_before_it_is_sent_is_answered() {
    let server = served(Front::default()).await;
    let body = vec![b' '; 16 * 1024 * 1024];
    let head = format!(
        "POST /quick HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = sent(server.address, &head).await;
    stream.write_all(&body).await.expect("the server reads on");
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.ends_with('}'), "{answer}");
}

/// RFC 9112 3.2: a request of HTTP/1.1 names one host.
#[tokio::test]
async fn a_request_names_one_host() {
    let server = served(Front::default()).await;
    for (head, status) in [
        ("GET /quick HTTP/1.1\r\n", "400"),
        ("GET /quick HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400"),
        ("GET /quick HTTP/1.0\r\n", "200"),
        ("GET /quick HTTP/1.1\r\nHost: a\r\n", "200"),
    ] {
        let text = format!("{head}Connection: close\r\n\r\n");
        let answer = rest(&mut sent(server.address, &text).await).await;
        assert!(answer.split(' ').nth(1) == Some(status), "{head}: {answer}");
        assert_eq!(answer.contains("\"code\":\"validation_error\""), status == "400", "{answer}");
    }
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_at_once_serves_nobody() {
    let server = served(Front::default()).await;
    drop(server.stop);
    assert_eq!(server.done.await.unwrap(), Stopped::Clean);
}

/// A body in pieces that are no pieces, and one that is too long without having said so.
#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_problem_in_our_words() {
    let test = TestApp::new().await;
    let router = router(test.app.clone());
    let server = serving(test, Gate::new(), router).await;
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
        Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let piece = format!("40000\r\n{}\r\n", " ".repeat(0x40000));
    for (body, code, detail) in [
        ("zz\r\n".to_owned(), "validation_error", "the body cannot be read to its end"),
        (piece.repeat(5) + "0\r\n\r\n", "payload_too_large", "at most 1 MiB are taken"),
    ] {
        let answer = rest(&mut sent(server.address, &format!("{head}{body}")).await).await;
        assert!(answer.contains(code) && answer.contains(detail), "{answer}");
    }
}

/// A load balancer that asks by a new connection is told, before it finds nobody there.
#[tokio::test]
async fn who_asks_whether_it_is_ready_is_told_that_it_stops() {
    let test = TestApp::with_front(Front { notice: DEADLINE, ..Front::default() }).await;
    let router = router(test.app.clone());
    let server = serving(test, Gate::new(), router).await;
    server.stop.send(()).unwrap();
    let ask = async || {
        let ready = "GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        rest(&mut sent(server.address, ready).await).await
    };
    let mut answer = ask().await;
    // It may not have heard yet.
    while answer.starts_with("HTTP/1.1 200") {
        answer = ask().await;
    }
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("is stopping"), "{answer}");
    // Who would ask again on the same connection is told not to, before it can be too late.
    let answer = rest(&mut sent(server.address, &get_of("/health")).await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    server.done.abort();
}
