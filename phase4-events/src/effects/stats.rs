//! How much was done on each day. A day is one of the zone that the owner is in when it is counted: who
//! travels has the days of where they are, and days that were counted stay.

use todo_core::StoreError;
use todo_core::event::EventData;
use todo_store::Store;
use todo_store::effects::Deed;
use todo_store::log::{Entry, Unreadable, Work};

use crate::consumer::{Consumer, Start, Verdict};

/// Counts what is done.
#[derive(Debug, Clone)]
pub struct Stats {
    store: Store,
}

impl Stats {
    /// Where people are is looked up in this store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

impl Consumer for Stats {
    const NAME: &'static str = "stats";
    const START: Start = Start::Beginning;

    async fn handle(&self, entry: &Entry, work: &mut Work) -> Verdict {
        match deed(entry) {
            Ok(Some(deed)) => self.count(entry, deed, work).await.unwrap_or_else(Verdict::from),
            Ok(None) => Verdict::Done,
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
        if let Some(zone) = self.store.zone_of(entry.owner).await? {
            let day = entry.timestamp.day(zone).to_string();
            work.count(entry.owner, &day, deed);
        }
        Ok(Verdict::Done)
    }
}

fn deed(entry: &Entry) -> Result<Option<Deed>, Unreadable> {
    Ok(match entry.event_type.as_str() {
        "task.created" => made_here(entry)?.then_some(Deed::Created),
        "task.completed" => Some(Deed::Completed),
        "task.reopened" => Some(Deed::Reopened),
        "task.cancelled" => Some(Deed::Cancelled),
        "task.deleted" => Some(Deed::Deleted),
        _ => None,
    })
}

/// What is older than its event came with an import. Of a task that was purged since it is not known.
fn made_here(entry: &Entry) -> Result<bool, Unreadable> {
    match entry.envelope() {
        Ok(event) => Ok(match &event.data {
            EventData::Created { task } => task.created_at >= event.timestamp,
            _ => false,
        }),
        Err(Unreadable::Blank) => Ok(true),
        Err(unreadable) => Err(unreadable),
    }
}
