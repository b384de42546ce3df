//! One account's tasks in the server's database.

use std::sync::Arc;

use todo_core::query::Filters;
use todo_core::service::Server;
use todo_core::stats::{Stats, StatsQuery};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Facts, Limit, Needs, Outcome, Owner, Page, StoreError, Task,
    TaskQuery,
};
use todo_store::Store;
use todo_store::accounts::{AccountError, Email, Profile};
use todo_web::{App, Caller, ClientAddress};
use uuid::Uuid;

use super::{Asker, Backend, Labels};
use crate::fault::Fault;

/// The tasks of an account.
#[derive(Debug, Clone)]
pub struct Database {
    store: Store,
    /// Whether a scheduler makes what the clock has brought. Where none is known to run, that is made
    /// before each write (R5); beside one it is made once all the same (R6).
    scheduled: bool,
    who: Who,
}

/// In whose name it is worked.
#[derive(Debug, Clone)]
enum Who {
    /// Whoever may start this program: an account's, which is looked up for each call.
    Account(Owner),
    /// Who has shown a token with a request.
    Caller { caller: Caller, correlation: Option<Uuid>, from: Option<ClientAddress> },
}

/// Why there is no such account.
#[derive(Debug, thiserror::Error)]
pub enum NoSuchUser {
    /// The address is none.
    #[error("{0}")]
    Address(todo_core::FieldError),
    /// Nobody has it.
    #[error("there is no account of {0}; `todo-web user list` shows them")]
    Unknown(String),
    /// It cannot be looked up.
    #[error("the account cannot be looked up")]
    Store(#[from] StoreError),
}

impl Database {
    /// The tasks of the account with an address.
    pub async fn of(store: Store, email: &str) -> Result<Self, NoSuchUser> {
        let email = Email::new(email).map_err(NoSuchUser::Address)?;
        match store.credentials(&email).await? {
            Some(account) => Ok(Self { store, scheduled: false, who: Who::Account(account.owner) }),
            None => Err(NoSuchUser::Unknown(email.as_str().to_owned())),
        }
    }

    /// The tasks of who asks a server. What it does is tied to the request by `correlation`, and is told
    /// to have been asked `from` there.
    pub(crate) fn asked_by(
        caller: Caller,
        correlation: Option<Uuid>,
        from: Option<ClientAddress>,
        app: &App,
    ) -> Self {
        let who = Who::Caller { caller, correlation, from };
        Self { store: app.store.clone(), scheduled: app.scheduled, who }
    }

    fn server(&self) -> Server<'_, Store> {
        if self.scheduled { Server::scheduled(&self.store) } else { Server::alone(&self.store) }
    }

    fn owner(&self) -> Owner {
        match &self.who {
            Who::Account(owner) => *owner,
            Who::Caller { caller, .. } => caller.owner,
        }
    }

    /// What an account has set, by the database.
    async fn profile(&self, owner: Owner) -> Result<Arc<Profile>, Fault> {
        let user = self.store.user(owner).await.map_err(|error| match error {
            AccountError::Store(error) => error,
            // The account was deleted meanwhile.
            error => StoreError::Unavailable(error.into()),
        })?;
        Ok(Arc::new(user.profile))
    }
}

impl Backend for Database {
    async fn asker(&self) -> Result<Asker, Fault> {
        let (owner, actor, profile) = match &self.who {
            Who::Account(owner) => {
                let actor = Actor { kind: ActorKind::User, id: owner.0 };
                (*owner, actor, self.profile(*owner).await?)
            }
            Who::Caller { caller, .. } => (caller.owner, caller.actor, Arc::clone(&caller.profile)),
        };
        Ok(Asker {
            owner,
            actor,
            zone: profile.zone,
            week_start: profile.week_start,
            preferences: profile.preferences.clone(),
            date_order: None,
        })
    }

    async fn find(&self, query: TaskQuery, ctx: &Ctx) -> Result<Page<Task>, Fault> {
        Ok(self.server().find(&query, ctx).await?)
    }

    async fn stats(&self, query: StatsQuery, ctx: &Ctx) -> Result<Stats, Fault> {
        Ok(self.server().stats(&query, ctx).await?)
    }

    async fn load(&self, needs: Needs, ctx: &Ctx) -> Result<Facts, Fault> {
        Ok(self.server().load(&needs, ctx).await?)
    }

    async fn execute(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        let from = match self.who {
            Who::Account(_) => None,
            Who::Caller { from, .. } => from,
        };
        // The library answers a message in a task of its own, which knows nothing of the request.
        let server = self.server();
        let done = Box::pin(server.execute(&command, ctx));
        Ok(ClientAddress::asks(from, done).await?)
    }

    async fn preview(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        Ok(self.server().preview(&command, ctx).await?)
    }

    async fn filters(&self) -> Result<Filters, Fault> {
        Ok(self.store.filters(self.owner()).await?)
    }

    async fn labels(&self, ctx: &Ctx) -> Result<Labels, Fault> {
        let one = TaskQuery { limit: Limit::Page(1), ..Labels::question(ctx) };
        if !self.find(one, ctx).await?.by_clock {
            let todo_store::Labels { tags, projects } = self.store.labels(self.owner()).await?;
            return Ok(Labels { tags, projects });
        }
        // What the clock has brought and nobody has made is in no table yet.
        Labels::counted(self, ctx).await
    }

    fn tells_causes(&self) -> bool {
        false
    }

    fn may_write(&self) -> bool {
        match &self.who {
            Who::Account(_) => true,
            Who::Caller { caller, .. } => caller.may_write(),
        }
    }

    fn correlation(&self) -> Option<Uuid> {
        match &self.who {
            Who::Account(_) => None,
            Who::Caller { correlation, .. } => *correlation,
        }
    }
}
