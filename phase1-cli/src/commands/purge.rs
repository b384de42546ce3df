//! `todo purge`: the one act that cannot be undone, so it asks.

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Write};

use todo_core::{Filter, Item, Limit, Needs, Task, TaskQuery, Verb};

use super::{Done, carry_out, change};
use crate::args::PurgeArgs;
use crate::error::CliError;
use crate::intent;
use crate::session::{Session, Trashed};
use crate::view::screen::{Screen, visible};

/// Tasks named in the question before the rest is only counted.
const NAMED: usize = 5;

pub(super) fn run(session: &mut Session, screen: &mut Screen, args: &PurgeArgs) -> Done {
    // Asked before the right to write is taken: others need not wait while somebody thinks.
    let asked = doomed(session, args)?;
    if asked.is_empty() {
        let items = change::command(Vec::new());
        return carry_out(session, screen, &items, &change::PURGED, &[]);
    }
    if !session.global.yes && !session.global.dry_run {
        confirm(screen, &asked)?;
    }
    session.begin_write()?;
    let now = doomed(session, args)?;
    let uids = |tasks: &[Task]| tasks.iter().map(|task| task.uid).collect::<BTreeSet<_>>();
    if !session.global.yes && uids(&now) != uids(&asked) {
        let what = "the tasks have changed since you were asked; nothing was purged";
        return Err(CliError::Unconfirmed(what.to_owned()));
    }
    let named = targets(session, args)?;
    let items: Vec<_> = named.iter().map(|task| Item::act(task.id, Verb::Purge)).collect();
    let typed: Vec<_> = named.iter().map(|task| task.id.to_string()).collect();
    carry_out(session, screen, &change::command(items), &change::PURGED, &typed)
}

/// The tasks named, the lowest first where the whole trash is meant, so that none is gone with
/// its parent before its turn comes.
fn targets(session: &mut Session, args: &PurgeArgs) -> Result<Vec<Task>, CliError> {
    if !args.trash {
        return session.resolve(&intent::targets(&args.ids)?, Trashed::Count);
    }
    let filter = Filter { trash: true, ..Filter::default() };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    let tasks = session.find(&query)?.tasks;
    let trashed: BTreeSet<_> = tasks.iter().map(|task| task.uid).collect();
    let top = |task: &Task| task.parent.is_none_or(|parent| !trashed.contains(&parent.uid));
    Ok(tasks.into_iter().filter(top).collect())
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

fn confirm(screen: &mut Screen, tasks: &[Task]) -> Result<(), CliError> {
    let count = match tasks.len() {
        1 => "1 task".to_owned(),
        several => format!("{several} tasks"),
    };
    if !io::stdin().is_terminal() || screen.is_json() {
        let what = format!("this removes {count} for good");
        return Err(CliError::Unconfirmed(what));
    }
    screen.flush()?;
    let mut question = io::stderr().lock();
    writeln!(question, "This removes {count} for good:")?;
    for task in tasks.iter().take(NAMED) {
        writeln!(question, "  {}  {}", task.id, visible(task.title.as_str()))?;
    }
    if tasks.len() > NAMED {
        writeln!(question, "  and {} more", tasks.len() - NAMED)?;
    }
    write!(question, "Go on? [y/N] ")?;
    question.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(CliError::Unconfirmed("nothing was purged".to_owned()))
}
