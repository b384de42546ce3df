//! `todo show`.

use std::io::Write;

use todo_core::{Needs, Task};

use super::Done;
use crate::args::Named;
use crate::intent;
use crate::named::Trashed;
use crate::session::Session;
use crate::view::screen::Screen;
use crate::view::{json, show};

pub(super) fn run(session: &mut Session, screen: &mut Screen, named: &Named) -> Done {
    let tasks = session.resolve(&intent::targets(&named.ids)?, Trashed::Count)?;
    screen.apply(&session.settings);
    if screen.is_json() {
        json::print_tasks(screen, "show", &tasks, tasks.len() as u64)?;
        return Ok(false);
    }
    let named: std::collections::BTreeSet<_> = tasks.iter().map(|task| task.uid.into()).collect();
    let needs = Needs { lineage: named.clone(), subtree: named, ..Needs::default() };
    let facts = session.load(&needs)?;
    let clock = session.clock();
    for (place, task) in tasks.iter().enumerate() {
        if place > 0 {
            writeln!(screen)?;
        }
        let mut above = Vec::new();
        let mut next = task.parent;
        while let Some(parent) = next.and_then(|parent| facts.tasks.get(&parent.uid)) {
            if above.len() > todo_core::task::DEPTH_MAX {
                break;
            }
            above.insert(0, parent);
            next = parent.parent;
        }
        let under =
            |t: &&Task| t.parent.is_some_and(|p| p.uid == task.uid) && t.trash == task.trash;
        let mut below: Vec<_> = facts.tasks.values().filter(under).collect();
        below.sort_unstable_by_key(|task| task.id);
        show::print(screen, task, &above, &below, &clock)?;
    }
    Ok(false)
}
