//! The terminal's file. The terminal, and any number of these, may work on it at once: each write
//! takes the file's lock, and each call reads the file again if it is another.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};
use todo_core::query::Filters;
use todo_core::service::{self, ServiceError, carry_out, execute, rehearse};
use todo_core::stats::{Stats, StatsQuery};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Facts, Needs, Outcome, Page, StoreError, Task, TaskQuery, Zone,
};
use todo_file::{FileError, FileStore};
use tokio::sync::Mutex;

use super::settings::Settings;
use super::{Asker, Backend};
use crate::fault::Fault;

/// The tasks in a file.
///
/// A call waits its turn without a thread, and then works on one of the runtime's threads for what
/// blocks: there is never more than one of these at work, however many calls come.
#[derive(Debug)]
pub struct File {
    store: Arc<Mutex<FileStore>>,
    path: PathBuf,
    zone: Zone,
}

impl File {
    /// The tasks in a file that need not be there yet; its folder must. `zone` is the asker's, unless
    /// the file's settings name another. Nothing is read before the first call.
    pub fn open(path: &Path, zone: Zone) -> Result<Self, FileError> {
        let store = FileStore::open(path, zone)?;
        let path = store.path().to_owned();
        Ok(Self { store: Arc::new(Mutex::new(store)), path, zone })
    }

    /// The file itself, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut FileStore) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, Fault> {
        let mut store = Arc::clone(&self.store).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || work(&mut store)).await;
        Ok(done.unwrap_or_else(|error| Err(StoreError::Backend(error.into()).into()))?)
    }
}

impl Backend for File {
    async fn asker(&self) -> Result<Asker, Fault> {
        let settings = self.with(|store| Ok(store.settings().map_err(StoreError::from)?)).await;
        Ok(Settings::new(settings?).asker(self.zone))
    }

    async fn find(&self, query: TaskQuery, ctx: &Ctx) -> Result<Page<Task>, Fault> {
        let ctx = ctx.clone();
        self.with(move |store| service::find(store, &query, &ctx)).await
    }

    async fn stats(&self, query: StatsQuery, ctx: &Ctx) -> Result<Stats, Fault> {
        let ctx = ctx.clone();
        self.with(move |store| service::stats(store, &query, &ctx)).await
    }

    async fn load(&self, needs: Needs, ctx: &Ctx) -> Result<Facts, Fault> {
        let ctx = ctx.clone();
        self.with(move |store| service::load(store, &needs, &ctx)).await
    }

    async fn execute(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        let ctx = ctx.clone();
        self.with(move |store| {
            let writing = Writing::begin(store)?;
            purge_expired(writing.0, &ctx)?;
            carry_out(writing.0, &command, &ctx)
        })
        .await
    }

    async fn preview(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        let ctx = ctx.clone();
        self.with(move |store| rehearse(store, &command, &ctx)).await
    }

    async fn filters(&self) -> Result<Filters, Fault> {
        let kept = self.with(|store| Ok(store.filters().map_err(StoreError::from)?)).await;
        Ok(kept_filters(kept?))
    }

    fn tells_causes(&self) -> bool {
        true
    }
}

/// Saved filters. What a newer version keeps beside them stays in the file.
pub(super) fn kept_filters(kept: Map<String, Value>) -> Filters {
    let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
    kept.into_iter().filter_map(text).collect()
}

/// The right to write, which is given back whatever happens.
struct Writing<'s>(&'s mut FileStore);

impl<'s> Writing<'s> {
    fn begin(store: &'s mut FileStore) -> Result<Self, StoreError> {
        store.lock()?;
        Ok(Self(store))
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// What the terminal does before it writes, too (S4).
fn purge_expired(store: &mut FileStore, ctx: &Ctx) -> Result<(), ServiceError> {
    let expired = store.expired(ctx.now).map_err(StoreError::from)?;
    if !expired.is_empty() {
        let actor = Actor { kind: ActorKind::System, ..ctx.actor };
        let ctx = Ctx { actor, ..ctx.clone() };
        execute(store, &Command::PurgeExpired(expired.into_iter().collect()), &ctx)?;
    }
    Ok(())
}
