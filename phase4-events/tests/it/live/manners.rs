//! Clients that flood, shout, sleep or vanish, and a server that stops.

use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use todo_events::live::Treatment;
use todo_web::{Front, Stopped};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::support::{PASSWORD, Place, Socket, in_time};

/// Issue 8, bad input: floods from one socket, oversized payloads.
#[tokio::test]
async fn floods_and_long_messages_end_a_socket() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    for _ in 0..40 {
        // It may be closed by now.
        let _sent = socket.0.send(Message::Ping(Bytes::new())).await;
    }
    assert_eq!(socket.closed().await, 4429);
    // To ask for the history costs more than to be there.
    let mut socket = server.listen(&ann).await;
    for _ in 0..2 {
        let (_, seen) = socket.expect("hello").await;
        socket.say(json!({"type": "auth", "since": seen})).await;
    }
    assert_eq!(socket.closed().await, 4429);
    let mut socket = server.listen(&ann).await;
    socket.expect("hello").await;
    socket.0.send(Message::text("a".repeat(9000))).await.expect("it listens");
    assert_eq!(socket.closed().await, 1009);
    let mut socket = server.listen(&ann).await;
    socket.0.send(Message::binary(vec![1])).await.expect("it listens");
    assert_eq!(socket.closed().await, 1003);
    // Of no UTF-8; of a kind that there is not.
    for (kind, code) in [(Data::Text, 1007), (Data::Reserved(3), 1002)] {
        let mut socket = server.listen(&ann).await;
        socket.expect("hello").await;
        let frame = Frame::message(vec![0xff], OpCode::Data(kind), true);
        socket.0.send(Message::Frame(frame)).await.expect("it listens");
        assert_eq!(socket.closed().await, code);
    }
}

/// SPEC 13: 20 sockets an owner, and another owner's do not count.
#[tokio::test]
async fn an_owner_has_so_many_sockets() {
    let place = Place::new().await;
    let server = place.serve().await;
    let (ann, bob) = (server.register("ann").await, server.register("bob").await);
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let mut socket = server.listen(&ann).await;
        socket.expect("hello").await;
        sockets.push(socket);
    }
    assert_eq!(server.listen(&ann).await.closed().await, 4430);
    server.listen(&bob).await.expect("hello").await;
    let mut left = sockets.pop().expect("one");
    left.0.close(None).await.expect("it listens");
    assert_eq!(left.closed().await, 0);
    // Its place is given back when the server has heard of it.
    in_time(async { while server.listen(&ann).await.next().await == Err(4430) {} }).await;
}

/// SPEC 9: slow ones are closed resumable, nobody waits for them, and nothing is lost to them.
#[tokio::test]
async fn a_slow_reader_is_closed_and_comes_back_for_the_rest() {
    const TASKS: u64 = 200;
    let place = Place::new().await;
    let treatment = Treatment { queue: 8, ..Treatment::default() };
    let server = place.serve_with(treatment, Front::default()).await;
    let ann = server.register("ann").await;
    let mut quick = server.listen(&ann).await;
    let (_, begun) = quick.expect("hello").await;
    let mut slow = server.narrow(4096).await;
    slow.say(json!({"type": "auth", "token": ann.token})).await;
    slow.expect("hello").await;

    let long = "Ж".repeat(10_000);
    for number in 0..TASKS {
        let body = json!({"title": number.to_string(), "description": long});
        let (status, _) = server.ask("POST", "/api/tasks", Some(&ann.token), Some(body)).await;
        assert_eq!(status, 201);
        // One that reads is told of each before the next is written.
        let (_, seq) = quick.expect("task.created").await;
        assert_eq!(seq, begun + number + 1);
    }
    let mut seen = begun;
    while let Ok(told) = slow.next().await {
        let seq = told["seq"].as_u64().expect("a number");
        assert_eq!(seq, seen + 1);
        seen = seq;
    }
    assert!(seen < begun + TASKS, "it was told everything although it read nothing");
    let mut again = server.listen_since(&ann, seen).await;
    again.expect("hello").await;
    for seq in seen + 1..=begun + TASKS {
        assert_eq!(again.expect("task.created").await.1, seq);
    }
}

/// SPEC 7, 9: whoever takes the history slowly is sent away in the midst of it like everybody else.
#[tokio::test]
async fn what_ends_a_socket_ends_it_in_the_midst_of_the_history() {
    // More than the buffers between two ends hold.
    const TASKS: u64 = 400;
    let place = Place::new().await;
    let treatment = Treatment {
        patience: Duration::from_mins(1),
        spread: Duration::ZERO,
        ..Treatment::default()
    };
    let mut server = place.serve_with(treatment, Front::default()).await;
    let ann = server.register("ann").await;
    let (_, begun) = server.listen(&ann).await.expect("hello").await;
    let long = "Ж".repeat(10_000);
    for _ in 0..TASKS {
        let body = json!({"title": "long", "description": long});
        let (status, _) = server.ask("POST", "/api/tasks", Some(&ann.token), Some(body)).await;
        assert_eq!(status, 201);
    }
    let login = json!({"email": "ann@example.org", "password": PASSWORD});
    let (_, again) = server.ask("POST", "/api/auth/login", None, Some(login)).await;
    // One that takes nothing any more holds up no end.
    let mut stuck = server.narrow(4096).await;
    stuck.say(json!({"type": "auth", "token": again["access_token"], "since": begun})).await;
    stuck.expect("hello").await;
    let mut readers = Vec::new();
    for token in [&json!(ann.token), &again["access_token"]] {
        let mut reader = server.narrow(64 * 1024).await;
        reader.say(json!({"type": "auth", "token": token, "since": begun})).await;
        reader.expect("hello").await;
        readers.push(reader);
    }
    let (status, _) =
        server.ask("POST", "/api/auth/logout", Some(&ann.token), Some(json!({}))).await;
    assert!((200..300).contains(&status), "{status}");
    let ended = async |reader: &mut Socket| {
        let mut told = 0;
        loop {
            match reader.next().await {
                Ok(_) => told += 1,
                Err(code) => return (code, told < TASKS),
            }
        }
    };
    assert_eq!(ended(&mut readers[0]).await, (4440, true));
    let done = server.stop();
    assert_eq!(ended(&mut readers[1]).await, (1012, true));
    drop(readers);
    assert_eq!(in_time(done).await.expect("it ends"), Stopped::Clean);
    drop(stuck);
}

/// A client that is gone without a word answers no ping.
#[tokio::test]
async fn a_vanished_reader_is_let_go_of() {
    let place = Place::new().await;
    let treatment = Treatment {
        check: Duration::from_millis(20),
        ping: Duration::from_millis(500),
        silence: Duration::from_secs(3),
        ..Treatment::default()
    };
    let server = place.serve_with(treatment, Front::default()).await;
    let ann = server.register("ann").await;
    let mut answers = server.listen(&ann).await;
    answers.expect("hello").await;
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: {}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Authorization: Bearer {}\r\n\r\n",
        server.address, ann.token
    );
    let mut silent = TcpStream::connect(server.address).await.expect("it listens");
    silent.write_all(head.as_bytes()).await.expect("it listens");
    let vanishes = async {
        let mut all = Vec::new();
        in_time(silent.read_to_end(&mut all)).await.expect("read");
        let close = [&4408_u16.to_be_bytes()[..], b"timeout"].concat();
        assert!(all.ends_with(&close), "{}", String::from_utf8_lossy(&all));
        server.add(&ann, "Still here").await
    };
    // One that reads is kept: its library answers.
    let (_, (told, _)) = tokio::join!(vanishes, answers.expect("task.created"));
    assert_eq!(told["data"]["task"]["title"], "Still here");
}

/// SPEC 9: drains on shutdown; clients are told to come back at once, and not all in one moment.
#[tokio::test]
async fn sockets_are_sent_away_when_the_server_stops() {
    let place = Place::new().await;
    let treatment = Treatment { spread: Duration::from_millis(200), ..Treatment::default() };
    let mut server = place.serve_with(treatment, Front::default()).await;
    let ann = server.register("ann").await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        let mut socket = server.listen(&ann).await;
        socket.expect("hello").await;
        sockets.push(socket);
    }
    let mut nameless = server.open(server.request("/ws")).await.expect("it opens");
    let done = server.stop();
    assert_eq!(nameless.closed().await, 1012);
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 1012);
    }
    drop((nameless, sockets));
    assert_eq!(done.await.expect("it ends"), Stopped::Clean);
}
