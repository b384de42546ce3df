//! What could not be done is put off, longer each time, and alone.
//!
//! How often a task has failed is remembered here and goes with the process; until when it is put off
//! is written to it, so that it does not stand in the way of others whoever is the scheduler.

use std::collections::HashMap;
use std::time::Duration;

use todo_core::task::TaskId;
use todo_core::{Owner, Timestamp};
use todo_store::{Rest, Waking};
use uuid::Uuid;

use super::look::Trouble;

/// The first time.
const FIRST: Duration = Duration::from_millis(250);
/// By how many times as long each time.
const GROWS: u32 = 4;
/// The longest.
const LONGEST: Duration = Duration::from_mins(10);
/// Most tasks that are remembered: a few hundred kilobytes.
const REMEMBERED: usize = 10_000;

/// How often tasks have failed.
#[derive(Debug, Default)]
pub(super) struct Troubles(HashMap<(Owner, TaskId), u32>);

impl Troubles {
    /// With which others a task is looked at: those of its owner, but alone once it has failed with
    /// them.
    pub(super) fn group(&self, waking: &Waking) -> (Uuid, Option<Uuid>) {
        let alone = self.0.contains_key(&(waking.owner, waking.task));
        (waking.owner.0, alone.then_some(waking.task.0))
    }

    /// These have not failed.
    pub(super) fn over(&mut self, group: &[Waking]) {
        if !self.0.is_empty() {
            for waking in group {
                self.0.remove(&(waking.owner, waking.task));
            }
        }
    }

    /// These have failed. Answers until when they rest.
    pub(super) fn put_off(
        &mut self,
        group: &[Waking],
        trouble: &Trouble,
        now: Timestamp,
    ) -> Vec<Rest> {
        if self.0.len() + group.len() > REMEMBERED {
            // Rare, and soon learnt again.
            self.0.clear();
        }
        let mut rests = Vec::with_capacity(group.len());
        for waking in group {
            let Waking { owner, task, version, since, .. } = *waking;
            let times = self.0.entry((owner, task)).or_default();
            *times = times.saturating_add(1);
            let wait = FIRST.saturating_mul(GROWS.saturating_pow(*times - 1)).min(LONGEST);
            let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            let until = Some(now.plus_millis(millis));
            rests.push(Rest { owner, task, version, was: since, until });
            if group.len() == 1 {
                let (owner, task, times) = (owner.0, task.0, *times);
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

#[cfg(test)]
mod tests {
    use todo_core::Revision;

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
}
