//! `todo-web`: the API and the page, on SQLite or PostgreSQL.

use std::path::Path;
use std::process::ExitCode;

use todo_web::settings::{self, Usage};
use todo_web::start::{self, Program, Web};

/// Requests make and drop many small values on all threads, which is what it is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A wrong command line or wrong settings.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match settings::read(std::env::args_os(), |name| std::env::var_os(name), Path::new("")) {
        Ok(invocation) => start::run(Web, invocation),
        Err(Usage::CommandLine(error)) => {
            // Help and the version go to standard output and are no failure; a closed pipe is quiet.
            let _printed = error.print();
            ExitCode::from(if error.use_stderr() { USAGE } else { 0 })
        }
        Err(usage) => {
            start::complain(Web::NAME, &usage);
            ExitCode::from(USAGE)
        }
    }
}
