//! Where the only way out is a proxy: the socket goes by the one that requests go by.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};

use todo_tests::built::workspace;
use todo_tests::services::TodoServer;
use todo_tests::surfaces::cli::program::Todo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::{EMAIL, PASSWORD, Watch, tls, wait_for};
use crate::outage::writers::Account;

/// No name of this machine to `todo`, which asks for nothing elsewhere that is on it; but one that the
/// certificate is for.
const ELSEWHERE: &str = "https://localhost.";

/// Opens a port that connects whoever asks to one place, wherever they want to go; and what they ask.
fn proxy(runtime: &Runtime, place: SocketAddr) -> (u16, Receiver<String>, JoinHandle<()>) {
    let (tell, asked) = channel();
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let proxy = runtime.spawn(async move {
        // Ended together.
        let mut tunnels = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            tunnels.spawn(connect(stream, place, tell.clone()));
        }
    });
    (port, asked, proxy)
}

async fn connect(mut client: TcpStream, place: SocketAddr, tell: Sender<String>) -> Option<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        asked.push(client.read_u8().await.ok()?);
    }
    tell.send(String::from_utf8(asked).ok()?).ok()?;
    let mut server = TcpStream::connect(place).await.ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    copy_bidirectional(&mut client, &mut server).await.ok().map(drop)
}

#[test]
fn a_watch_goes_by_the_proxy_that_requests_go_by() {
    let runtime = Runtime::new().expect("a runtime");
    let mut server = TodoServer::alone();
    server.start_ready(&runtime);
    runtime.block_on(Account::register(server.address()));
    let place = (Ipv4Addr::LOCALHOST, tls::door(&runtime, server.address())).into();
    let (port, asked, proxy) = proxy(&runtime, place);
    let mut todo = Todo::by_the_clock();
    todo.trust(&workspace().join("tests/fixtures/tls/localhost.pem"));
    todo.set("HTTPS_PROXY", &format!("http://ann:secret@127.0.0.1:{port}"));
    todo.log_in_as(ELSEWHERE, EMAIL, PASSWORD);
    let watch = Watch::begin_raw(&todo);
    todo.run(["add", "Milk"]).done();
    watch.told("task.created", "Milk");
    for asked in asked.try_iter() {
        assert!(asked.starts_with("CONNECT localhost.:443 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("\r\nProxy-Authorization: Basic YW5uOnNlY3JldA==\r\n"), "{asked}");
    }

    proxy.abort();
    let told = wait_for(&watch.err, "complaint", |line| line.starts_with("waiting: "));
    assert!(
        told.contains(&format!("cannot reach {ELSEWHERE}: the proxy 127.0.0.1:{port}")),
        "{told}"
    );
    assert!(!told.contains("secret"), "{told}");
    // Nobody is asked to go there, and nobody is there.
    todo.set("NO_PROXY", "localhost.");
    let refused = todo.run(["watch"]);
    assert_eq!(refused.status, Some(3), "{refused:?}");
    assert!(!refused.err.contains("proxy"), "{refused:?}");
}
