//! `list_tasks`.

use std::collections::BTreeSet;

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use todo_core::error::excerpt;
use todo_core::query::{Bound, DueFilter, ProjectFilter};
use todo_core::words;
use todo_core::{Due, FieldError, Filter, Limit, Order, Problem, Status, TaskError, TaskQuery};

use super::{Hints, fields};
use crate::args::{Texts, is_none};
use crate::backend::Backend;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::told::{Short, Told, line};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListTasks {
    /// Any of: pending, `in_progress`, completed, cancelled, open (default), closed, all.
    status: Option<Texts>,
    /// Any of: high, medium, low.
    priority: Option<Texts>,
    /// Any of these, with what lies below; "none" for tasks without one.
    project: Option<Texts>,
    /// All of these.
    tag: Option<Texts>,
    /// overdue, today, tomorrow, week (today to the end of the week), any, none; or a day such as "friday". `today` does not include overdue.
    due: Option<String>,
    /// Words that must all occur in title, notes, tags or project.
    search: Option<String>,
    /// An expression: "priority:high and due<tomorrow and not tag:work", "today | overdue", "#home", "@work", "parent:12"; or a saved one: "filter:NAME".
    filter: Option<String>,
    /// due (default), priority, created, updated, title, urgency, id; "-" before it reverses; commas part several.
    sort: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u32>,
    /// `next_cursor` of the page before; all else stays the same.
    cursor: Option<String>,
    /// Also say how many there are on all pages.
    count: bool,
    /// Also tasks hidden until their start date.
    waiting: bool,
    /// What lies in the trash, and nothing else.
    trash: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Listed {
    tasks: Vec<Short>,
    /// There are more: send it as `cursor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

pub(super) fn tool() -> Tool {
    super::tool::<ListTasks, Listed>(
        "list_tasks",
        "List and search tasks",
        Hints::Reads,
        "Finds tasks and their ids: what is due, what is overdue, by tag, project, words or an \
         expression. All that is given must hold; without arguments, open tasks by due date. Use it \
         before changing a task that the user named in words. Not for counting (get_stats), nor for \
         notes and reminders of one task (get_task).",
    )
}

pub(super) async fn run<B: Backend>(desk: &Desk<'_, B>, args: ListTasks) -> Result<Told, Fault> {
    let order = match args.sort.as_deref() {
        Some(keys) => keys.parse::<Order>()?,
        None => Order::default(),
    };
    let limit = args.limit.map_or_else(|| Ok(Limit::default()), |size| Limit::page(size.into()))?;
    let count = args.count;
    let cursor = args.cursor.clone().filter(|cursor| !cursor.is_empty());
    let filter = filter(desk, args).await?;
    let moment = desk.moment();
    let mut query = TaskQuery { filter, order, limit, count, ..TaskQuery::new(moment) };
    if let Some(cursor) = cursor {
        query = query.resume(&cursor, desk.secrets.cursors())?;
        // A cursor holds the zone of its first page; under another, days mean other times.
        if query.moment.zone != moment.zone {
            return Err(TaskError::InvalidCursor.into());
        }
    }
    let page = desk.find(query.clone()).await?;
    let next_cursor = page.cursor(&query, desk.secrets.cursors());
    let glance = desk.glance();
    let mut lines: Vec<_> = page.tasks.iter().map(|task| line(task, &glance)).collect();
    if lines.is_empty() {
        lines.push("No task is like that.".to_owned());
    }
    lines.extend(next_cursor.as_ref().map(|cursor| format!("There are more: cursor {cursor}")));
    lines.extend(page.total.map(|total| format!("{total} in all")));
    let tasks = page.tasks.iter().map(Short::from).collect();
    Ok(Told::new(&Listed { tasks, next_cursor, total: page.total }, lines.join("\n")))
}

async fn filter<B: Backend>(desk: &Desk<'_, B>, args: ListTasks) -> Result<Filter, Fault> {
    let priorities = args.priority.unwrap_or_default();
    let priority = priorities.parts().map(fields::priority).collect::<Result<_, _>>()?;
    let projects = args.project.unwrap_or_default();
    let project = projects.parts().map(project).collect::<Result<_, _>>()?;
    let mut filter = Filter {
        status: args.status.as_ref().map(statuses).transpose()?.flatten(),
        priority,
        project,
        waiting: args.waiting,
        trash: args.trash,
        ..Filter::default()
    };
    for text in args.tag.unwrap_or_default().parts() {
        let tag =
            fields::tag(text).map_err(|FieldError { problem, .. }| Fault::field("tag", problem));
        filter = filter.tag(&tag?);
    }
    if let Some(text) = args.search {
        todo_core::text::no_control(&text).map_err(|problem| Fault::field("search", problem))?;
        filter = filter.search(&text);
    }
    if let Some(text) = args.due {
        due(desk, &text, &mut filter)?;
    }
    if let Some(text) = args.filter {
        filter.expression = Some(desk.expression(&text).await?);
    }
    Ok(filter)
}

fn project(text: &str) -> Result<ProjectFilter, Fault> {
    if is_none(text) {
        return Ok(ProjectFilter::None);
    }
    fields::project(text).map(|project| ProjectFilter::within(&project))
}

/// `None` where nothing is said.
pub(super) fn statuses(texts: &Texts) -> Result<Option<Vec<Status>>, Fault> {
    const WORDS: &[&str] =
        &["open", "closed", "all", "pending", "in_progress", "completed", "cancelled"];
    let of = |open| Status::ALL.iter().copied().filter(move |status| status.is_open() == open);
    let mut statuses = BTreeSet::new();
    for text in texts.parts() {
        match text.to_ascii_lowercase().as_str() {
            "open" => statuses.extend(of(true)),
            "closed" => statuses.extend(of(false)),
            "done" => drop(statuses.insert(Status::Completed)),
            "all" | "any" => statuses.extend(Status::ALL.iter().copied()),
            word => {
                let status = fields::status(word).map_err(|_| {
                    let given = excerpt(text);
                    Fault::field("status", Problem::NotOneOf { given, allowed: WORDS })
                });
                statuses.insert(status?);
            }
        }
    }
    Ok((!statuses.is_empty()).then(|| statuses.into_iter().collect()))
}

/// A word about due dates, or a day in words.
fn due<B: Backend>(desk: &Desk<'_, B>, text: &str, filter: &mut Filter) -> Result<(), Fault> {
    let problem = match text.parse::<DueFilter>() {
        Ok(word) => {
            filter.due = Some(word);
            return Ok(());
        }
        Err(problem) => problem,
    };
    match words::when(text, &desk.asking) {
        Ok(Due::Day(day)) => {
            filter.due_from = Some(Bound::Day(day));
            filter.due_to = day.succ_opt().map(Bound::Day);
            Ok(())
        }
        Ok(Due::At { .. }) => Err(Fault::arguments(
            "due",
            "names a day, and no time; for a time write it in `filter`: \"due<2026-11-21T17:00\"",
        )),
        // One word is more likely one of the list than a date.
        Err(_) if !text.trim().contains(' ') => Err(Fault::field("due", problem)),
        Err(error) => Err(Fault::words("due", error)),
    }
}
