//! `todo list` and `todo count`.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;
use todo_core::fold::fold;
use todo_core::query::{Moment, SortKey};
use todo_core::urgency::urgency as weigh;
use todo_core::{Filter, Limit, Needs, Page, Task, TaskQuery};

use super::Done;
use crate::args::{FilterArgs, Format, ListArgs, OrderArgs, SearchArgs};
use crate::error::CliError;
use crate::intent;
use crate::session::Session;
use crate::view::screen::{self, Screen, visible};
use crate::view::when::{self, Clock, Pressing};
use crate::view::{csv, json as view, plain, table, tree};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &ListArgs) -> Done {
    let filter = intent::filter(session, &args.filter)?;
    show(session, screen, "list", filter, &args.order)
}

pub(super) fn search(session: &mut Session, screen: &mut Screen, args: &SearchArgs) -> Done {
    let mut filter = intent::flags(session, &args.flags)?;
    filter.expression = intent::context(session)?;
    // Words that the shell took out of quotes are words; those that still stand in some are looked
    // for as they stand.
    let typed = args.words.join(" ");
    if typed.matches('"').count() % 2 == 1 {
        let hint = Some("close it with \"".to_owned());
        return Err(CliError::usage("a quote is not closed", Some(&typed), hint));
    }
    if typed.replace('"', "").trim().is_empty() {
        return Err(CliError::usage("there is nothing to look for", Some(&typed), None));
    }
    for (place, part) in typed.split('"').enumerate() {
        if place % 2 == 0 {
            filter = filter.search(part);
        } else if !part.trim().is_empty() {
            filter.search.push(fold(part.trim()).into());
        }
    }
    show(session, screen, "search", filter, &args.order)
}

fn show(
    session: &mut Session,
    screen: &mut Screen,
    command: &str,
    filter: Filter,
    order: &OrderArgs,
) -> Done {
    let query = intent::query(session, filter, order)?;
    let page = session.find(&query)?;
    print(session, screen, command, &query, page, order.urgency)
}

/// Shows a list as it is now, for those that stay.
pub(super) fn again(
    session: &mut Session,
    screen: &mut Screen,
    filter: Filter,
    order: &OrderArgs,
) -> Result<(), CliError> {
    let query = intent::query(session, filter, order)?;
    let page = session.find(&query)?;
    lay_out(session, screen, "list", &query, &page, order.urgency)
}

/// Shows an answer in the format that was asked for.
pub(super) fn print(
    session: &mut Session,
    screen: &mut Screen,
    command: &str,
    query: &TaskQuery,
    page: Page<Task>,
    urgency: bool,
) -> Done {
    lay_out(session, screen, command, query, &page, urgency)?;
    // The process is about to end: freeing every task on its own would be for nothing.
    std::mem::forget(page);
    Ok(false)
}

fn lay_out(
    session: &mut Session,
    screen: &mut Screen,
    command: &str,
    query: &TaskQuery,
    page: &Page<Task>,
    urgency: bool,
) -> Result<(), CliError> {
    screen.apply(&session.settings);
    let total = page.total.unwrap_or(page.tasks.len() as u64);
    let tasks = page.tasks.as_slice();
    let moment = urgency.then_some(&query.moment);
    match screen.format {
        Format::Json => {
            let points = |moment| tasks.iter().map(|task| weigh(task, moment)).collect();
            let filter = query.filter.expression.as_ref().map(ToString::to_string);
            let list = view::List { total, tasks, urgency: moment.map(points), filter };
            view::print_list(screen, command, &list)?;
        }
        Format::Csv => csv::print(screen, tasks, moment)?,
        Format::Plain => plain::print(screen, tasks, moment)?,
        Format::Table => {
            let sorted = query.order.keys().iter().any(|sort| sort.key == SortKey::Urgency);
            let moment = moment.or_else(|| sorted.then_some(&query.moment));
            table(session, screen, query, page, total, moment)?;
        }
    }
    Ok(())
}

fn table(
    session: &mut Session,
    screen: &mut Screen,
    query: &TaskQuery,
    page: &Page<Task>,
    total: u64,
    urgency: Option<&Moment>,
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
    table::print(screen, &branches, &clock, urgency)?;
    let dim = screen.palette().dim;
    let mut summary = summary(&page.tasks, total, &clock);
    if let Some(context) = session.settings.context().filter(|_| !session.global.no_context) {
        summary.extend([" (context ", &visible(&context), ")"]);
    }
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
    } else if session.settings.context().is_some() {
        "No task in this context is like that. All tasks: todo context none"
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
