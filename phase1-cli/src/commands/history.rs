//! `todo undo`, `todo redo` and `todo log`.

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::json;
use todo_core::{Command, Needs, Outcome, Step, StepNo};

use super::Done;
use crate::args::{LogArgs, UndoArgs};
use crate::error::CliError;
use crate::intent;
use crate::named::Trashed;
use crate::session::Session;
use crate::view::outcome::{self, Wording};
use crate::view::screen::{Screen, tasks};
use crate::view::{json as view, steps};

pub(super) fn undo(session: &mut Session, screen: &mut Screen, args: &UndoArgs) -> Done {
    if args.list {
        return list(session, screen);
    }
    let step = args.step.as_deref().map(|typed| {
        typed.parse::<StepNo>().map_err(|_| {
            let hint = Some("`todo undo --list` shows the numbers".to_owned());
            CliError::usage(format!("{typed:?} is not a step's number"), Some(typed), hint)
        })
    });
    let command = Command::Undo(step.transpose()?);
    let outcome = session.run(&command).map_err(|error| match &args.step {
        Some(typed) => error.at(typed),
        None => error,
    })?;
    tell(session, screen, &outcome, "undo", ["Undone", "Would undo"])
}

pub(super) fn redo(session: &mut Session, screen: &mut Screen) -> Done {
    let outcome = session.run(&Command::Redo)?;
    tell(session, screen, &outcome, "redo", ["Done again", "Would do again"])
}

/// Names the step (S7), then each task it touched.
fn tell(
    session: &Session,
    screen: &mut Screen,
    outcome: &Outcome,
    command: &'static str,
    [did, would]: [&'static str; 2],
) -> Done {
    let (dry_run, clock) = (session.global.dry_run, session.clock());
    screen.apply(&session.settings);
    if !screen.is_json()
        && let Some(step) = &outcome.taken
    {
        let did = if dry_run { would } else { did };
        let what = steps::verb(step.kind);
        let tasks = tasks(steps::acted_on(step).count() as u64);
        writeln!(screen, "{did}: step {}, which {what} {tasks}", step.no)?;
    }
    let wording = Wording { command, did: " ", would: " ", already: "is so already", echo: false };
    outcome::print(screen, &wording, outcome, &[], dry_run, &clock)?;
    Ok(false)
}

fn list(session: &mut Session, screen: &mut Screen) -> Done {
    let steps = session.load(&Needs::all_steps())?.steps;
    let standing = steps.into_iter().filter(|step| step.undone.is_none()).rev().collect::<Vec<_>>();
    print(session, screen, "undo", &standing, true)
}

pub(super) fn log(session: &mut Session, screen: &mut Screen, args: &LogArgs) -> Done {
    let mut steps = session.load(&Needs::all_steps())?.steps;
    if let Some(typed) = &args.task {
        let named =
            session.resolve(&intent::targets(std::slice::from_ref(typed))?, Trashed::Count)?;
        let named: BTreeSet<_> = named.iter().map(|task| task.uid).collect();
        steps.retain(|step| step.tasks().any(|task| named.contains(&task)));
    }
    let newest = steps.into_iter().rev().take(args.limit).collect::<Vec<_>>();
    print(session, screen, "log", &newest, args.task.is_some())
}

fn print(
    session: &mut Session,
    screen: &mut Screen,
    command: &str,
    newest: &[Step],
    detailed: bool,
) -> Done {
    screen.apply(&session.settings);
    if screen.is_json() {
        view::print(screen, command, json!({ "steps": newest }))?;
        return Ok(false);
    }
    if newest.is_empty() {
        writeln!(screen, "Nothing has been done that is still remembered.")?;
        return Ok(false);
    }
    let named = newest.iter().flat_map(|step| step.tasks().take(10)).map(Into::into).collect();
    let tasks = session.load(&Needs { tasks: named, ..Needs::default() })?.tasks;
    let clock = session.clock();
    for step in newest {
        steps::print(screen, step, &tasks, &clock, detailed)?;
    }
    Ok(false)
}
