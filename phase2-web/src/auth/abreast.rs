//! Keeping what is remembered of sessions abreast of what other servers do.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use todo_core::{StoreError, Timestamp};
use todo_store::accounts::{Deaf, Listener, Tidings};

use crate::App;
use crate::chain::Chain;

/// How often others are listened to.
const PULSE: Duration = Duration::from_secs(1);
/// How long to leave it at most, where nothing is heard: each try spoils another connection of a pooler.
const DEAF_MAX: Duration = Duration::from_mins(1);
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
    let mut hearing = Hearing { lost: false, pause: PULSE };
    loop {
        let lost = match app.store.tidings().await {
            Ok(Tidings::Alone) => return app.sessions.abreast().alone(),
            Ok(Tidings::Heard(listener)) => listen(&app, listener, &mut hearing).await,
            Err(error) => error,
        };
        tokio::time::sleep(hearing.lost(&lost)).await;
    }
}

/// Whether others are heard. That they are not is one line in the log, and so is that they are again.
struct Hearing {
    lost: bool,
    pause: Duration,
}

impl Hearing {
    /// Answers when to try again.
    fn lost(&mut self, error: &StoreError) -> Duration {
        if !self.lost {
            self.lost = true;
            tracing::warn!(error = %Chain(error), "other servers are not heard; said once until they are");
        }
        let deaf = matches!(error, StoreError::Unavailable(cause) if cause.is::<Deaf>());
        self.pause = if deaf { DEAF_MAX.min(self.pause * 2) } else { PULSE };
        self.pause
    }

    fn works(&mut self) {
        self.pause = PULSE;
        if std::mem::take(&mut self.lost) {
            tracing::info!("other servers are heard again");
        }
    }
}

/// Answers why it ended.
async fn listen(app: &App, mut listener: Listener, hearing: &mut Hearing) -> StoreError {
    let sessions = &app.sessions;
    sessions.abreast().begin(app.clock.now().millis());
    loop {
        let now = app.clock.now();
        match listener.heard().await {
            Ok(owners) => owners.into_iter().for_each(|owner| sessions.forget(owner)),
            Err(error) => return error,
        }
        hearing.works();
        sessions.abreast().heard(now);
        tokio::time::sleep(PULSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each try spoils a connection of the pooler that swallows what is told (SPEC 7).
    #[test]
    fn who_hears_nothing_tries_less_and_less() {
        let mut hearing = Hearing { lost: false, pause: PULSE };
        let deaf = StoreError::Unavailable(Deaf.into());
        let pauses: Vec<_> = (0..8).map(|_| hearing.lost(&deaf).as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(hearing.lost);
        // A server that is away comes back, and waits for nobody.
        assert_eq!(hearing.lost(&StoreError::Unavailable("away".into())), PULSE);
        hearing.works();
        assert!(!hearing.lost);
    }
}
