//! Where no scheduler runs (R5): what the clock has brought is made before a command that writes,
//! and shown before anybody has made it, with the numbers that it will have.
//!
//! What follows from the tasks is worked out by plain functions here; the shells on both sides only
//! ask their stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Outcome, ServiceError, execute, foretell};
use crate::batch::Counters;
use crate::command::{Command, Ctx};
use crate::event::{Actor, ActorKind};
use crate::facts::{Facts, Needs};
use crate::ports::TaskStore;
use crate::query::{Filter, Limit, Moment, Page, Selection, TaskQuery};
use crate::rules::{has_come, plan};
use crate::stats::{Stats, StatsQuery, Tally};
use crate::task::{Status, Task, TaskId};

/// The question for the tasks whose series go by the clock.
pub(super) fn clockwork(ctx: &Ctx) -> TaskQuery {
    let filter = Filter {
        status: Some(Status::ALL.to_vec()),
        waiting: true,
        scheduled: true,
        ..Filter::default()
    };
    let Ctx { now, zone, week_start, .. } = *ctx;
    let moment = Moment { now, zone, owner_zone: zone, week_start };
    TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) }
}

/// Those of them that have come to their next slot (R5).
pub(super) fn come(page: Page<Task>, ctx: &Ctx) -> Vec<Task> {
    let mut tasks = page.tasks;
    tasks.retain(|task| has_come(task, ctx.now, ctx.zone));
    tasks
}

/// What the system does by itself is nobody's step.
pub(super) fn by_itself(ctx: &Ctx) -> Ctx {
    Ctx { actor: Actor { kind: ActorKind::System, ..ctx.actor }, ..ctx.clone() }
}

/// The command that makes what they are followed by.
pub(super) fn spawn(tasks: &[Task]) -> Command {
    Command::SpawnDue(tasks.iter().map(|task| task.uid).collect())
}

/// The context at the moment a question is asked for.
pub(super) fn asking(ctx: &Ctx, moment: &Moment) -> Ctx {
    Ctx { now: moment.now, zone: moment.zone, ..ctx.clone() }
}

/// Carries out a command where no scheduler runs: what the clock has brought is made first, and
/// told of (R5).
pub fn carry_out<S: TaskStore>(
    store: &mut S,
    command: &Command,
    ctx: &Ctx,
) -> Result<Outcome, ServiceError> {
    let spawned = spawn_due(store, ctx)?.unwrap_or_default();
    let mut outcome = execute(store, command, ctx)?;
    outcome.lead(spawned);
    Ok(outcome)
}

/// What [`carry_out`] would come to. The command may name what the clock has brought.
pub fn rehearse<S: TaskStore>(
    store: &S,
    command: &Command,
    ctx: &Ctx,
) -> Result<Outcome, ServiceError> {
    foretell(load(store, &command.needs(), ctx)?, command, ctx)
}

/// Makes the occurrences that the clock has brought, if there are any that can be made (R5).
pub fn spawn_due<S: TaskStore>(store: &mut S, ctx: &Ctx) -> Result<Option<Outcome>, ServiceError> {
    let tasks = come(store.find(ctx.owner, &clockwork(ctx))?, ctx);
    if tasks.is_empty() {
        return Ok(None);
    }
    let outcome = execute(store, &spawn(&tasks), &by_itself(ctx))?;
    Ok((!outcome.changed.is_empty()).then_some(outcome))
}

/// The occurrences that the clock has brought and nobody has made yet, as they will be (R5), with
/// the tasks whose batons they take.
pub(super) struct Ahead {
    holders: Vec<Task>,
    tasks: BTreeMap<TaskId, Task>,
    counters: Counters,
}

impl Ahead {
    /// What `holders` will be followed by. `facts` are what [`spawn`] needs.
    pub(super) fn of(holders: Vec<Task>, facts: &Facts, ctx: &Ctx) -> Result<Self, ServiceError> {
        let ctx = by_itself(ctx);
        let batch = plan(facts, &spawn(&holders), &ctx)?.batch;
        let stamped = batch.stamp(ctx.owner, facts.counters);
        let counters = stamped.counters;
        let tasks = stamped.upserts.into_iter().map(Arc::unwrap_or_clone);
        let tasks = tasks.map(|task| (task.uid, task)).collect();
        Ok(Self { holders, tasks, counters })
    }

    /// The question to ask for an answer that [`Ahead::page`] can be made of.
    pub(super) fn wider(&self, query: &TaskQuery) -> TaskQuery {
        let mut wider = query.clone();
        if let Limit::Page(size) = query.limit {
            // As many more as may be replaced, and one to tell that there is a next page.
            let more = u32::try_from(self.tasks.len()).unwrap_or(u32::MAX).saturating_add(1);
            wider.limit = Limit::Page(size.saturating_add(more));
        }
        wider
    }

    /// The answer as if they were made already.
    pub(super) fn page(&self, query: &TaskQuery, page: Page<Task>) -> Page<Task> {
        let mut selection = Selection::new(query);
        let Page { tasks: stored, total, by_clock, .. } = page;
        let stored = stored.into_iter().filter(|task| !self.tasks.contains_key(&task.uid));
        for task in stored.chain(self.tasks.values().cloned()) {
            let Ok(()) = selection.offer(task, Ok::<_, std::convert::Infallible>);
        }
        let matching = |tasks: &mut dyn Iterator<Item = &Task>| {
            tasks.filter(|task| query.matches(*task)).count() as u64
        };
        let total = total.map(|total| {
            let replaced = |task: &&Task| self.tasks.contains_key(&task.uid);
            let gone = matching(&mut self.holders.iter().filter(replaced));
            total.saturating_sub(gone) + matching(&mut self.tasks.values())
        });
        Page { total, by_clock, ..selection.finish() }
    }

    /// The facts as if they were made already.
    pub(super) fn facts(self, mut facts: Facts) -> Facts {
        facts.counters = self.counters;
        for (reference, fits) in &mut facts.resolved {
            let found = self.tasks.values().filter(|task| reference.fits(task.uid, task.id));
            for task in found.filter(|task| !fits.contains(&task.uid)).collect::<Vec<_>>() {
                fits.push(task.uid);
                facts.tasks.insert(task.uid, task.clone());
            }
        }
        // What is known of a series that went on, or of a task that lost its baton, is out of date.
        let known = |task: &Task| {
            let same = |other: &Task| task.series.is_some() && other.series == task.series;
            facts.tasks.contains_key(&task.uid) || facts.tasks.values().any(same)
        };
        let renewed: Vec<_> = self.tasks.values().filter(|task| known(task)).cloned().collect();
        facts.tasks.extend(renewed.into_iter().map(|task| (task.uid, task)));
        facts
    }
}

fn ahead<S: TaskStore>(store: &S, ctx: &Ctx) -> Result<Option<Ahead>, ServiceError> {
    let holders = come(store.find(ctx.owner, &clockwork(ctx))?, ctx);
    if holders.is_empty() {
        return Ok(None);
    }
    let facts = store.load(ctx.owner, &spawn(&holders).needs())?;
    Ahead::of(holders, &facts, ctx).map(Some)
}

/// Answers a query as if what the clock has brought were made already: lists show it, and the
/// next command that writes makes it, with the numbers shown (R5).
pub fn find<S: TaskStore>(
    store: &S,
    query: &TaskQuery,
    ctx: &Ctx,
) -> Result<Page<Task>, ServiceError> {
    let Some(ahead) = ahead(store, &asking(ctx, &query.moment))? else {
        return Ok(store.find(ctx.owner, query)?);
    };
    Ok(ahead.page(query, store.find(ctx.owner, &ahead.wider(query))?))
}

/// Counts tasks as if what the clock has brought were made already (R5): what lists show is what
/// statistics count.
pub fn stats<S: TaskStore>(
    store: &S,
    query: &StatsQuery,
    ctx: &Ctx,
) -> Result<Stats, ServiceError> {
    let Some(ahead) = ahead(store, &asking(ctx, query.moment()))? else {
        return Ok(store.stats(ctx.owner, query)?);
    };
    let mut tally = Tally::new(*query.moment());
    for part in query.parts() {
        ahead.page(part, store.find(ctx.owner, part)?).tasks.iter().for_each(|t| tally.offer(t));
    }
    Ok(tally.finish())
}

/// Loads facts as if what the clock has brought were made already (R5).
pub fn load<S: TaskStore>(store: &S, needs: &Needs, ctx: &Ctx) -> Result<Facts, ServiceError> {
    let facts = store.load(ctx.owner, needs)?;
    Ok(match ahead(store, ctx)? {
        Some(ahead) => ahead.facts(facts),
        None => facts,
    })
}
