//! How the server meets its clients.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::HeaderValue;

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
    /// How many requests a user, or an address that nobody has logged in from, may make.
    pub rate: Rate,
    /// The origins whose pages may ask (CORS), as `https://example.org`.
    pub origins: Vec<HeaderValue>,
    /// Whether browsers come by https, and are told to do nothing else.
    pub https: bool,
    /// How long a request may take, its body included. An import may take ten times as long.
    pub timeout: Duration,
    /// How long the head of a request may take to arrive, and a connection may be idle.
    pub head_timeout: Duration,
    /// How long requests may go on after the word to stop.
    pub drain_timeout: Duration,
}

/// Ten requests a second, or a page that asks for six hundred things at once.
const DEFAULT_RATE: NonZeroU32 = NonZeroU32::new(600).expect("six hundred is not zero");

impl Default for Front {
    fn default() -> Self {
        Self {
            rate: Rate::PerMinute(DEFAULT_RATE),
            origins: Vec::new(),
            https: false,
            timeout: Duration::from_secs(30),
            head_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(10),
        }
    }
}
