//! `todo stats`.

use todo_core::stats::Tally;
use todo_core::{Limit, Status, TaskQuery};

use super::{Done, list};
use crate::args::{FilterArgs, Format};
use crate::error::CliError;
use crate::intent;
use crate::session::Session;
use crate::view::screen::Screen;
use crate::view::{json, stats};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &FilterArgs) -> Done {
    refuse(screen, args)?;
    let mut filter = intent::filter(session, args)?;
    // What was done counts as much as what is to be done, and what waits is counted as such.
    filter.status.get_or_insert_with(|| Status::ALL.to_vec());
    filter.waiting = true;
    let mut query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    let mut tally = Tally::new(query.moment);
    for trash in [false, true] {
        query.filter.trash = trash;
        session.find(&query)?.tasks.iter().for_each(|task| tally.offer(task));
    }
    screen.apply(&session.settings);
    let told = tally.finish();
    if screen.is_json() {
        json::print(screen, "stats", &told)?;
    } else if told.total() == 0 {
        list::nothing(session, screen, &query)?;
    } else {
        stats::print(screen, &told)?;
    }
    Ok(false)
}

fn refuse(screen: &Screen, args: &FilterArgs) -> Result<(), CliError> {
    if args.flags.trash {
        let hint = Some("`todo count --trash` counts it by itself".to_owned());
        return Err(CliError::usage("statistics only count the trash", Some("--trash"), hint));
    }
    let typed = match screen.format {
        Format::Plain => "plain",
        Format::Csv => "csv",
        Format::Table | Format::Json => return Ok(()),
    };
    let hint = Some("--json has the same numbers for programs".to_owned());
    Err(CliError::usage("statistics are no list of tasks", Some(typed), hint))
}
