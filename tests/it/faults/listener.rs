//! Somebody who listens while servers die (SPEC 9, Live): each event comes once and in its order, from
//! whichever server there is.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use todo_tests::services::until;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// Before the next server is tried.
const AGAIN: Duration = Duration::from_millis(25);
/// A server that says nothing for so long is given up: it speaks at least every half minute.
const SILENCE: Duration = Duration::from_mins(2);

/// A client that comes back with the last number it has seen.
#[derive(Debug)]
pub(crate) struct Listener {
    work: JoinHandle<()>,
    seen: watch::Receiver<u64>,
    at: watch::Receiver<Option<SocketAddr>>,
}

impl Listener {
    /// Listens to these servers, one after the other.
    pub(crate) fn start(runtime: &Runtime, servers: Vec<SocketAddr>, token: String) -> Self {
        let ((see, seen), (sits, at)) = (watch::channel(0), watch::channel(None));
        let work = runtime.spawn(async move {
            for server in servers.into_iter().cycle() {
                let listened = listen(server, &token, &see, &sits).await;
                sits.send_replace(None);
                if listened.is_err() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
        });
        Self { work, seen, at }
    }

    /// Waits until it is told what happens by another server than this, and answers by which.
    ///
    /// # Panics
    /// If none tells it, or something came twice, or out of its order.
    pub(crate) fn sits_elsewhere(&self, than: Option<SocketAddr>) -> SocketAddr {
        until("a listener finds no server", || {
            assert!(!self.work.is_finished(), "it was told what it must not be");
            let at = *self.at.borrow();
            at.filter(|_| at != than).ok_or_else(|| format!("it is at {at:?}"))
        })
    }

    /// Waits until it has seen all that happened up to a number.
    ///
    /// # Panics
    /// If that does not come.
    pub(crate) fn comes_to(&self, last: u64) {
        until("a listener does not see all", || {
            let seen = *self.seen.borrow();
            let over = seen >= last || self.work.is_finished();
            if over { Ok(()) } else { Err(format!("{seen} of {last}")) }
        });
    }

    /// The same, and that it has seen nothing beyond.
    ///
    /// # Panics
    /// If that does not come, or something came twice, or out of its order.
    pub(crate) fn has_seen(self, runtime: &Runtime, last: u64) {
        self.comes_to(last);
        self.work.abort();
        if let Err(ended) = runtime.block_on(self.work) {
            assert!(ended.is_cancelled(), "{ended}");
        }
        assert_eq!(*self.seen.borrow(), last);
    }
}

/// Listens until the server is gone.
async fn listen(
    server: SocketAddr,
    token: &str,
    see: &watch::Sender<u64>,
    sits: &watch::Sender<Option<SocketAddr>>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(server).await?;
    let (mut socket, _) = client_async(format!("ws://{server}/ws"), stream).await?;
    let since = *see.borrow();
    let auth = json!({ "type": "auth", "token": token, "since": since });
    socket.send(Message::text(auth.to_string())).await?;
    loop {
        let Some(message) = tokio::time::timeout(SILENCE, socket.next()).await? else {
            return Ok(());
        };
        let Message::Text(text) = message? else { continue };
        let told: Value = serde_json::from_str(&text)?;
        let seq = told["seq"].as_u64();
        if told["type"] == "hello" {
            assert_eq!((seq, &told["data"]["resumed"]), (Some(since), &json!(true)), "{told}");
            sits.send_replace(Some(server));
        } else {
            let next = *see.borrow() + 1;
            assert_eq!(seq, Some(next), "{told}");
            see.send_replace(next);
        }
    }
}
