//! The shell of servers does what the terminal's does, with and without a scheduler (R5).

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use proptest::prelude::*;
use todo_core::command::{Item, NewTask};
use todo_core::conformance::given::{cases, ctx, due, instant, rename, title};
use todo_core::conformance::{OWNERS, history, ready, uid};
use todo_core::memory::{MemoryStore, Shared};
use todo_core::query::{Filter, Limit, Moment, Page, TaskQuery};
use todo_core::recurrence::Spawn;
use todo_core::service::{self, Server, execute};
use todo_core::stats::{StatsQuery, Tally};
use todo_core::{
    AsyncTaskStore, Batch, Command, Committed, Ctx, Facts, Needs, NewRecurrence, Outcome, Owner,
    ServiceError, Status, StoreError, Task,
};

fn everything(ctx: &Ctx) -> TaskQuery {
    let Ctx { now, zone, week_start, .. } = *ctx;
    let moment = Moment { now, zone, owner_zone: zone, week_start };
    let filter = Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
    TaskQuery { filter, limit: Limit::Page(3), count: true, ..TaskQuery::new(moment) }
}

/// All that is told of an outcome.
fn told(outcome: &Result<Outcome, ServiceError>) -> String {
    format!("{outcome:?}")
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn r5_a_server_alone_does_what_the_terminal_does(history in history()) {
        let mut terminal = MemoryStore::default();
        let store = Shared::new(MemoryStore::default());
        let server = Server::alone(&store);
        let mut ctx = ctx(OWNERS[0], instant("2026-11-21T12:00:00Z"));
        for step in history {
            ctx.now = ctx.now.plus_millis(step.wait);
            let query = everything(&ctx);
            let page = ready(server.find(&query, &ctx));
            let shown = service::find(&terminal, &query, &ctx);
            prop_assert_eq!(format!("{page:?}"), format!("{shown:?}"));
            let asked = StatsQuery::new(query.filter.clone(), query.moment);
            let mut tally = Tally::new(query.moment);
            for part in asked.parts() {
                let page = service::find(&terminal, part, &ctx).expect("the tasks");
                page.tasks.iter().for_each(|task| tally.offer(task));
            }
            let expected = tally.finish();
            prop_assert_eq!(&ready(server.stats(&asked, &ctx)).expect("the numbers"), &expected);
            let stats = service::stats(&terminal, &asked, &ctx).expect("the numbers");
            prop_assert_eq!(stats, expected);
            let expected = service::rehearse(&terminal, &step.command, &ctx);
            prop_assert_eq!(told(&ready(server.preview(&step.command, &ctx))), told(&expected));
            let expected = service::carry_out(&mut terminal, &step.command, &ctx);
            prop_assert_eq!(told(&ready(server.execute(&step.command, &ctx))), told(&expected));
        }
        prop_assert_eq!(
            store.with(|store| store.events(ctx.owner).to_vec()),
            terminal.events(ctx.owner).to_vec()
        );
    }

    #[test]
    fn with_a_scheduler_a_server_only_does_what_it_is_told(history in history()) {
        let mut plain = MemoryStore::default();
        let store = Shared::new(MemoryStore::default());
        let server = Server::scheduled(&store);
        let mut ctx = ctx(OWNERS[0], instant("2026-11-21T12:00:00Z"));
        for step in history {
            ctx.now = ctx.now.plus_millis(step.wait);
            let expected = execute(&mut plain, &step.command, &ctx);
            prop_assert_eq!(told(&ready(server.execute(&step.command, &ctx))), told(&expected));
        }
    }
}

/// A store on which somebody else makes a series whose slot has come just before the first commit,
/// and who is faster than the first few.
#[derive(Default)]
struct Crowded {
    store: Shared<MemoryStore>,
    faster: AtomicU32,
    turns: AtomicU32,
    taken: AtomicBool,
}

/// A turn, until it is dropped.
struct Turn<'c>(&'c AtomicBool);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl AsyncTaskStore for Crowded {
    async fn load(&self, owner: Owner, needs: &Needs) -> Result<Facts, StoreError> {
        self.store.load(owner, needs).await
    }

    async fn find(&self, owner: Owner, query: &TaskQuery) -> Result<Page<Task>, StoreError> {
        self.store.find(owner, query).await
    }

    async fn commit(&self, owner: Owner, batch: Batch) -> Result<Committed, StoreError> {
        match self.faster.fetch_add(1, Ordering::Relaxed) {
            0 => {
                let ctx = ctx(owner, batch.meta.at);
                ready(Server::scheduled(&self.store).execute(&scheduled(), &ctx)).expect("made");
                Err(StoreError::Conflict)
            }
            1..=4 => Err(StoreError::Conflict),
            _ => self.store.commit(owner, batch).await,
        }
    }

    async fn turn(&self, _: Owner) -> impl Send {
        let taken = self.taken.swap(true, Ordering::Relaxed);
        assert!(!taken, "who has a turn would wait for himself");
        self.turns.fetch_add(1, Ordering::Relaxed);
        Turn(&self.taken)
    }
}

/// A series that goes by the clock and has been due since yesterday.
fn scheduled() -> Command {
    let daily = NewRecurrence::new("FREQ=DAILY".parse().expect("a rule"));
    Command::One(Item::Create(Box::new(NewTask {
        due_date: Some(due("2026-11-20")),
        recurrence: Some(NewRecurrence { spawn: Spawn::OnSchedule, ..daily }),
        ..NewTask::new(uid(2), title("Water the plants"))
    })))
}

/// S3, R5: from the second time on it is the caller's turn, one at a time: also where the clock
/// brings something meanwhile, which is written first.
#[test]
fn s3_who_was_refused_takes_a_turn() {
    let store = Crowded::default();
    let ctx = ctx(OWNERS[0], instant("2026-11-21T12:00:00Z"));
    let made = Command::One(Item::Create(Box::new(NewTask::new(uid(1), title("Call Ann")))));
    ready(Server::scheduled(&store.store).execute(&made, &ctx)).expect("made");
    let rename = Command::One(Item::act(uid(1), rename("Call Bob")));
    let outcome = ready(Server::alone(&store).execute(&rename, &ctx)).expect("it is carried out");
    assert!(outcome.tasks.contains_key(&uid(1)));
    assert_eq!(store.turns.load(Ordering::Relaxed), 2, "one for the clock's, one for its own");
    assert!(!store.taken.load(Ordering::Relaxed), "given back");
}
