//! Working on a server.
//!
//! What is read is read in a copy of the owner's tasks, which is brought up to date before each
//! command: so every view, every filter and every word is the same code as on a file. What is
//! written is first worked out on the copy, by the same rules that the server has, and then asked
//! of the server, with the versions that it was worked out on: if anything has moved, the copy is
//! brought up to date and it is worked out again. Nothing is written here and sent later.

mod copy;
mod place;
mod write;

use std::path::PathBuf;

use serde_json::{Map, Value};
use todo_client::Client;
pub(crate) use todo_client::ClientError as ServerError;
use todo_core::event::Seq;
use todo_core::{
    Batch, Committed, Facts, Needs, Owner, Page, StoreError, Task, TaskQuery, TaskStore,
};
use todo_file::FileStore;

use crate::error::CliError;

pub(crate) use place::{Place, any_server, chosen, forget_default, remember_default, servers};
pub(crate) use write::preference;

/// A server, and the copy of what it keeps.
#[derive(Debug)]
pub(crate) struct Remote {
    client: Client,
    path: PathBuf,
    /// Whether the copy has been brought up to date by this run.
    fresh: bool,
    filters: bool,
    /// Whether what the clock has brought has been looked at.
    begun: bool,
}

impl Remote {
    /// The server of somebody who has logged in.
    pub(crate) fn open(place: &Place) -> Result<Self, CliError> {
        let client = Client::open(&place.folder, place.server.clone())?;
        let path = place.copy();
        Ok(Self { client, path, fresh: false, filters: false, begun: false })
    }

    /// Changes what the account prefers.
    pub(crate) fn prefer(&mut self, name: &str, value: Value) -> Result<(), CliError> {
        self.client.prefer(&Map::from_iter([(name.to_owned(), value)]))?;
        self.is_stale();
        Ok(())
    }

    /// Saves a filter; sent again under the same key, it is saved once.
    pub(crate) fn save_filter(
        &mut self,
        name: &str,
        text: &str,
        key: &str,
    ) -> Result<(), CliError> {
        self.client.save_filter(name, text, key)?;
        self.is_stale();
        Ok(())
    }

    /// Forgets a filter.
    pub(crate) fn forget_filter(&mut self, name: &str) -> Result<(), CliError> {
        self.client.remove_filter(name)?;
        self.is_stale();
        Ok(())
    }
}

/// A copy on which something is worked out: what would be written is numbered, and not written.
struct Foreseen<'s>(&'s FileStore);

impl TaskStore for Foreseen<'_> {
    fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        self.0.load(owner, needs)
    }

    fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        self.0.find(owner, query)
    }

    fn commit(&mut self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        let counters = self.0.load(owner, &Needs::default())?.counters;
        Ok(batch.stamp(owner, counters).into())
    }
}

/// How far a copy goes.
fn seq(store: &FileStore) -> Result<Seq, CliError> {
    Ok(store.seq()?)
}
