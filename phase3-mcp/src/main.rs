//! `todo-mcp`: see [`todo_mcp`].

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    todo_mcp::run(todo_mcp::Settings::parse())
}
