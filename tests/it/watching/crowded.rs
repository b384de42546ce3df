//! A connection that vanishes without a word keeps its place at the server for a while.

use std::net::{Ipv4Addr, SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use todo_tests::surfaces::cli::program::Todo;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{EMAIL, PASSWORD, Watch, begin, wait_for};

/// So many sockets may an owner have.
const SOCKETS: usize = 20;

/// Opens a port before a server. Cut, whoever came to it hears no more, and the server is not told.
fn door(runtime: &Runtime, server: SocketAddr) -> (u16, watch::Sender<()>) {
    let (cut, cuts) = watch::channel(());
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    runtime.spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let mut cuts = cuts.clone();
            cuts.mark_unchanged();
            tokio::spawn(pass(client, server, cuts));
        }
    });
    (port, cut)
}

async fn pass(mut client: TcpStream, server: SocketAddr, mut cuts: watch::Receiver<()>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => return,
        Ok(()) = cuts.changed() => {}
    }
    drop(client);
    // Until the test is over.
    std::future::pending::<()>().await;
    drop(server);
}

/// Somebody else of the same owner's.
async fn listen(server: SocketAddr, token: &str) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(server).await.expect("it listens");
    let (mut socket, _) =
        client_async(format!("ws://{server}/ws"), stream).await.expect("it opens a socket");
    let auth = json!({ "type": "auth", "token": token });
    socket.send(Message::text(auth.to_string())).await.expect("it listens");
    let hello = socket.next().await.expect("a message").expect("a message");
    let hello: Value = serde_json::from_str(hello.to_text().expect("a text")).expect("JSON");
    assert_eq!(hello["type"], "hello", "{hello}");
    socket
}

/// SPEC 9, 13: who has listened before waits until there is room again.
#[test]
fn a_watch_whose_place_is_not_given_back_yet_waits_for_it() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, account, todo) = begin(&runtime);
    let (port, cut) = door(&runtime, server.address());
    let mut watching = Todo::by_the_clock();
    watching.log_in_as(&format!("http://localhost:{port}"), EMAIL, PASSWORD);
    let watch = Watch::begin_raw(&watching);
    let mut others: Vec<_> =
        (1..SOCKETS).map(|_| runtime.block_on(listen(server.address(), &account.token))).collect();
    cut.send_replace(());
    wait_for(&watch.err, "complaint", |line| {
        line.starts_with("waiting: ") && line.contains("no more of your programs")
    });
    let mut other = others.pop().expect("one of them");
    runtime.block_on(other.close(None)).expect("it listens");
    todo.run(["add", "Milk"]).done();
    watch.told("hello", "");
    watch.told("task.created", "Milk");
    // From the beginning it is the answer.
    let (status, said) = Watch::begin(&watching, &[]).ended();
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("no more of your programs"), "{said}");
}
