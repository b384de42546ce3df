//! `todo purge`: the one act that cannot be undone, so it asks.

use std::collections::BTreeSet;
use todo_core::command::BULK_MAX;
use todo_core::task::DEPTH_MAX;
use todo_core::{Filter, Item, Limit, Needs, Outcome, Task, TaskQuery, Verb};

use super::chosen::{self, Scope};
use super::{Done, carry_out, change, tell};
use crate::args::PurgeArgs;
use crate::error::CliError;
use crate::session::Session;
use crate::view::screen::{self, Screen};

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &PurgeArgs) -> Done {
    // Asked before the right to write is taken: others need not wait while somebody thinks.
    let asked = doomed(session, args)?;
    if asked.is_empty() {
        let items = change::command(Vec::new());
        return carry_out(session, screen, &items, &change::PURGED, &[]);
    }
    if !session.global.yes && !session.global.dry_run {
        let count = screen::tasks(asked.len() as u64);
        chosen::confirm(screen, &asked, &format!("this removes {count} for good"))?;
    }
    session.begin_write()?;
    let now = doomed(session, args)?;
    chosen::unless_moved(session, &asked, &now)?;
    let named = targets(session, args)?;
    let items: Vec<_> = named.iter().map(|task| Item::act(task.id, Verb::Purge)).collect();
    let typed: Vec<_> = named.iter().map(|task| task.id.to_string()).collect();
    // A purge is no step, so nothing is lost by making several commands of a full trash.
    let mut outcome = Outcome::default();
    for items in items.chunks(BULK_MAX) {
        let part = session.run(&change::command(items.to_vec()))?;
        outcome.items.extend(part.items);
        outcome.purged.extend(part.purged);
        outcome.notes.extend(part.notes);
        outcome.tasks.extend(part.tasks);
    }
    tell(session, screen, &outcome, &change::PURGED, &typed)
}

/// The tasks named, without those that lie below another of them: they go with that one.
fn targets(session: &mut Session, args: &PurgeArgs) -> Result<Vec<Task>, CliError> {
    let named = if args.trash {
        let filter = Filter { trash: true, ..Filter::default() };
        let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
        session.find(&query)?.tasks
    } else {
        chosen::found(session, &args.ids, Scope::Trash)?
    };
    let uids: BTreeSet<_> = named.iter().map(|task| task.uid).collect();
    let lineage = uids.iter().map(|uid| (*uid).into()).collect();
    let known = session.load(&Needs { lineage, ..Needs::default() })?.tasks;
    let below_another = |task: &Task| {
        let mut next = task.parent;
        let mut levels = 0..=DEPTH_MAX;
        while let (Some(parent), Some(_)) = (next, levels.next()) {
            if uids.contains(&parent.uid) {
                return true;
            }
            next = known.get(&parent.uid).and_then(|task| task.parent);
        }
        false
    };
    Ok(named.into_iter().filter(|task| !below_another(task)).collect())
}

/// Everything that would go: what was named, and what lies below it.
fn doomed(session: &mut Session, args: &PurgeArgs) -> Result<Vec<Task>, CliError> {
    let named = targets(session, args)?;
    let subtree = named.iter().map(|task| task.uid.into()).collect();
    let facts = session.load(&Needs { subtree, ..Needs::default() })?;
    let mut tasks: Vec<_> = facts.tasks.into_values().collect();
    tasks.sort_unstable_by_key(|task| task.id);
    Ok(tasks)
}
