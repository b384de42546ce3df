//! How much was done on each day. A day is one of the zone that the owner is in when it is counted: who
//! travels has the days of where they are, and days that were counted stay.

use std::time::Duration;

use moka::sync::Cache;
use todo_core::event::{EventData, Origin};
use todo_core::{Owner, StoreError, Zone};
use todo_store::Store;
use todo_store::effects::Deed;
use todo_store::log::{Entry, Unreadable, Work};

use crate::consumer::{Consumer, Start, Verdict};

const CREATED: &str = "task.created";
/// Something about an account was changed: perhaps where its owner is.
const MOVED: &str = "user.updated";
/// For how many owners it is remembered where they are, and how long.
const ZONES_MAX: u64 = 100_000;
const ZONE_KEPT: Duration = Duration::from_mins(1);

/// Counts what is done.
#[derive(Debug, Clone)]
pub struct Stats {
    store: Store,
    /// Looking it up for each event would take longer than counting.
    zones: Cache<Owner, Zone>,
}

impl Stats {
    /// Where people are is looked up in this store.
    pub fn new(store: Store) -> Self {
        let zones = Cache::builder().max_capacity(ZONES_MAX).time_to_live(ZONE_KEPT).build();
        Self { store, zones }
    }
}

impl Consumer for Stats {
    const NAME: &'static str = "stats";
    const START: Start = Start::Beginning;

    /// Another may have been told meanwhile that somebody has moved.
    fn begins(&self) {
        self.zones.invalidate_all();
    }

    async fn handle(&self, entry: &Entry, work: &mut Work) -> Verdict {
        if entry.event_type == MOVED {
            self.zones.invalidate(&entry.owner);
        }
        match deed(entry) {
            Ok(Some(deed)) => self.count(entry, deed, work).await.unwrap_or_else(Verdict::from),
            Ok(None) => {
                // A purge takes away what says when a task was made.
                if entry.event_type == CREATED {
                    work.decided();
                }
                Verdict::Done
            }
            Err(unreadable) => unreadable.into(),
        }
    }
}

impl Stats {
    async fn count(
        &self,
        entry: &Entry,
        deed: Deed,
        work: &mut Work,
    ) -> Result<Verdict, StoreError> {
        // Of an account that is gone nothing is counted.
        if let Some(zone) = self.zone(entry.owner).await? {
            work.count(entry.timestamp.day(zone).to_string(), deed);
        }
        Ok(Verdict::Done)
    }

    async fn zone(&self, owner: Owner) -> Result<Option<Zone>, StoreError> {
        let known = self.zones.get(&owner);
        if known.is_some() {
            return Ok(known);
        }
        let zone = self.store.zone_of(owner).await?;
        if let Some(zone) = zone {
            self.zones.insert(owner, zone);
        }
        Ok(zone)
    }
}

fn deed(entry: &Entry) -> Result<Option<Deed>, Unreadable> {
    Ok(match entry.event_type.as_str() {
        CREATED => made_here(entry)?.then_some(Deed::Created),
        "task.completed" => Some(Deed::Completed),
        "task.reopened" => Some(Deed::Reopened),
        "task.cancelled" => Some(Deed::Cancelled),
        "task.deleted" => Some(Deed::Deleted),
        _ => None,
    })
}

/// Not what says that it came with an import, or is older than its event. Of a task that was purged since it is
/// not known.
fn made_here(entry: &Entry) -> Result<bool, Unreadable> {
    match entry.envelope() {
        Ok(event) => Ok(match &event.data {
            EventData::Created { task, origin } => {
                *origin != Some(Origin::Import) && task.created_at >= event.timestamp
            }
            _ => false,
        }),
        Err(Unreadable::Blank) => Ok(true),
        Err(unreadable) => Err(unreadable),
    }
}
