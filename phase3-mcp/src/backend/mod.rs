//! Where the tasks are. A backend answers the core's four questions for one person, and says who
//! that is; everything else is the same on all of them.

mod database;
mod file;
mod remote;
mod settings;

use std::future::Future;

use chrono::Weekday;
use todo_core::query::{Filters, Moment};
use todo_core::stats::{Stats, StatsQuery, Uses};
use todo_core::words::DateOrder;
use todo_core::{
    Actor, Command, Ctx, Facts, Filter, Limit, Needs, Outcome, Owner, Page, Preferences, Task,
    TaskQuery, Zone,
};
use uuid::Uuid;

pub use database::{Database, NoSuchUser};
pub use file::File;
pub use remote::OnServer;

use crate::fault::Fault;

/// Who asks, and what they have set.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Whose tasks.
    pub owner: Owner,
    /// Who acts.
    pub actor: Actor,
    /// Where dates are meant.
    pub zone: Zone,
    /// The first day of the week.
    pub week_start: Weekday,
    /// What counts where a task does not say.
    pub preferences: Preferences,
    /// What 4/1 means, if that was set.
    pub date_order: Option<DateOrder>,
}

/// The labels of open tasks, waiting ones too.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Tags.
    pub tags: Uses,
    /// Projects.
    pub projects: Uses,
}

impl Labels {
    /// Counts those of a task.
    fn add(&mut self, task: &Task) {
        let at = task.updated_at;
        task.tags.iter().for_each(|tag| self.tags.add(tag.as_str(), at));
        task.project.iter().for_each(|project| self.projects.add(project.as_str(), at));
    }

    /// Those of all the tasks that a backend finds.
    async fn counted(backend: &impl Backend, ctx: &Ctx) -> Result<Self, Fault> {
        let mut labels = Self::default();
        let page = backend.find(Self::question(ctx), ctx).await?;
        page.tasks.iter().for_each(|task| labels.add(task));
        Ok(labels)
    }

    /// The question for the tasks that have them.
    fn question(ctx: &Ctx) -> TaskQuery {
        let Ctx { now, zone, week_start, .. } = *ctx;
        let moment = Moment { now, zone, owner_zone: zone, week_start };
        let filter = Filter { waiting: true, ..Filter::default() };
        TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) }
    }
}

/// The tasks of one person, wherever they are.
///
/// Dropping a future before it is ready gives the work up where it has not begun. What has begun to
/// be written is written as a whole, or not at all.
pub trait Backend: Sized + Send + Sync + 'static {
    /// Who asks. It is asked anew for each call: preferences may have changed.
    fn asker(&self) -> impl Future<Output = Result<Asker, Fault>> + Send;

    /// The answer to a query.
    fn find(
        &self,
        query: TaskQuery,
        ctx: &Ctx,
    ) -> impl Future<Output = Result<Page<Task>, Fault>> + Send;

    /// The numbers of what a question means.
    fn stats(
        &self,
        query: StatsQuery,
        ctx: &Ctx,
    ) -> impl Future<Output = Result<Stats, Fault>> + Send;

    /// Facts.
    fn load(&self, needs: Needs, ctx: &Ctx) -> impl Future<Output = Result<Facts, Fault>> + Send;

    /// Carries out a command; what the clock has brought is made first (R5).
    fn execute(
        &self,
        command: Command,
        ctx: &Ctx,
    ) -> impl Future<Output = Result<Outcome, Fault>> + Send;

    /// What a command would come to (S5).
    fn preview(
        &self,
        command: Command,
        ctx: &Ctx,
    ) -> impl Future<Output = Result<Outcome, Fault>> + Send;

    /// The saved filters.
    fn filters(&self) -> impl Future<Output = Result<Filters, Fault>> + Send;

    /// The labels in use.
    fn labels(&self, ctx: &Ctx) -> impl Future<Output = Result<Labels, Fault>> + Send {
        Labels::counted(self, ctx)
    }

    /// Whether who asks may read what a store says of its own faults: the names of their own files,
    /// and never those of a server.
    fn tells_causes(&self) -> bool;

    /// Whether who asks may change anything.
    fn may_write(&self) -> bool {
        true
    }

    /// What ties what is done to the request it came in; a call that came in none is its own.
    fn correlation(&self) -> Option<Uuid> {
        None
    }
}
