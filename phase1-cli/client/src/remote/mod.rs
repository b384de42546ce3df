//! Working on a server.
//!
//! What is read is read in a copy of the owner's tasks, which is brought up to date before each
//! command: so every view, every filter and every word is the same code as on a file. What is
//! written is first worked out on the copy, by the same rules that the server has, and then asked
//! of the server, with the versions that it was worked out on: if anything has moved, the copy is
//! brought up to date and it is worked out again. Nothing is written here and sent later.

mod copy;
mod write;

use std::io;
use std::path::PathBuf;

use serde_json::{Map, Value};
use todo_core::event::Seq;
use todo_core::{
    Batch, Committed, Facts, Needs, Owner, Page, ServiceError, StoreError, Task, TaskError, TaskId,
    TaskQuery, TaskStore, Timestamp,
};
use todo_file::{FileError, FileStore};
use uuid::Uuid;

use crate::client::Client;
use crate::error::ClientError;

/// A server, and the copy of what it keeps.
#[derive(Debug)]
pub struct Remote {
    client: Client,
    path: PathBuf,
    /// Makes identities, of which each request gets one.
    fresh_id: fn(Timestamp) -> TaskId,
    /// Who was told to ask when the copy was last brought up to date.
    account: Option<Uuid>,
    /// The same while that is known to be as it was, and tasks alone are asked for.
    known: Option<Uuid>,
    /// Whether the copy is up to date, as far as is asked.
    fresh: bool,
    filters: bool,
    /// Whether what the clock has brought has been looked at.
    begun: bool,
}

/// Why a command was not carried out on a server.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The server refused it, or could not be asked.
    #[error(transparent)]
    Server(#[from] ClientError),
    /// The rules refused it, before it was asked.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The copy.
    #[error("cannot {doing}: {error}")]
    Copy {
        /// What was tried.
        doing: String,
        /// Why not.
        #[source]
        error: io::Error,
    },
}

impl From<FileError> for RemoteError {
    fn from(error: FileError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<StoreError> for RemoteError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<TaskError> for RemoteError {
    fn from(error: TaskError) -> Self {
        Self::Service(error.into())
    }
}

impl Remote {
    /// A server whose copy is at `path`, in a folder that is there. Nothing is asked yet.
    pub fn new(client: Client, path: PathBuf, fresh_id: fn(Timestamp) -> TaskId) -> Self {
        let (account, fresh, filters, begun) = (None, false, false, false);
        Self { client, path, fresh_id, account, known: None, fresh, filters, begun }
    }

    /// Changes what the account prefers.
    pub fn prefer(&mut self, name: &str, value: Value) -> Result<(), RemoteError> {
        self.client.prefer(&Map::from_iter([(name.to_owned(), value)]))?;
        self.is_stale();
        Ok(())
    }

    /// Saves a filter; sent again under the same key, it is saved once.
    pub fn save_filter(&mut self, name: &str, text: &str, key: &str) -> Result<(), RemoteError> {
        self.client.save_filter(name, text, key)?;
        self.is_stale();
        Ok(())
    }

    /// Forgets a filter.
    pub fn forget_filter(&mut self, name: &str) -> Result<(), RemoteError> {
        self.client.remove_filter(name)?;
        self.is_stale();
        Ok(())
    }

    /// For those that stay: another command begins, and things may have moved since the last.
    pub fn begin_anew(&mut self) {
        self.is_stale();
        self.begun = false;
    }

    /// The same where tasks alone can have changed: the account is not asked for again.
    pub fn go_on(&mut self) {
        self.begin_anew();
        self.known = self.account;
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
fn seq(store: &FileStore) -> Result<Seq, RemoteError> {
    Ok(store.seq()?)
}
