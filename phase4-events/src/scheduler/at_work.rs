//! Owners who are worked on, each once, and beyond the round that began with them.

use std::collections::BTreeMap;
use std::mem::take;
use std::panic::resume_unwind;
use std::time::Duration;

use todo_core::{Owner, Timestamp};
use todo_store::accounts::Profile;
use todo_store::{Store, Waking};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::look::{Looked, Trouble, look};

/// Tasks of an owner that are looked at together, and what the owner prefers.
pub(super) type Group = (Vec<Waking>, Result<Profile, Trouble>);

/// What there is to look at of one owner.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) owner: Owner,
    /// One after the other: each takes the owner's lock.
    pub(super) groups: Vec<Group>,
    /// What counts as the present for them.
    pub(super) now: Timestamp,
    /// When that was, by the clock of this machine.
    pub(super) since: Instant,
    /// Whether the owner's row is waited for as long as anybody waits for a lock, and not in passing.
    pub(super) patient: bool,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) owner: Owner,
    /// Those that come after one who waited in vain are not among them: they would wait too.
    pub(super) groups: Vec<(Vec<Waking>, Result<Looked, Trouble>)>,
    pub(super) now: Timestamp,
    pub(super) since: Instant,
    pub(super) patient: bool,
    /// From then until its end.
    pub(super) took: Duration,
}

/// Who is worked on. Dropped, it ends with what is not committed undone.
#[derive(Debug)]
pub(super) struct AtWork {
    looks: JoinSet<Ended>,
    /// Of whom so many tasks are looked at, or were and are not at rest yet.
    owners: BTreeMap<Owner, usize>,
    ended: Vec<Ended>,
    most: usize,
    /// How many of them are patient.
    patient: usize,
}

impl AtWork {
    /// So many at a time at most.
    pub(super) fn new(most: usize) -> Self {
        Self { looks: JoinSet::new(), owners: BTreeMap::new(), ended: Vec::new(), most, patient: 0 }
    }

    pub(super) fn has_room(&self) -> bool {
        self.looks.len() < self.most
    }

    /// For how many there is room who are patient: a quarter, so that most room is for those whom nobody
    /// holds. Where there is little, one; where there is none to share, nobody.
    pub(super) fn patient_room(&self) -> usize {
        (self.most / 4).max(usize::from(self.most > 1)).saturating_sub(self.patient)
    }

    pub(super) fn is_of(&self, owner: Owner) -> bool {
        self.owners.contains_key(&owner)
    }

    pub(super) fn owners(&self) -> impl Iterator<Item = Owner> {
        self.owners.keys().copied()
    }

    /// How many tasks are looked at.
    pub(super) fn tasks(&self) -> usize {
        self.owners.values().sum()
    }

    /// Begins with an owner who is not worked on.
    pub(super) fn begin(&mut self, store: &Store, look: Look) {
        let tasks = look.groups.iter().map(|(group, _)| group.len()).sum();
        self.owners.insert(look.owner, tasks);
        self.patient += usize::from(look.patient);
        let store = if look.patient { store.clone() } else { store.in_passing() };
        self.looks.spawn(carry_out(store, look));
    }

    /// Waits until one has ended, and answers since when it was looked at; nothing if nobody is worked on.
    /// Whoever stops waiting loses nothing.
    pub(super) async fn one_ends(&mut self) -> Option<Instant> {
        let joined = self.looks.join_next().await?;
        self.keep(joined)
    }

    /// Those who have ended by now are not worked on any more.
    pub(super) fn look_round(&mut self) {
        while let Some(joined) = self.looks.try_join_next() {
            self.keep(joined);
        }
    }

    fn keep(&mut self, joined: Result<Ended, JoinError>) -> Option<Instant> {
        let ended = match joined {
            Ok(ended) => ended,
            // What panics for one owner is caught where it does (`look`): this is a fault of this module,
            // and the whole part begins anew. Otherwise the process is ending.
            Err(error) => resume_unwind(error.try_into_panic().ok()?),
        };
        let since = ended.since;
        self.patient -= usize::from(ended.patient);
        self.ended.push(ended);
        Some(since)
    }

    /// Those who have ended, who may be begun with again.
    pub(super) fn take(&mut self) -> Vec<Ended> {
        for ended in &self.ended {
            self.owners.remove(&ended.owner);
        }
        take(&mut self.ended)
    }
}

async fn carry_out(store: Store, look_at: Look) -> Ended {
    let Look { owner, groups, now, since, patient } = look_at;
    let mut ended = Vec::with_capacity(groups.len());
    for (group, profile) in groups {
        let done = match profile {
            Ok(profile) => look(store.clone(), profile, &group, now).await,
            Err(trouble) => Err(trouble),
        };
        let in_vain = done.as_ref().is_err_and(|trouble| trouble.may_be_everybodys(patient));
        ended.push((group, done));
        if in_vain {
            break;
        }
    }
    Ended { owner, groups: ended, now, since, patient, took: since.elapsed() }
}
