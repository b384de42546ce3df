//! The shell of servers does what the terminal's does, with and without a scheduler (R5).

use proptest::prelude::*;
use todo_core::conformance::given::{cases, ctx, instant};
use todo_core::conformance::{OWNERS, history, ready};
use todo_core::memory::{MemoryStore, Shared};
use todo_core::query::{Filter, Limit, Moment, TaskQuery};
use todo_core::service::{self, Server, execute};
use todo_core::{Ctx, Outcome, ServiceError, Status};

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
