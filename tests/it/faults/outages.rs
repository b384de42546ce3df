//! The database dies, or takes the lead away from whoever has it.

use todo_tests::services::{self, Postgres, TodoServer};
use tokio::runtime::Runtime;

use super::oracle::Database;
use super::{Random, Stage, runs};

/// Tasks that are accepted between two faults: the relay, consumers and the scheduler are at work.
const SOME: usize = 8;

/// Ends every session that holds a lead, as a broken connection would: the processes live on.
const DEPOSE: &str = "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_locks \
                      WHERE locktype = 'advisory' AND granted AND database = \
                      (SELECT oid FROM pg_database WHERE datname = current_database())) ended";
const EPOCHS: &str = "SELECT CAST(sum(epoch) AS BIGINT) FROM leaders";

/// PostgreSQL is stopped in order, or killed as a power cut would, in the middle of everything.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_is_stopped_and_killed() {
    let runtime = Runtime::new().expect("a runtime");
    let mut postgres = Postgres::start_new();
    let database = postgres.database();
    let mut server = TodoServer::with("all", database.url());
    server.start_ready(&runtime);
    let stage = Stage::begin(runtime, &server, Database::Postgres(database.url()));
    let mut random = Random::of("postgres");
    for _ in 0..runs() {
        stage.load.wait_for_more(SOME);
        if random.up_to(2) == 1 {
            postgres.stop_fast();
        } else {
            postgres.kill();
        }
        postgres.start();
    }
    stage.load.wait_for_more(SOME);
    stage.end(&[&server]);
}

/// Whoever leads loses the connection that the lead hangs on, and does not die. Two processes may each
/// take over from the other; what the one before still writes is refused.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_takes_the_lead_away() {
    let runtime = Runtime::new().expect("a runtime");
    let database = services::Database::fresh();
    let mut first = TodoServer::with("all", database.url());
    let mut second = TodoServer::with("relay,worker,scheduler", database.url());
    first.start_ready(&runtime);
    second.start_ready(&runtime);
    let stage = Stage::begin(runtime, &first, Database::Postgres(database.url()));
    let number = |sql| stage.runtime.block_on(stage.database.number(sql)).expect("a number");
    for _ in 0..runs() {
        stage.load.wait_for_more(SOME);
        let before = number(EPOCHS);
        number(DEPOSE);
        services::until("nobody leads again", || match number(EPOCHS) {
            now if now > before => Ok(()),
            _ => Err("the same lead"),
        });
    }
    stage.end(&[&first, &second]);
}
