//! Working on and on, where nobody else does.

use std::time::Duration;

use todo_store::log::{Leadership, Wakes};
use todo_web::{App, Chain};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

use super::{SLEEP_MAX, SLEEP_MIN, Scheduler};
use crate::Stop;
use crate::metrics::Measures;
use crate::outage::Outage;

/// What the one who schedules leads.
const SCHEDULER: &str = "scheduler";

/// The longest wait for a database that does not answer.
const OUTAGE_MAX: Duration = Duration::from_secs(15);
/// How often it is looked whether the lead is still held, and whether there is one to be had.
const LOOK: Duration = Duration::from_secs(1);

/// Schedules whenever nobody else does, and empties the trash (S4), until it is told to stop; then
/// it ends with what is done soon.
pub async fn run(app: App, measures: Measures, mut stop: Stop) {
    let mut outage = Outage::default();
    loop {
        let led = app.store.lead(SCHEDULER).await;
        if led.is_ok() && outage.ends() {
            info!("the scheduler goes on");
        }
        match led {
            // Too large to be part of this one.
            Ok(Some(leader)) => Box::pin(lead(&app, &measures, leader, &stop)).await,
            Err(error) if outage.begins() => {
                warn!(error = %Chain(&error), "the scheduler waits for the storage");
            }
            Ok(None) | Err(_) => {}
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

async fn lead(app: &App, measures: &Measures, mut leader: Leadership, stop: &Stop) {
    info!(epoch = leader.epoch(), "leads the scheduler");
    let _leads = measures.leads(SCHEDULER);
    let mut scheduler = Scheduler::new(app.clone(), measures.clone());
    tokio::select! {
        () = scheduler.work(stop.clone()) => {}
        never = app.clone().keep_sweeping() => match never {},
        // What it was writing is written once, whoever does it too.
        () = lost(&mut leader) => warn!("another scheduler may lead by now"),
    }
    leader.resign().await;
}

/// Waits until it is seen that somebody else may lead.
async fn lost(leader: &mut Leadership) {
    while leader.still().await {
        sleep(LOOK).await;
    }
}

impl Scheduler {
    /// Works until it is told to stop, and finishes what is done soon.
    async fn work(&mut self, mut stop: Stop) {
        // Before the first look: what comes after it rings.
        let mut wakes = self.app.store.wakes();
        let mut outage = Duration::ZERO;
        while !stop.has_come() {
            let rest = match self.round().await {
                Ok(round) => {
                    if !outage.is_zero() {
                        info!("the scheduler goes on");
                    }
                    outage = Duration::ZERO;
                    if round.rest.is_zero() {
                        continue;
                    }
                    round.rest
                }
                Err(error) => {
                    if outage.is_zero() {
                        warn!(error = %Chain(&error), "the scheduler waits for the storage");
                    }
                    outage = (outage * 2).clamp(SLEEP_MAX, OUTAGE_MAX);
                    outage
                }
            };
            self.sleep(rest, !outage.is_zero(), &mut wakes, &mut stop).await;
        }
        if let Err(error) = self.finish_soon().await {
            warn!(error = %Chain(&error), "the scheduler stops without the storage");
        }
    }

    /// Sleeps so long, or until something is written, somebody is done with, or it is told to stop. In an
    /// outage none of them says that it is over.
    async fn sleep(&mut self, rest: Duration, outage: bool, wakes: &mut Wakes, stop: &mut Stop) {
        let began = Instant::now();
        let least = if outage { rest } else { rest.min(SLEEP_MIN) };
        tokio::select! {
            () = stop.come() => return,
            () = sleep(least) => {}
        }
        tokio::select! {
            () = stop.come() => {}
            () = sleep_until(began + rest) => {}
            () = wakes.writes() => {}
            Some(_) = self.at_work.one_ends() => {}
        }
    }
}
