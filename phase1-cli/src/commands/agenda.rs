//! `todo today` and `todo agenda`.

use std::io::Write;

use chrono::Days;
use todo_core::query::Bound;
use todo_core::{Filter, Limit, TaskQuery};

use super::{Done, list};
use crate::args::AgendaArgs;
use crate::error::CliError;
use crate::intent;
use crate::session::Session;
use crate::view::agenda::{self, Agenda};
use crate::view::screen::Screen;

/// What is due by the end of a day, so many days from today; what is overdue comes first (Q4).
fn due_within(session: &mut Session, days: u32) -> Result<TaskQuery, CliError> {
    // The settings decide the zone.
    let expression = intent::context(session)?;
    let today = session.now.day(session.zone);
    let end = today.checked_add_days(Days::new(days.into())).unwrap_or(today);
    let filter = Filter { due_to: Some(Bound::Day(end)), expression, ..Filter::default() };
    Ok(TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) })
}

pub(super) fn today(session: &mut Session, screen: &mut Screen) -> Done {
    let query = due_within(session, 1)?;
    let page = session.find(&query)?;
    if page.tasks.is_empty() && screen.is_table() {
        screen.apply(&session.settings);
        writeln!(screen, "Nothing is due today.")?;
        return Ok(false);
    }
    list::print(session, screen, "today", &query, page, false)
}

pub(super) fn agenda(session: &mut Session, screen: &mut Screen, args: &AgendaArgs) -> Done {
    let query = due_within(session, args.days)?;
    let due = session.find(&query)?.tasks;
    // A series may have further dates in these days, whenever its newest occurrence is due.
    let expression = query.filter.expression.clone();
    let all = Filter { waiting: true, expression, ..Filter::default() };
    let all = TaskQuery { filter: all, ..query.clone() };
    let mut series = session.find(&all)?.tasks;
    series.retain(|task| task.recurrence.is_some());
    screen.apply(&session.settings);
    let agenda = Agenda::new(due, &series, &session.clock(), args.days);
    session.close();
    agenda::print(screen, &agenda, &session.clock())?;
    Ok(false)
}
