//! A reminder is told on its second, and waits for no answer to anything that the server is asked.

use std::net::{Ipv4Addr, SocketAddr};

use axum::http::{Method, StatusCode};
use todo_tests::http::Asked;
use todo_tests::surfaces::cli::program::Todo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, watch};

use super::{EMAIL, PASSWORD, Watch, add_reminding, begin, now, wait_for};

/// What a door does with what is asked. What goes over sockets passes in any case.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Pass,
    /// It keeps it waiting.
    Wait,
    /// It answers in the server's place that this is not the time.
    Refuse,
    /// The same, that there is a fault in the server.
    Fail,
}

const LATER: &str = "HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
/// As it does when a part of it has panicked.
const FAULT: &str = "HTTP/1.1 500 Fault\r\nContent-Type: application/problem+json\r\n\
    Content-Length: 37\r\nConnection: close\r\n\r\n{\"title\":\"A fault\",\"code\":\"internal\"}";

/// A port before a server.
struct Door {
    port: u16,
    does: watch::Sender<Does>,
    /// How many questions have come to it, and how many of them it has refused.
    came: watch::Receiver<usize>,
    refused: watch::Receiver<usize>,
    /// How many sockets were opened.
    sockets: watch::Receiver<usize>,
    /// Ends what goes through it now.
    cut: watch::Sender<()>,
    /// The same for sockets alone.
    cut_sockets: watch::Sender<()>,
}

fn door(runtime: &Runtime, server: SocketAddr) -> Door {
    let (does, done) = watch::channel(Does::Pass);
    let ((comes, came), (refuses, refused)) = (watch::channel(0), watch::channel(0));
    let (opens, sockets) = watch::channel(0);
    let ((cut, cuts), (cut_sockets, socket_cuts)) = (watch::channel(()), watch::channel(()));
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counts = [&opens, &comes, &refuses].map(Clone::clone);
            let (mut cuts, mut socket_cuts) = (cuts.clone(), socket_cuts.clone());
            cuts.mark_unchanged();
            socket_cuts.mark_unchanged();
            let passes = pass(stream, server, done.clone(), counts, socket_cuts);
            tokio::spawn(async move {
                tokio::select! {
                    () = passes => {}
                    Ok(()) = cuts.changed() => {}
                }
            });
        }
    });
    Door { port, does, came, refused, sockets, cut, cut_sockets }
}

/// Hands on what is said, for as long as both sides are there.
async fn pass(
    mut client: TcpStream,
    server: SocketAddr,
    mut done: watch::Receiver<Does>,
    [opens, comes, refuses]: [watch::Sender<usize>; 3],
    mut socket_cuts: watch::Receiver<()>,
) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let mut part = [0; 8192];
    let (mut is_socket, is_one) = (None, Notify::new());
    let (mut from, mut to) = client.split();
    let (mut back, mut forth) = server.split();
    let asks = async {
        while let Ok(length @ 1..) = from.read(&mut part).await {
            let said = &part[..length];
            let passes = *is_socket.get_or_insert_with(|| {
                let is_socket = said.starts_with(b"GET /ws ");
                if is_socket {
                    opens.send_modify(|opened| *opened += 1);
                    is_one.notify_one();
                }
                is_socket
            });
            if !passes {
                comes.send_modify(|came| *came += 1);
                let does = done.wait_for(|does| *does != Does::Wait).await.map(|does| *does);
                match does {
                    Ok(Does::Refuse) => return Some(LATER),
                    Ok(Does::Fail) => return Some(FAULT),
                    Ok(Does::Pass | Does::Wait) => {}
                    Err(_) => break,
                }
            }
            if forth.write_all(said).await.is_err() {
                break;
            }
        }
        None
    };
    // Whichever side goes first.
    let answer = tokio::select! {
        answer = asks => answer,
        _ = copy(&mut back, &mut to) => None,
        Ok(()) = async { is_one.notified().await; socket_cuts.changed().await } => None,
    };
    if let Some(answer) = answer {
        // Who asked may be gone.
        let _told = to.write_all(answer.as_bytes()).await;
        refuses.send_modify(|refused| *refused += 1);
    }
}

/// A watch that asks and listens through a door.
fn through(door: &Door, todo: &Todo) -> Watch {
    let mut watching = Todo::by_the_clock();
    watching.log_in_as(&format!("http://localhost:{}", door.port), EMAIL, PASSWORD);
    let watch = Watch::begin(&watching, &[]);
    watch.listens_to(todo);
    watch
}

/// SPEC 9: the list is looked at behind it.
#[test]
fn a_reminder_is_told_before_the_server_is_asked_for_anything() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let door = door(&runtime, server.address());
    let watch = through(&door, &todo);
    // On a busy machine it may have come before nothing is answered any more; then less is seen.
    add_reminding(&todo, "Tea", 5);
    watch.shown("added", "Tea");
    door.does.send_replace(Does::Wait);
    watch.shown("reminder", "Tea");
    door.does.send_replace(Does::Pass);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
}

/// The same beside a question that was asked before and is not answered yet.
#[test]
fn a_reminder_is_told_beside_a_slow_answer() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let door = door(&runtime, server.address());
    let watch = through(&door, &todo);
    // Nothing else is to be looked at.
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    door.does.send_replace(Does::Wait);
    let mut came = door.came.clone();
    let before = *came.borrow_and_update();
    todo.run(["add", "Bread"]).done();
    runtime.block_on(came.wait_for(|came| *came > before)).expect("it looks");
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    door.does.send_replace(Does::Pass);
    watch.shown("added", "Bread");
    watch.shown("added", "Tea");
}

/// The same when the connection was lost: it is listened first.
#[test]
fn a_reminder_is_told_by_the_next_connection_beside_a_slow_answer() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let door = door(&runtime, server.address());
    let watch = through(&door, &todo);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    door.does.send_replace(Does::Wait);
    door.cut.send_replace(());
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    door.does.send_replace(Does::Pass);
    watch.shown("added", "Tea");
}

/// The same when the connection is lost while the answer is waited for: the next one is made beside it.
#[test]
fn a_reminder_is_told_by_the_next_connection_while_an_answer_is_waited_for() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let mut door = door(&runtime, server.address());
    let watch = through(&door, &todo);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    door.does.send_replace(Does::Wait);
    let before = *door.came.borrow_and_update();
    todo.run(["add", "Bread"]).done();
    runtime.block_on(door.came.wait_for(|came| *came > before)).expect("it looks");
    door.cut_sockets.send_replace(());
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    assert_eq!(*door.came.borrow(), before + 1, "it is the same answer that is waited for");
    assert!(*door.sockets.borrow() >= 2, "it was cut");
    door.does.send_replace(Does::Pass);
    watch.shown("added", "Bread");
    watch.shown("added", "Tea");
}

/// A watch through a door that has begun to refuse what is asked: what has happened waits to be shown.
fn refused(todo: &Todo, door: &Door) -> Watch {
    let watch = through(door, todo);
    todo.run(["add", "Milk"]).done();
    watch.shown("added", "Milk");
    door.does.send_replace(Does::Refuse);
    todo.run(["add", "Bread"]).done();
    wait_for(&watch.err, "complaint", |line| {
        line.starts_with("waiting: ") && line.contains("status 503")
    });
    watch
}

/// SPEC 9: nothing is missed of what is told while questions are refused, over the same socket or another.
#[test]
fn a_reminder_is_told_while_the_server_refuses_to_be_asked() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let mut door = door(&runtime, server.address());
    let watch = refused(&todo, &door);
    let before = *door.refused.borrow_and_update();
    runtime.block_on(door.refused.wait_for(|refused| *refused > before)).expect("it looks again");
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    assert_eq!(*door.sockets.borrow(), 1, "the socket was given up");
    door.cut.send_replace(());
    add_reminding(&todo, "Coffee", 2);
    watch.shown("reminder", "Coffee");
    assert!(*door.sockets.borrow() >= 2, "it was cut");
    door.does.send_replace(Does::Pass);
    for title in ["Bread", "Tea", "Coffee"] {
        watch.shown("added", title);
    }
}

/// A fault of the server's may be mended, and those who watch are not sent away for it.
#[test]
fn a_watch_outlives_a_fault_of_its_server() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let door = door(&runtime, server.address());
    let watch = through(&door, &todo);
    door.does.send_replace(Does::Fail);
    todo.run(["add", "Bread"]).done();
    wait_for(&watch.err, "complaint", |line| line.contains("A fault"));
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    door.does.send_replace(Does::Pass);
    watch.shown("added", "Bread");
}

/// What waits to be shown when a connection is lost is looked at beside the next one.
#[test]
fn a_reminder_is_told_by_the_next_connection_before_what_waits_is_looked_at() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, _account, todo) = begin(&runtime);
    let mut door = door(&runtime, server.address());
    let watch = refused(&todo, &door);
    // The next look is some seconds away, and this one is over when the reminder comes.
    runtime.block_on(door.refused.wait_for(|refused| *refused >= 5)).expect("it looks again");
    add_reminding(&todo, "Coffee", 1);
    watch.shown("reminder", "Coffee");
    door.does.send_replace(Does::Wait);
    door.cut.send_replace(());
    add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    door.does.send_replace(Does::Pass);
    watch.shown("added", "Bread");
    watch.shown("added", "Tea");
}

/// SPEC 9: however much waits to be shown, what is told is heard; so much is shown as one.
#[test]
fn a_reminder_is_told_behind_more_than_can_be_shown() {
    let runtime = Runtime::new().expect("a runtime");
    let (server, account, todo) = begin(&runtime);
    let door = door(&runtime, server.address());
    let watch = refused(&todo, &door);
    // Each is little enough to be told one by one.
    for part in 0..22 {
        let lines: Vec<_> = (0..100).map(|number| format!("one of {part}, {number}")).collect();
        let asked = Asked::new(Method::POST, "/api/import?format=todotxt");
        let asked = asked.body("text/plain", lines.join("\n"));
        let answer = runtime.block_on(account.ask(asked)).expect("an answer");
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let at = add_reminding(&todo, "Tea", 2);
    watch.shown("reminder", "Tea");
    let late = now().millis() - at.millis();
    assert!(late < 15_000, "{late} ms late: it is not listened");
    door.does.send_replace(Does::Pass);
    wait_for(&watch.out, "collapse", |line| line == "much has changed");
    watch.shown("added", "Tea");
}
