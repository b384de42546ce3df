//! The relay: gives what was written its place in the log, as soon as it was written.
//!
//! One leads; the others stand by, in whichever process. What was written while none did is told when the
//! next one comes, in its order.

use std::time::Duration;

use todo_core::StoreError;
use todo_store::log::{Leadership, RELAY};
use todo_web::{App, Chain};
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

use crate::Stop;
use crate::metrics::Measures;

/// Most events that one transaction tells.
const BATCH: u32 = 1_000;
/// Between two looks, if nobody wakes it; and before it tries again to lead.
const LOOK: Duration = Duration::from_secs(1);

/// Relays until it is told to stop; then tells what was written before that.
pub async fn run(app: App, measures: Measures, mut stop: Stop) {
    loop {
        match lead(&app, &measures, &mut stop).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => debug!("another relay may lead by now"),
            Err(error) => warn!(error = %Chain(&error), "the relay waits for the storage"),
        }
        if stop.has_come() {
            return;
        }
        tokio::select! {
            () = stop.come() => {}
            () = sleep(LOOK) => {}
        }
    }
}

async fn lead(app: &App, measures: &Measures, stop: &mut Stop) -> Result<(), StoreError> {
    let Some(mut leader) = app.store.lead(RELAY).await? else { return Ok(()) };
    info!(epoch = leader.epoch(), "leads the relay");
    let _leads = measures.leads(RELAY);
    let ended = relay(app, measures, &mut leader, stop).await;
    leader.resign().await;
    ended
}

async fn relay(
    app: &App,
    measures: &Measures,
    leader: &mut Leadership,
    stop: &mut Stop,
) -> Result<(), StoreError> {
    // Before the first look: what comes after it rings.
    let mut wakes = app.store.wakes();
    let mut asked = Instant::now();
    loop {
        let stopping = stop.has_come();
        loop {
            let told = match app.store.publish(leader, BATCH, app.clock.now()).await {
                // An account went away meanwhile, or another leads: the next try shows.
                Err(StoreError::Conflict) if leader.still().await => {
                    app.store.publish(leader, BATCH, app.clock.now()).await?
                }
                told => told?,
            };
            measures.told(told);
            if told.count == 0 {
                break;
            }
        }
        if stopping {
            return Ok(());
        }
        tokio::select! {
            () = stop.come() => {}
            () = wakes.writes() => {}
            () = sleep(LOOK) => {}
        }
        if asked.elapsed() >= LOOK {
            if !leader.still().await {
                return Ok(());
            }
            measures.waiting(app.store.unpublished().await?);
            asked = Instant::now();
        }
    }
}
