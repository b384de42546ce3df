//! The shell of servers: a store that is waited for, requests that come twice, and a scheduler that
//! may run elsewhere.

use std::fmt;
use std::sync::Arc;

use super::clock::{Ahead, asking, by_itself, clockwork, come, spawn};
use super::{Items, Outcome, ServiceError, foretell};
use crate::batch::Committed;
use crate::command::{Command, Ctx};
use crate::facts::{Facts, Needs};
use crate::ports::{AsyncTaskStore, StoreError};
use crate::query::{Page, TaskQuery};
use crate::receipt::{Answer, Make, Receipt};
use crate::rules::{Note, Plan, plan};
use crate::stats::{Stats, StatsQuery, Tally};
use crate::task::Task;

/// How often a command is planned before a conflict is answered. From the second time on it is
/// this caller's turn, and only first tries and other processes can be faster.
const TRIES: u32 = 12;

/// A request that must not be carried out twice, however often it is sent.
#[derive(Clone)]
pub struct Once {
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// A digest of all that the request asks for.
    pub fingerprint: [u8; 32],
    /// Makes the answer that is kept. It may be called under the owner's lock, and more than once:
    /// it must be quick, and wait for nothing.
    pub answer: Arc<Make<Outcome>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What became of a request.
#[derive(Debug, Clone)]
pub enum Told {
    /// It was carried out now.
    Now(Box<Outcome>),
    /// It had been carried out before, and this was answered.
    Before(Vec<u8>),
}

/// A store, and whether somebody else makes what the clock brings (R5).
#[derive(Debug, Clone, Copy)]
pub struct Server<'s, S> {
    store: &'s S,
    scheduled: bool,
}

impl<'s, S: AsyncTaskStore> Server<'s, S> {
    /// With a scheduler running: it makes what the clock brings.
    pub fn scheduled(store: &'s S) -> Self {
        Self { store, scheduled: true }
    }

    /// Without one: each command that writes first makes what the clock has brought, and answers
    /// show it before.
    pub fn alone(store: &'s S) -> Self {
        Self { store, scheduled: false }
    }

    /// Carries out a command.
    pub async fn execute(&self, command: &Command, ctx: &Ctx) -> Result<Outcome, ServiceError> {
        match self.run(command, ctx, None).await? {
            Told::Now(outcome) => Ok(*outcome),
            // Nobody asked for what was answered before.
            Told::Before(_) => Err(StoreError::Repeated.into()),
        }
    }

    /// Carries out a command, or answers what was answered when it came before.
    pub async fn execute_once(
        &self,
        command: &Command,
        ctx: &Ctx,
        once: &Once,
    ) -> Result<Told, ServiceError> {
        self.run(command, ctx, Some(once)).await
    }

    async fn run(
        &self,
        command: &Command,
        ctx: &Ctx,
        once: Option<&Once>,
    ) -> Result<Told, ServiceError> {
        let mut needs = command.needs();
        needs.receipt = once.map(|once| once.key.clone());
        let (mut attempt, mut came, mut turn) = (1, None, None);
        loop {
            let facts = self.store.load(ctx.owner, &needs).await?;
            if let Some(answer) = answered(&facts, once, ctx)? {
                return Ok(Told::Before(answer));
            }
            if came.is_none() && facts.by_clock && !self.scheduled {
                // It may have to take a turn of its own.
                drop(turn.take());
                came = Some(self.spawn_due(ctx).await?.unwrap_or_default());
                // The facts are older than what was made.
                continue;
            }
            let Plan { mut batch, items, notes } = plan(&facts, command, ctx)?;
            let finish = Finish { items, notes, facts, came: came.clone() };
            if let Some(once) = once {
                batch.receipt = Some(finish.receipt(once));
            } else if batch.is_empty() {
                return Ok(Told::Now(Box::new(finish.outcome(Committed::default()))));
            }
            match self.store.commit(ctx.owner, batch).await {
                Err(StoreError::Conflict | StoreError::Repeated) if attempt < TRIES => {
                    if turn.is_some() {
                        self.store.pause(attempt).await;
                    } else {
                        turn = Some(self.store.turn(ctx.owner).await);
                    }
                    attempt += 1;
                }
                done => return Ok(Told::Now(Box::new(finish.outcome(done?)))),
            }
        }
    }

    /// What a command would come to, with the numbers it would get (S5).
    pub async fn preview(&self, command: &Command, ctx: &Ctx) -> Result<Outcome, ServiceError> {
        foretell(self.load(&command.needs(), ctx).await?, command, ctx)
    }

    /// Answers a query.
    pub async fn find(&self, query: &TaskQuery, ctx: &Ctx) -> Result<Page<Task>, ServiceError> {
        let page = self.store.find(ctx.owner, query).await?;
        let ctx = &asking(ctx, &query.moment);
        match self.ahead(page.by_clock, ctx).await? {
            None => Ok(page),
            Some(ahead) => {
                let wider = self.store.find(ctx.owner, &ahead.wider(query)).await?;
                Ok(ahead.page(query, wider))
            }
        }
    }

    /// Answers statistics.
    pub async fn stats(&self, query: &StatsQuery, ctx: &Ctx) -> Result<Stats, ServiceError> {
        // Whether anything goes by the clock is not told with the numbers: it is looked for.
        let Some(ahead) = self.ahead(true, &asking(ctx, query.moment())).await? else {
            return Ok(self.store.stats(ctx.owner, query).await?);
        };
        let mut tally = Tally::new(*query.moment());
        for part in query.parts() {
            let page = ahead.page(part, self.store.find(ctx.owner, part).await?);
            page.tasks.iter().for_each(|task| tally.offer(task));
        }
        Ok(tally.finish())
    }

    /// Loads facts.
    pub async fn load(&self, needs: &Needs, ctx: &Ctx) -> Result<Facts, ServiceError> {
        let facts = self.store.load(ctx.owner, needs).await?;
        Ok(match self.ahead(facts.by_clock, ctx).await? {
            Some(ahead) => ahead.facts(facts),
            None => facts,
        })
    }

    async fn spawn_due(&self, ctx: &Ctx) -> Result<Option<Outcome>, ServiceError> {
        let tasks = come(self.store.find(ctx.owner, &clockwork(ctx)).await?, ctx);
        if tasks.is_empty() {
            return Ok(None);
        }
        // By the clock already: it must not begin with itself.
        let inner = Self { scheduled: true, ..*self };
        let told = Box::pin(inner.run(&spawn(&tasks), &by_itself(ctx), None)).await?;
        Ok(match told {
            Told::Now(outcome) if !outcome.changed.is_empty() => Some(*outcome),
            _ => None,
        })
    }

    async fn ahead(&self, by_clock: bool, ctx: &Ctx) -> Result<Option<Ahead>, ServiceError> {
        if self.scheduled || !by_clock {
            return Ok(None);
        }
        let holders = come(self.store.find(ctx.owner, &clockwork(ctx)).await?, ctx);
        if holders.is_empty() {
            return Ok(None);
        }
        let facts = self.store.load(ctx.owner, &spawn(&holders).needs()).await?;
        Ahead::of(holders, &facts, ctx).map(Some)
    }
}

/// What was answered when the request came before.
fn answered(
    facts: &Facts,
    once: Option<&Once>,
    ctx: &Ctx,
) -> Result<Option<Vec<u8>>, ServiceError> {
    let (Some(once), Some(kept)) = (once, &facts.receipt) else { return Ok(None) };
    if !kept.counts(ctx.now) {
        return Ok(None);
    }
    if kept.fingerprint != once.fingerprint {
        return Err(ServiceError::Mismatch);
    }
    Ok(Some(kept.answer.clone()))
}

/// All of an outcome but what the store adds.
#[derive(Clone)]
struct Finish {
    items: Items,
    notes: Vec<Note>,
    facts: Facts,
    came: Option<Outcome>,
}

impl Finish {
    fn outcome(self, done: Committed) -> Outcome {
        let mut outcome = Outcome::new(self.items, self.notes, self.facts, done);
        if let Some(came) = self.came {
            outcome.lead(came);
        }
        outcome
    }

    fn receipt(&self, once: &Once) -> Receipt {
        let (finish, answer) = (self.clone(), Arc::clone(&once.answer));
        Receipt {
            key: once.key.clone(),
            fingerprint: once.fingerprint,
            answer: Answer::new(move |done| answer(&finish.clone().outcome(done.clone()))),
        }
    }
}

/// Carries out a command on a server's store, with a scheduler running.
pub async fn execute_async<S: AsyncTaskStore>(
    store: &S,
    command: &Command,
    ctx: &Ctx,
) -> Result<Outcome, ServiceError> {
    Server::scheduled(store).execute(command, ctx).await
}
