//! What could not be done is put off, longer each time, and alone.
//!
//! How often a task has failed is remembered here and goes with the process; until when it is put off
//! is written to it, so that it does not stand in the way of others whoever is the scheduler.
//!
//! An owner whose rows somebody holds is put off with all tasks, and that is remembered here too: each
//! further one would wait for the same lock, and a task that is held itself cannot be written to.

use std::collections::HashMap;
use std::time::Duration;

use todo_core::task::TaskId;
use todo_core::{Owner, Timestamp};
use todo_store::{Rest, Waking};
use tokio::time::Instant;
use uuid::Uuid;

use super::look::Trouble;

/// The first time.
const FIRST: Duration = Duration::from_millis(250);
/// By how many times as long each time.
const GROWS: u32 = 4;
/// The longest.
const LONGEST: Duration = Duration::from_mins(10);
/// The longest for an owner, who is late by it when the lock is gone.
const LONGEST_HELD: Duration = Duration::from_secs(15);
/// Most tasks that are remembered: a few hundred kilobytes.
const REMEMBERED: usize = 10_000;
/// Most owners: each question what has come names them.
const HELD_MAX: usize = 1_000;

/// How often tasks have failed, and who is held.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    failed: HashMap<(Owner, TaskId), u32>,
    held: HashMap<Owner, Held>,
}

/// An owner who waited in vain so many times, and is not tried before an instant.
#[derive(Debug, Clone, Copy)]
struct Held {
    times: u32,
    until: Instant,
}

impl Troubles {
    /// With which others a task is looked at: those of its owner, but alone once it has failed with
    /// them.
    pub(super) fn group(&self, waking: &Waking) -> (Uuid, Option<Uuid>) {
        let alone = self.failed.contains_key(&(waking.owner, waking.task));
        (waking.owner.0, alone.then_some(waking.task.0))
    }

    /// These have not failed.
    pub(super) fn over(&mut self, group: &[Waking]) {
        if self.failed.is_empty() {
            return;
        }
        for waking in group {
            self.failed.remove(&(waking.owner, waking.task));
        }
    }

    /// Nobody holds this owner.
    pub(super) fn released(&mut self, owner: Owner) {
        self.held.remove(&owner);
    }

    /// Who is not to be tried now.
    pub(super) fn held(&self, now: Instant) -> impl Iterator<Item = Owner> {
        self.held.iter().filter(move |(_, held)| held.until > now).map(|(owner, _)| *owner)
    }

    /// How long until the first of them may be tried again.
    pub(super) fn first_release(&self, now: Instant) -> Option<Duration> {
        let waits = self.held.values().map(|held| held.until.saturating_duration_since(now));
        waits.filter(|wait| !wait.is_zero()).min()
    }

    /// These waited in vain for their owner. Answers until when they rest. That the owner does is
    /// remembered with [`Troubles::hold`] once it was written: else it was the database's trouble.
    pub(super) fn rests_held(&self, group: &[Waking], now: Timestamp) -> Vec<Rest> {
        let wait = |owner| wait(self.times_held(owner), LONGEST_HELD);
        group.iter().map(|waking| rest(waking, now, wait(waking.owner))).collect()
    }

    /// This owner waited in vain.
    pub(super) fn hold(&mut self, owner: Owner, trouble: &Trouble, now: Instant) {
        if self.held.len() >= HELD_MAX {
            // Rare, and soon learnt again.
            self.held.clear();
        }
        let times = self.times_held(owner);
        let until = now + wait(times, LONGEST_HELD);
        self.held.insert(owner, Held { times, until });
        let owner = owner.0;
        tracing::warn!(%owner, times, %trouble, "an owner is put off by the scheduler");
    }

    /// How many times it will be with this one.
    fn times_held(&self, owner: Owner) -> u32 {
        self.held.get(&owner).map_or(1, |held| held.times.saturating_add(1))
    }

    /// These have failed. Answers until when they rest.
    pub(super) fn put_off(
        &mut self,
        group: &[Waking],
        trouble: &Trouble,
        now: Timestamp,
    ) -> Vec<Rest> {
        if self.failed.len() + group.len() > REMEMBERED {
            // Rare, and soon learnt again.
            self.failed.clear();
        }
        let mut rests = Vec::with_capacity(group.len());
        for waking in group {
            let times = self.failed.entry((waking.owner, waking.task)).or_default();
            *times = times.saturating_add(1);
            rests.push(rest(waking, now, wait(*times, LONGEST)));
            if group.len() == 1 {
                let (owner, task, times) = (waking.owner.0, waking.task.0, *times);
                tracing::error!(%owner, %task, times, %trouble, "a task is put off by the scheduler");
            }
        }
        if let [first, _, ..] = group {
            let (owner, tasks) = (first.owner.0, group.len());
            tracing::warn!(%owner, tasks, %trouble, "the scheduler looks at some tasks one by one");
        }
        rests
    }
}

/// How long it is put off that has failed so many times.
fn wait(times: u32, longest: Duration) -> Duration {
    FIRST.saturating_mul(GROWS.saturating_pow(times.saturating_sub(1))).min(longest)
}

fn rest(waking: &Waking, now: Timestamp, wait: Duration) -> Rest {
    let Waking { owner, task, version, since, .. } = *waking;
    let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    Rest { owner, task, version, was: since, until: Some(now.plus_millis(millis)) }
}

#[cfg(test)]
mod tests {
    use todo_core::{Revision, StoreError};

    use super::*;

    fn waking(k: u128) -> Waking {
        Waking {
            owner: Owner(Uuid::from_u128(1)),
            task: TaskId(Uuid::from_u128(k)),
            version: Revision::FIRST,
            since: Timestamp::from_millis(5),
            scheduled: false,
        }
    }

    #[test]
    fn what_fails_is_put_off_longer_and_alone_until_it_does_not() {
        let mut troubles = Troubles::default();
        let (both, one) = ([waking(1), waking(2)], [waking(1)]);
        assert_eq!(troubles.group(&both[0]), troubles.group(&both[1]));
        let now = Timestamp::from_millis(1_000);
        let waits: Vec<_> = (0..9)
            .map(|time| {
                let group = if time == 0 { &both[..] } else { &one[..] };
                let rests = troubles.put_off(group, &Trouble::TooLong, now);
                rests[0].until.expect("an instant").millis() - 1_000
            })
            .collect();
        assert_eq!(waits[..4], [250, 1_000, 4_000, 16_000]);
        assert_eq!(waits[7..], [600_000, 600_000], "ten minutes at most");
        assert_ne!(troubles.group(&both[0]), troubles.group(&both[1]));
        assert_ne!(troubles.group(&both[0]), troubles.group(&waking(3)));
        troubles.over(&both);
        assert_eq!(troubles.group(&both[0]), troubles.group(&waking(3)));
    }

    /// SPEC 9: who is held is not tried for a while, longer each time, until it goes well.
    #[test]
    fn an_owner_who_is_held_is_let_be_for_a_while() {
        let mut troubles = Troubles::default();
        let group = [waking(1), waking(2)];
        let owner = group[0].owner;
        let locked = Trouble::Service(StoreError::Unavailable("locked".into()).into());
        let (now, mut clock) = (Timestamp::from_millis(1_000), Instant::now());
        for wait in [250, 1_000, 4_000, 15_000, 15_000] {
            let rests = troubles.rests_held(&group, now);
            let until = Some(now.plus_millis(wait));
            assert!(rests.len() == 2 && rests.iter().all(|rest| rest.until == until));
            troubles.hold(owner, &locked, clock);
            let wait = Duration::from_millis(wait.unsigned_abs());
            assert_eq!(troubles.first_release(clock), Some(wait));
            assert_eq!(troubles.held(clock).collect::<Vec<_>>(), [owner]);
            clock += wait;
            assert!(troubles.held(clock).next().is_none());
            assert_eq!(troubles.first_release(clock), None);
        }
        assert_eq!(troubles.group(&group[0]), troubles.group(&group[1]), "no task is at fault");
        troubles.hold(owner, &locked, clock);
        troubles.released(owner);
        assert!(troubles.held(clock).next().is_none());
        assert_eq!(troubles.rests_held(&group, now)[0].until, Some(now.plus_millis(250)));
    }
}
