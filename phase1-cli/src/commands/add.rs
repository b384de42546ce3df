//! `todo add`.

use todo_core::{Command, ErrorCode, Item};

use super::{Done, carry_out};
use crate::args::AddArgs;
use crate::error::CliError;
use crate::named::Trashed;
use crate::session::Session;
use crate::view::outcome::Wording;
use crate::view::screen::Screen;
use crate::{edge, intent};

const ADDED: Wording = Wording {
    command: "add",
    did: "Added",
    would: "Would add",
    already: "is there already",
    echo: true,
};

/// At what was asked for in vain.
fn point_at(error: CliError, args: &AddArgs) -> CliError {
    let flag = match error.code() {
        ErrorCode::DueRequired => args.remind.last(),
        _ if error.is_about("recurrence") => {
            args.series.spawn.as_ref().or(args.series.from.as_ref()).or(args.repeat.as_ref())
        }
        _ if error.is_about("reminders") => args.remind.last(),
        _ => None,
    };
    match flag {
        Some(typed) => error.at(typed),
        None => error,
    }
}

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &AddArgs) -> Done {
    session.begin_write()?;
    // The settings decide the zone that dates are read in.
    session.store()?;
    if let Some(parent) = &args.parent {
        let parent = intent::targets(std::slice::from_ref(parent))?;
        session.resolve(&parent, Trashed::DoNotCount).map_err(CliError::of_parent)?;
    }
    let new = intent::new_task(session, edge::fresh_id(session.now), args)?;
    let command = Command::One(Item::Create(Box::new(new)));
    carry_out(session, screen, &command, &ADDED, &[]).map_err(|error| point_at(error, args))
}
