//! `todo add`.

use todo_core::{Command, Item};

use super::{Done, carry_out};
use crate::args::AddArgs;
use crate::error::CliError;
use crate::session::{Session, Trashed};
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
    carry_out(session, screen, &command, &ADDED, &[])
}
