//! Listening to a server: what happens to one's tasks, told over a socket while it happens.
//!
//! Like every call here it waits by itself, on a socket whose reads end in time: no runtime is needed for
//! one connection.

mod stream;

use std::io;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::HandshakeError;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use crate::Client;
use crate::error::ClientError;
use stream::Stream;

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
    socket: WebSocket<Stream>,
    heard: Instant,
}

impl Client {
    /// Listens from an event on. That the token does not count is heard later.
    pub fn listen(&self, since: u64) -> Result<Listener, ClientError> {
        let server = self.server();
        let stream = stream::connect(server)?;
        let request = stream::address(server).into_client_request();
        let request =
            request.map_err(|_| ClientError::strange(server, "its address names no socket"))?;
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .max_message_size(Some(MESSAGE_MAX))
            .max_frame_size(Some(MESSAGE_MAX));
        let opened = tungstenite::client::client_with_config(request, stream, Some(config));
        let (mut socket, _answer) = opened.map_err(|error| match error {
            HandshakeError::Failure(Error::Http(answer)) => match answer.status().as_u16() {
                404 => ClientError::strange(server, "it tells nothing live; todo-server does"),
                status => {
                    ClientError::strange(server, format!("it opens no socket (status {status})"))
                }
            },
            HandshakeError::Failure(Error::Io(error)) => stream::lost(server, &error),
            HandshakeError::Failure(error) => {
                ClientError::strange(server, format!("it opens no socket ({error})"))
            }
            HandshakeError::Interrupted(_) => stream::late(server),
        })?;
        let auth = self.told_token(|token| json!({"type": "auth", "token": token, "since": since}));
        let sent = socket.send(Message::text(auth.to_string()));
        sent.map_err(|_| stream::late(server))?;
        Ok(Listener { socket, heard: stream::now() })
    }
}

impl Listener {
    /// Waits for what is told next, for so long at most.
    pub fn next(&mut self, patience: Duration) -> Heard {
        let until = stream::now() + patience;
        loop {
            let left = until.saturating_duration_since(stream::now());
            if left.is_zero() {
                return Heard::Nothing;
            }
            if self.socket.get_ref().wait_at_most(left).is_err() {
                return Heard::Over(Ending::Lost);
            }
            match self.socket.read() {
                Ok(message) => {
                    self.heard = stream::now();
                    if let Some(heard) = read(message) {
                        return heard;
                    }
                }
                Err(Error::Io(error)) if is_in_time(&error) => {
                    if self.heard.elapsed() > SILENCE {
                        return Heard::Over(Ending::Lost);
                    }
                }
                Err(_) => return Heard::Over(Ending::Lost),
            }
        }
    }
}

/// Whether only the time was up.
fn is_in_time(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
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
