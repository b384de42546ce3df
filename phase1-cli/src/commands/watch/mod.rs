//! `todo watch`: a list that stays, and is shown anew when something in it changes.
//!
//! On a file it looks every half second whether somebody has written. On a server it is told: it listens to
//! what happens, and shows reminders when they come. On a terminal the list is drawn over itself; into a
//! pipe go lines, one for each thing that happened, or the server's own messages with `--json`. Nothing is
//! kept and nothing of the terminal is changed, so Ctrl-C ends it wherever it is.

#[cfg(feature = "remote")]
mod ear;
#[cfg(feature = "remote")]
mod server;

use std::io::{IsTerminal, Write, stdout};
use std::time::Duration;

use todo_core::{Filter, Problem};

use super::{Done, list};
use crate::args::{Format, WatchArgs};
use crate::edge;
use crate::error::{CliError, faulty};
use crate::intent;
use crate::session::Session;
use crate::view::screen::Screen;

/// How often a file is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Home, and nothing of what was there.
const CLEAR: &str = "\x1b[H\x1b[2J";
/// So that what time changes (overdue, waiting) shows, too.
const MINUTE_MILLIS: i64 = 60_000;

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &WatchArgs) -> Done {
    if edge::is_fixed() {
        return Err(faulty(edge::NOW_VARIABLE, Problem::ClockStands, "watch"));
    }
    let filter = intent::filter(session, &args.list.filter)?;
    let watch =
        Watch { args, filter, drawn: stdout().is_terminal() && screen.format == Format::Table };
    #[cfg(feature = "remote")]
    if session.is_on_server() {
        return server::run(session, screen, &watch);
    }
    on_file(session, screen, &watch)
}

/// What is watched, and how it is shown.
struct Watch<'w> {
    args: &'w WatchArgs,
    filter: Filter,
    /// Whether it is drawn over itself.
    drawn: bool,
}

impl Watch<'_> {
    /// Shows the list as it is now, and lines below it.
    fn show(
        &self,
        session: &mut Session,
        screen: &mut Screen,
        below: &[String],
    ) -> Result<(), CliError> {
        if self.drawn {
            write!(screen, "{CLEAR}")?;
        }
        list::again(session, screen, self.filter.clone(), &self.args.list.order)?;
        for line in below {
            writeln!(screen, "{line}")?;
        }
        screen.flush()?;
        Ok(())
    }

    /// When it is to be shown anew although nothing has changed.
    fn minute(&self, session: &Session) -> i64 {
        if self.drawn { session.now.millis().div_euclid(MINUTE_MILLIS) } else { 0 }
    }
}

fn on_file(session: &mut Session, screen: &mut Screen, watch: &Watch<'_>) -> Done {
    let mut shown = None;
    let mut trouble = Trouble::default();
    loop {
        // Before it is read: what is written meanwhile shows the next time.
        let stamp = edge::stamp(session.path());
        session.tell_time()?;
        let now = Some((stamp, watch.minute(session)));
        if shown != now {
            match session.look_again().and_then(|()| watch.show(session, screen, &[])) {
                Ok(()) => trouble.is_over(),
                // What is wrong from the beginning is the answer.
                Err(error) if shown.is_none() || error.is_broken_pipe() => return Err(error),
                Err(error) => trouble.tell(&error),
            }
            shown = now;
            // Others may write.
            session.close();
        }
        edge::wait(LOOK);
    }
}

/// What cannot be done for a while is said once.
#[derive(Default)]
struct Trouble(Option<String>);

impl Trouble {
    fn tell(&mut self, error: &CliError) {
        let told = error.to_string();
        if self.0.as_ref() != Some(&told) {
            // There is nobody left to tell if this fails.
            let _told = writeln!(std::io::stderr().lock(), "waiting: {told}");
            self.0 = Some(told);
        }
    }

    fn is_over(&mut self) {
        self.0 = None;
    }
}
