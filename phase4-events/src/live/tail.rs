//! Following the log, from the moment on in which this process began to serve sockets.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use todo_core::event::Seq;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::log::{Entry, Position};
use todo_web::App;
use todo_web::telemetry::follows;
use uuid::Uuid;

use super::Live;
use super::hub::{Hub, Told, What};
use super::message::{self, TRIGGERED, Why};

/// How many entries are read at a time: a queue has room for them all.
const BATCH: u32 = 250;
/// How long to wait for a wake-up, which may be lost, and after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// More events than this of one request are an import, or as good as one. Reminders do not count: a look
/// of the scheduler sends many at once, and nobody is to miss what one says.
const MANY: usize = 100;

/// Reads what comes, and deals it out.
pub(super) async fn follow(app: &App, live: &Live) -> Infallible {
    let mut wakes = app.store.wakes();
    let mut place = None;
    let mut runs = Runs::default();
    let mut failed = false;
    loop {
        let begins = place.is_none();
        match read(app, &mut place).await {
            Ok((entries, more)) => {
                failed = false;
                let mut slow = runs.deal(&live.hub, &entries, more);
                if begins {
                    // What happened after they came and before this is never dealt out.
                    slow += live.hub.look();
                }
                let happened = entries.last().map(|entry| entry.timestamp);
                live.measures.told(happened, app.clock.now(), slow);
                if more {
                    // What was dealt out is sent before there is more.
                    tokio::task::yield_now().await;
                    continue;
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut failed, true) {
                    tracing::warn!(%error, "the log cannot be read; said once until it can");
                }
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        }
        // However it ends, there is a look.
        let _woken = tokio::time::timeout(PAUSE, wakes.log()).await;
    }
}

/// What has come since the last time, and whether there may be more. The first time it is only seen how
/// far the log goes: who connects afterwards reads the history up to there.
async fn read(app: &App, place: &mut Option<Position>) -> Result<(Vec<Entry>, bool), StoreError> {
    let Some(after) = *place else {
        *place = Some(app.store.log_head().await?);
        return Ok((Vec::new(), false));
    };
    let mut entries = app.store.read_log(after, BATCH).await?;
    *place = entries.last().and_then(|entry| entry.position).or(Some(after));
    let more = entries.len() >= BATCH as usize;
    // What an operator has told again nobody sees happen.
    entries.retain(|entry| !entry.again);
    Ok((entries, more))
}

/// As what this is known in the traces of requests.
const NAME: &str = "live";

/// What one request has changed and is told as one.
#[derive(Debug)]
struct Run {
    correlation: Uuid,
    /// The trace of the request.
    trace: Option<String>,
    /// The first event that was not told, and the last.
    kept: Option<(Seq, Seq)>,
    at: Timestamp,
}

/// Of each owner who is listened to, the long change that may still go on.
#[derive(Debug, Default)]
struct Runs(HashMap<Owner, Run>);

impl Runs {
    /// Tells what is in the log, in its order; answers how many sockets were too slow. `more` follows at
    /// once.
    fn deal(&mut self, hub: &Hub, entries: &[Entry], more: bool) -> usize {
        let mut counts: HashMap<(Owner, Uuid), usize> = HashMap::new();
        for entry in entries {
            let counts = counts.entry((entry.owner, entry.correlation_id)).or_default();
            *counts += usize::from(!is_reminder(entry));
        }
        let mut slow = 0;
        for entry in entries {
            let (owner, correlation) = (entry.owner, entry.correlation_id);
            if !hub.has(owner) {
                self.0.remove(&owner);
                continue;
            }
            if is_reminder(entry) {
                // In turn; what it stands among may go on behind it.
                if let Some(run) = self.0.get_mut(&owner) {
                    slow += run.tell(hub, owner);
                }
                slow += tell(hub, entry);
                continue;
            }
            let goes_on = self.0.get(&owner).is_some_and(|run| run.correlation == correlation);
            if goes_on || counts[&(owner, correlation)] > MANY {
                if !goes_on {
                    slow += self.end(hub, owner);
                }
                self.keep(entry);
            } else {
                slow += self.end(hub, owner);
                slow += tell(hub, entry);
            }
        }
        if !more {
            for (owner, run) in &mut self.0 {
                slow += run.tell(hub, *owner);
            }
        }
        slow
    }

    fn keep(&mut self, entry: &Entry) {
        let correlation = entry.correlation_id;
        let trace = || entry.trace.clone();
        let new = || Run { correlation, trace: trace(), kept: None, at: entry.timestamp };
        let run = self.0.entry(entry.owner).or_insert_with(new);
        let first = run.kept.map_or(entry.seq, |(first, _)| first);
        run.kept = Some((first, entry.seq));
        run.at = entry.timestamp;
    }

    fn end(&mut self, hub: &Hub, owner: Owner) -> usize {
        self.0.remove(&owner).map_or(0, |mut run| run.tell(hub, owner))
    }
}

impl Run {
    fn tell(&mut self, hub: &Hub, owner: Owner) -> usize {
        let Some((first, last)) = self.kept.take() else { return 0 };
        let text = message::refetch(Why::Many, last, Some(self.correlation), self.at);
        let told = Told { first, last, what: What::Text(text) };
        follows(self.trace.as_deref(), NAME, "refetch").in_scope(|| hub.tell(owner, &told))
    }
}

fn is_reminder(entry: &Entry) -> bool {
    entry.event_type == TRIGGERED
}

/// Tells an event in the trace of its request; answers how many sockets were too slow.
fn tell(hub: &Hub, entry: &Entry) -> usize {
    let span = follows(entry.trace.as_deref(), NAME, &entry.event_type);
    span.in_scope(|| hub.tell(entry.owner, &told(entry)))
}

/// An event as sockets are told it.
fn told(entry: &Entry) -> Told {
    let what = if message::is_reminder(entry) {
        What::Reminders(Arc::new([entry.clone()]))
    } else {
        What::Text(message::event(entry))
    };
    Told { first: entry.seq, last: entry.seq, what }
}
