//! What every request works with.

use std::fmt;
use std::sync::Arc;

use todo_core::Timestamp;
use todo_core::query::CursorKey;
use todo_core::service::Server;
use todo_store::Store;

use crate::auth::{Keys, Passwords, Registration, SessionCache};

/// Tells the present. Tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        (self.0)()
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
    /// Whether anybody may make an account.
    pub registration: Registration,
    /// Sessions that were asked for a moment ago.
    pub sessions: SessionCache,
    /// Whether a scheduler makes what the clock brings (R5); `todo-web` alone has none.
    pub scheduled: bool,
}

/// What every request works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

impl App {
    /// An application of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The shell that carries out commands and answers queries.
    pub fn server(&self) -> Server<'_, Store> {
        if self.0.scheduled {
            Server::scheduled(&self.0.store)
        } else {
            Server::alone(&self.0.store)
        }
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
