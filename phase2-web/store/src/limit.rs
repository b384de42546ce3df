//! How long an answer of PostgreSQL is waited for.
//!
//! The server ends what takes too long, and says so. Where nothing is said at all, the way there is gone: as when
//! something in between has forgotten this connection. The system notices that after a quarter of an hour.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

/// How long what takes its time may take.
const LONG: Duration = Duration::from_mins(10);

/// For the answers on one connection, in one pair of hands.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    /// As long as it takes where there is none.
    most: Option<Duration>,
    passed: AtomicBool,
}

impl Limit {
    pub(crate) fn of(most: Option<Duration>) -> Self {
        Self { most, passed: AtomicBool::new(false) }
    }

    /// From now on as long as anything may take.
    pub(crate) fn lift(&mut self) {
        self.most = self.most.map(|most| most.max(LONG));
    }

    /// Whether an answer did not come: nothing more will.
    pub(crate) fn was_passed(&self) -> bool {
        self.passed.load(Ordering::Relaxed)
    }

    /// Waits for an answer. One that does not come is a connection that broke.
    pub(crate) async fn on<T, E: From<sqlx::Error>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(most) = self.most else { return answer.await };
        timeout(most, answer).await.unwrap_or_else(|_| {
            self.passed.store(true, Ordering::Relaxed);
            Err(sqlx::Error::Io(ErrorKind::TimedOut.into()).into())
        })
    }
}
