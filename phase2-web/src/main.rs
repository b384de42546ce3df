//! `todo-web`: the API and the page, on SQLite or PostgreSQL.

use std::process::ExitCode;

use todo_web::start::{self, Web};

/// Requests make and drop many small values on all threads, which is what it is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    start::main(Web, std::env::args_os())
}
