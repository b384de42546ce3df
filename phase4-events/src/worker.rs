//! What drives a consumer: reads the log, asks the consumer, has it written, goes on.
//!
//! One worker of a consumer is active at a time, in whichever process; the others stand by. After a crash
//! the next one goes on from the last batch that was written wholly.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_store::failpoint;
use todo_store::log::{Entry, Handled, Leadership, Outcome, Position, Work};
use todo_web::telemetry::follows;
use todo_web::{App, Chain};
use tokio::time::{Instant, sleep};
use tracing::{Instrument, debug, error, info, warn};
use uuid::Uuid;

use crate::Stop;
use crate::consumer::{AnyConsumer, Reason, Start, Verdict, panicked};
use crate::metrics::Measures;
use crate::outage::Outage;

/// Most events that one transaction settles.
const BATCH: u32 = 200;
/// After a batch that was not full. What comes meanwhile is settled together: each batch is a transaction,
/// which on SQLite keeps others from writing, and nobody waits for a consumer.
const REST: Duration = Duration::from_millis(50);
/// How often an event is tried before it is parked.
pub const TRIES: u32 = 5;
/// After the first of these; each pause is twice the one before.
const PAUSE: Duration = Duration::from_millis(20);
/// Between two looks at the log, if nobody wakes it; and before it tries again to lead.
const LOOK: Duration = Duration::from_secs(1);

/// Most owners whose parked events are remembered.
const STUCK_MAX: usize = 10_000;

/// By how much earlier than its worker a consumer begins that begins with what happens now. The processes of
/// one system do not start in one moment, nor do their clocks agree: what comes late is better than what is
/// lost.
const EARLIER_MILLIS: i64 = 60_000;

/// Drives one consumer.
#[derive(Debug, Clone)]
pub struct Worker {
    app: App,
    consumer: Arc<dyn AnyConsumer>,
    measures: Measures,
    /// When it came to be.
    made: Instant,
}

/// Owners whose events were tried in vain, and about which of them nobody is asked since. To try each of these too
/// would keep all other owners waiting.
type Stuck = HashMap<Owner, Behind>;

/// What an owner's events are behind.
#[derive(Debug, Clone, Copy, Default)]
struct Behind {
    /// The first that is parked: those after it wait.
    parked: Option<Seq>,
    /// Whether one was tried that had been handled before, and so is not parked. Others that were are passed over
    /// as well, whatever would come of them.
    repeated: bool,
}

/// Why nobody is led any more.
enum Ended {
    /// It was told to.
    Stopped,
    /// Somebody else does, or may.
    Lost,
}

impl Worker {
    /// A worker of this consumer.
    pub fn new(app: App, consumer: Arc<dyn AnyConsumer>, measures: Measures) -> Self {
        Self { app, consumer, measures, made: Instant::now() }
    }

    /// Works until it is told to stop; finishes the batch that it is at.
    pub async fn run(self, mut stop: Stop) {
        let (name, mut outage) = (self.consumer.name(), Outage::default());
        while !stop.has_come() {
            match self.lead(&mut stop, &mut outage).await {
                Ok(Some(Ended::Stopped)) => return,
                Ok(Some(Ended::Lost)) => debug!(consumer = name, "another may lead by now"),
                Err(error) if outage.begins() => {
                    let error = Chain(&error);
                    warn!(consumer = name, %error, "a consumer waits for the storage; said once");
                }
                Ok(None) | Err(_) => {}
            }
            tokio::select! {
                () = stop.come() => {}
                () = sleep(LOOK) => {}
            }
        }
    }

    /// Leads, if nobody else does, for as long as that goes well.
    async fn lead(
        &self,
        stop: &mut Stop,
        outage: &mut Outage,
    ) -> Result<Option<Ended>, StoreError> {
        let Some(mut leader) = self.app.store.lead(self.consumer.name()).await? else {
            return Ok(None);
        };
        info!(consumer = self.consumer.name(), epoch = leader.epoch(), "leads a consumer");
        let _leads = self.measures.leads(self.consumer.name());
        self.consumer.begins();
        let ended = match self.follow(&mut leader, stop, outage).await {
            Err(StoreError::Conflict) => Ok(Ended::Lost),
            ended => ended,
        };
        leader.resign().await;
        ended.map(Some)
    }

    async fn follow(
        &self,
        leader: &mut Leadership,
        stop: &mut Stop,
        outage: &mut Outage,
    ) -> Result<Ended, StoreError> {
        // Before the first look: what comes after it rings.
        let mut wakes = self.app.store.wakes();
        let mut at = self.begin(leader).await?;
        let mut stuck = Stuck::new();
        let mut asked = Instant::now();
        loop {
            if stop.has_come() {
                return Ok(Ended::Stopped);
            }
            let entries = self.app.store.read_log(at, BATCH).await?;
            failpoint("consumer.read");
            if entries.is_empty() {
                tokio::select! {
                    () = stop.come() => {}
                    () = wakes.log() => {}
                    () = sleep(LOOK) => {}
                }
            } else {
                at = self.settle(leader, &entries, at, &mut stuck, stop).await?;
                if entries.len() < BATCH as usize {
                    tokio::select! {
                        () = stop.come() => {}
                        () = sleep(REST) => {}
                    }
                }
            }
            if outage.ends() {
                info!(consumer = self.consumer.name(), "a consumer goes on");
            }
            if asked.elapsed() >= LOOK {
                if !leader.still().await {
                    return Ok(Ended::Lost);
                }
                let head = self.app.store.log_head().await?;
                self.measures.lag(self.consumer.name(), head.0.saturating_sub(at.0));
                asked = Instant::now();
            }
        }
    }

    /// Where the one before has come to. A new consumer's first place is written before anything else, so
    /// that a start does not move with each crash.
    async fn begin(&self, leader: &Leadership) -> Result<Position, StoreError> {
        if let Some(at) = leader.begun() {
            return Ok(at);
        }
        let now = self.app.clock.now();
        match self.consumer.start() {
            Start::Beginning => {
                let at = Position::default();
                self.app.store.settle(leader, &[], at, now).await?;
                Ok(at)
            }
            Start::Now => {
                // By the clock that all share.
                let ago = i64::try_from(self.made.elapsed().as_millis()).unwrap_or_default();
                let since = self.app.present().await?.plus_millis(-ago - EARLIER_MILLIS);
                self.app.store.begin_since(leader, since, now).await
            }
        }
    }

    /// Handles events and writes what follows; answers up to where that was done. Where one was tried in vain
    /// that is the last.
    async fn settle(
        &self,
        leader: &Leadership,
        entries: &[Entry],
        at: Position,
        stuck: &mut Stuck,
        stop: &Stop,
    ) -> Result<Position, StoreError> {
        let began = Instant::now();
        let repeated = self.repeated(entries, stuck).await?;
        let mut handled = Vec::with_capacity(entries.len());
        let mut in_vain = None;
        for entry in entries {
            if stop.has_come() {
                break;
            }
            // Who begins with what happens now has nothing to do with what happened long ago.
            if entry.again && self.consumer.start() == Start::Now {
                handled.push(Handled { entry, outcome: Outcome::Done(Work::default()) });
                continue;
            }
            let parked = stuck.get(&entry.owner).and_then(|behind| behind.parked);
            let waits =
                parked.is_some_and(|first| entry.seq > first) || repeated.contains(&entry.event_id);
            // The end of an account waits for nothing: what was parked of it goes with it.
            if waits && !entry.is_farewell() {
                handled.push(Handled { entry, outcome: Outcome::Waits });
                continue;
            }
            let span = follows(entry.trace.as_deref(), self.consumer.name(), &entry.event_type);
            let outcome = handle(&*self.consumer, entry).instrument(span).await?;
            let tried = matches!(outcome, Outcome::Parked { attempts, .. } if attempts > 1);
            handled.push(Handled { entry, outcome });
            if tried {
                in_vain = Some((entry.owner, entry.seq));
                break;
            }
        }
        let last = handled.last().and_then(|one| one.entry.position);
        let Some(up_to) = last else { return Ok(at) };
        match self.write(leader, &handled, up_to).await {
            // One of them is at fault: find out which.
            Err(StoreError::Backend(_) | StoreError::Corrupt(_)) => {
                for one in handled.drain(..) {
                    self.write_alone(leader, one, at).await?;
                }
            }
            written => written?,
        }
        if let Some((owner, tried)) = in_vain {
            self.remember(owner, tried, stuck).await?;
        }
        let of = entries.iter().take_while(|entry| entry.position <= Some(up_to));
        self.measures.processed(self.consumer.name(), of, began.elapsed(), self.app.clock.now());
        Ok(up_to)
    }

    /// Notes behind which event those of an owner wait, after one was tried in vain.
    async fn remember(
        &self,
        owner: Owner,
        tried: Seq,
        stuck: &mut Stuck,
    ) -> Result<(), StoreError> {
        if stuck.len() >= STUCK_MAX {
            // Rare, and soon learnt again.
            stuck.clear();
        }
        let parked = self.app.store.first_parked(self.consumer.name(), owner).await?;
        let behind = stuck.entry(owner).or_default();
        behind.parked = parked;
        // Else it would be parked now, or wait.
        behind.repeated |= parked.is_none_or(|first| tried < first);
        Ok(())
    }

    /// Which of these were handled before, of owners of whom that was tried in vain.
    async fn repeated(
        &self,
        entries: &[Entry],
        stuck: &Stuck,
    ) -> Result<HashSet<Uuid>, StoreError> {
        let of = |entry: &&Entry| stuck.get(&entry.owner).is_some_and(|behind| behind.repeated);
        let events: Vec<_> = entries.iter().filter(of).map(|e| (e.owner, e.event_id)).collect();
        if events.is_empty() {
            return Ok(HashSet::new());
        }
        self.app.store.handled_before(self.consumer.name(), &events).await
    }

    async fn write(
        &self,
        leader: &Leadership,
        handled: &[Handled<'_>],
        up_to: Position,
    ) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let settled = self.app.store.settle(leader, handled, up_to, now).await?;
        self.measures.settled(self.consumer.name(), settled);
        if settled.parked > 0 {
            let (consumer, events) = (self.consumer.name(), settled.parked);
            error!(consumer, events, "events were parked; see `todo-server dead-letters`");
        }
        Ok(())
    }

    /// Writes one event's effects; parks it when they cannot be written.
    async fn write_alone(
        &self,
        leader: &Leadership,
        mut one: Handled<'_>,
        at: Position,
    ) -> Result<(), StoreError> {
        let up_to = one.entry.position.unwrap_or(at);
        for attempt in 1..=TRIES {
            match self.write(leader, std::slice::from_ref(&one), up_to).await {
                Err(error @ (StoreError::Backend(_) | StoreError::Corrupt(_))) => {
                    if attempt == TRIES {
                        let reason = Reason::new(Chain(&error)).to_string();
                        one.outcome = Outcome::Parked { reason, attempts: TRIES };
                    } else {
                        sleep(PAUSE * (1 << attempt)).await;
                    }
                }
                written => return written,
            }
        }
        self.write(leader, std::slice::from_ref(&one), up_to).await
    }
}

/// What follows from an event, after as many tries as it takes, or why nothing does. An outage is no try:
/// it ends this, and it is begun again.
pub(crate) async fn handle(
    consumer: &dyn AnyConsumer,
    entry: &Entry,
) -> Result<Outcome, StoreError> {
    let mut attempts = 1;
    // What stands for its damaged parts is not what happened: nobody is to act on that.
    if let Some(damage) = &entry.damage {
        return Ok(Outcome::Parked { reason: damage.to_string(), attempts });
    }
    loop {
        let mut work = Work::default();
        // What it leaves behind is thrown away with it.
        let verdict = AssertUnwindSafe(consumer.handle(entry, &mut work)).catch_unwind().await;
        let reason = match verdict {
            Ok(Verdict::Done) => return Ok(Outcome::Done(work)),
            Ok(Verdict::Retry(reason)) if reason.is_outage() => {
                return Err(StoreError::Unavailable(reason.to_string().into()));
            }
            Ok(Verdict::Retry(_)) if attempts < TRIES => {
                sleep(PAUSE * (1 << attempts)).await;
                attempts += 1;
                continue;
            }
            Ok(Verdict::Retry(reason) | Verdict::Park(reason)) => reason,
            Err(panic) => panicked(&*panic),
        };
        return Ok(Outcome::Parked { reason: reason.to_string(), attempts });
    }
}
