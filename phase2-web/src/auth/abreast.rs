//! Keeping what is remembered of sessions abreast of what other servers do.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use todo_core::{StoreError, Timestamp};
use todo_store::accounts::{Listener, Tidings};

use crate::App;
use crate::chain::Chain;

/// How often others are listened to.
const PULSE: Duration = Duration::from_secs(1);
/// How long what was heard last makes what is known good: so long a session that another server
/// has ended may still be believed here.
pub(super) const HEARD_MILLIS: i64 = 5_000;

/// Since when, and until when, nothing that others change stays unheard.
#[derive(Debug)]
pub(super) struct Abreast {
    since: AtomicI64,
    until: AtomicI64,
}

impl Default for Abreast {
    /// Never.
    fn default() -> Self {
        Self { since: AtomicI64::new(i64::MAX), until: AtomicI64::new(i64::MIN) }
    }
}

impl Abreast {
    /// Whether what was asked for then has not changed until now, or it would have been heard.
    pub(super) fn holds(&self, asked_at: Timestamp, now: Timestamp) -> bool {
        self.since.load(Ordering::Acquire) < asked_at.millis()
            && now.millis() < self.until.load(Ordering::Acquire)
    }

    /// There is nobody else.
    fn alone(&self) {
        self.begin(i64::MIN);
        self.until.store(i64::MAX, Ordering::Release);
    }

    pub(super) fn begin(&self, since: i64) {
        self.until.store(i64::MIN, Ordering::Release);
        self.since.store(since, Ordering::Release);
    }

    /// All that was changed before this moment was heard.
    pub(super) fn heard(&self, at: Timestamp) {
        self.until.store(at.millis() + HEARD_MILLIS, Ordering::Release);
    }
}

/// Listens for as long as the application lives. While the database is away nobody is heard, and
/// what is remembered is believed for a moment only.
pub(crate) async fn keep_abreast(app: App) {
    loop {
        let lost = match app.store.tidings().await {
            Ok(Tidings::Alone) => return app.sessions.abreast().alone(),
            Ok(Tidings::Heard(listener)) => listen(&app, listener).await,
            Err(error) => error,
        };
        tracing::debug!(error = %Chain(&lost), "other servers are not heard");
        tokio::time::sleep(PULSE).await;
    }
}

/// Answers why it ended.
async fn listen(app: &App, mut listener: Listener) -> StoreError {
    let sessions = &app.sessions;
    sessions.abreast().begin(app.clock.now().millis());
    loop {
        let now = app.clock.now();
        match listener.heard().await {
            Ok(owners) => owners.into_iter().for_each(|owner| sessions.forget(owner)),
            Err(error) => return error,
        }
        sessions.abreast().heard(now);
        tokio::time::sleep(PULSE).await;
    }
}
