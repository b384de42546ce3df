//! `todo push` and `todo pull`: the file's tasks to a server, and a server's to the file. Uids
//! decide, so it can be done again and again: what is the same stays, the newer state of a task is
//! taken, and an older one is left and told of. Numbers are kept where the other side has not used
//! them yet.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};
use todo_core::interchange::Losses;
use todo_core::query::{Filters, SavedFilters as _};
use todo_core::wire::Taken;
use todo_core::{ErrorCode, Needs, Task, TaskId, TaskNo, Title};

use super::Done;
use super::transfer::{Told, tell};
use crate::error::CliError;
use crate::hooks::Hooks;
use crate::session::Session;
use crate::view::json as view;
use crate::view::screen::{self, Screen, visible};

/// Lines of a long list that are shown before the rest is only counted.
const LINES: usize = 20;

pub(super) fn push(session: &Session, screen: &mut Screen) -> Done {
    let mut file = session.on_file(Hooks::nobody())?;
    let mut server = session.on_server()?;
    bring(&mut file, &mut server, screen, "push", ["there", "here"])
}

pub(super) fn pull(session: &Session, screen: &mut Screen) -> Done {
    let mut file = session.on_file(Hooks::of("pull".to_owned()))?;
    let mut server = session.on_server()?;
    let done = bring(&mut server, &mut file, screen, "pull", ["here", "there"]);
    file.tell_hooks(screen);
    done
}

/// A task whose number is another one on the other side.
#[derive(Serialize)]
struct Renumbered {
    uid: TaskId,
    from: TaskNo,
    to: TaskNo,
    title: String,
}

/// What became of the saved filters.
#[derive(Default, Serialize)]
struct Named {
    saved: Vec<String>,
    /// What is called the same there and says something else, or cannot be understood there.
    left: Vec<String>,
}

fn bring(
    from: &mut Session,
    to: &mut Session,
    screen: &mut Screen,
    command: &str,
    [there, here]: [&str; 2],
) -> Done {
    let mut tasks = from.everything()?;
    tasks.sort_unstable_by_key(|task| task.id);
    let filters = from.filters()?;
    from.close();
    let numbers: BTreeMap<_, _> =
        tasks.iter().map(|task| (task.uid, (task.id, task.title.clone()))).collect();
    let told = Told::of(to, tasks.into(), Losses::default())?;
    let named = bring_filters(to, &filters)?;
    to.close();
    // A dry run has given no numbers yet.
    let renumbered = if to.global.dry_run { Vec::new() } else { renumbered(to, &numbers)? };
    screen.apply(&to.settings);
    if screen.is_json() {
        #[derive(Serialize)]
        struct Moved<'t> {
            #[serde(flatten)]
            taken: &'t Taken,
            renumbered: Vec<Renumbered>,
            filters: Named,
        }
        let taken = &told.taken();
        view::print(screen, command, Moved { taken, renumbered, filters: named })?;
        return Ok(false);
    }
    let undo = if to.is_on_server() { "todo undo" } else { "todo --server none undo" };
    tell(screen, &told, undo)?;
    tell_filters(screen, &named, to.global.dry_run, there)?;
    tell_numbers(screen, &renumbered, [there, here])?;
    Ok(false)
}

fn tell_filters(
    screen: &mut Screen,
    named: &Named,
    dry_run: bool,
    there: &str,
) -> std::io::Result<()> {
    if !named.saved.is_empty() {
        let saved = if dry_run { "Would save" } else { "Saved" };
        writeln!(screen, "{saved} filters: {}", visible(&named.saved.join(", ")))?;
    }
    if !named.left.is_empty() {
        let left = named.left.join(", ");
        writeln!(screen, "  filters that are others {there} were left: {}", visible(&left))?;
    }
    Ok(())
}

fn tell_numbers(
    screen: &mut Screen,
    renumbered: &[Renumbered],
    [there, here]: [&str; 2],
) -> std::io::Result<()> {
    if renumbered.is_empty() {
        return Ok(());
    }
    let have = if renumbered.len() == 1 { "has" } else { "have" };
    let count = screen::tasks(renumbered.len() as u64);
    writeln!(screen, "  {count} {have} another number {there}:")?;
    for Renumbered { from, to, title, .. } in renumbered.iter().take(LINES) {
        writeln!(screen, "    {from} {here} is {to} {there}  {}", visible(title))?;
    }
    match renumbered.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => writeln!(screen, "    and {more} more; --json shows all"),
    }
}

/// The tasks whose numbers differ, of all that were brought and are there.
fn renumbered(
    to: &mut Session,
    numbers: &BTreeMap<TaskId, (TaskNo, Title)>,
) -> Result<Vec<Renumbered>, CliError> {
    let tasks = numbers.keys().map(|uid| (*uid).into()).collect();
    let there: BTreeMap<TaskId, Task> = to.load(&Needs { tasks, ..Needs::default() })?.tasks;
    let mut renumbered: Vec<_> = numbers
        .iter()
        .filter_map(|(uid, (from, title))| {
            let to = there.get(uid)?.id;
            let title = title.as_str().to_owned();
            (to != *from).then_some(Renumbered { uid: *uid, from: *from, to, title })
        })
        .collect();
    renumbered.sort_unstable_by_key(|one| one.from);
    Ok(renumbered)
}

/// Saves the filters that the other side has none of. One may name another: those it names come
/// first.
fn bring_filters(to: &mut Session, filters: &Filters) -> Result<Named, CliError> {
    let known = to.filters()?;
    let mut named = Named::default();
    let mut waiting: Map<String, Value> = Map::new();
    for (name, text) in filters.iter() {
        match known.text(name) {
            Some(same) if same == text => {}
            Some(_) => named.left.push(name.to_owned()),
            None => drop(waiting.insert(name.to_owned(), json!(text))),
        }
    }
    if to.global.dry_run {
        named.saved = waiting.into_iter().map(|(name, _)| name).collect();
        return Ok(named);
    }
    loop {
        let before = waiting.len();
        for (name, text) in std::mem::take(&mut waiting) {
            let saved = to.save_filter(&name, text.as_str().unwrap_or_default());
            match saved {
                Ok(()) => named.saved.push(name),
                Err(CliError::Server(error)) if error.code() == ErrorCode::ValidationError => {
                    waiting.insert(name, text);
                }
                Err(error) => return Err(error),
            }
        }
        if waiting.is_empty() || waiting.len() == before {
            named.left.extend(waiting.into_iter().map(|(name, _)| name));
            named.saved.sort_unstable();
            return Ok(named);
        }
    }
}
