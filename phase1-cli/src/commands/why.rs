//! `todo why`: what makes a task as urgent as it is (Q8).

use serde_json::json;
use todo_core::urgency::{explain, urgency};

use super::Done;
use crate::args::Named;
use crate::intent;
use crate::named::Trashed;
use crate::session::Session;
use crate::view::screen::Screen;
use crate::view::{json, why};

pub(super) fn run(session: &mut Session, screen: &mut Screen, named: &Named) -> Done {
    let tasks = session.resolve(&intent::targets(&named.ids)?, Trashed::Count)?;
    let moment = session.moment();
    screen.apply(&session.settings);
    if screen.is_json() {
        let told = tasks.iter().map(|task| {
            let (urgency, parts) = (urgency(task, &moment), explain(task, &moment));
            json!({ "id": task.id, "uid": task.uid, "title": task.title, "urgency": urgency, "parts": parts })
        });
        json::print(screen, "why", json!({ "tasks": told.collect::<Vec<_>>() }))?;
        return Ok(false);
    }
    for (place, task) in tasks.iter().enumerate() {
        why::print(screen, task, &moment, place > 0)?;
    }
    Ok(false)
}
