//! The relay: gives what was written its place in the log, as soon as it was written.
//!
//! One leads; the others stand by, in whichever process. What was written while none did is told when the
//! next one comes, in its order.

use std::time::Duration;

use todo_core::{StoreError, Timestamp};
use todo_store::log::{LOG_KEPT_MILLIS, Leadership, RELAY};
use todo_web::{App, Chain};
use tokio::time::{Instant, sleep};
use tracing::{debug, error, info, warn};

use crate::Stop;
use crate::metrics::Measures;
use crate::outage::Outage;

/// Most events that one transaction tells.
const BATCH: u32 = 1_000;
/// Between two looks for what can be taken out of the log, when there was nothing left.
const PRUNED_EVERY: Duration = Duration::from_mins(10);
/// Between two looks, if nobody wakes it; and before it tries again to lead.
const LOOK: Duration = Duration::from_secs(1);
/// After a batch of which somebody holds all.
const HELD: Duration = Duration::from_millis(50);
/// For what was written before it was told to stop, while others may go on writing.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Relays until it is told to stop; then tells what was written before that.
pub async fn run(app: App, measures: Measures, mut stop: Stop) {
    let mut outage = Outage::default();
    loop {
        match lead(&app, &measures, &mut stop, &mut outage).await {
            Err(StoreError::Conflict) => debug!("another relay may lead by now"),
            Err(error) if outage.begins() => {
                warn!(error = %Chain(&error), "the relay waits for the storage");
            }
            Ok(()) | Err(_) => {}
        }
        if stop.has_come() {
            return;
        }
        // Nobody may lead, or nothing be told: that is when somebody should see it grow.
        count(&app, &measures).await;
        tokio::select! {
            () = stop.come() => {}
            () = sleep(LOOK) => {}
        }
    }
}

async fn lead(
    app: &App,
    measures: &Measures,
    stop: &mut Stop,
    outage: &mut Outage,
) -> Result<(), StoreError> {
    let Some(mut leader) = app.store.lead(RELAY).await? else {
        goes_on(outage);
        return Ok(());
    };
    info!(epoch = leader.epoch(), "leads the relay");
    let _leads = measures.leads(RELAY);
    // They stay until somebody mends them.
    match app.store.nobodys().await {
        Ok(0) => {}
        Ok(events) => error!(events, "events whose owner or number is damaged are not told"),
        Err(error) => debug!(error = %Chain(&error), "what is nobody's cannot be counted"),
    }
    let ended = relay(app, measures, &mut leader, stop, outage).await;
    leader.resign().await;
    ended
}

fn goes_on(outage: &mut Outage) {
    if outage.ends() {
        info!("the relay goes on");
    }
}

async fn relay(
    app: &App,
    measures: &Measures,
    leader: &mut Leadership,
    stop: &mut Stop,
    outage: &mut Outage,
) -> Result<(), StoreError> {
    // Before the first look: what comes after it rings.
    let mut wakes = app.store.wakes();
    let mut asked = Instant::now();
    let mut prune_at = asked;
    loop {
        let stopping = stop.has_come();
        let until = if stopping { Instant::now() + LAST_WORDS } else { asked + LOOK };
        let all = tell(app, measures, leader, until).await?;
        goes_on(outage);
        if stopping {
            return Ok(());
        }
        if all {
            tokio::select! {
                () = stop.come() => {}
                () = wakes.writes() => {}
                () = sleep(LOOK) => {}
            }
        }
        if asked.elapsed() >= LOOK {
            if !leader.still().await {
                return Ok(());
            }
            count(app, measures).await;
            asked = Instant::now();
            if asked >= prune_at && prune(app).await == 0 {
                prune_at = asked + PRUNED_EVERY;
            }
        }
    }
}

/// Tells what there is, until it is time to look at other things: under a steady load there is always
/// more. Answers whether that was all.
async fn tell(
    app: &App,
    measures: &Measures,
    leader: &mut Leadership,
    until: Instant,
) -> Result<bool, StoreError> {
    loop {
        let told = match app.store.publish(leader, BATCH, app.clock.now()).await {
            // An account went away meanwhile, or another leads: the next try shows.
            Err(StoreError::Conflict) if leader.still().await => {
                app.store.publish(leader, BATCH, app.clock.now()).await?
            }
            told => told?,
        };
        // What is written from now on rings.
        measures.told(told);
        if told.all {
            return Ok(true);
        }
        // All of it is held by somebody: others may come next, or the same again.
        if told.count == 0 {
            sleep(HELD).await;
        }
        if Instant::now() >= until {
            return Ok(false);
        }
    }
}

/// Has an operator see how much was not told yet.
async fn count(app: &App, measures: &Measures) {
    match app.store.unpublished().await {
        Ok(events) => measures.waiting(events),
        Err(error) => debug!(error = %Chain(&error), "what was not told cannot be counted"),
    }
}

/// Takes some of what was told long ago out of the log; answers how much. That it fails keeps nobody from
/// being told.
async fn prune(app: &App) -> u64 {
    let pruned = async {
        let before = app.present().await?.millis() - LOG_KEPT_MILLIS;
        app.store.prune_log(Timestamp::from_millis(before)).await
    };
    match pruned.await {
        Ok(pruned) => {
            if pruned > 0 {
                debug!(events = pruned, "the log was relieved of what was told long ago");
            }
            pruned
        }
        Err(error) => {
            warn!(error = %Chain(&error), "what was told long ago stays in the log for now");
            0
        }
    }
}
