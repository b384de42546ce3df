//! What every request works with.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, Uri};
use prometheus_client::registry::Registry;
use todo_core::query::CursorKey;
use todo_core::service::Server;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::Store;
use tokio::sync::{Notify, Semaphore};

use crate::ApiError;
use crate::api::{Readiness, busy};
use crate::auth::{Keys, Pace, Passwords, Registration, SessionCache, may_connect};
use crate::front::Front;
use crate::layers::{Home, Limits};
use crate::metrics::Metrics;
use crate::post::Post;
use crate::turns::{Lease, Turns};

/// Long files that are worked on at a time: each is held as text and as tasks.
const FILES: usize = 2;
/// Calendars that are written at a time, of as many users.
const FEEDS: usize = 2;
/// Accounts that are taken away at a time: of each, a part is held while it is sent.
const EXPORTS: usize = 8;
/// How long one may be taken away.
const EXPORT_MAX: Duration = Duration::from_mins(10);

/// Tells the present. Tests bring their own.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    of_the_machine: bool,
}

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), of_the_machine: false }
    }

    /// A clock that asks the machine's, which may be wrong.
    pub fn asking_the_machine(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), of_the_machine: true }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Whether it is just this machine's: then whoever must agree with other machines asks
    /// [`App::present`].
    pub fn is_of_the_machine(&self) -> bool {
        self.of_the_machine
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(…)")
    }
}

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// The present.
    pub clock: Clock,
    /// What page cursors are signed with.
    pub cursors: CursorKey,
    /// What tokens are signed with.
    pub keys: Keys,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// Who may make an account.
    pub registration: Registration,
    /// Sessions that were asked for a moment ago.
    pub sessions: SessionCache,
    /// Whether a scheduler makes what the clock brings (R5); `todo-web` alone has none.
    pub scheduled: bool,
}

/// What every request works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Whole>);

#[derive(Debug)]
struct Whole {
    parts: Parts,
    front: Front,
    home: Home,
    limits: Option<Limits>,
    pace: Pace,
    post: Option<Post>,
    metrics: Metrics,
    draining: AtomicBool,
    told: Notify,
    readiness: Readiness,
    files: Arc<Semaphore>,
    feeds: Turns,
    exports: Turns,
}

impl App {
    /// An application of these parts, that meets its clients in the ordinary way.
    pub fn new(parts: Parts) -> Self {
        Self::with_front(parts, Front::default())
    }

    /// An application of these parts.
    pub fn with_front(parts: Parts, front: Front) -> Self {
        let (home, limits) = (Home::of(&front), Limits::new(front.rate));
        let (draining, readiness) = (AtomicBool::new(false), Readiness::default());
        let (pace, files) = (Pace::default(), Arc::new(Semaphore::new(FILES)));
        let post = front.mail.clone().map(Post::new);
        let metrics = Metrics::new(parts.store.clone(), parts.clock.now());
        let (feeds, exports) = (Turns::new(FEEDS), Turns::new(EXPORTS));
        Self(Arc::new(Whole {
            parts,
            front,
            home,
            limits,
            pace,
            post,
            metrics,
            draining,
            told: Notify::new(),
            readiness,
            files,
            feeds,
            exports,
        }))
    }

    /// The present for what goes by the clock alone: the database's, which all machines share, so that no
    /// machine whose own is wrong decides for everybody; unless a test has brought another.
    pub async fn present(&self) -> Result<Timestamp, StoreError> {
        if self.clock.is_of_the_machine() {
            return self.store.now().await;
        }
        Ok(self.clock.now())
    }

    /// The shell that carries out commands and answers queries.
    pub fn server(&self) -> Server<'_, Store> {
        if self.scheduled { Server::scheduled(&self.store) } else { Server::alone(&self.store) }
    }

    /// How it meets its clients.
    pub(crate) fn front(&self) -> &Front {
        &self.0.front
    }

    /// What it is called, and whose pages may ask.
    pub(crate) fn home(&self) -> &Home {
        &self.0.home
    }

    /// How much a client may ask for.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.0.limits.as_ref()
    }

    /// How fast passwords may be guessed.
    pub(crate) fn pace(&self) -> &Pace {
        &self.0.pace
    }

    /// What is to be sent by mail, where there is mail.
    pub(crate) fn post(&self) -> Option<&Post> {
        self.0.post.as_ref()
    }

    /// What an operator watches.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Has an operator watch more than this crate knows of.
    pub fn add_metrics(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.metrics().registry());
    }

    /// Whether it has been told to stop, and only finishes what it has begun.
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// The turns of work on long files.
    pub(crate) fn files(&self) -> &Arc<Semaphore> {
        &self.0.files
    }

    /// The turns of writing calendars: apart from those of files, which wait for what clients send.
    pub(crate) fn feeds(&self) -> &Turns {
        &self.0.feeds
    }

    /// The turn to take away what there is of an account, for as long as it is kept, and ten minutes at most.
    /// One of a user at a time: further ones are refused, and so is whoever comes when too many others have
    /// one.
    pub fn export_turn(&self, owner: Owner) -> Result<Lease, ApiError> {
        let turn = self.0.exports.try_take(owner).map(|turn| Lease::of(turn, EXPORT_MAX));
        turn.ok_or_else(|| busy("your account, or too many others, are being written"))
    }

    /// What was last seen of the database.
    pub(crate) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// Begins nothing new from now on.
    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::SeqCst);
        self.0.told.notify_waiters();
    }

    /// Waits until it has been told to stop: for what lasts longer than a request.
    pub async fn draining(&self) {
        let told = self.0.told.notified();
        tokio::pin!(told);
        // From here on the word is heard; before, it shows.
        told.as_mut().enable();
        if !self.0.draining.load(Ordering::SeqCst) {
            told.await;
        }
    }

    /// Whether a page with such a request may open a socket, as far as its origin goes.
    pub fn may_connect(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        may_connect(headers, uri, self.front())
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
