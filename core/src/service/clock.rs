//! Where no scheduler runs (R5): what the clock has brought is made before a command that writes,
//! and shown before anybody has made it, with the numbers that it will have.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Outcome, ServiceError, execute, foretell};
use crate::batch::Counters;
use crate::command::{Command, Ctx};
use crate::event::{Actor, ActorKind};
use crate::facts::{Facts, Needs};
use crate::ports::{StoreError, TaskStore};
use crate::query::{Filter, Limit, Moment, Page, Selection, TaskQuery};
use crate::rules::{has_come, plan};
use crate::task::{Status, Task, TaskId};

/// The tasks whose series go by the clock and have come to their next slot (R5).
fn come<S: TaskStore>(store: &S, ctx: &Ctx) -> Result<Vec<Task>, StoreError> {
    let filter = Filter {
        status: Some(Status::ALL.to_vec()),
        waiting: true,
        scheduled: true,
        ..Filter::default()
    };
    let Ctx { now, zone, week_start, .. } = *ctx;
    let moment = Moment { now, zone, owner_zone: zone, week_start };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(moment) };
    let mut tasks = store.find(ctx.owner, &query)?.tasks;
    tasks.retain(|task| has_come(task, now, zone));
    Ok(tasks)
}

/// What the system does by itself is nobody's step.
fn by_itself(ctx: &Ctx) -> Ctx {
    Ctx { actor: Actor { kind: ActorKind::System, ..ctx.actor }, ..ctx.clone() }
}

fn spawn(tasks: &[Task]) -> Command {
    Command::SpawnDue(tasks.iter().map(|task| task.uid).collect())
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
    let tasks = come(store, ctx)?;
    if tasks.is_empty() {
        return Ok(None);
    }
    let outcome = execute(store, &spawn(&tasks), &by_itself(ctx))?;
    Ok((!outcome.changed.is_empty()).then_some(outcome))
}

/// The occurrences that the clock has brought and nobody has made yet, as they will be (R5), with
/// the tasks whose batons they take.
fn ahead<S: TaskStore>(store: &S, ctx: &Ctx) -> Result<Option<Ahead>, ServiceError> {
    let holders = come(store, ctx)?;
    if holders.is_empty() {
        return Ok(None);
    }
    let (command, ctx) = (spawn(&holders), by_itself(ctx));
    let facts = store.load(ctx.owner, &command.needs())?;
    let stamped = plan(&facts, &command, &ctx)?.batch.stamp(ctx.owner, facts.counters);
    let counters = stamped.counters;
    let tasks = stamped.upserts.into_iter().map(Arc::unwrap_or_clone);
    let tasks = tasks.map(|task| (task.uid, task)).collect();
    Ok(Some(Ahead { holders, tasks, counters }))
}

struct Ahead {
    holders: Vec<Task>,
    tasks: BTreeMap<TaskId, Task>,
    counters: Counters,
}

/// Answers a query as if what the clock has brought were made already: lists show it, and the
/// next command that writes makes it, with the numbers shown (R5).
pub fn find<S: TaskStore>(
    store: &S,
    query: &TaskQuery,
    ctx: &Ctx,
) -> Result<Page<Task>, ServiceError> {
    let Moment { now, zone, .. } = query.moment;
    let Some(ahead) = ahead(store, &Ctx { now, zone, ..ctx.clone() })? else {
        return Ok(store.find(ctx.owner, query)?);
    };
    let mut wider = query.clone();
    if let Limit::Page(size) = query.limit {
        // As many more as may be replaced, and one to tell that there is a next page.
        let more = u32::try_from(ahead.tasks.len()).unwrap_or(u32::MAX).saturating_add(1);
        wider.limit = Limit::Page(size.saturating_add(more));
    }
    let page = store.find(ctx.owner, &wider)?;
    let mut selection = Selection::new(query);
    let stored = page.tasks.into_iter().filter(|task| !ahead.tasks.contains_key(&task.uid));
    for task in stored.chain(ahead.tasks.values().cloned()) {
        selection.offer(task, Ok::<_, StoreError>)?;
    }
    let matching = |tasks: &mut dyn Iterator<Item = &Task>| {
        tasks.filter(|task| query.matches(*task)).count() as u64
    };
    let total = page.total.map(|total| {
        let replaced = |task: &&Task| ahead.tasks.contains_key(&task.uid);
        let gone = matching(&mut ahead.holders.iter().filter(replaced));
        total.saturating_sub(gone) + matching(&mut ahead.tasks.values())
    });
    Ok(Page { total, ..selection.finish() })
}

/// Loads facts as if what the clock has brought were made already (R5).
pub fn load<S: TaskStore>(store: &S, needs: &Needs, ctx: &Ctx) -> Result<Facts, ServiceError> {
    let mut facts = store.load(ctx.owner, needs)?;
    let Some(ahead) = ahead(store, ctx)? else { return Ok(facts) };
    facts.counters = ahead.counters;
    for (reference, fits) in &mut facts.resolved {
        let found = ahead.tasks.values().filter(|task| reference.fits(task.uid, task.id));
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
    let renewed: Vec<_> = ahead.tasks.values().filter(|task| known(task)).cloned().collect();
    facts.tasks.extend(renewed.into_iter().map(|task| (task.uid, task)));
    Ok(facts)
}
