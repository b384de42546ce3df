//! `todo tags` and `todo projects`: what is in use, and how often.

use std::io::Write;

use serde_json::json;
use todo_core::stats::Uses;
use todo_core::{Filter, Limit, Tag, Task, TaskQuery};

use super::Done;
use crate::intent;
use crate::session::Session;
use crate::view::json as view;
use crate::view::screen::{Screen, columns, visible};

pub(super) fn tags(session: &mut Session, screen: &mut Screen) -> Done {
    let mut uses = Uses::default();
    for task in open_tasks(session)? {
        for tag in task.tags.iter().map(Tag::as_str) {
            uses.add(tag, task.updated_at);
        }
    }
    print(session, screen, "tags", "#", &uses)
}

pub(super) fn projects(session: &mut Session, screen: &mut Screen) -> Done {
    let mut uses = Uses::default();
    for task in open_tasks(session)? {
        if let Some(project) = &task.project {
            uses.add(project.as_str(), task.updated_at);
        }
    }
    print(session, screen, "projects", "", &uses)
}

fn open_tasks(session: &mut Session) -> Result<Vec<Task>, crate::error::CliError> {
    let expression = intent::context(session)?;
    let filter = Filter { waiting: true, expression, ..Filter::default() };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    Ok(session.find(&query)?.tasks)
}

fn print(session: &Session, screen: &mut Screen, what: &str, sign: &str, uses: &Uses) -> Done {
    screen.apply(&session.settings);
    let uses = uses.iter();
    if screen.is_json() {
        let list: Vec<_> =
            uses.map(|(name, count)| json!({ "name": name, "count": count })).collect();
        view::print(screen, what, json!({ what: list }))?;
        return Ok(false);
    }
    let widest = uses.clone().map(|(name, _)| columns(name)).max();
    let Some(widest) = widest else {
        writeln!(screen, "No open task has any.")?;
        return Ok(false);
    };
    let label = screen.palette().label;
    for (name, count) in uses {
        let name = visible(name);
        let gap = widest.saturating_sub(columns(&name)) + 2;
        writeln!(screen, "{label}{sign}{name}{label:#}{:gap$}{}", "", count)?;
    }
    Ok(false)
}
