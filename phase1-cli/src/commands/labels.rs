//! `todo tags` and `todo projects`: what is in use, and how often.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;
use todo_core::fold::fold;
use todo_core::{Filter, Limit, Tag, Task, TaskQuery, Timestamp};

use super::Done;
use crate::session::Session;
use crate::view::json as view;
use crate::view::screen::{Screen, columns, visible};

/// A label's newest spelling, and how many open tasks have it.
struct Use {
    spelling: String,
    at: Timestamp,
    count: usize,
}

#[derive(Default)]
struct Uses(BTreeMap<String, Use>);

impl Uses {
    /// Labels are compared folded, and the newest spelling is shown.
    fn add(&mut self, spelling: &str, task: &Task) {
        let at = task.updated_at;
        let used = self.0.entry(fold(spelling).into_owned());
        let used = used.or_insert_with(|| Use { spelling: spelling.to_owned(), at, count: 0 });
        used.count += 1;
        if at > used.at {
            spelling.clone_into(&mut used.spelling);
            used.at = at;
        }
    }
}

pub(super) fn tags(session: &mut Session, screen: &mut Screen) -> Done {
    let mut uses = Uses::default();
    for task in open_tasks(session)? {
        for tag in task.tags.iter().map(Tag::as_str) {
            uses.add(tag, &task);
        }
    }
    print(session, screen, "tags", "#", &uses)
}

pub(super) fn projects(session: &mut Session, screen: &mut Screen) -> Done {
    let mut uses = Uses::default();
    for task in open_tasks(session)? {
        if let Some(project) = &task.project {
            uses.add(project.as_str(), &task);
        }
    }
    print(session, screen, "projects", "", &uses)
}

fn open_tasks(session: &mut Session) -> Result<Vec<Task>, crate::error::CliError> {
    let filter = Filter { waiting: true, ..Filter::default() };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    Ok(session.find(&query)?.tasks)
}

fn print(session: &Session, screen: &mut Screen, what: &str, sign: &str, uses: &Uses) -> Done {
    screen.apply(&session.settings);
    let uses = uses.0.values();
    if screen.is_json() {
        let list: Vec<_> =
            uses.map(|used| json!({ "name": used.spelling, "count": used.count })).collect();
        view::print(screen, what, json!({ what: list }))?;
        return Ok(false);
    }
    let widest = uses.clone().map(|used| columns(&used.spelling)).max();
    let Some(widest) = widest else {
        writeln!(screen, "No open task has any.")?;
        return Ok(false);
    };
    let label = screen.palette().label;
    for used in uses {
        let name = visible(&used.spelling);
        let gap = widest.saturating_sub(columns(&name)) + 2;
        writeln!(screen, "{label}{sign}{name}{label:#}{:gap$}{}", "", used.count)?;
    }
    Ok(false)
}
