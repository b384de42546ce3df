//! The tasks of an account on a server, asked over its REST API. What is read is read in a copy that
//! is brought up to date when a call begins; what is written is worked out on it and then asked of
//! the server, which decides. It is how the terminal works on a server, and the same code.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use todo_client::{Client, ClientError, Remote, RemoteError};
use todo_core::query::Filters;
use todo_core::service;
use todo_core::stats::{Stats, StatsQuery};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Facts, Needs, Outcome, Page, Task, TaskQuery, Zone,
};
use todo_file::{FileError, FileStore};
use tokio::sync::Mutex;

use super::file::kept_filters;
use super::settings::Settings;
use super::{Asker, Backend};
use crate::edge;
use crate::fault::Fault;

/// The tasks on a server.
///
/// A call waits its turn without a thread, and then asks the server from one of the runtime's threads
/// for what blocks: there is never more than one of these at work, and every request is bounded in
/// time.
#[derive(Debug)]
pub struct OnServer {
    both: Arc<Mutex<Both>>,
    zone: Zone,
}

/// A server, and the copy of what it keeps.
#[derive(Debug)]
struct Both {
    remote: Remote,
    copy: FileStore,
}

impl OnServer {
    /// A server that has been logged in to, or is asked with a token. The copy is at `path`, in a
    /// folder that is there: one for all processes with the same account. Nothing is asked yet.
    pub fn new(client: Client, path: &Path, zone: Zone) -> Result<Self, FileError> {
        let copy = FileStore::open(path, zone)?;
        let remote = Remote::new(client, PathBuf::from(path), edge::fresh_id);
        Ok(Self { both: Arc::new(Mutex::new(Both { remote, copy })), zone })
    }

    /// Works on the copy, brought up to date if it is not since the call began.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Remote, &mut FileStore) -> Result<T, RemoteError> + Send + 'static,
    ) -> Result<T, Fault> {
        self.with_both(move |remote, copy| {
            remote.freshen(copy)?;
            work(remote, copy)
        })
        .await
    }

    async fn with_both<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Remote, &mut FileStore) -> Result<T, RemoteError> + Send + 'static,
    ) -> Result<T, Fault> {
        let mut both = Arc::clone(&self.both).lock_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let Both { remote, copy } = &mut *both;
            work(remote, copy)
        });
        match done.await {
            Ok(done) => Ok(done?),
            Err(error) => Err(todo_core::StoreError::Backend(error.into()).into()),
        }
    }
}

impl Backend for OnServer {
    /// Each call begins here, and with what the server has then.
    async fn asker(&self) -> Result<Asker, Fault> {
        let begun = self.with_both(|remote, copy| {
            remote.begin_anew();
            remote.freshen(copy)?;
            Ok(copy.settings()?)
        });
        Ok(Settings::new(begun.await?).asker(self.zone))
    }

    async fn find(&self, query: TaskQuery, ctx: &Ctx) -> Result<Page<Task>, Fault> {
        let ctx = ctx.clone();
        self.with(move |_, copy| Ok(service::find(copy, &query, &ctx)?)).await
    }

    async fn stats(&self, query: StatsQuery, ctx: &Ctx) -> Result<Stats, Fault> {
        let ctx = ctx.clone();
        self.with(move |_, copy| Ok(service::stats(copy, &query, &ctx)?)).await
    }

    async fn load(&self, needs: Needs, ctx: &Ctx) -> Result<Facts, Fault> {
        let ctx = ctx.clone();
        self.with(move |remote, copy| {
            if needs.steps || needs.step.is_some() {
                remote.freshen_steps(copy)?;
            }
            let mut facts = service::load(copy, &needs, &ctx)?;
            remote.add_firings(&needs, &mut facts)?;
            Ok(facts)
        })
        .await
    }

    async fn execute(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        let ctx = ctx.clone();
        self.with(move |remote, copy| {
            let by_itself =
                Ctx { actor: Actor { kind: ActorKind::System, ..ctx.actor }, ..ctx.clone() };
            let came = remote.begin(copy, &by_itself)?;
            let mut outcome = remote.run(copy, &command, &ctx)?;
            if let Some(came) = came {
                outcome.lead(came);
            }
            Ok(outcome)
        })
        .await
    }

    async fn preview(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        let ctx = ctx.clone();
        self.with(move |remote, copy| remote.preview(copy, &command, &ctx)).await
    }

    async fn filters(&self) -> Result<Filters, Fault> {
        self.with(|remote, copy| {
            remote.freshen_filters(copy)?;
            Ok(kept_filters(copy.filters()?))
        })
        .await
    }

    fn tells_causes(&self) -> bool {
        true
    }
}

impl From<RemoteError> for Fault {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Service(error) => error.into(),
            RemoteError::Server(error) => error.into(),
            RemoteError::Copy { .. } => todo_core::StoreError::Unavailable(Box::new(error)).into(),
        }
    }
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        Self::Server(Box::new(error))
    }
}
