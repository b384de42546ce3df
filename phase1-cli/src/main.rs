//! `todo`: tasks in the terminal.
//!
//! Arguments as typed ([`args`]) become what is meant ([`intent`]), a command carries it out on
//! the file, and a view shows what came of it. Everything is synchronous; nothing here decides
//! what may happen to a task: that is the core's.

mod args;
mod commands;
mod edge;
mod error;
mod hooks;
mod intent;
mod kept;
mod named;
#[cfg_attr(not(feature = "remote"), path = "remote/none.rs")]
mod remote;
mod session;
mod settings;
mod view;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use todo_core::Outcome;

use crate::args::{Cli, Cmd};
use crate::error::CliError;
use crate::hooks::Hooks;
use crate::session::Session;
use crate::view::notes;
use crate::view::screen::Screen;

/// Exit status: done.
const DONE: u8 = 0;
/// Exit status: refused, wholly or in part.
const REFUSED: u8 = 1;
/// Exit status: not understood.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let (cli, name) = match parse() {
        Ok(parsed) => parsed,
        Err(refused) if refused.use_stderr() && asks_for_json() => {
            let _ = writeln!(std::io::stderr().lock(), "{}", error::usage_json(&refused));
            return USAGE.into();
        }
        Err(other) => other.exit(),
    };
    let mut screen = Screen::new(&cli.global);
    let mut session = match Session::open(cli.global, Hooks::of(name)) {
        Ok(session) => session,
        Err(error) => {
            report(&error, &screen, None);
            return error.status().into();
        }
    };
    let mut came = None;
    let status = match carry_out(&mut session, &mut screen, cli.command, &mut came) {
        Ok(status) => status,
        // Whoever read our output has seen enough: `todo list | head`.
        Err(error) if error.is_broken_pipe() => DONE,
        Err(error) => {
            report(&error, &screen, came.as_ref());
            error.status()
        }
    };
    // Last, whatever came of the answer: what was written is told, and nobody waits for it.
    session.tell_hooks(&screen);
    status.into()
}

/// The arguments, and the command's own name, also where an alias was typed.
fn parse() -> Result<(Cli, String), clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    Ok((cli, matches.subcommand_name().unwrap_or("list").to_owned()))
}

/// Carries out the command and answers the exit status. What the clock brought before one that
/// comes to nothing is in `came`.
fn carry_out(
    session: &mut Session,
    screen: &mut Screen,
    command: Option<Cmd>,
    came: &mut Option<Outcome>,
) -> Result<u8, CliError> {
    let done = commands::run(session, screen, command);
    // For the error, too, if it is one.
    screen.apply(&session.settings);
    if done.is_err() {
        // The command came to nothing; what the clock brought before it did not.
        *came = session.take_came();
        if let Some(came) = came.as_ref().filter(|_| !screen.is_json()) {
            notes::print_all_that_came(screen, came, &session.clock())?;
            screen.flush()?;
        }
    }
    let refused = done?;
    screen.flush()?;
    Ok(if refused { REFUSED } else { DONE })
}

/// Whether the answer is for a program, asked where the arguments could not be understood.
fn asks_for_json() -> bool {
    std::env::args_os().any(|word| word == "--json" || word == "--format=json")
}

fn report(error: &CliError, screen: &Screen, came: Option<&Outcome>) {
    let text = if screen.is_json() {
        error.json(came.map(todo_core::wire::notes).unwrap_or_default())
    } else {
        error.render(screen.error_palette())
    };
    // There is nobody left to tell if this fails.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
