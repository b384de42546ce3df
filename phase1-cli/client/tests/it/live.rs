//! Listening: to a server that tells, closes, falls silent or talks nonsense.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use todo_client::live::{Ending, Heard, Listener, Seen, Told};
use todo_client::{Client, ClientError, Proof, Server};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept};

use crate::support::{Answer, me};

const DEADLINE: Duration = Duration::from_mins(1);
const TOKEN: &str = "todo_pat_00000000";
const HISTORY: &str = "5d0c1f6e-8a37-4d5b-9d0e-2f6b7c8d9e0f";

/// A server that knows who has logged in, and then does this with the next connection. It tells what is
/// sent to it first.
fn listening(
    then: impl FnOnce(TcpStream) + Send + 'static,
) -> (TempDir, Result<Listener, ClientError>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut head = [0; 4096];
        let _read = stream.read(&mut head).expect("a request");
        let Answer::Bytes(bytes) = me() else { panic!("an answer") };
        stream.write_all(bytes.as_bytes()).expect("it listens");
        drop(stream);
        let (stream, _) = listener.accept().expect("a client");
        then(stream);
    });
    let folder = TempDir::new().expect("a folder");
    let server: Server = format!("http://{address}").parse().expect("an address");
    let proof = Proof::Personal(TOKEN.to_owned());
    let (client, _) = Client::log_in(folder.path(), server, proof, false).expect("it logs in");
    let history = Some(HISTORY.parse().expect("an identity"));
    let listens = client.listen(Seen { seq: 41, history });
    (folder, listens)
}

/// One that opens the socket, reads the first message and goes on like this.
fn telling(
    then: impl FnOnce(&mut WebSocket<TcpStream>) + Send + 'static,
) -> (TempDir, Listener, Receiver<String>) {
    let (tell, told) = channel();
    let (folder, listens) = listening(move |stream| {
        let mut socket = accept(stream).expect("a socket");
        let first = socket.read().expect("a message").into_text().expect("a text");
        tell.send(first.as_str().to_owned()).expect("the test waits");
        then(&mut socket);
        // Until the client has gone.
        while socket.read().is_ok() {}
    });
    (folder, listens.expect("it listens"), told)
}

/// SPEC 9: the token by the first message, and from where to go on.
#[test]
fn what_is_told_is_heard() {
    let (_folder, mut listener, first) = telling(|socket| {
        socket.send(Message::Ping(vec![1].into())).expect("it listens");
        let pong = socket.read().expect("an answer");
        assert!(pong.is_pong(), "{pong:?}");
        let text = r#"{"type":"task.created","data":{"id":7},"seq":42,"more":1}"#;
        socket.send(Message::text(text)).expect("it listens");
        socket.close(Some(CloseFrame { code: 1012.into(), reason: "restart".into() })).expect("so");
    });
    let said = first.recv_timeout(DEADLINE).expect("the first message");
    let wanted = format!(r#"{{"history":"{HISTORY}","since":41,"token":"{TOKEN}","type":"auth"}}"#);
    assert_eq!(said, wanted);
    let Heard::Told(told) = listener.next(DEADLINE) else { panic!("nothing is told") };
    assert_eq!((told.kind.as_str(), told.seq, &told.data["id"]), ("task.created", 42, &7.into()));
    assert!(told.text.ends_with(r#""more":1}"#));
    assert!(matches!(listener.next(DEADLINE), Heard::Over(Ending::Lost)));
}

/// Who waits for a while only must not lose what was under way when the while was over.
#[test]
fn a_message_that_comes_in_pieces_is_heard_whole() {
    let (go_on, on) = channel();
    let (_folder, mut listener, _first) = telling(move |socket| {
        let text = r#"{"type":"task.purged","data":{"id":7},"seq":42}"#;
        let length = u8::try_from(text.len()).expect("a short one");
        let frame = [&[0x81, length], text.as_bytes()].concat();
        for piece in frame.chunks(20) {
            socket.get_mut().write_all(piece).expect("it listens");
            on.recv_timeout(DEADLINE).expect("the test goes on");
        }
    });
    for _ in 0..2 {
        assert!(matches!(listener.next(Duration::from_millis(50)), Heard::Nothing));
        go_on.send(()).expect("the server waits");
    }
    let Heard::Told(told) = listener.next(DEADLINE) else { panic!("nothing is told") };
    assert_eq!((told.kind.as_str(), told.seq, &told.data["id"]), ("task.purged", 42, &7.into()));
    go_on.send(()).expect("the server waits");
}

#[test]
fn what_a_close_means_is_known() {
    for (code, means) in [
        (4401, Ending::Unauthorized),
        (4440, Ending::Unauthorized),
        (4430, Ending::Refused(4430)),
        (4413, Ending::Lost),
        (1013, Ending::Lost),
    ] {
        let (_folder, mut listener, _first) = telling(move |socket| {
            socket.close(Some(CloseFrame { code: code.into(), reason: "".into() })).expect("so");
        });
        let Heard::Over(ending) = listener.next(DEADLINE) else { panic!("it goes on") };
        assert_eq!(ending, means, "{code}");
    }
}

#[test]
fn nonsense_and_silence_are_no_news() {
    for nonsense in ["nonsense", r#"{"type":"task.created"}"#, "[]"] {
        let (_folder, mut listener, _first) =
            telling(move |socket| socket.send(Message::text(nonsense)).expect("it listens"));
        assert!(matches!(listener.next(DEADLINE), Heard::Over(Ending::Lost)), "{nonsense}");
    }
    let (_folder, mut listener, _first) = telling(|_| {});
    assert!(matches!(listener.next(Duration::from_millis(50)), Heard::Nothing));
    assert!(matches!(listener.next(Duration::ZERO), Heard::Nothing));
}

/// `todo-web` alone has no sockets.
#[test]
fn a_server_that_tells_nothing_says_so() {
    for (status, says) in [("404 Not Found", "todo-server does"), ("502 Bad", "status 502")] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let (_folder, listens) = listening(move |mut stream| {
            let _read = stream.read(&mut [0; 4096]).expect("a request");
            stream.write_all(answer.as_bytes()).expect("it listens");
        });
        let error = listens.expect_err("there is no socket").to_string();
        assert!(error.contains(says) && !error.contains(TOKEN), "{error}");
    }
}

/// A server says once which history it tells; one that is older says nothing of it.
#[test]
fn how_far_was_seen_is_known_with_its_history() {
    let told = |text: &str| -> Told { serde_json::from_str(text).expect("a message") };
    let hello = told(&format!(r#"{{"type":"hello","data":{{"history":"{HISTORY}"}},"seq":41}}"#));
    let history = Some(HISTORY.parse().expect("an identity"));
    let first = hello.seen(None);
    assert_eq!(first, Seen { seq: 41, history });
    let next = told(r#"{"type":"task.purged","data":{"id":7},"seq":42}"#).seen(Some(first));
    assert_eq!(next, Seen { seq: 42, history });
    for older in
        [r#"{"type":"hello","seq":42}"#, r#"{"type":"hello","data":{"history":7},"seq":42}"#]
    {
        assert_eq!(told(older).seen(Some(next)), Seen { seq: 42, history: None });
    }
}
