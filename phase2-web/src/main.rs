//! `todo-web`: the API and the page, on SQLite or PostgreSQL.

use std::process::ExitCode;

use todo_web::start::Program;

/// Requests make and drop many small values on all threads, which is what it is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Program::WEB.main(std::env::args_os())
}
