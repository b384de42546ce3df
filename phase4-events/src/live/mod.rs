//! Live updates: what happens to somebody's tasks, told over a socket while it happens (SPEC 9).
//!
//! Each process that serves sockets follows the log by itself ([`Live::follow`]) and deals out what it
//! reads to the sockets of its owner, which are fed from queues: nobody waits for a slow one. A socket
//! is never more than a hint of what the store keeps. Whatever happens to it, a crash, a drain, a queue
//! that overflowed, its client comes back with the last `seq` it has seen and is given the rest from the
//! history; where that would be too long it is told to fetch everything anew.
//!
//! Nothing is written here but which tickets were used, so a full disk or a second process change nothing.

mod close;
mod door;
mod hub;
mod measures;
mod message;
mod runs;
mod socket;
mod stream;
mod tail;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Extension;
use todo_web::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use close::Close;
use hub::Hub;
use measures::Measures;

/// How sockets are treated.
#[derive(Debug, Clone)]
pub struct Treatment {
    /// How long a client may take to say who it is.
    pub greeting: Duration,
    /// How often it is asked whether it is there.
    pub ping: Duration,
    /// How long it may be silent.
    pub silence: Duration,
    /// How often it is asked whether what let it in still counts.
    pub check: Duration,
    /// How long it may take nothing of what it is sent.
    pub patience: Duration,
    /// How many messages wait for it at most.
    pub queue: usize,
    /// How many bytes of them; one that is longer waits alone.
    pub queue_bytes: usize,
    /// How many sockets an owner may have open at one process.
    pub sockets: usize,
    /// How long it is waited for more of what one request has changed, where that is too much to be told
    /// one by one.
    pub together: Duration,
    /// How long it is waited to hear from the history whether that is so.
    pub question: Duration,
    /// Over how long clients are sent away when the server stops, so that they do not all come back in
    /// the same moment.
    pub spread: Duration,
}

impl Default for Treatment {
    fn default() -> Self {
        Self {
            greeting: Duration::from_secs(10),
            ping: Duration::from_secs(30),
            silence: Duration::from_secs(75),
            check: Duration::from_secs(3),
            patience: Duration::from_secs(15),
            queue: 1024,
            queue_bytes: 1024 * 1024,
            sockets: 20,
            together: Duration::from_millis(250),
            question: Duration::from_millis(250),
            spread: Duration::from_secs(2),
        }
    }
}

/// The sockets of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    hub: Arc<Hub>,
    treatment: Arc<Treatment>,
    measures: Measures,
}

/// The routes as the document describes them: without sockets behind them.
pub(crate) fn described() -> OpenApiRouter<App> {
    tickets().routes(routes!(door::connect)).routes(routes!(door::connect_to))
}

/// The route of tickets, which every process of the API answers: they count at whichever has sockets.
pub(crate) fn tickets() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(door::ticket))
}

impl Live {
    /// No socket yet. An operator sees how many there are with the application's own metrics.
    pub fn new(app: &App, treatment: Treatment) -> Self {
        let hub = Hub::new(treatment.queue, treatment.queue_bytes, treatment.sockets);
        let measures = Measures::of(app);
        Self { hub: Arc::new(hub), treatment: Arc::new(treatment), measures }
    }

    /// The sockets' routes, and that of tickets.
    pub fn routes(&self) -> OpenApiRouter<App> {
        described().layer(Extension(self.clone()))
    }

    /// Deals out what is written to the log from now on, for as long as it is polled. It begins again by
    /// itself after an outage, where it was.
    pub async fn follow(&self, app: App) -> std::convert::Infallible {
        tail::follow(&app, self).await
    }
}
