//! Working on and on, where nobody else does.

use std::convert::Infallible;
use std::time::Duration;

use todo_store::log::Leadership;
use todo_web::{App, Chain};
use tokio::time::{Instant, sleep, sleep_until};

use super::{SLEEP_MAX, Scheduler};

/// What the one who schedules leads.
const SCHEDULER: &str = "scheduler";

/// The shortest sleep, so that many writes are one look.
const SLEEP_MIN: Duration = Duration::from_millis(20);
/// The longest wait for a database that does not answer.
const OUTAGE_MAX: Duration = Duration::from_secs(15);
/// Between two tries to lead, where the database does not answer.
const OUTAGE: Duration = Duration::from_secs(5);
/// How often it is looked whether the lead is still held, and whether there is one to be had.
const LEAD: Duration = Duration::from_secs(1);

impl Scheduler {
    /// Works for as long as it is polled. It may be dropped at any moment.
    pub async fn work(&mut self) -> Infallible {
        let mut wakes = self.app.store.wakes();
        let mut outage = Duration::ZERO;
        loop {
            let rest = match self.round().await {
                Ok(round) => {
                    if !outage.is_zero() {
                        tracing::info!("the scheduler goes on");
                    }
                    outage = Duration::ZERO;
                    if round.looked > 0 {
                        continue;
                    }
                    round.rest
                }
                Err(error) => {
                    if outage.is_zero() {
                        tracing::warn!(error = %Chain(&error), "the scheduler waits for the database");
                    }
                    outage = (outage * 2).clamp(SLEEP_MAX, OUTAGE_MAX);
                    sleep(outage).await;
                    continue;
                }
            };
            let began = Instant::now();
            sleep(rest.min(SLEEP_MIN)).await;
            tokio::select! {
                () = sleep_until(began + rest) => {}
                () = wakes.writes() => {}
            }
        }
    }
}

/// Schedules whenever nobody else does, for as long as it is polled: with others, one leads. Empties
/// the trash too (S4). It may be dropped at any moment.
pub async fn schedule(app: App) -> Infallible {
    loop {
        let leadership = match app.store.lead(SCHEDULER).await {
            Ok(Some(leadership)) => leadership,
            Ok(None) => {
                sleep(LEAD).await;
                continue;
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "it cannot be found out who schedules");
                sleep(OUTAGE).await;
                continue;
            }
        };
        tracing::info!("this is the scheduler");
        let mut scheduler = Scheduler::new(app.clone());
        tokio::select! {
            never = scheduler.work() => match never {},
            never = app.clone().keep_sweeping() => match never {},
            () = lost(leadership) => tracing::warn!("this is the scheduler no more"),
        }
    }
}

/// Waits until it is seen that somebody else may lead.
async fn lost(mut leadership: Leadership) {
    while leadership.still().await {
        sleep(LEAD).await;
    }
}
