//! What a store can tell an operator of itself, at any moment and without asking the database.

use std::sync::atomic::{AtomicU64, Ordering};

use todo_core::Committed;
use todo_core::event::EventType;

use crate::Store;
use crate::db::Db;
use crate::writer::GROUP_MAX;

/// How a store stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// Its connections: all of them on PostgreSQL, those that read on SQLite, which has one more that
    /// writes.
    pub connections: Connections,
    /// Tasks that came to be since it was opened.
    pub created: u64,
    /// Tasks that were completed since.
    pub completed: u64,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// At most.
    pub most: u32,
    /// Open now.
    pub open: u32,
    /// Somebody works with them now, or is about to.
    pub used: u32,
    /// How many wait for one.
    pub waiting: u32,
}

/// What was committed.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    created: AtomicU64,
    completed: AtomicU64,
}

impl Tally {
    pub(crate) fn count(&self, done: &Committed) {
        for event in &done.events {
            let counter = match event.event_type {
                EventType::Created => &self.created,
                EventType::Completed => &self.completed,
                _ => continue,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Store {
    /// For how many owners at a time something may be done beside requests, without these having to wait
    /// for it. On PostgreSQL half of the connections: each takes one, and keeps it while the owner's row is
    /// locked by somebody else. On SQLite half of what the one writer takes into a transaction: they wait
    /// for the disk together, and more of them are done in the same time.
    pub fn beside_requests(&self) -> usize {
        let most = match &self.db {
            Db::Sqlite(_) => GROUP_MAX,
            Db::Postgres(lender) => lender.connections().most as usize,
        };
        (most / 2).max(1)
    }

    /// How it stands now.
    pub fn measures(&self) -> Measures {
        let connections = match &self.db {
            Db::Sqlite(db) => db.readers.connections(),
            Db::Postgres(lender) => lender.connections(),
        };
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (created, completed) = (read(&self.tally.created), read(&self.tally.completed));
        Measures { connections, created, completed }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tempfile::TempDir;

    use super::*;
    use crate::{DatabaseUrl, Options};

    #[tokio::test]
    async fn who_waits_for_a_connection_is_counted() {
        let folder = TempDir::new().expect("a folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
        let options = Options { readers: 1, ..Options::default() };
        let store = Store::open(&url, &options).await.expect("it opens");
        let stands = || {
            let Connections { most, open, used, waiting } = store.measures().connections;
            [most, open, used, waiting]
        };
        assert_eq!(stands(), [1, 0, 0, 0]);
        let first = store.reader().await.expect("a connection");
        assert_eq!(stands(), [1, 1, 1, 0]);
        let second = store.reader();
        tokio::pin!(second);
        assert!(second.as_mut().now_or_never().is_none());
        assert_eq!(stands(), [1, 1, 1, 1]);
        first.done();
        let second = second.await.expect("a connection");
        assert_eq!(stands(), [1, 1, 1, 0]);
        second.done();
        assert_eq!(stands(), [1, 1, 0, 0]);
    }
}
