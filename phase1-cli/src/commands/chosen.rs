//! The tasks a command is about: those that were named, or those that a filter means. Who names
//! tasks knows which they are; who gives a filter is shown them and asked first.

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Write};

use todo_core::command::BULK_MAX;
use todo_core::{Filter, Limit, Needs, Status, Task, TaskError, TaskQuery};

use crate::error::CliError;
use crate::intent::{self, Which};
use crate::named::Trashed;
use crate::session::Session;
use crate::view::screen::{self, Screen, visible};

/// Tasks named in a question before the rest is only counted.
const NAMED: usize = 5;

/// Which tasks a filter means that says nothing of their status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Open ones; one in the trash cannot be named.
    Open,
    /// Open ones; one in the trash can be named.
    OpenOrTrash,
    /// Completed and cancelled ones.
    Closed,
    /// Those in the trash.
    Trash,
}

impl Scope {
    fn trashed(self) -> Trashed {
        match self {
            Self::Open | Self::Closed => Trashed::DoNotCount,
            Self::OpenOrTrash | Self::Trash => Trashed::Count,
        }
    }

    fn filter(self) -> Filter {
        let status = match self {
            Self::Open | Self::OpenOrTrash | Self::Trash => None,
            Self::Closed => Some(Status::ALL.iter().copied().filter(|s| !s.is_open()).collect()),
        };
        Filter { status, trash: self == Self::Trash, ..Filter::default() }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Open | Self::OpenOrTrash => "no open task is like that",
            Self::Closed => "no closed task is like that",
            Self::Trash => "nothing in the trash is like that",
        }
    }
}

/// What goes along with the tasks that are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    /// Nothing.
    Nothing,
    /// Their open subtasks.
    Open,
    /// All that lies below them.
    All,
}

/// The tasks to be changed, found when nobody else can change them any more. `would` is what is
/// asked: "Would complete".
pub(super) fn to_change(
    session: &mut Session,
    screen: &mut Screen,
    ids: &[String],
    (scope, below): (Scope, Below),
    would: &str,
) -> Result<Vec<Task>, CliError> {
    match intent::which(ids)? {
        Which::Named(targets) => {
            session.begin_write()?;
            session.resolve(&targets, scope.trashed())
        }
        Which::Matching(typed) => {
            // Asked before the right to write is taken: others need not wait while somebody thinks.
            let meant = matching(session, &typed, scope)?;
            if meant.len() > BULK_MAX {
                let what = "tasks for one command; narrow the filter, or do it in parts";
                return Err(TaskError::LimitExceeded { what, limit: BULK_MAX as u64 }.into());
            }
            let asked = with_below(session, meant, below)?;
            if !session.global.yes && !session.global.dry_run {
                confirm(screen, &asked, &question(would, asked.len()))?;
            }
            session.begin_write()?;
            let meant = matching(session, &typed, scope)?;
            let now = with_below(session, meant.clone(), below)?;
            unless_moved(session, &asked, &now)?;
            Ok(meant)
        }
    }
}

/// The tasks as things stand.
pub(super) fn found(
    session: &mut Session,
    ids: &[String],
    scope: Scope,
) -> Result<Vec<Task>, CliError> {
    match intent::which(ids)? {
        Which::Named(targets) => session.resolve(&targets, scope.trashed()),
        Which::Matching(typed) => matching(session, &typed, scope),
    }
}

/// The tasks, and what goes along with them.
fn with_below(
    session: &mut Session,
    mut tasks: Vec<Task>,
    below: Below,
) -> Result<Vec<Task>, CliError> {
    if below == Below::Nothing {
        return Ok(tasks);
    }
    let named: BTreeSet<_> = tasks.iter().map(|task| task.uid).collect();
    let subtree = named.iter().map(|uid| (*uid).into()).collect();
    let all = session.load(&Needs { subtree, ..Needs::default() })?.tasks;
    let goes = |task: &Task| {
        let there = task.trash.is_none() && (below == Below::All || task.status.is_open());
        there && !named.contains(&task.uid)
    };
    let mut more: Vec<_> = all.into_values().filter(goes).collect();
    more.sort_unstable_by_key(|task| task.id);
    tasks.append(&mut more);
    Ok(tasks)
}

fn matching(session: &mut Session, typed: &str, scope: Scope) -> Result<Vec<Task>, CliError> {
    // The settings decide the zone that dates are read in.
    session.store()?;
    let said = intent::expression(session, typed)?;
    let names_status = said.names_status();
    let context = intent::context(session)?;
    let narrowed = context.is_some();
    let expression = Some(match context {
        Some(context) => context.and(said),
        None => said,
    });
    let mut filter = Filter { expression, ..scope.filter() };
    // What the context says of a status is about what is shown. What is to be changed is open,
    // unless the one who changes it says otherwise; what is reopened is closed, whatever is said.
    filter.status = match scope {
        Scope::Open | Scope::OpenOrTrash if names_status => Some(Status::ALL.to_vec()),
        Scope::Open | Scope::OpenOrTrash => Some(open()),
        Scope::Closed | Scope::Trash => filter.status,
    };
    let query = TaskQuery { filter, limit: Limit::All, ..TaskQuery::new(session.moment()) };
    let tasks = session.find(&query)?.tasks;
    if tasks.is_empty() {
        let hint = if narrowed {
            "a context stands; --no-context looks beyond it, `todo context none` lifts it"
        } else {
            "`todo list` shows what there is"
        };
        return Err(CliError::nothing_like(scope.what(), typed).hint(Some(hint.to_owned())));
    }
    Ok(tasks)
}

fn open() -> Vec<Status> {
    Status::ALL.iter().copied().filter(|status| status.is_open()).collect()
}

/// "This would complete 3 tasks".
fn question(would: &str, count: usize) -> String {
    let count = screen::tasks(count as u64);
    format!("this {}{} {count}", would[..1].to_lowercase(), &would[1..])
}

/// What was asked for is what is done.
pub(super) fn unless_moved(
    session: &Session,
    asked: &[Task],
    now: &[Task],
) -> Result<(), CliError> {
    let uids = |tasks: &[Task]| tasks.iter().map(|task| task.uid).collect::<BTreeSet<_>>();
    if session.global.yes || session.global.dry_run || uids(now) == uids(asked) {
        return Ok(());
    }
    let what = "the tasks have changed since you were asked; nothing was done";
    Err(CliError::Unconfirmed(what.to_owned()))
}

/// Asks on the terminal; where nobody can answer, it is refused.
pub(super) fn confirm(screen: &mut Screen, tasks: &[Task], question: &str) -> Result<(), CliError> {
    if !io::stdin().is_terminal() || screen.is_json() {
        return Err(CliError::Unconfirmed(question.to_owned()));
    }
    screen.flush()?;
    let mut terminal = io::stderr().lock();
    writeln!(terminal, "{}{}:", question[..1].to_uppercase(), &question[1..])?;
    for task in tasks.iter().take(NAMED) {
        writeln!(terminal, "  {}  {}", task.id, visible(task.title.as_str()))?;
    }
    if tasks.len() > NAMED {
        writeln!(terminal, "  and {} more", tasks.len() - NAMED)?;
    }
    write!(terminal, "Go on? [y/N] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(CliError::Unconfirmed("nothing was done".to_owned()))
}
