//! The scheduler: what the clock brings (SPEC 9; R4–R10).
//!
//! Each task keeps an instant before which nobody must look at it (`todo_store::Waking`). A round
//! asks which have come, carries out for each owner what the core says is due then (the next
//! occurrences of series, reminders), and lets each task rest until its next instant, which the core
//! says exactly. Between two rounds it sleeps until the next instant of anybody's, a second at most,
//! or until something is written.
//!
//! A round waits for what it began as long as there is progress, and no longer; what is left is worked on
//! beside the rounds that follow (`at_work`), which pass over its owners. An owner whose row somebody holds is
//! waited for in passing, and then let be until it is free: a few at a time may wait for longer, since each
//! takes a connection.
//!
//! Each thing happens once, because the commands see to it and not because of anything here (R6, R10):
//! killed at any point, the next one does what is left; and two at once, as after a lead that was
//! lost without being noticed, do no harm. A reminder is never early: the present is the database's,
//! which all machines share. When its clock is set back, what was sent is not sent again; set
//! forward, what is passed over by it is sent late.
//!
//! What fails for one owner holds up nobody else: it is put off, longer each time (`troubles`). When the
//! database cannot be reached, or is full, everything waits for it.

mod at_work;
mod look;
mod troubles;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use todo_core::{Owner, StoreError, Timestamp};
use todo_store::accounts::Profile;
use todo_store::{WAKING_MAX, failpoint};
use todo_web::{App, Chain};
use tokio::time::{Instant, timeout};

use crate::metrics::Measures;
use at_work::{AtWork, Ended, Group, Look};
use look::Trouble;
use troubles::{Troubles, rests_held};
pub use work::run;

/// How long a round waits for the next of its owners to be done with: many times what one takes as a
/// rule, and little of the time within which others are to be reminded.
const PROGRESS: Duration = Duration::from_millis(50);
/// The shortest sleep, so that many writes are one look.
const SLEEP_MIN: Duration = Duration::from_millis(20);
/// How long the next of those who are still worked on may take when it is told to stop.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it is asked whether somebody is still held.
const LOOK_AT_HELD: Duration = Duration::from_millis(100);
/// The longest sleep: what was written elsewhere may not be heard of.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// Does what the clock brings.
#[derive(Debug)]
pub struct Scheduler {
    app: App,
    measures: Measures,
    troubles: Troubles,
    at_work: AtWork,
    /// When it was counted last what there is to look at.
    counted: Option<Instant>,
    /// How many owners were let be when it was gone on at once to look behind them.
    passed: usize,
}

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// With so many tasks it is done, some of which an earlier round may have begun with.
    pub looked: usize,
    /// So many are still looked at; [`Scheduler::finish`] waits for them.
    pub busy: usize,
    /// So many owners are let be until they are free.
    pub held: usize,
    /// So long nobody has to look again, unless something is written; at most as long as the longest
    /// sleep.
    pub rest: Duration,
}

/// What was done with.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    /// So many tasks.
    looked: usize,
    /// So many of them were to be put to rest.
    rests: usize,
    /// So many could be: others somebody holds, or has changed since.
    rested: u64,
}

/// What a round is to begin with.
#[derive(Debug, Default)]
struct Claim {
    looks: Vec<Look>,
    /// Whether some who were held may be tried now.
    released: bool,
    /// Whether others may stand behind those who are let be since.
    behind: bool,
}

impl Scheduler {
    /// A scheduler of an application that knows it has one ([`todo_web::Parts::scheduled`]).
    pub fn new(app: App, measures: Measures) -> Self {
        let at_work = AtWork::new(app.store.beside_requests());
        Self { app, measures, troubles: Troubles::default(), at_work, counted: None, passed: 0 }
    }

    /// Does what has come by now, as much as is done at a time. An error is an outage: what was done
    /// is done, and all else is found again.
    pub async fn round(&mut self) -> Result<Round, StoreError> {
        let (now, since) = (self.app.present().await?, Instant::now());
        // Who has ended between two rounds may have been held.
        self.at_work.look_round();
        let before = self.done_with().await?;
        let Claim { looks, released, behind } = self.claim(now, since).await?;
        let begun = !looks.is_empty();
        self.carry_out(looks, since).await;
        self.at_work.look_round();
        let after = self.done_with().await?;
        let looked = before.looked + after.looked;
        let in_vain = before.rests + after.rests > 0 && before.rested + after.rested == 0;
        // There may be more: of all, or of who was passed over until now.
        let more = begun || released || behind || looked > 0;
        let rest = match self.at_work.has_room() {
            true if in_vain => SLEEP_MIN,
            true if more => Duration::ZERO,
            true => self.rest(now, since).await?,
            // Nothing can be begun with before something ends.
            false => SLEEP_MAX,
        };
        let held = self.troubles.held(Instant::now()).count();
        Ok(Round { looked, busy: self.at_work.tasks(), held, rest })
    }

    /// Waits for all that rounds have begun with, however long it takes. Answers how many tasks.
    pub async fn finish(&mut self) -> Result<usize, StoreError> {
        while self.at_work.one_ends().await.is_some() {}
        Ok(self.done_with().await?.looked)
    }

    /// Waits for those of them who are done with soon. The others are looked at again by the next one.
    async fn finish_soon(&mut self) -> Result<(), StoreError> {
        while let Ok(Some(_)) = timeout(LAST_WORDS, self.at_work.one_ends()).await {}
        self.done_with().await.map(drop)
    }

    /// What is to be looked at, by its owners. Passed over are those who are worked on, or held.
    async fn claim(&mut self, now: Timestamp, since: Instant) -> Result<Claim, StoreError> {
        if !self.at_work.has_room() {
            self.count(now).await?;
            return Ok(Claim::default());
        }
        let held: Vec<_> = self.troubles.held(since).collect();
        let passed: Vec<_> = self.at_work.owners().chain(held.iter().copied()).collect();
        let nobody = passed.is_empty();
        let come = self.app.store.waking(now, passed).await?;
        let all = nobody && come.len() < WAKING_MAX;
        if all {
            self.measures.backlog(come.len() as u64);
        } else {
            self.count(now).await?;
        }
        if come.is_empty() && held.is_empty() {
            self.troubles.forget(since, |owner| self.at_work.is_of(owner));
            return Ok(Claim::default());
        }
        if !come.is_empty() {
            failpoint("scheduler.claimed");
        }
        let few = come.len() < WAKING_MAX;
        let mut owners = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
        for waking in come {
            let groups = owners.entry(waking.owner).or_default();
            groups.entry(self.troubles.group(&waking)).or_default().push(waking);
        }
        if few {
            let at_work = &self.at_work;
            let is_busy = |owner| at_work.is_of(owner) || owners.contains_key(&owner);
            self.troubles.forget(since, is_busy);
        }
        let waited = self.troubles.waited(owners.keys().copied());
        let room = self.at_work.patient_room();
        let patient: BTreeSet<_> = waited.iter().copied().take(room).collect();
        let released = if held.is_empty() && waited.is_empty() {
            false
        } else {
            // Where one is held, others may be, too.
            let asked = owners.keys().filter(|owner| !patient.contains(owner));
            let free = self.app.store.free(asked.chain(&held).copied().collect()).await?;
            let free: BTreeSet<Owner> = free.into_iter().collect();
            owners.retain(|owner, _| {
                let now = patient.contains(owner) || free.contains(owner);
                if !now {
                    self.troubles.let_be(*owner, since);
                }
                now
            });
            self.troubles.seen(&held, &free, since)
        };
        let profiles = self.app.store.profiles(owners.keys().copied().collect()).await?;
        let looks = owners.into_iter().map(|(owner, groups)| {
            let group = |group| (group, preferred(profiles.get(&owner)));
            let groups = groups.into_values().map(group).collect::<Vec<Group>>();
            Look { owner, groups, now, since, patient: patient.contains(&owner) }
        });
        let looks = looks.collect();
        // Only as long as more owners are let be each time: who is let be is tried again after a while, and
        // those who are so many could be gone through for ever.
        let passed = self.troubles.held(since).count();
        let behind = !few && passed > self.passed;
        self.passed = if behind { passed } else { 0 };
        Ok(Claim { looks, released, behind })
    }

    /// Counts what there is to look at, once in a while: there may be a hundred thousand rows of it.
    async fn count(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.counted.is_none_or(|counted| counted.elapsed() >= SLEEP_MAX) {
            self.measures.backlog(self.app.store.backlog(now).await?);
            self.counted = Some(Instant::now());
        }
        Ok(())
    }

    /// Begins with these owners, and waits for them while there is progress. What there is no room for is
    /// found again.
    async fn carry_out(&mut self, looks: Vec<Look>, since: Instant) {
        let mut left = looks.len();
        let mut looks = looks.into_iter();
        while left > 0 {
            while self.at_work.has_room()
                && let Some(look) = looks.next()
            {
                self.at_work.begin(&self.app.store, look);
            }
            let Ok(Some(begun)) = timeout(PROGRESS, self.at_work.one_ends()).await else { return };
            left -= usize::from(begun == since);
        }
    }

    /// Writes until when those may rest that were looked at.
    async fn done_with(&mut self) -> Result<Done, StoreError> {
        let ended = self.at_work.take();
        if ended.is_empty() {
            return Ok(Done::default());
        }
        let (mut looked, mut rests, mut held) = (0, Vec::new(), Vec::new());
        let mut answers = false;
        for Ended { owner, groups, now, patient, took, .. } in ended {
            let now = now.plus_millis(i64::try_from(took.as_millis()).unwrap_or_default());
            let holds = |trouble: &Trouble| trouble.is_in_the_way(patient);
            if !groups.iter().any(|(_, done)| done.as_ref().is_err_and(holds)) {
                self.troubles.released(owner);
            }
            for (group, done) in groups {
                looked += group.len();
                match done {
                    Ok((done, sent)) => {
                        // Each as late as it was by the clock, and by what the look took.
                        for late in sent {
                            self.measures.reminded(late + took);
                        }
                        self.troubles.over(&group);
                        rests.extend(done);
                    }
                    Err(trouble) => {
                        if trouble.may_be_everybodys(patient) && !answers {
                            self.app.store.ready().await?;
                            answers = true;
                        }
                        if trouble.is_in_the_way(patient) {
                            rests.extend(rests_held(&group));
                            held.push((owner, trouble, patient));
                        } else {
                            rests.extend(self.troubles.put_off(&group, &trouble, now));
                        }
                    }
                }
            }
        }
        failpoint("scheduler.carried_out");
        let some = rests.len();
        let rested = self.app.store.rest(rests).await?;
        failpoint("scheduler.rested");
        // Now that it is known that the database can be written to.
        for (owner, trouble, patient) in held {
            self.troubles.hold(owner, &trouble, patient, Instant::now());
        }
        Ok(Done { looked, rests: some, rested })
    }

    /// How long nobody has to look again.
    async fn rest(&self, now: Timestamp, since: Instant) -> Result<Duration, StoreError> {
        let next = until(self.app.store.next_waking(now).await?, now, since);
        let released = self.troubles.first_release(Instant::now());
        Ok(released.map_or(next, |released| released.min(LOOK_AT_HELD).min(next)))
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
