//! Connections that go on as something else than HTTP.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::response::Response;
use axum::routing::get;
use hyper_util::rt::TokioIo;
use todo_web::{App, Front, Stopped, surround};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::sockets::{DEADLINE, Gate, Served, get_of, rest, sent, serving};
use crate::support::TestApp;

const HEAD: &str =
    "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";

/// Says back what it hears, until the server is told to stop.
async fn echo(State(app): State<App>, request: Request) -> Response {
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.unwrap();
        let (mut read, mut write) = tokio::io::split(TokioIo::new(upgraded));
        tokio::select! {
            _ = tokio::io::copy(&mut read, &mut write) => {}
            () = app.draining() => {}
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "upgrade")
        .header(UPGRADE, "echo")
        .body(Body::empty())
        .unwrap()
}

async fn served(front: Front) -> Served {
    let test = TestApp::with_front(front).await;
    let gate = Gate::new();
    let routes = gate.routes().merge(Router::new().route("/echo", get(echo)));
    let router = surround(routes, test.app.clone());
    serving(test, gate, router).await
}

async fn upgraded(server: &Served) -> TcpStream {
    let mut stream = sent(server.address, HEAD).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// SPEC 9: sockets count as connections for as long as they are open, not until they were asked for.
#[tokio::test]
async fn a_socket_takes_the_place_of_a_connection() {
    let server = served(Front { connections: 1, ..Front::default() }).await;
    let mut socket = upgraded(&server).await;
    socket.write_all(b"x").await.unwrap();
    assert_eq!(socket.read_u8().await.unwrap(), b'x');
    let last = "GET /quick HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut second = sent(server.address, last).await;
    let early = tokio::time::timeout(Duration::from_millis(100), second.read_u8()).await;
    assert!(early.is_err(), "it is answered beyond the room");
    drop(socket);
    let answer = rest(&mut second).await;
    assert!(answer.ends_with("quick"), "{answer}");
}

/// SPEC 9, drains on shutdown: sockets hear of it at once, and are waited for.
#[tokio::test]
async fn sockets_are_told_to_end_and_waited_for() {
    let server = served(Front { notice: Duration::ZERO, ..Front::default() }).await;
    let mut socket = upgraded(&server).await;
    server.stop.send(()).unwrap();
    let ended = tokio::time::timeout(DEADLINE, socket.read(&mut [0])).await;
    assert_eq!(ended.expect("it ends in time").unwrap(), 0);
    assert_eq!(server.done.await.unwrap(), Stopped::Clean);
}

/// What asks for another protocol and gets an answer is a connection as any other.
#[tokio::test]
async fn who_is_not_given_a_socket_is_answered() {
    let server = served(Front::default()).await;
    let asked = get_of("/quick").replace("Host", "Connection: upgrade\r\nUpgrade: echo\r\nHost");
    let mut stream = sent(server.address, &asked).await;
    let mut head = [0; 15];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
}
