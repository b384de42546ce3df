//! How the server meets its clients.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::HeaderValue;

use crate::client::TrustedProxies;
use crate::post::Mail;

/// How many requests a client may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// As many as it likes.
    Off,
    /// So many a minute, all at once or spread.
    PerMinute(NonZeroU32),
}

/// How the server meets its clients.
#[derive(Debug, Clone)]
pub struct Front {
    /// How many connections may be open at once. Those above wait in the system's queue until one ends.
    pub connections: usize,
    /// How many requests a user, or an address that nobody has logged in from, may make.
    pub rate: Rate,
    /// The origins whose pages may ask (CORS), as `https://example.org`.
    pub origins: Vec<HeaderValue>,
    /// The origin under which browsers reach the server, if the operator has said it. They are told
    /// to come by nothing else if it is one of https.
    pub public_origin: Option<String>,
    /// The name or address that it listens at, if it is known.
    pub host: Option<String>,
    /// The proxies that are believed when they say for whom they ask.
    pub proxies: TrustedProxies,
    /// How mail is sent, if it is.
    pub mail: Option<Mail>,
    /// How long a request may take, its body included. An import may take ten times as long.
    pub timeout: Duration,
    /// How long the head of a request may take to arrive, and a connection may be idle.
    pub head_timeout: Duration,
    /// How long a client may take nothing of its answer, before it is hung up on: what makes the answer may
    /// hold what others wait for.
    pub send_timeout: Duration,
    /// How long new requests are still taken after the word to stop, while `/ready` says no: so long
    /// a load balancer may need to hear of it.
    pub notice: Duration,
    /// How long requests may go on after the word to stop.
    pub drain_timeout: Duration,
}

/// Ten requests a second, or a page that asks for six hundred things at once.
const DEFAULT_RATE: NonZeroU32 = NonZeroU32::new(600).expect("six hundred is not zero");

impl Default for Front {
    fn default() -> Self {
        Self {
            connections: 10_000,
            rate: Rate::PerMinute(DEFAULT_RATE),
            origins: Vec::new(),
            public_origin: None,
            host: None,
            proxies: TrustedProxies::default(),
            mail: None,
            timeout: Duration::from_secs(30),
            head_timeout: Duration::from_secs(30),
            send_timeout: Duration::from_secs(30),
            notice: Duration::from_secs(1),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

impl Front {
    /// Whether browsers come by https.
    pub(crate) fn https(&self) -> bool {
        self.public_origin.as_deref().is_some_and(|origin| origin.starts_with("https://"))
    }
}
