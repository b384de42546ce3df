//! The trash is emptied by itself (S4). What has lain there for 30 days counts as gone by then; so
//! when it is removed is nobody's concern but the disk's, and of who wants it to be gone for good.

use std::convert::Infallible;
use std::time::Duration;

use todo_core::{Owner, ServiceError, StoreError};

use crate::App;
use crate::chain::Chain;
use crate::edge::fresh_id;

/// How long a server that has just started is left alone.
const SETTLED: Duration = Duration::from_mins(1);
/// Between two sweeps.
const EVERY: Duration = Duration::from_hours(1);
/// After one that the database did not let come to its end.
const AGAIN: Duration = Duration::from_mins(10);

impl App {
    /// Removes for good whatever has lain in anybody's trash for 30 days, and answers how many tasks
    /// that were ([`todo_store::Store::sweep`]). It is for good, so [`App::present`] says when that is. Who
    /// cannot be swept is told of in the log.
    ///
    /// For whoever has a scheduler; where there is none, [`App::keep_sweeping`] does it.
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let now = self.present().await?;
        let failed = |owner: Owner, error: ServiceError| {
            let error = Chain(&error);
            tracing::error!(owner = %owner.0, %error, "the trash of an owner could not be emptied");
        };
        self.store.sweep(now, fresh_id(now), failed).await
    }

    /// Sweeps for as long as it is polled: soon, and then each hour. A failure is logged, and tried
    /// again.
    pub async fn keep_sweeping(self) -> Infallible {
        let mut pause = SETTLED;
        loop {
            tokio::time::sleep(pause).await;
            pause = match self.sweep().await {
                Ok(0) => EVERY,
                Ok(tasks) => {
                    tracing::info!(tasks, "the trash was emptied of what was deleted long ago");
                    EVERY
                }
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "the trash could not be emptied");
                    AGAIN
                }
            };
        }
    }
}
