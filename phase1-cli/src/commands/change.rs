//! Commands that do one thing to each of several tasks.

use todo_core::{Action, Bulk, Command, ErrorCode, Item, Status, Task, Title, Verb};

use super::chosen::{self, Below, Scope};
use super::{Done, carry_out};
use crate::args::{EditArgs, Targets};
use crate::error::CliError;
use crate::named::Trashed;
use crate::session::Session;
use crate::view::outcome::Wording;
use crate::view::screen::Screen;
use crate::{edge, intent};

macro_rules! wordings {
    ($($name:ident = ($command:literal, $did:literal, $would:literal, $already:literal, $echo:literal),)+) => {
        $(pub(super) const $name: Wording = Wording {
            command: $command,
            did: $did,
            would: $would,
            already: $already,
            echo: $echo,
        };)+
    };
}

wordings! {
    EDITED = ("edit", "Changed", "Would change", "is so already", true),
    COMPLETED = ("done", "Completed", "Would complete", "is completed already", false),
    CANCELLED = ("cancel", "Cancelled", "Would cancel", "is cancelled already", false),
    STARTED = ("start", "Started", "Would start", "is in progress already", false),
    REOPENED = ("reopen", "Reopened", "Would reopen", "is pending already", false),
    DELETED = ("delete", "Deleted", "Would delete", "is in the trash already", false),
    SKIPPED = ("skip", "Skipped", "Would skip", "is skipped already", false),
    REPEATED = ("repeat", "Changed", "Would change", "is so already", true),
    REMINDED = ("remind", "Changed", "Would change", "is so already", true),
    SNOOZED = ("snooze", "Snoozed", "Would snooze", "is so already", true),
    RESTORED = ("restore", "Restored", "Would restore", "is not in the trash", false),
    PURGED = ("purge", "Purged", "Would purge", "is gone already", false),
}

/// Does one thing to every task that was named: one plan, one commit, one step (S5).
pub(super) fn run(
    session: &mut Session,
    screen: &mut Screen,
    targets: &Targets,
    wording: &Wording,
    verb: &Verb,
) -> Done {
    let scope = match verb {
        Verb::Restore | Verb::Purge => Scope::Trash,
        Verb::Delete => Scope::OpenOrTrash,
        Verb::Move { to: Status::Pending, .. } => Scope::Closed,
        Verb::Change(_) | Verb::Move { .. } | Verb::Skip { .. } | Verb::Snooze { .. } => {
            Scope::Open
        }
    };
    let below = match verb {
        Verb::Delete => Below::All,
        Verb::Move { cascade: true, .. } | Verb::Skip { cascade: true } => Below::Open,
        _ => Below::Nothing,
    };
    let which = (scope, below);
    let tasks = chosen::to_change(session, screen, &targets.ids, which, wording.would)?;
    let item = |task: &Task| Item::act(task.id, verb.clone());
    let items: Vec<_> = tasks.iter().map(item).collect();
    let typed: Vec<_> = tasks.iter().map(|task| task.id.to_string()).collect();
    carry_out(session, screen, &command(items), wording, &typed)
        .map_err(|error| point_at(error, targets))
}

/// One item is a command by itself, whose refusal is the answer.
pub(super) fn command(mut items: Vec<Item>) -> Command {
    match items.pop() {
        Some(item) if items.is_empty() => Command::One(item),
        item => {
            items.extend(item);
            Command::Bulk(Bulk { items, atomic: false })
        }
    }
}

fn point_at(error: CliError, targets: &Targets) -> CliError {
    match targets.ids.as_slice() {
        [only] => error.at(only),
        _ => error,
    }
}

/// `todo edit`.
pub(super) fn edit(session: &mut Session, screen: &mut Screen, args: &EditArgs) -> Done {
    session.store()?;
    if args.series.from.is_none() && args.series.spawn.is_none() {
        // What cannot be understood is said before anybody is asked.
        let (uid, now) = (edge::fresh_id(session.now), session.now);
        let blank = Task::blank(uid, Title::new("any")?, now);
        intent::task_patch(session, args, &blank)?;
    }
    let which = (Scope::Open, Below::Nothing);
    let tasks = chosen::to_change(session, screen, &args.targets.ids, which, EDITED.would)?;
    if let Some(parent) = args.parent.as_deref().filter(|p| !p.eq_ignore_ascii_case("none")) {
        let parent = intent::targets(&[parent.to_owned()])?;
        session.resolve(&parent, Trashed::DoNotCount).map_err(CliError::of_parent)?;
    }
    let expect = intent::expected(args);
    let items = tasks.iter().map(|task| {
        let verb = Verb::Change(Box::new(intent::task_patch(session, args, task)?));
        Ok(Item::Act(Action { task: task.id.into(), verb, expect }))
    });
    let items = items.collect::<Result<Vec<_>, CliError>>()?;
    let typed: Vec<_> = tasks.iter().map(|task| task.id.to_string()).collect();
    carry_out(session, screen, &command(items), &EDITED, &typed)
        .map_err(|error| point_at_flag(error, args))
}

/// At the flag that asked for what is refused, or else at the task.
fn point_at_flag(error: CliError, args: &EditArgs) -> CliError {
    let flags = [
        ("parent", args.parent.as_ref()),
        ("scope", args.scope.as_ref()),
        ("recurrence", args.series.spawn.as_ref()),
        ("recurrence", args.series.from.as_ref()),
        ("recurrence", args.repeat.as_ref()),
        ("reminders", args.remind.last()),
    ];
    let flag = if error.code() == ErrorCode::DueRequired {
        args.due.as_ref().or_else(|| args.remind.last())
    } else {
        flags.into_iter().find_map(|(field, typed)| typed.filter(|_| error.is_about(field)))
    };
    match flag {
        Some(typed) => error.at(typed),
        None => point_at(error, &args.targets),
    }
}
