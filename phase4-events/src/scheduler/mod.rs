//! The scheduler: what the clock brings (SPEC 9; R4–R10).
//!
//! Each task keeps an instant before which nobody must look at it (`todo_store::Waking`). A round
//! asks which have come, carries out for each owner what the core says is due then (the next
//! occurrences of series, reminders), and lets each task rest until its next instant, which the core
//! says exactly. Between two rounds it sleeps until the next instant of anybody's, a second at most,
//! or until something is written.
//!
//! Each thing happens once, because the commands see to it and not because of anything here (R6, R10):
//! killed at any point, the next one does what is left; and two at once, as after a lead that was
//! lost without being noticed, do no harm. A reminder is never early: the present is the database's,
//! which all machines share. When its clock is set back, what was sent is not sent again; set
//! forward, what is passed over by it is sent late.
//!
//! What fails for one owner holds up nobody else: it is put off, longer each time (`troubles`). When the
//! database cannot be reached, or is full, everything waits for it.

mod look;
mod troubles;
mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::iter;
use todo_core::{Owner, StoreError, Timestamp};
use todo_store::accounts::Profile;
use todo_store::{WAKING_MAX, Waking, failpoint};
use todo_web::{App, Chain};
use tokio::time::Instant;

use crate::metrics::Measures;
use look::{Looked, Trouble, look};
use troubles::Troubles;
pub use work::run;

/// Owners whose tasks are looked at at a time: each takes a connection, and requests need some too.
const OWNERS_AT_ONCE: usize = 8;
/// The longest sleep: what was written elsewhere may not be heard of.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// Does what the clock brings.
#[derive(Debug)]
pub struct Scheduler {
    app: App,
    measures: Measures,
    troubles: Troubles,
}

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// So many tasks were looked at.
    pub looked: usize,
    /// So long nobody has to look again, unless something is written; at most as long as the longest
    /// sleep.
    pub rest: Duration,
}

impl Scheduler {
    /// A scheduler of an application that knows it has one ([`todo_web::Parts::scheduled`]).
    pub fn new(app: App, measures: Measures) -> Self {
        Self { app, measures, troubles: Troubles::default() }
    }

    /// The present: the database's, unless a test has brought another.
    async fn now(&self) -> Result<Timestamp, StoreError> {
        if self.app.clock.is_of_the_machine() {
            return self.app.store.now().await;
        }
        Ok(self.app.clock.now())
    }

    /// Does what has come by now, as much as is done at a time. An error is an outage: what was done
    /// is done, and all else is found again.
    pub async fn round(&mut self) -> Result<Round, StoreError> {
        let now = self.now().await?;
        let began = Instant::now();
        let store = &self.app.store;
        let come = store.waking(now).await?;
        let looked = come.len();
        let backlog = if looked < WAKING_MAX { looked as u64 } else { store.backlog(now).await? };
        self.measures.backlog(backlog);
        if looked == 0 {
            let rest = until(store.next_waking(now).await?, now, began);
            return Ok(Round { looked, rest });
        }
        failpoint("scheduler.claimed");
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for waking in come {
            groups.entry(self.troubles.group(&waking)).or_default().push(waking);
        }
        let mut owners: Vec<_> = groups.keys().map(|(owner, _)| Owner(*owner)).collect();
        owners.dedup();
        let profiles = store.profiles(owners).await?;
        let mut rests = Vec::with_capacity(looked);
        let looks = groups.into_values().map(|group| {
            let profile = group.first().and_then(|waking| profiles.get(&waking.owner));
            look_at(self.app.clone(), preferred(profile), group, now)
        });
        let looks: Vec<_> = looks.collect();
        let mut looks = iter(looks).buffer_unordered(OWNERS_AT_ONCE);
        while let Some((group, done)) = looks.next().await {
            match done {
                Ok((done, sent)) => {
                    // Each as late as it was by the clock, and by what the round took so far.
                    for late in &sent {
                        self.measures.reminded(*late + began.elapsed());
                    }
                    self.troubles.over(&group);
                    rests.extend(done);
                }
                Err(trouble) => {
                    if trouble.may_be_everybodys() {
                        store.ready().await?;
                    }
                    rests.extend(self.troubles.put_off(&group, &trouble, now));
                }
            }
        }
        failpoint("scheduler.carried_out");
        store.rest(rests).await?;
        failpoint("scheduler.rested");
        Ok(Round { looked, rest: Duration::ZERO })
    }
}

/// How long until an instant. What the round took so far is gone of it.
fn until(next: Option<Timestamp>, now: Timestamp, began: Instant) -> Duration {
    let Some(next) = next else { return SLEEP_MAX };
    let millis = u64::try_from(next.millis().saturating_sub(now.millis())).unwrap_or_default();
    Duration::from_millis(millis).saturating_sub(began.elapsed()).min(SLEEP_MAX)
}

/// What an owner prefers, if that is known.
fn preferred(found: Option<&Result<Profile, StoreError>>) -> Result<Profile, Trouble> {
    match found {
        Some(Ok(profile)) => Ok(profile.clone()),
        Some(Err(error)) => Err(Trouble::Profile(Chain(error).to_string())),
        // As a rule the account has just gone, and its tasks with it.
        None => Err(Trouble::NoOwner),
    }
}

async fn look_at(
    app: App,
    profile: Result<Profile, Trouble>,
    group: Vec<Waking>,
    now: Timestamp,
) -> (Vec<Waking>, Result<Looked, Trouble>) {
    let done = match profile {
        Ok(profile) => look(app, profile, &group, now).await,
        Err(trouble) => Err(trouble),
    };
    (group, done)
}
