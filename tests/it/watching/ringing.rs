//! A reminder is told on its second, and waits for no answer to anything that the server is asked.

use std::net::{Ipv4Addr, SocketAddr};

use todo_tests::surfaces::cli::program::Todo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::{EMAIL, PASSWORD, Watch, add_reminding, begin};

/// A port before a server. While it is shut, only what goes over sockets passes.
struct Door {
    port: u16,
    open: watch::Sender<bool>,
    /// How many have come to it.
    came: watch::Receiver<usize>,
    /// Ends what goes through it now.
    cut: watch::Sender<()>,
}

fn door(runtime: &Runtime, server: SocketAddr) -> Door {
    let (open, opened) = watch::channel(true);
    let (comes, came) = watch::channel(0);
    let (cut, cuts) = watch::channel(());
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (passes, mut cuts) =
                (pass(stream, server, opened.clone(), comes.clone()), cuts.clone());
            cuts.mark_unchanged();
            tokio::spawn(async move {
                tokio::select! {
                    () = passes => {}
                    Ok(()) = cuts.changed() => {}
                }
            });
        }
    });
    Door { port, open, came, cut }
}

/// Hands on what is said, for as long as both sides are there.
async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    mut opened: watch::Receiver<bool>,
    comes: watch::Sender<usize>,
) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let mut part = [0; 8192];
    let mut is_socket = None;
    let (mut from, mut to) = client.split();
    let (mut back, mut forth) = server.split();
    let asks = async {
        while let Ok(length @ 1..) = from.read(&mut part).await {
            let said = &part[..length];
            let passes = *is_socket.get_or_insert_with(|| said.starts_with(b"GET /ws "));
            if !passes {
                comes.send_modify(|came| *came += 1);
            }
            let may = passes || opened.wait_for(|open| *open).await.is_ok();
            if !may || forth.write_all(said).await.is_err() {
                return;
            }
        }
    };
    // Whichever side goes first.
    tokio::select! {
        () = asks => {}
        _ = copy(&mut back, &mut to) => {}
    }
}

/// SPEC 9: the list is looked at behind it.
#[test]
fn a_reminder_is_told_before_the_server_is_asked_for_anything() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let Door { port, open, .. } = door(&runtime, server.address());
    let mut watching = Todo::by_the_clock();
    watching.log_in_as(&format!("http://localhost:{port}"), EMAIL, PASSWORD);
    let watch = Watch::begin(&watching, &[]);
    watch.listens_to(&todo);
    // On a busy machine it may have come before nothing is answered any more; then less is seen.
    add_reminding(&todo, "Tea", 5);
    watch.shown("added", "Tea");
    open.send_replace(false);
    watch.shown("reminder", "Tea");
    open.send_replace(true);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
}

/// The same beside a question that was asked before and is not answered yet.
#[test]
fn a_reminder_is_told_beside_a_slow_answer() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let Door { port, open, mut came, .. } = door(&runtime, server.address());
    let mut watching = Todo::by_the_clock();
    watching.log_in_as(&format!("http://localhost:{port}"), EMAIL, PASSWORD);
    let watch = Watch::begin(&watching, &[]);
    watch.listens_to(&todo);
    // Nothing else is to be looked at.
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    open.send_replace(false);
    let before = *came.borrow_and_update();
    todo.run(["add", "Bread"]).done();
    runtime.block_on(came.wait_for(|came| *came > before)).expect("it looks");
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    open.send_replace(true);
    watch.shown("added", "Bread");
    watch.shown("added", "Tea");
}

/// The same when the connection was lost: it is listened first.
#[test]
fn a_reminder_is_told_by_the_next_connection_beside_a_slow_answer() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let Door { port, open, cut, .. } = door(&runtime, server.address());
    let mut watching = Todo::by_the_clock();
    watching.log_in_as(&format!("http://localhost:{port}"), EMAIL, PASSWORD);
    let watch = Watch::begin(&watching, &[]);
    watch.listens_to(&todo);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    open.send_replace(false);
    cut.send_replace(());
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    open.send_replace(true);
    watch.shown("added", "Tea");
}
