//! One call at work: who asks, when and where, how tasks are named and how commands are carried out.

use std::collections::BTreeSet;

use todo_core::query::{Expression, Moment};
use todo_core::stats::{Stats, StatsQuery};
use todo_core::task::is_expired;
use todo_core::words::Asking;
use todo_core::{
    Action, Bulk, Command, Ctx, Decided, Facts, Item, Needs, Outcome, Page, Revision, Task,
    TaskError, TaskId, TaskQuery, TaskRef, Timestamp,
};

use crate::args::TaskArg;
use crate::backend::Backend;
use crate::confirm::{Secrets, Wanted};
use crate::edge;
use crate::fault::Fault;
use crate::nearest;
use crate::told::{Glance, is_bulk, refused, shorts};

/// What a call works with.
#[derive(Debug)]
pub(crate) struct Desk<'b, B> {
    pub(crate) backend: &'b B,
    pub(crate) secrets: &'b Secrets,
    pub(crate) ctx: Ctx,
    pub(crate) asking: Asking,
}

/// A command that may have to be confirmed.
#[derive(Debug)]
pub(crate) struct Bold<'c> {
    pub(crate) tool: &'static str,
    /// What was asked, without the confirmation.
    pub(crate) arguments: &'c serde_json::Value,
    pub(crate) confirm: Option<&'c str>,
    pub(crate) items: Vec<Action>,
    /// How they were named.
    pub(crate) named: &'c [String],
    /// `complete`, for the question.
    pub(crate) verb: &'static str,
}

impl<B: Backend> Desk<'_, B> {
    pub(crate) fn moment(&self) -> Moment {
        self.asking.moment
    }

    pub(crate) fn glance(&self) -> Glance {
        Glance { moment: self.moment() }
    }

    pub(crate) fn fresh_id(&self) -> TaskId {
        edge::fresh_id(self.ctx.now)
    }

    pub(crate) async fn find(&self, query: TaskQuery) -> Result<Page<Task>, Fault> {
        self.backend.find(query, &self.ctx).await
    }

    pub(crate) async fn stats(&self, query: StatsQuery) -> Result<Stats, Fault> {
        self.backend.stats(query, &self.ctx).await
    }

    pub(crate) async fn load(&self, needs: Needs) -> Result<Facts, Fault> {
        self.backend.load(needs, &self.ctx).await
    }

    /// A filter as it was written (Q9).
    pub(crate) async fn expression(&self, text: &str) -> Result<Expression, Fault> {
        let saved = self.backend.filters().await?;
        Expression::parse(text, &self.asking, &saved).map_err(|error| Fault::words("filter", error))
    }

    /// The one task that a name means; one in the trash only if `trash` lets it.
    pub(crate) async fn task(&self, named: &TaskArg, trash: bool) -> Result<Task, Fault> {
        let mut tasks = self.tasks(std::slice::from_ref(named), trash).await?;
        tasks.pop().ok_or_else(|| Fault::arguments("task_id", "names no task"))
    }

    /// The task that is to be the parent.
    pub(crate) async fn parent(&self, named: &TaskArg) -> Result<TaskRef, Fault> {
        let task = self.task(named, false).await.map_err(Fault::of_parent)?;
        Ok(TaskRef::Uid(task.uid))
    }

    /// The tasks that names mean, each once. One unknown name stops the call: it is more likely a slip
    /// than a wish to do the rest.
    pub(crate) async fn tasks(&self, named: &[TaskArg], trash: bool) -> Result<Vec<Task>, Fault> {
        counted(named.len())?;
        let mut references = Vec::new();
        for name in named {
            match name.reference() {
                Ok(reference) => references.push(reference),
                Err(_) => return Err(nearest::by_words(self, name).await),
            }
        }
        let tasks = references.iter().cloned().collect();
        let facts = self.load(Needs { tasks, to_show: true, ..Needs::default() }).await?;
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for reference in references {
            let fits = fitting(&facts, &reference, self.ctx.now);
            let task = match fits.as_slice() {
                [task] if trash || task.trash.is_none() => (*task).clone(),
                [task] => return Err(nearest::in_the_trash(reference, task)),
                [] => return Err(nearest::by_reference(self, reference).await),
                several => return Err(nearest::ambiguous(reference, several)),
            };
            if seen.insert(task.uid) {
                found.push(task);
            }
        }
        Ok(found)
    }

    /// Does one thing, or a few in one step, that need no confirmation.
    pub(crate) async fn carry_out(&self, command: Command) -> Result<Outcome, Fault> {
        // Whatever a tool says of itself.
        if !self.backend.may_write() {
            return Err(Fault::ReadOnly);
        }
        self.backend.execute(command, &self.ctx).await
    }

    /// What items would come to (S5).
    pub(crate) async fn rehearse(&self, items: Vec<Action>) -> Result<Outcome, Fault> {
        self.backend.preview(command(items, false), &self.ctx).await
    }

    /// Does what changes at most one task; what changes more only once it was confirmed, and then
    /// exactly that: each task must be at the version that was shown, or nothing is done.
    pub(crate) async fn dare(&self, bold: Bold<'_>) -> Result<Outcome, Fault> {
        let foreseen = self.rehearse(bold.items.clone()).await?;
        if !is_bulk(&foreseen) && bold.confirm.is_none() {
            return self.carry_out(command(bold.items, false)).await;
        }
        let wanted = Wanted {
            owner: self.ctx.owner,
            tool: bold.tool,
            arguments: bold.arguments,
            outcome: &foreseen,
        };
        let Some(token) = bold.confirm else {
            let (tasks, more) = shorts(&foreseen);
            return Err(Fault::Confirm {
                what: format!("this would {} {} tasks", bold.verb, foreseen.changed.len()),
                token: wanted.seal(self.secrets, self.ctx.now),
                tasks,
                more,
                refused: refused(&foreseen, bold.named),
            });
        };
        wanted.check(token, self.secrets, self.ctx.now)?;
        self.carry_out_exactly(bold.items, foreseen).await
    }

    /// Carries out the items that were foreseen to be accepted, all or nothing; those that were
    /// foreseen to be refused are told of again.
    async fn carry_out_exactly(
        &self,
        items: Vec<Action>,
        foreseen: Outcome,
    ) -> Result<Outcome, Fault> {
        let accepted = items.into_iter().zip(&foreseen.items).filter_map(|(item, fate)| {
            let decided = fate.as_ref().ok()?;
            // Tasks below it that go along are guarded by the plan, between its reading and its
            // writing; they were compared a moment ago.
            Some(Action { expect: seen(&foreseen, decided), ..item })
        });
        let mut outcome = self.carry_out(command(accepted.collect(), true)).await?;
        let mut done = std::mem::take(&mut outcome.items).into_iter();
        let items = foreseen.items.into_iter().map(|fate| match fate {
            Ok(decided) => done.next().unwrap_or(Ok(decided)),
            refused => refused,
        });
        outcome.items = items.collect();
        Ok(outcome)
    }
}

/// The tasks that a name fits, but for those whose time in the trash is over (S4).
fn fitting<'f>(facts: &'f Facts, reference: &TaskRef, now: Timestamp) -> Vec<&'f Task> {
    let fits = facts.resolved.get(reference).map(Vec::as_slice).unwrap_or_default();
    let tasks = fits.iter().filter_map(|uid| facts.tasks.get(uid));
    tasks.filter(|task| !is_expired(task.trash, now)).collect()
}

/// The version that a task has before a change that was foreseen.
fn seen(foreseen: &Outcome, decided: &Decided) -> Option<Revision> {
    let version = foreseen.tasks.get(&decided.task)?.version;
    Some(if decided.changed() { Revision(version.0.saturating_sub(1)) } else { version })
}

/// One item is a command by itself, whose refusal is the answer.
fn command(mut items: Vec<Action>, atomic: bool) -> Command {
    match items.pop() {
        Some(item) if items.is_empty() => Command::One(Item::Act(item)),
        item => {
            items.extend(item);
            Command::Bulk(Bulk { items: items.into_iter().map(Item::Act).collect(), atomic })
        }
    }
}

/// Refuses more than one command takes (S5).
pub(crate) fn counted(count: usize) -> Result<(), Fault> {
    let max = todo_core::command::BULK_MAX;
    let what = "tasks for one call; narrow the filter, or do it in parts";
    if count > max {
        return Err(TaskError::LimitExceeded { what, limit: max as u64 }.into());
    }
    Ok(())
}
