//! `todo-server`: everything in one process, or each part alone (SPEC 9).

use std::path::Path;
use std::process::ExitCode;

use todo_events::server::{self, Asked, TodoServer};
use todo_web::settings::Usage;
use todo_web::start::{self, Program};

/// Requests make and drop many small values on all threads, which is what it is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A wrong command line or wrong settings.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match server::read(std::env::args_os(), |name| std::env::var_os(name), Path::new("")) {
        Ok(Asked::Serve(server, invocation)) => start::run(server, *invocation),
        Ok(Asked::Operate(operation, settings)) => server::operate(operation, *settings),
        Err(server::Refused::Usage(Usage::CommandLine(error))) => {
            // Help and the version go to standard output and are no failure; a closed pipe is quiet.
            let _printed = error.print();
            ExitCode::from(if error.use_stderr() { USAGE } else { 0 })
        }
        Err(refused) => {
            start::complain(TodoServer::NAME, &refused);
            ExitCode::from(USAGE)
        }
    }
}
