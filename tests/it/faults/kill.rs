//! Processes that end at named places.

use todo_tests::services::{self, TodoServer};
use tokio::runtime::Runtime;

use super::oracle::Database;
use super::{Random, Stage, died, runs};

/// Everything in one process on a file, which ends there again and again.
fn alone(point: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let mut server = TodoServer::alone();
    server.start_ready(&runtime);
    let database = Database::Sqlite(server.folder().join("todo.db"));
    let stage = Stage::begin(runtime, &server, database);
    server.kill();
    let mut random = Random::of(point);
    let mut servers = [server];
    for _ in 0..runs() {
        servers[0].start(Some(&random.passing(point)));
        died(&mut servers);
    }
    let [mut server] = servers;
    server.start_ready(&stage.runtime);
    stage.end(&[&server]);
}

/// One process that answers, which ends there, and one that does all the rest.
fn api(point: &str) {
    let database = services::Database::fresh();
    let runtime = Runtime::new().expect("a runtime");
    let mut api = TodoServer::with("api,live", database.url());
    let mut rest = TodoServer::with("relay,worker,scheduler", database.url());
    api.start_ready(&runtime);
    rest.start_ready(&runtime);
    let stage = Stage::begin(runtime, &api, Database::Postgres(database.url()));
    api.kill();
    let mut random = Random::of(point);
    let mut servers = [api];
    for _ in 0..runs() {
        servers[0].start(Some(&random.passing(point)));
        died(&mut servers);
    }
    let [mut api] = servers;
    api.start_ready(&stage.runtime);
    stage.end(&[&api, &rest]);
}

/// Two processes that do what only one may do at a time: whichever leads ends there, and the other one
/// goes on, until it does.
fn standby(point: &str) {
    let database = services::Database::fresh();
    let runtime = Runtime::new().expect("a runtime");
    let mut api = TodoServer::with("api,live", database.url());
    let mut servers = [(); 2].map(|()| TodoServer::with("relay,worker,scheduler", database.url()));
    api.start_ready(&runtime);
    servers[0].start_ready(&runtime);
    let stage = Stage::begin(runtime, &api, Database::Postgres(database.url()));
    servers[0].kill();
    let mut random = Random::of(point);
    for server in &mut servers {
        server.start(Some(&random.passing(point)));
    }
    for _ in 0..runs() {
        let dead = died(&mut servers);
        servers[dead].start(Some(&random.passing(point)));
    }
    let [mut last, mut other] = servers;
    other.kill();
    last.kill();
    last.start_ready(&stage.runtime);
    stage.end(&[&api, &last]);
}

macro_rules! cells {
    (@one $how:ident [$($needs:meta)?] $name:ident $point:literal) => {
        #[test]
        $(#[$needs])?
        fn $name() {
            $how($point);
        }
    };
    ($how:ident $needs:tt $($name:ident = $point:literal)+) => {
        $(cells!(@one $how $needs $name $point);)+
    };
}

cells! { alone []
    before_a_write = "write.begins"
    in_the_transaction_of_a_write = "write.written"
    after_a_write_before_its_answer = "write.committed"
    the_relay_with_what_it_has_chosen = "relay.chosen"
    the_relay_in_its_transaction = "relay.placed"
    the_relay_before_it_wakes_anybody = "relay.committed"
    a_consumer_with_what_it_has_read = "consumer.read"
    a_consumer_in_its_transaction = "consumer.written"
    a_consumer_after_its_transaction = "consumer.committed"
    the_scheduler_with_what_has_come = "scheduler.claimed"
    the_scheduler_after_its_commands = "scheduler.carried_out"
    the_scheduler_after_its_round = "scheduler.rested"
}

mod postgres {
    use super::{api, standby};

    cells! { api [ignore = "needs PostgreSQL: tests/run"]
        before_a_write = "write.begins"
        after_a_write_before_its_answer = "write.committed"
        after_the_answer_before_the_wake_up = "wake.begins"
    }

    cells! { standby [ignore = "needs PostgreSQL: tests/run"]
        the_relay_with_what_it_has_chosen = "relay.chosen"
        the_relay_in_its_transaction = "relay.placed"
        the_relay_before_it_wakes_anybody = "relay.committed"
        a_consumer_with_what_it_has_read = "consumer.read"
        a_consumer_in_its_transaction = "consumer.written"
        a_consumer_after_its_transaction = "consumer.committed"
        the_scheduler_with_what_has_come = "scheduler.claimed"
        the_scheduler_after_its_commands = "scheduler.carried_out"
        the_scheduler_after_its_round = "scheduler.rested"
    }
}
