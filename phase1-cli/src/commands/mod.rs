//! The commands, one file a theme. Each answers whether something was refused.

mod add;
mod agenda;
mod change;
mod chosen;
mod doctor;
mod filter;
mod history;
mod labels;
mod list;
#[cfg(feature = "remote")]
mod login;
mod now;
mod pages;
mod preferences;
mod purge;
#[cfg(feature = "remote")]
mod push;
mod remind;
mod reminders;
mod repeat;
mod show;
mod stats;
mod transfer;
mod watch;
mod why;

use todo_core::{Command, Outcome, Status, Verb};

use crate::args::{Cmd, FinishArgs};
use crate::error::CliError;
use crate::session::Session;
use crate::view::outcome::{self, Wording};
use crate::view::screen::Screen;

type Done = Result<bool, CliError>;

/// Carries out what was asked.
pub(crate) fn run(session: &mut Session, screen: &mut Screen, command: Option<Cmd>) -> Done {
    let Some(command) = command else { return now::run(session, screen) };
    match command {
        Cmd::Add(args) => add::run(session, screen, &args),
        Cmd::List(args) => list::run(session, screen, &args),
        Cmd::Search(args) => list::search(session, screen, &args),
        Cmd::Watch(args) => watch::run(session, screen, &args),
        Cmd::Today => agenda::today(session, screen),
        Cmd::Agenda(args) => agenda::agenda(session, screen, &args),
        Cmd::Show(args) => show::run(session, screen, &args),
        Cmd::Why(args) => why::run(session, screen, &args),
        Cmd::Edit(args) => change::edit(session, screen, &args),
        Cmd::Done(args) => finish(session, screen, &args, change::COMPLETED, Status::Completed),
        Cmd::Cancel(args) => finish(session, screen, &args, change::CANCELLED, Status::Cancelled),
        Cmd::Start(args) => {
            let verb = Verb::Move { to: Status::InProgress, cascade: false };
            change::run(session, screen, &args, &change::STARTED, &verb)
        }
        Cmd::Reopen(args) => {
            let verb = Verb::Move { to: Status::Pending, cascade: false };
            change::run(session, screen, &args, &change::REOPENED, &verb)
        }
        Cmd::Skip(args) => {
            let verb = Verb::Skip { cascade: args.cascade };
            change::run(session, screen, &args.targets, &change::SKIPPED, &verb)
        }
        Cmd::Repeat(args) => repeat::run(session, screen, &args),
        Cmd::Remind(args) => remind::run(session, screen, &args),
        Cmd::Snooze(args) => remind::snooze(session, screen, &args),
        Cmd::Reminders(args) => reminders::run(session, screen, &args),
        Cmd::Delete(args) => change::run(session, screen, &args, &change::DELETED, &Verb::Delete),
        Cmd::Restore(args) => {
            change::run(session, screen, &args, &change::RESTORED, &Verb::Restore)
        }
        Cmd::Purge(args) => purge::run(session, screen, &args),
        Cmd::Undo(args) => history::undo(session, screen, &args),
        Cmd::Redo => history::redo(session, screen),
        Cmd::Log(args) => history::log(session, screen, &args),
        Cmd::Tags => labels::tags(session, screen),
        Cmd::Projects => labels::projects(session, screen),
        Cmd::Count(args) => list::count(session, screen, &args),
        Cmd::Stats(args) => stats::run(session, screen, &args),
        Cmd::Filter(args) => filter::run(session, screen, args.act.as_ref()),
        Cmd::Context(args) => filter::context(session, screen, &args),
        Cmd::Config(args) => preferences::run(session, screen, &args),
        Cmd::Import(args) => transfer::import(session, screen, &args),
        Cmd::Export(args) => transfer::export(session, screen, &args),
        Cmd::Doctor(args) => doctor::run(session, screen, &args),
        #[cfg(feature = "remote")]
        Cmd::Login(args) => login::login(screen, &args),
        #[cfg(feature = "remote")]
        Cmd::Logout => login::logout(session, screen),
        #[cfg(feature = "remote")]
        Cmd::Push => push::push(session, screen),
        #[cfg(feature = "remote")]
        Cmd::Pull => push::pull(session, screen),
        Cmd::Completions { shell } => pages::completions(screen, shell),
        Cmd::Man { dir } => pages::man(screen, dir.as_deref()),
    }
}

fn finish(
    session: &mut Session,
    screen: &mut Screen,
    args: &FinishArgs,
    wording: Wording,
    to: Status,
) -> Done {
    let verb = Verb::Move { to, cascade: args.cascade };
    change::run(session, screen, &args.targets, &wording, &verb)
}

/// Carries out a command and prints what came of it. `typed` names its items.
fn carry_out(
    session: &mut Session,
    screen: &mut Screen,
    command: &Command,
    wording: &Wording,
    typed: &[String],
) -> Done {
    let outcome = session.run(command)?;
    tell(session, screen, &outcome, wording, typed)
}

/// Prints what came of a command.
fn tell(
    session: &mut Session,
    screen: &mut Screen,
    outcome: &Outcome,
    wording: &Wording,
    typed: &[String],
) -> Done {
    let (dry_run, clock) = (session.global.dry_run, session.clock());
    // Others may write while we print.
    session.close();
    screen.apply(&session.settings);
    outcome::print(screen, wording, outcome, typed, dry_run, &clock)?;
    Ok(outcome.refused().next().is_some())
}
