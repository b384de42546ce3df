//! Runs a command with the services that the ignored tests need: `todo-services COMMAND …`.
//!
//! One PostgreSQL for all of them, in a folder of its own; its URL is in `TODO_TEST_POSTGRES`. It
//! goes when the command ends, whose status is ours.

use std::process::{Command, ExitCode};

use todo_tests::services::{POSTGRES, Postgres};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let command = words.next().expect("usage: todo-services COMMAND [ARGUMENT...]");
    let postgres = Postgres::start_new();
    let ran = Command::new(&command).args(words).env(POSTGRES, postgres.url()).status();
    let status = ran.unwrap_or_else(|error| panic!("{}: {error}", command.display()));
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
