//! Real services that tests need: child processes on free ports, in folders of their own, gone when
//! they are dropped and also when the test's own process is killed.

mod pgbouncer;
mod ports;
mod postgres;
mod server;
mod watcher;

pub use pgbouncer::PgBouncer;
pub use ports::free_port;
pub use postgres::{Database, POSTGRES, Postgres};
pub use server::{Program, Served, TodoServer, TodoWeb, Web, Whole};

use std::fmt::Display;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long a service may take to come up, or to go down in order.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until there is an answer.
///
/// # Panics
/// After [`PATIENCE`], with the last refusal.
pub fn until<T, E: Display>(what: &str, ask: impl FnMut() -> Result<T, E>) -> T {
    within(PATIENCE, what, ask)
}

/// The same for what takes its time.
///
/// # Panics
/// After so long, with the last refusal.
pub fn within<T, E: Display>(
    patience: Duration,
    what: &str,
    mut ask: impl FnMut() -> Result<T, E>,
) -> T {
    let end = Instant::now() + patience;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(error) if Instant::now() > end => panic!("{what}: {error}"),
            // Not what is waited for, only how often it is asked.
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Tells a process something: to stop, to stand still, to go on.
///
/// # Panics
/// If it cannot be told.
pub fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{pid} cannot be told {name}");
}
