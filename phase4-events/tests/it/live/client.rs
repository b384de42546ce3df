//! A client of live updates.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::support::in_time;

/// A client's end.
pub(crate) struct Socket(pub(crate) WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("it listens");
    }

    /// The next message; how the socket was closed, if it was. Pings do not put the end off.
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        in_time(self.read()).await
    }

    async fn read(&mut self) -> Result<Value, u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(0, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(0),
            }
        }
    }

    /// The next message.
    pub(crate) async fn told(&mut self) -> Value {
        self.next().await.expect("a message")
    }

    /// The next message, which is of this type, and its number.
    pub(crate) async fn expect(&mut self, kind: &str) -> (Value, u64) {
        let told = self.told().await;
        assert_eq!(told["type"], kind, "{told}");
        let seq = told["seq"].as_u64().expect("a number");
        (told, seq)
    }

    /// The first message of which this is so, whatever comes before.
    pub(crate) async fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        in_time(async {
            loop {
                let told = self.read().await.expect("a message");
                if is(&told) {
                    return told;
                }
            }
        })
        .await
    }

    /// How it is closed, whatever comes before.
    pub(crate) async fn closed(&mut self) -> u16 {
        in_time(async {
            loop {
                if let Err(code) = self.read().await {
                    return code;
                }
            }
        })
        .await
    }
}
