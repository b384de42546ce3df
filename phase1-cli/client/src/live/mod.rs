//! Listening to a server: what happens to one's tasks, told over a socket while it happens.
//!
//! Like every call here it waits for its answer, and is not made from within a runtime. Who listens has a
//! small one of their own, which runs on the caller's thread while it waits and not between two waits.

mod stream;
mod tunnel;

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use uuid::Uuid;

use crate::Client;
use crate::address::Server;
use crate::error::ClientError;
use crate::proxy;
use stream::{Stream, Way};

/// Longest message that is taken: an event with a task of the longest fields is shorter.
const MESSAGE_MAX: usize = 8 * 1024 * 1024;
/// How long a server may be silent: it asks every half minute whether somebody is there.
const SILENCE: Duration = Duration::from_secs(75);

/// Something that was told.
#[derive(Debug, Clone, Deserialize)]
pub struct Told {
    /// `task.created`, `reminder`, `refetch` …
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says.
    #[serde(default)]
    pub data: Value,
    /// The owner's own counter of events.
    pub seq: u64,
    /// As it was sent.
    #[serde(skip)]
    pub text: String,
}

/// How far somebody has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The number of the last event.
    pub seq: u64,
    /// Which history it is of, where that is known: one that a backup has taken the place of is not gone on with.
    pub history: Option<Uuid>,
}

impl Told {
    /// How far somebody has seen who is told this after what they had seen before. A server says which history
    /// it tells when it begins.
    pub fn seen(&self, before: Option<Seen>) -> Seen {
        let history = if self.kind == "hello" {
            self.data.get("history").and_then(|history| history.as_str()?.parse().ok())
        } else {
            before.and_then(|before| before.history)
        };
        Seen { seq: self.seq, history }
    }
}

/// What came of waiting.
#[derive(Debug)]
pub enum Heard {
    /// Something happened.
    Told(Told),
    /// Nothing in the time that was given.
    Nothing,
    /// The server has ended it, or is gone: listen again, from the last number on.
    Over(Ending),
}

/// Why there is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The connection is gone, or the server wants to be asked again.
    Lost,
    /// The token does not count, or no longer.
    Unauthorized,
    /// It would not be let in another time either: somebody else's tasks, or too many who listen.
    Refused(u16),
}

/// Somebody who listens.
#[derive(Debug)]
pub struct Listener {
    socket: WebSocketStream<Stream>,
    heard: Instant,
    runtime: Runtime,
}

impl Client {
    /// Listens from an event on. That the token does not count is heard later.
    pub fn listen(&self, seen: Seen) -> Result<Listener, ClientError> {
        let server = self.server();
        let way = Way::to(server, proxy::named(server));
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| stream::unable(server, &error))?;
        let mut auth =
            self.told_token(|token| json!({"type": "auth", "token": token, "since": seen.seq}));
        if let Some(history) = seen.history {
            auth["history"] = json!(history);
        }
        let socket = runtime.block_on(open(&way, auth.to_string()))?;
        Ok(Listener { socket, heard: Instant::now(), runtime })
    }
}

/// Opens the socket, and says who listens.
async fn open(way: &Way<'_>, first: String) -> Result<WebSocketStream<Stream>, ClientError> {
    let server = way.server;
    let request = stream::address(server).into_client_request();
    let request =
        request.map_err(|_| ClientError::strange(server, "its address names no socket"))?;
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX));
    let stream = way.connect().await?;
    let opened = stream::in_time(server, client_async_with_config(request, stream, Some(config)));
    let (mut socket, _answer) = opened.await?.map_err(|error| refused(server, &error))?;
    let said = stream::in_time(server, socket.send(Message::text(first))).await?;
    said.map_err(|error| refused(server, &error))?;
    Ok(socket)
}

fn refused(server: &Server, error: &Error) -> ClientError {
    match error {
        Error::Http(answer) => match answer.status().as_u16() {
            404 => ClientError::strange(server, "it tells nothing live; todo-server does"),
            status => ClientError::strange(server, format!("it opens no socket (status {status})")),
        },
        Error::Io(error) => stream::lost(server, error),
        error => ClientError::strange(server, format!("it opens no socket ({error})")),
    }
}

impl Listener {
    /// Waits for what is told next, for so long at most.
    pub fn next(&mut self, patience: Duration) -> Heard {
        if patience.is_zero() {
            return Heard::Nothing;
        }
        let Self { socket, heard, runtime } = self;
        // Of a message that is under way when the time is up, what has come stays in the socket.
        match runtime.block_on(async { timeout(patience, told(socket, heard)).await }) {
            Ok(told) => told,
            Err(_) if heard.elapsed() > SILENCE => Heard::Over(Ending::Lost),
            Err(_) => Heard::Nothing,
        }
    }
}

async fn told(socket: &mut WebSocketStream<Stream>, heard: &mut Instant) -> Heard {
    while let Some(Ok(message)) = socket.next().await {
        *heard = Instant::now();
        if let Some(told) = read(message) {
            return told;
        }
    }
    Heard::Over(Ending::Lost)
}

fn read(message: Message) -> Option<Heard> {
    match message {
        Message::Text(text) => match serde_json::from_str::<Told>(&text) {
            Ok(told) => Some(Heard::Told(Told { text: text.as_str().to_owned(), ..told })),
            // What is no message of ours comes from no server of ours.
            Err(_) => Some(Heard::Over(Ending::Lost)),
        },
        Message::Close(frame) => Some(Heard::Over(match frame.map(|frame| frame.code.into()) {
            Some(4401 | 4440) => Ending::Unauthorized,
            Some(code @ (4400 | 4403 | 4430)) => Ending::Refused(code),
            _ => Ending::Lost,
        })),
        // The library answers a ping when it reads on.
        Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt as _, duplex};
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    /// A connection is as good as gone when nothing has come for so long, be it a question whether somebody
    /// is there; however long nothing has happened.
    #[test]
    fn who_is_asked_whether_they_are_there_is_not_alone() {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (ours, mut theirs) = duplex(1024);
        let ours: Stream = Box::new(ours);
        let socket = runtime.block_on(WebSocketStream::from_raw_socket(ours, Role::Client, None));
        let long_ago = Instant::now().checked_sub(SILENCE + Duration::from_secs(1));
        let long_ago = long_ago.expect("the machine has been up for longer");
        let mut listener = Listener { socket, heard: long_ago, runtime };
        let ping = [0x89, 0];
        listener.runtime.block_on(theirs.write_all(&ping)).expect("it listens");
        let a_while = Duration::from_millis(10);
        assert!(matches!(listener.next(a_while), Heard::Nothing));
        assert!(listener.heard.elapsed() < SILENCE);
        listener.heard = long_ago;
        assert!(matches!(listener.next(a_while), Heard::Over(Ending::Lost)));
    }
}
