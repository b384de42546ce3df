//! A bare `todo`: what matters now. What is overdue, what is due today, what was begun, and what
//! would be good to take up next, the most urgent first.

use std::collections::HashSet;
use std::io::Write;

use todo_core::query::{Bound, is_overdue};
use todo_core::{Filter, Limit, Order, Page, Status, Task, TaskQuery};

use super::Done;
use crate::args::Format;
use crate::error::CliError;
use crate::intent;
use crate::session::Session;
use crate::view::now::{self, Now};
use crate::view::screen::Screen;
use crate::view::{csv, plain};

/// Tasks that are proposed.
const NEXT: usize = 5;

pub(super) fn run(session: &mut Session, screen: &mut Screen) -> Done {
    let expression = intent::context(session)?;
    let open = Filter { expression, ..Filter::default() };
    let today = session.now.day(session.zone);
    let tomorrow = today.succ_opt().unwrap_or(today);
    let due_to = Some(Bound::Day(tomorrow));
    let due = find(session, Filter { due_to, ..open.clone() }, "due", Limit::All)?.tasks;
    let status = Some(vec![Status::InProgress]);
    let begun = Filter { status, ..open.clone() };
    let begun = find(session, begun, "-urgency", Limit::All)?.tasks;
    // As many as may have been named already, and those that are proposed.
    let named = due.len() + begun.len() + NEXT;
    let most = Limit::Page(u32::try_from(named).unwrap_or(u32::MAX));
    let most = find(session, open, "-urgency", most)?;
    let is_empty = most.total == Some(0) && session.load(&todo_core::Needs::default())?.count == 0;
    screen.apply(&session.settings);
    let context = session.settings.context().filter(|_| !session.global.no_context);
    session.close();
    let now = sorted(due, begun, most, session);
    let clock = session.clock();
    match screen.format {
        Format::Csv => csv::print(screen, &now.tasks(), None)?,
        Format::Plain => plain::print(screen, &now.tasks(), None)?,
        Format::Json => now::print_json(screen, &now)?,
        Format::Table if is_empty => {
            writeln!(screen, "No tasks yet. Add one: todo add \"Buy milk\"")?;
        }
        Format::Table => now::print(screen, &now, context.as_deref(), &clock)?,
    }
    Ok(false)
}

fn find(
    session: &mut Session,
    filter: Filter,
    order: &str,
    limit: Limit,
) -> Result<Page<Task>, CliError> {
    let order: Order = order.parse()?;
    let query = TaskQuery { filter, order, limit, count: true, ..TaskQuery::new(session.moment()) };
    session.find(&query)
}

/// Each task once, where it matters most.
fn sorted(due: Vec<Task>, begun: Vec<Task>, most: Page<Task>, session: &Session) -> Now {
    let mut seen: HashSet<_> = due.iter().map(|task| task.uid).collect();
    let moment = session.moment();
    let passed = |task: &Task| is_overdue(task, &moment);
    let (overdue, today) = due.into_iter().partition(passed);
    let mut once = |task: &Task| seen.insert(task.uid);
    let begun: Vec<_> = begun.into_iter().filter(&mut once).collect();
    let next = most.tasks.into_iter().filter(once).take(NEXT).collect();
    Now { overdue, today, begun, next, open: most.total.unwrap_or_default() }
}
