//! What could not be done is put off, longer each time, and alone.
//!
//! How often a task has failed is remembered here and goes with the process; until when it is put off
//! is written to it, so that it does not stand in the way of others whoever is the scheduler.
//!
//! An owner whose row somebody holds is let be with all tasks, and that is remembered here alone: each round asks
//! once who is free by now, which costs as little for many as for one. Who never is at such a moment, as
//! where many write all the time, waits in line for once, and longer is let be each time that this was in vain.

use std::collections::{BTreeSet, HashMap};
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

/// An owner whom somebody holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// So many times it was waited for in vain, as long as anybody waits.
    times: u32,
    /// Since it was held for the first time.
    since: Instant,
    /// Before this it is not tried, unless it is seen to be free.
    until: Instant,
    /// Whether it was seen to be held: only then it may be seen to be free again. Else something else is in
    /// the way.
    locked: bool,
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

    /// Those of these who were let be, and are to be tried again now: first those who were waited for in vain
    /// the fewest times, so that who is held for long takes nobody's place in line, and of them those who have
    /// been held the longest.
    pub(super) fn waited(&self, owners: impl Iterator<Item = Owner>) -> Vec<Owner> {
        let held = owners.filter_map(|owner| Some((self.held.get(&owner)?, owner)));
        let mut held: Vec<_> = held.map(|(held, owner)| (held.times, held.since, owner)).collect();
        held.sort_unstable();
        held.into_iter().map(|(.., owner)| owner).collect()
    }

    /// These of those who are not to be tried were seen to be free, and the others not. Answers whether some
    /// may be tried now. That they were held is remembered: who holds them by turns may do so again by then, and
    /// they should stand in line.
    pub(super) fn seen(&mut self, held: &[Owner], free: &BTreeSet<Owner>, now: Instant) -> bool {
        let mut some = false;
        for owner in held {
            let Some(held) = self.held.get_mut(owner) else { continue };
            if !free.contains(owner) {
                held.locked = true;
            } else if held.locked {
                held.until = now;
                some = true;
            }
        }
        some
    }

    /// This owner is seen to be held, and let be for a while.
    pub(super) fn let_be(&mut self, owner: Owner, now: Instant) {
        self.make_room();
        let new = Held { times: 0, since: now, until: now, locked: true };
        let held = self.held.entry(owner).or_insert(new);
        (held.until, held.locked) = (now + FIRST, true);
    }

    /// Those who may be tried, and for whom there is nothing to do, are held no more than anybody else.
    pub(super) fn forget(&mut self, now: Instant, is_busy: impl Fn(Owner) -> bool) {
        self.held.retain(|owner, held| held.until > now || is_busy(*owner));
    }

    /// How long until the first of them may be tried again.
    pub(super) fn first_release(&self, now: Instant) -> Option<Duration> {
        let waits = self.held.values().map(|held| held.until.saturating_duration_since(now));
        waits.filter(|wait| !wait.is_zero()).min()
    }

    /// This owner was waited for in vain: in passing, or as long as anybody waits.
    pub(super) fn hold(&mut self, owner: Owner, trouble: &Trouble, patient: bool, now: Instant) {
        self.make_room();
        let (times, since) =
            self.held.get(&owner).map_or((0, now), |held| (held.times, held.since));
        let times = times.saturating_add(patient.into());
        let until = now + wait(times, LONGEST_HELD);
        self.held.insert(owner, Held { times, since, until, locked: false });
        let owner = owner.0;
        if patient {
            tracing::warn!(%owner, times, %trouble, "an owner is put off by the scheduler");
        } else {
            tracing::debug!(%owner, %trouble, "an owner is let be by the scheduler");
        }
    }

    fn make_room(&mut self) {
        if self.held.len() >= HELD_MAX {
            // Rare, and soon learnt again.
            self.held.clear();
        }
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

/// These waited in vain for their owner, and are looked at again as soon as the owner is. That it can be
/// written, as it was, shows that it was not the database's trouble.
pub(super) fn rests_held(group: &[Waking]) -> impl Iterator<Item = Rest> {
    group.iter().map(|waking| rest(waking, waking.since, Duration::ZERO))
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

    fn has_waited(troubles: &Troubles, owner: Owner) -> bool {
        troubles.waited([owner].into_iter()) == [owner]
    }

    fn locked() -> Trouble {
        Trouble::Service(StoreError::Unavailable("locked".into()).into())
    }

    /// SPEC 9: who is held is not tried for a while, longer each time that waiting was in vain, until it goes
    /// well.
    #[test]
    fn an_owner_who_is_held_is_let_be_for_a_while() {
        let mut troubles = Troubles::default();
        let group = [waking(1), waking(2)];
        let owner = group[0].owner;
        let mut clock = Instant::now();
        let waits = [250, 250, 1_000, 4_000, 15_000, 15_000];
        for (nth, wait) in waits.map(Duration::from_millis).into_iter().enumerate() {
            troubles.hold(owner, &locked(), nth > 0, clock);
            assert_eq!(troubles.first_release(clock), Some(wait));
            assert_eq!(troubles.held(clock).collect::<Vec<_>>(), [owner]);
            clock += wait;
            assert!(troubles.held(clock).next().is_none() && has_waited(&troubles, owner));
            assert_eq!(troubles.first_release(clock), None);
        }
        assert_eq!(troubles.group(&group[0]), troubles.group(&group[1]), "no task is at fault");
        assert!(rests_held(&group).all(|rest| rest.until == Some(rest.was)), "but it is held");
        troubles.hold(owner, &locked(), true, clock);
        troubles.released(owner);
        assert!(troubles.held(clock).next().is_none() && !has_waited(&troubles, owner));
    }

    /// Who is seen to be free is tried at once; but not where nobody was seen to hold it, for then something
    /// else is in the way.
    #[test]
    fn an_owner_who_was_held_is_tried_once_it_is_free() {
        let mut troubles = Troubles::default();
        let (ann, bob) = (Owner(Uuid::from_u128(1)), Owner(Uuid::from_u128(2)));
        let clock = Instant::now();
        troubles.hold(ann, &locked(), false, clock);
        troubles.let_be(bob, clock);
        let (nobody, both) = (BTreeSet::new(), BTreeSet::from([ann, bob]));
        assert!(troubles.seen(&[ann, bob], &both, clock), "bob may be tried");
        assert_eq!(troubles.held(clock).collect::<Vec<_>>(), [ann]);
        assert!(!troubles.seen(&[ann], &nobody, clock));
        assert!(troubles.seen(&[ann], &both, clock) && troubles.held(clock).next().is_none());
        assert!(has_waited(&troubles, ann) && has_waited(&troubles, bob), "they may stand in line");
        // It has gone on by itself, or there is nothing left to do.
        troubles.let_be(ann, clock);
        troubles.forget(clock, |_| false);
        assert!(has_waited(&troubles, ann));
        troubles.forget(clock + FIRST, |owner| owner == ann);
        assert!(has_waited(&troubles, ann));
        troubles.forget(clock + FIRST, |_| false);
        assert!(!has_waited(&troubles, ann));
    }

    /// SPEC 9: who is held for long does not fill the places in line, whatever the owner is called.
    #[test]
    fn who_waited_in_vain_the_fewest_times_stands_in_line_first() {
        let mut troubles = Troubles::default();
        let [long, new, old, free] = [1, 2, 3, 4].map(|k| Owner(Uuid::from_u128(k)));
        let clock = Instant::now();
        let later = |k: u32| clock + k * FIRST;
        troubles.hold(long, &locked(), false, later(0));
        troubles.let_be(old, later(1));
        troubles.hold(new, &locked(), false, later(2));
        let all = || [long, new, old, free].into_iter();
        assert_eq!(troubles.waited(all()), [long, old, new], "who has been held the longest");
        troubles.hold(long, &locked(), true, later(3));
        // Whoever is let be again has been held since then.
        troubles.let_be(old, later(4));
        assert_eq!(troubles.waited(all()), [old, new, long]);
        troubles.hold(old, &locked(), true, later(5));
        troubles.hold(new, &locked(), true, later(6));
        assert_eq!(troubles.waited(all()), [long, old, new]);
        troubles.released(long);
        assert_eq!(troubles.waited(all()), [old, new]);
    }
}
