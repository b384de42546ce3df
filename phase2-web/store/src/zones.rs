//! In which zones owners were last seen to be.
//!
//! A write of an all-day task needs its owner's zone, which lies with the counters. Who has loaded
//! facts has seen it; so it is remembered, and the write checks it as it checks the counters. A
//! guess that is wrong costs a round trip and nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use todo_core::{Owner, Zone};

/// Most owners remembered: half a megabyte.
const REMEMBERED: usize = 16_384;

#[derive(Debug, Default)]
pub(crate) struct Zones(Mutex<HashMap<Owner, Zone>>);

impl Zones {
    pub(crate) fn learn(&self, owner: Owner, zone: Zone) {
        let mut zones = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if zones.len() >= REMEMBERED && !zones.contains_key(&owner) {
            // Rare, and soon learnt again.
            zones.clear();
        }
        zones.insert(owner, zone);
    }

    pub(crate) fn last_seen(&self, owner: Owner) -> Option<Zone> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&owner).copied()
    }
}
