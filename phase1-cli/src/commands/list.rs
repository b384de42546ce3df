//! `todo list` and `todo count`.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;
use todo_core::{Filter, Limit, Needs, Page, Task, TaskQuery};

use super::Done;
use crate::args::{FilterArgs, Format, ListArgs};
use crate::error::CliError;
use crate::intent;
use crate::session::Session;
use crate::view::screen::{self, Screen};
use crate::view::when::{self, Clock, Pressing};
use crate::view::{csv, json as view, plain, table, tree};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &ListArgs) -> Done {
    let query = intent::query(session, args)?;
    let page = session.find(&query)?;
    print(session, screen, "list", &query, page)
}

/// Shows an answer in the format that was asked for.
pub(super) fn print(
    session: &mut Session,
    screen: &mut Screen,
    command: &str,
    query: &TaskQuery,
    page: Page<Task>,
) -> Done {
    screen.apply(&session.settings);
    let total = page.total.unwrap_or(page.tasks.len() as u64);
    match screen.format {
        Format::Json => view::print_tasks(screen, command, &page.tasks, total)?,
        Format::Csv => csv::print(screen, &page.tasks)?,
        Format::Plain => plain::print(screen, &page.tasks)?,
        Format::Table => table(session, screen, query, &page, total)?,
    }
    // The process is about to end: freeing every task on its own would be for nothing.
    std::mem::forget(page);
    Ok(false)
}

fn table(
    session: &mut Session,
    screen: &mut Screen,
    query: &TaskQuery,
    page: &Page<Task>,
    total: u64,
) -> Result<(), CliError> {
    if page.tasks.is_empty() {
        return nothing(session, screen, query);
    }
    let lineage: std::collections::BTreeSet<_> =
        tree::missing_parents(&page.tasks).into_iter().map(Into::into).collect();
    let outside = if lineage.is_empty() {
        BTreeMap::new()
    } else {
        session.load(&Needs { lineage, ..Needs::default() })?.tasks
    };
    session.close();
    let clock = Clock::from(query.moment);
    let branches = tree::branches(&page.tasks, &outside);
    table::print(screen, &branches, &clock)?;
    let dim = screen.palette().dim;
    let summary = summary(&page.tasks, total, &clock);
    writeln!(screen, "{dim}{summary}{dim:#}")?;
    Ok(())
}

fn summary(tasks: &[Task], total: u64, clock: &Clock) -> String {
    let shown = tasks.len() as u64;
    let mut text = match total {
        _ if total > shown => format!("{shown} of {total} tasks"),
        _ => screen::tasks(total),
    };
    let open = tasks.iter().filter(|task| task.status.is_open() && task.trash.is_none());
    let late = |task: &&Task| {
        task.due_date.is_some_and(|due| when::pressing(due, clock) == Pressing::Overdue)
    };
    match open.filter(late).count() {
        0 => {}
        overdue => text.extend([", ", &overdue.to_string(), " overdue"]),
    }
    text
}

/// An empty list says why it is empty and what to do.
pub(super) fn nothing(
    session: &mut Session,
    screen: &mut Screen,
    query: &TaskQuery,
) -> Result<(), CliError> {
    let any = session.load(&Needs::default())?.count > 0;
    let text = if !any {
        "No tasks yet. Add one: todo add \"Buy milk\""
    } else if query.filter == Filter::default() {
        "Nothing is open."
    } else {
        "No task is like that."
    };
    writeln!(screen, "{text}")?;
    Ok(())
}

pub(super) fn count(session: &mut Session, screen: &mut Screen, args: &FilterArgs) -> Done {
    let filter = intent::filter(session, args)?;
    let query = TaskQuery {
        filter,
        limit: Limit::Page(1),
        count: true,
        ..TaskQuery::new(session.moment())
    };
    let count = session.find(&query)?.total.unwrap_or_default();
    if screen.is_json() {
        view::print(screen, "count", json!({ "count": count }))?;
    } else {
        writeln!(screen, "{count}")?;
    }
    Ok(false)
}
