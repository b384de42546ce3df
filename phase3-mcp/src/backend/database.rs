//! One account's tasks in the server's database.

use todo_core::query::Filters;
use todo_core::service::Server;
use todo_core::{
    Actor, ActorKind, Command, Ctx, Facts, Limit, Needs, Outcome, Owner, Page, StoreError, Task,
    TaskQuery,
};
use todo_store::Store;
use todo_store::accounts::{AccountError, Email};

use super::{Asker, Backend, Labels};
use crate::fault::Fault;

/// The tasks of an account. No scheduler is known to run, so what the clock has brought is made
/// before each write (R5); beside one it is made once all the same (R6).
#[derive(Debug)]
pub struct Database {
    store: Store,
    owner: Owner,
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
            Some(account) => Ok(Self { store, owner: account.owner }),
            None => Err(NoSuchUser::Unknown(email.as_str().to_owned())),
        }
    }

    fn server(&self) -> Server<'_, Store> {
        Server::alone(&self.store)
    }
}

impl Backend for Database {
    async fn asker(&self) -> Result<Asker, Fault> {
        let user = self.store.user(self.owner).await.map_err(|error| match error {
            AccountError::Store(error) => error,
            // The account was deleted meanwhile.
            error => StoreError::Unavailable(error.into()),
        })?;
        Ok(Asker {
            owner: self.owner,
            actor: Actor { kind: ActorKind::User, id: self.owner.0 },
            zone: user.profile.zone,
            week_start: user.profile.week_start,
            preferences: user.profile.preferences,
            date_order: None,
        })
    }

    async fn find(&self, query: TaskQuery, ctx: &Ctx) -> Result<Page<Task>, Fault> {
        Ok(self.server().find(&query, ctx).await?)
    }

    async fn load(&self, needs: Needs, ctx: &Ctx) -> Result<Facts, Fault> {
        Ok(self.server().load(&needs, ctx).await?)
    }

    async fn execute(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        Ok(self.server().execute(&command, ctx).await?)
    }

    async fn preview(&self, command: Command, ctx: &Ctx) -> Result<Outcome, Fault> {
        Ok(self.server().preview(&command, ctx).await?)
    }

    async fn filters(&self) -> Result<Filters, Fault> {
        Ok(self.store.filters(self.owner).await?)
    }

    async fn labels(&self, ctx: &Ctx) -> Result<Labels, Fault> {
        let all = Labels::question(ctx);
        let one = TaskQuery { limit: Limit::Page(1), ..all.clone() };
        if !self.find(one, ctx).await?.by_clock {
            let todo_store::Labels { tags, projects } = self.store.labels(self.owner).await?;
            return Ok(Labels { tags, projects });
        }
        // What the clock has brought and nobody has made is in no table yet.
        let mut labels = Labels::default();
        self.find(all, ctx).await?.tasks.iter().for_each(|task| labels.add(task));
        Ok(labels)
    }

    fn tells_causes(&self) -> bool {
        false
    }
}
