//! Following the log, from the moment on in which this process began to serve sockets.

use std::convert::Infallible;
use std::time::Duration;

use todo_core::event::Seq;
use todo_core::{Owner, StoreError};
use todo_store::log::{Entry, Position};
use todo_web::{App, Chain};
use tokio::time::{Instant, timeout};

use super::Live;
use super::message::TRIGGERED;
use super::runs::{MANY, Runs};

/// How many entries are read at a time: a queue has room for them all.
const BATCH: u32 = 250;
/// How long to wait for a wake-up, which may be lost, and after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads what comes, and deals it out.
pub(super) async fn follow(app: &App, live: &Live) -> Infallible {
    let mut wakes = app.store.wakes();
    let mut place = None;
    let mut runs = Runs::new(live.treatment.together);
    let (mut failed, mut looked) = (false, Instant::now());
    loop {
        let begins = place.is_none();
        match read(app, &mut place, &mut looked).await {
            Ok(None) => {
                tracing::warn!("the log ends before what was read of it; all sockets come back");
                // What was kept back is of a history that is no more, as all is that sockets have seen.
                (place, runs) = (None, Runs::new(live.treatment.together));
                live.hub.restart();
                continue;
            }
            Ok(Some((entries, more))) => {
                failed = false;
                let happened = entries.last().map(|entry| entry.timestamp);
                let now = Instant::now();
                let mut slow = runs.take(&live.hub, entries, more, now);
                slow += runs.tell_certain(&live.hub, now);
                let much = long(app, runs.begun(), live.treatment.question).await;
                runs.are_much(&much, now);
                slow += runs.tell(&live.hub, now);
                if begins {
                    // What happened after they came and before this is never dealt out.
                    slow += live.hub.look();
                }
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
        // However it ends, there is a look: before something that was kept back is told, too.
        let look = Instant::now() + PAUSE;
        let look = runs.next().map_or(look, |next| next.min(look));
        let _woken = tokio::time::timeout_at(look, wakes.log()).await;
    }
}

/// Whose requests that begin with these have changed much, though most of it may stand in no log yet.
async fn long(app: &App, begun: Vec<(Owner, Seq)>, patience: Duration) -> Vec<Owner> {
    if begun.is_empty() {
        return Vec::new();
    }
    known(app.store.long_requests(begun, MANY, TRIGGERED), patience).await
}

/// What is answered soon. Else it is told one by one, as far as it has come: all owners would wait for it.
async fn known(
    asked: impl Future<Output = Result<Vec<Owner>, StoreError>>,
    patience: Duration,
) -> Vec<Owner> {
    let error = match timeout(patience, asked).await {
        Ok(Ok(owners)) => return owners,
        Ok(Err(error)) => Chain(&error).to_string(),
        Err(late) => late.to_string(),
    };
    tracing::debug!(error, "it is not known whether some requests have changed much");
    Vec::new()
}

/// What has come since the last time, and whether there may be more. The first time it is only seen how
/// far the log goes: who connects afterwards reads the history up to there.
///
/// Nothing where the log no longer goes as far as it was read: a backup was put back under this process, or a
/// replica took over without the last of it. What comes then would be passed over up to there.
async fn read(
    app: &App,
    place: &mut Option<Position>,
    looked: &mut Instant,
) -> Result<Option<(Vec<Entry>, bool)>, StoreError> {
    let Some(after) = *place else {
        *place = Some(app.store.log_head().await?);
        return Ok(Some((Vec::new(), false)));
    };
    let mut entries = app.store.read_log(after, BATCH).await?;
    if entries.is_empty() && looked.elapsed() >= PAUSE {
        *looked = Instant::now();
        let head = app.store.log_head().await?;
        // Nowhere is also where it goes when the row that says so is gone alone, which is made again behind what
        // was given.
        if Position(0) < head && head < after {
            return Ok(None);
        }
    }
    *place = entries.last().and_then(|entry| entry.position).or(Some(after));
    let more = entries.len() >= BATCH as usize;
    // What an operator has told again nobody sees happen.
    entries.retain(|entry| !entry.again);
    Ok(Some((entries, more)))
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use uuid::Uuid;

    use super::*;

    /// SPEC 9: sockets do not wait for a history that is silent, nor for one that cannot be asked.
    #[tokio::test]
    async fn who_is_told_does_not_wait_for_a_history_that_is_silent() {
        let (long, brief) = (Duration::from_mins(1), Duration::from_millis(1));
        let owners = vec![Owner(Uuid::from_u128(1))];
        assert_eq!(known(ready(Ok(owners.clone())), long).await, owners);
        let fails = ready(Err(StoreError::Unavailable("it is busy".into())));
        assert_eq!(known(fails, long).await, []);
        assert_eq!(timeout(long, known(pending(), brief)).await.expect("it goes on"), []);
    }
}
