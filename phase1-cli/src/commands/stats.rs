//! `todo stats`.

use todo_core::stats::StatsQuery;

use super::{Done, list};
use crate::args::{FilterArgs, Format};
use crate::error::CliError;
use crate::intent;
use crate::session::Session;
use crate::view::screen::Screen;
use crate::view::{json, stats};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &FilterArgs) -> Done {
    refuse(screen, args)?;
    let query = StatsQuery::new(intent::filter(session, args)?, session.moment());
    let told = session.stats(&query)?;
    screen.apply(&session.settings);
    if screen.is_json() {
        json::print(screen, "stats", &told)?;
    } else if told.total() == 0 {
        list::nothing(session, screen, query.trash())?;
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
